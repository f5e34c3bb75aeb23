"""The chunked coding, rule by rule (RFC 9112 §7.1), however segments cut it: what stands between the data of chunks."""

import pytest

from httpresp_capture.http1.chunks import LINE_LIMIT
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from splits import FOLLOWING, Turn, essence, every_split, rows_of
from traffic.scenario import Player, Scenario

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\n\r\n"


FIRST: tuple[Turn, Turn] = ("client", GET), ("server", FOLLOWING)
"""An exchange of its own."""


def turns(coded: bytes) -> list[Turn]:
    """A chunked body between two exchanges of their own in segments of their own."""
    return [*FIRST, ("client", GET), ("server", HEAD + coded), *FIRST]


def first_of(coded: bytes) -> Response:
    """The row of a chunked body, the same for each cut; the next response is read behind it."""
    splits = every_split(turns(coded))
    _, whole = next(splits)
    wanted = [essence(row) for row in whole]
    for how, rows in splits:
        assert [essence(row) for row in rows] == wanted, how
    assert whole[-1].status == 299
    assert (whole[-1].wire_bytes, whole[-1].problems) == (len(FOLLOWING), ())
    assert len(whole) == 3
    return whole[1]


def wrong(row: Response) -> list[tuple[str, int, str]]:
    """Problems, each with its offset behind the head."""
    return [(problem.name, problem.offset - len(HEAD), problem.detail) for problem in row.problems]


def test_chunks_are_joined() -> None:
    row = first_of(b"2\r\nhi\r\n3;name=value\r\n yo\r\n0\r\n\r\n")
    assert (row.body, row.end, row.problems) == (b"hi yo", EndReason.LAST_CHUNK, ())


def test_a_trailer_section_is_kept_and_an_empty_one_is_none() -> None:
    assert first_of(b"2\r\nhi\r\n0\r\nA: 1\r\nB: 2\r\n\r\n").trailers == b"A: 1\r\nB: 2\r\n\r\n"
    assert first_of(b"0\r\n\r\n").trailers == b""
    assert first_of(b"0\r\n\n").trailers == b""


@pytest.mark.parametrize(
    ("coded", "at"),
    [(b"2\nhi\r\n0\r\n\r\n", [1]), (b"2\r\nhi\n0\r\n\r\n", [5]), (b"2\r\nhi\r\n1\nx\n0\r\n\r\n", [8, 10])],
)
def test_a_line_may_end_with_lf_alone_which_is_told(coded: bytes, at: list[int]) -> None:
    """RFC 9112 §2.2 lets a recipient take it; it is told where the LF stands."""
    row = first_of(coded)
    assert row.end is EndReason.LAST_CHUNK
    assert wrong(row) == [("bare-lf", offset, "") for offset in at]


def test_what_is_no_size_ends_the_message_where_its_line_begins() -> None:
    row = first_of(b"2\r\nhi\r\nxyz\r\n")
    assert (row.body, row.end) == (b"hi", EndReason.BROKEN)
    assert row.wire_bytes == len(HEAD) + 7
    assert wrong(row) == [("bad-chunk-size", 7, '"xyz"')]


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\n", b"xyz\r\n", b"xyz\n"])
def test_the_next_message_is_found_where_a_size_is_due(before: bytes) -> None:
    """The last chunk was left out; or what stands for it is no size, and the next head stands behind that."""
    said: list[Turn] = [*FIRST, ("client", GET * 2), ("server", HEAD + b"2\r\nhi\r\n" + before + FOLLOWING)]
    for how, (_, first, second) in every_split(said):
        assert (first.body, first.end, first.wire_bytes) == (b"hi", EndReason.BROKEN, len(HEAD) + 7), how
        assert first.problems[-1].name == "bad-chunk-size", how
        assert (second.status, second.wire_bytes) == (299, len(FOLLOWING)), how


def test_a_size_that_nobody_counts_to_lasts_until_the_end() -> None:
    said: list[Turn] = [*FIRST, ("client", GET), ("server", HEAD + b"8000000000000000\r\nabc")]
    for how, (_, row) in every_split(said, fin=True):
        assert (row.body, row.end) == (b"abc", EndReason.SERVER_FIN), how
        assert wrong(row) == [("chunk-overflow", 0, '"8000000000000000"')], how


@pytest.mark.parametrize(
    ("coded", "at", "text"),
    [
        (b"2\r\nhiabcdefghijklmnopqrstuvwxyz", 5, '"abcdefghijklmnop"'),
        (b"2\r\nhi\rabcdefghijklmnopqrstuvwxyz", 5, r'"\rabcdefghijklmno"'),
        (b"2\r\nhi\rabc", 5, r'"\rabc"'),
        (b"2\r\nhi0123456789abcdef", 5, '"0123456789abcdef"'),
        (b"2\r\nhi\r0123456789abcde", 5, r'"\r0123456789abcde"'),
    ],
)
def test_the_data_of_a_chunk_ends_with_a_line_end(coded: bytes, at: int, text: str) -> None:
    row = first_of(coded)
    assert (row.body, row.end, row.wire_bytes) == (b"hi", EndReason.BROKEN, len(HEAD) + at)
    assert wrong(row) == [("bad-chunk-end", at, text)]


def test_a_cr_that_came_alone_belongs_to_what_is_no_line_end() -> None:
    said: list[Turn] = [("client", GET), ("server", HEAD + b"2\r\nhi\rabcdefghijklmnopqrstuvwxyz")]
    (row,) = rows_of(said, [len(HEAD) + 6])
    assert wrong(row) == [("bad-chunk-end", 5, r'"\rabcdefghijklmno"')]


# What is too long


def cut_into(coded: bytes, mss: int, following: bytes = FOLLOWING, **limits: int) -> tuple[Response, ...]:
    said = (("client", GET * 2), ("server", HEAD + coded + following))
    steps = [{"from": who, "bytes": data.decode("latin-1"), "mss": mss} for who, data in said]
    return Player(Scenario("", {"steps": steps, "limits": limits})).play().responses


@pytest.mark.parametrize("mss", [60_000, 9_000, 1_448])
@pytest.mark.parametrize(("size", "whole"), [(LINE_LIMIT, True), (LINE_LIMIT + 1, False)])
def test_a_size_line_may_be_as_long_as_the_limit_however_segments_cut_it(size: int, whole: bool, mss: int) -> None:
    """Its CR counts."""
    line = b"2;" + b"x" * (size - 3) + b"\r\n"
    first, second = cut_into(line + b"hi\r\n0\r\n\r\n", mss)
    assert second.status == 299
    if whole:
        assert (first.body, first.end, first.problems) == (b"hi", EndReason.LAST_CHUNK, ())
    else:
        assert (first.body, first.end, first.wire_bytes) == (b"", EndReason.BROKEN, len(HEAD))
        assert wrong(first) == [("bad-chunk-size", 0, '"2;' + "x" * 38 + '…"')]


def test_a_size_line_that_was_cut_at_the_limit_may_end_there() -> None:
    line = b"2;" + b"x" * (LINE_LIMIT - 2)
    said: list[Turn] = [("client", GET), ("server", HEAD + line + b"\nhi\r\n0\r\n\r\n")]
    (row,) = rows_of(said, [len(HEAD) + len(line)])
    assert (row.body, row.end) == (b"hi", EndReason.LAST_CHUNK)


@pytest.mark.parametrize("mss", [60_000, 9_000])
def test_the_next_message_is_found_right_behind_a_size_line_that_is_too_long(mss: int) -> None:
    first, second = cut_into(b"2;" + b"x" * 20_000 + b"\r\n", mss)
    assert (first.end, second.status, second.wire_bytes) == (EndReason.BROKEN, 299, len(FOLLOWING))


def test_a_size_line_without_an_end_is_not_waited_for() -> None:
    said: list[Turn] = [("client", GET), ("server", HEAD + b"2;" + b"x" * 30_000)]
    (row,) = rows_of(said, range(9_000, 30_000, 9_000), fin=True)
    assert (row.end, row.wire_bytes) == (EndReason.BROKEN, len(HEAD))


@pytest.mark.parametrize("coded", [b"2;" + b"x" * 20_000, b"2\r\nhi\rX", b"0\r\nX: " + b"a" * 900 + b"\r\n"])
def test_what_broke_a_body_leaves_nothing_for_the_next(coded: bytes) -> None:
    following = b"\n" + HEAD + b"3\r\nyou\r\n0\r\nB: 2\r\n\r\n"
    first, second = cut_into(coded, 50, following, head_bytes=200)
    assert first.end is EndReason.BROKEN
    assert (second.body, second.trailers, second.problems) == (b"you", b"B: 2\r\n\r\n", ())


@pytest.mark.parametrize("mss", [60_000, 70, 7, 1])
@pytest.mark.parametrize(("size", "whole"), [(200, True), (201, False), (202, False), (400, False)])
def test_a_trailer_section_may_be_as_long_as_the_limit_of_heads(size: int, whole: bool, mss: int) -> None:
    """Behind the limit the next message is looked for, in the same segment as well."""
    section = b"X: " + b"a" * (size - 7) + b"\r\n\r\n"
    first, second = cut_into(b"2\r\nhi\r\n0\r\n" + section, mss, head_bytes=200)
    assert second.status == 299
    assert second.wire_bytes == len(FOLLOWING)
    if whole:
        assert (first.trailers, first.end, first.problems) == (section, EndReason.LAST_CHUNK, ())
    else:
        assert (first.trailers, first.end, first.wire_bytes) == (b"", EndReason.BROKEN, len(HEAD) + 10 + 200)
        assert wrong(first) == [("head-limit", 10 + 200, "")]


@pytest.mark.parametrize("mss", [60_000, 70, 7, 1])
def test_a_trailer_section_without_an_end_reaches_to_its_limit(mss: int) -> None:
    """What stands behind that is the next message's, though its first line alone would have ended the section."""
    first, second = cut_into(b"0\r\nX: " + b"a" * 300 + b"\r\n", mss, head_bytes=200)
    assert (first.end, first.wire_bytes) == (EndReason.BROKEN, len(HEAD) + 3 + 200)
    assert wrong(first) == [("head-limit", 3 + 200, "")]
    assert (second.status, second.wire_bytes) == (299, len(FOLLOWING))


# What lacks its end


def test_the_next_message_begins_where_the_empty_line_of_a_trailer_section_was_left_out() -> None:
    for section in (b"", b"A: 1\r\n"):
        said: list[Turn] = [*FIRST, ("client", GET * 2), ("server", HEAD + b"0\r\n" + section + FOLLOWING)]
        for how, (_, first, second) in every_split(said):
            assert (first.trailers, first.end) == (section, EndReason.LAST_CHUNK), how
            assert wrong(first) == [("no-last-line", 3 + len(section), "")], how
            assert first.wire_bytes == len(HEAD) + 3 + len(section), how
            assert (second.status, second.wire_bytes, second.problems) == (299, len(FOLLOWING), ()), how


@pytest.mark.parametrize("begun", ["2", "2\r\nhi\r", "0\r\nA: 1"])
def test_a_loss_between_chunks_leaves_nothing_of_them_for_the_next_body(begun: str) -> None:
    get = {"from": "client", "bytes": GET.decode()}
    steps = [
        get,
        {"from": "server", "bytes": HEAD.decode() + begun},
        {"from": "server", "bytes": "x" * 30, "lose": True},
        get,
        {"from": "server", "bytes": HEAD.decode() + "3\r\nyou\r\n0\r\nB: 2\r\n\r\n"},
    ]
    first, second = Player(Scenario("", {"steps": steps})).play().responses
    assert first.end is EndReason.GAP
    assert (second.body, second.trailers, second.end) == (b"you", b"B: 2\r\n\r\n", EndReason.LAST_CHUNK)
    assert second.problems == ()


def test_a_first_line_in_small_letters_begins_the_next_message_too() -> None:
    following = FOLLOWING.replace(b"HTTP", b"http")
    said: list[Turn] = [*FIRST, ("client", GET * 2), ("server", HEAD + b"0\r\n" + following)]
    _, first, second = rows_of(said, ())
    assert wrong(first) == [("no-last-line", 3, "")]
    assert (second.status, second.wire_bytes) == (299, len(FOLLOWING))


def test_each_trailer_section_is_its_own() -> None:
    said: list[Turn] = []
    for name in (b"A", b"B"):
        answer: Turn = "server", HEAD + b"2\r\nhi\r\n0\r\n" + name + b": 1\r\n\r\n"
        said += [FIRST[0], answer]
    for how, (first, second) in every_split(said):
        assert (first.trailers, second.trailers) == (b"A: 1\r\n\r\n", b"B: 1\r\n\r\n"), how
        assert (second.body, second.problems) == (b"hi", ()), how
