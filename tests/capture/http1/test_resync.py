"""The search for the next message in bytes of which nobody knows where one begins."""

import pytest

from httpresp_capture.http1.first_lines import REQUEST_LINES, STATUS_LINES, FirstLines
from httpresp_capture.http1.resync import FOUND, NOTHING, TOO_LONG, Resync
from traffic.scenario import Player, Scenario

HEAD = b"HTTP/1.1 200 OK\r\nServer: a\r\n\r\n"
ASKING = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"


class Search:
    """One that begins at stream offset 100."""

    def __init__(self, lines: FirstLines = STATUS_LINES, *, found: bool = True, head_limit: int = 1_000) -> None:
        self.resync = Resync(lines)
        self.window = self.resync.begin(100)
        self.found = found
        self.head_limit = head_limit

    def look(self, data: bytes) -> int:
        self.window += data
        return self.resync.look(self.window, self.head_limit, found=self.found)

    def until_found(self, data: bytes, step: int) -> tuple[int, bytes]:
        """Where the head that is found in `data` begins, and what of that is here then."""
        for start in range(0, len(data), step):
            if self.look(data[start : start + step]) == FOUND:
                return self.resync.offset - 100, bytes(self.window)
        return -1, b""


@pytest.mark.parametrize("step", [1, 5, 10_000])
@pytest.mark.parametrize("found", [True, False])
@pytest.mark.parametrize(("lines", "head"), [(STATUS_LINES, HEAD), (REQUEST_LINES, ASKING)])
@pytest.mark.parametrize(
    "junk",
    [
        b"", b"x", b"\r\n", b"HTTP/1.", b"HTTP/1.1 999999\r\n", b"GET HTTP/1.1\r\n", b"a\r\n" * 2_000, b"x" * 5_000,
        b"HTTP/1.1 200 OK\r\nno field\r\n", b"GET /b HTTP/1.1\r\nno field\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\nno field", b"GET /b HTTP/1.1\r\nA: b\r\nno field ",
        b"HTTP/1.1 200 " + b"x" * 600 + b"\r\n", b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n",
        b"HTTP/1.1 200 " + b"x" * 100 + b"\r\nno field\r\n", b"GET /" + b"x" * 100 + b" HTTP/1.1\r\nno field\r\n",
    ],
)  # fmt: skip
def test_the_first_head_that_is_well_formed_to_its_blank_line_is_found(
    junk: bytes, lines: FirstLines, head: bytes, found: bool, step: int
) -> None:
    start, seen = Search(lines, found=found).until_found(junk + head, step)
    assert start == len(junk)
    assert seen[: len(head)] == head


@pytest.mark.parametrize(
    ("lines", "begun", "head"),
    [(STATUS_LINES, b"HTTP/1.1 200 " + b"x" * 100, HEAD), (REQUEST_LINES, b"GET /" + b"x" * 90 + b" HTTP/1.1", ASKING)],
)
def test_what_follows_a_head_that_is_none_may_be_cut_anywhere(lines: FirstLines, begun: bytes, head: bytes) -> None:
    data = begun + b"\r\nno field\r\n" + head
    for cut in range(1, len(data)):
        search = Search(lines)
        search.look(data[:cut])
        assert search.look(data[cut:]) == FOUND, cut
        assert (search.resync.offset, bytes(search.window)) == (100 + len(data) - len(head), head), cut


def test_a_head_that_is_not_whole_yet_waits_at_the_front_of_the_window() -> None:
    search = Search()
    assert search.look(b"junk" + HEAD[:-2]) == NOTHING
    assert (search.resync.offset, bytes(search.window)) == (104, HEAD[:-2])
    assert search.resync.proved == len(HEAD) - 2
    assert search.look(b"\r\n") == FOUND


def test_the_part_of_a_line_that_is_here_proves_nothing() -> None:
    search = Search()
    assert search.look(HEAD[:20]) == NOTHING
    assert search.resync.proved == HEAD.index(b"\n") + 1


@pytest.mark.parametrize(("size", "verdict"), [(1_000, NOTHING), (1_001, TOO_LONG)])
def test_what_is_longer_than_a_head_may_be_is_told(size: int, verdict: int) -> None:
    begun = b"HTTP/1.1 200 OK\r\nX: "
    search = Search()
    assert search.look(b"junk" + begun + b"x" * (size - len(begun))) == verdict
    assert search.resync.offset == 104


def test_what_the_window_holds_is_given_back_when_the_search_stops() -> None:
    search = Search()
    search.look(b"junk" + HEAD[:-2])
    assert search.resync.stop() == HEAD[:-2]
    assert search.resync.window is None
    assert search.resync.stop() == b""


def test_the_next_search_knows_nothing_of_the_one_before() -> None:
    search = Search()
    assert search.look(b"x" * 200 + HEAD) == FOUND
    search.resync.stop()
    search.window = search.resync.begin(100)
    assert search.look(b"x" + HEAD) == FOUND
    assert search.resync.offset == 101


@pytest.mark.parametrize("lines", [STATUS_LINES, REQUEST_LINES])
@pytest.mark.parametrize(("found", "kept"), [(True, 32), (False, 2_048)])
@pytest.mark.parametrize("junk", [b"x" * 1_000, b"HTTP/1.1 x\r\n" * 100, b"A HTTP/1.1\r\n" * 100])
def test_what_can_be_no_head_is_let_go(lines: FirstLines, found: bool, kept: int, junk: bytes) -> None:
    """Where no message was found yet, more is kept: bytes from before the search may yet come."""
    search = Search(lines, found=found)
    assert search.look(junk) == NOTHING
    for _ in range(9):
        assert search.look(junk) == NOTHING
        assert len(search.window) == min(search.resync.offset - 100 + len(search.window), kept)
    assert search.resync.offset - 100 + len(search.window) == 10 * len(junk)


@pytest.mark.parametrize(("size", "waits"), [(8_999, True), (9_000, False)])
def test_a_first_line_that_is_too_long_is_none(size: int, waits: bool) -> None:
    search = Search()
    assert search.look(b"junk" * 20 + b"HTTP/1.1 200 " + b"x" * (size - 13)) == NOTHING
    assert len(search.window) == (size if waits else 32)


def test_the_first_of_what_was_passed_by_is_kept() -> None:
    resync = Search().resync
    resync.passes(b"--abc", 2)
    assert resync.passed == b"abc"
    resync.passes(b"x" * 1_020, 0)
    resync.passes(b"yz", 0)
    resync.passes(b"more", 0)
    assert resync.passed == b"abc" + b"x" * 1_020 + b"y"
    resync.passed += b"z" * 1_000  # What may be an answer is kept longer.
    resync.passes(b"more" * 1_000, 0)
    assert len(resync.passed) == 2_024


def test_a_loss_behind_a_loss_is_no_head() -> None:
    """Where the message between them was found by search."""
    get = {"from": "client", "bytes": "GET / HTTP/1.1\r\n\r\n"}
    lost = {"from": "server", "bytes": "x" * 40, "lose": True}
    whole = {"from": "server", "bytes": "HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n"}
    steps = [get, lost, get, whole, {**lost, "bytes": "y" * 50}, {**lost, "bytes": "z" * 60}, get, whole]
    rows = Player(Scenario("", {"steps": steps})).play().responses
    assert [row.status for row in rows if not row.unanswered] == [201, 201]
