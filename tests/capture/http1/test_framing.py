"""Where a message ends, rule by rule (RFC 9112 §6.3), and what a gap or a limit does to that."""

import pytest

from httpresp_capture.http.framing import LARGEST, chunk_size, declared, of_request, of_response
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from traffic.scenario import Player, Scenario

Step = dict[str, object]


def low(*lines: str) -> bytes:
    return "\r\n".join(("http/1.1 200 ok", *lines, "", "")).lower().encode()


def names(problems: list[Problem] | None) -> list[str]:
    return [problem.name for problem in problems or ()]


def response(*lines: str, status: int = 200, method: str = "GET", minor: int = 1) -> tuple[Framing, int, list[str]]:
    framing, length, problems = of_response(low(*lines), status, method, minor, None)
    return framing, length, names(problems)


def request(*lines: str, minor: int = 1) -> tuple[Framing, int, list[str]]:
    framing, length, problems = of_request(low(*lines), minor, None)
    return framing, length, names(problems)


# Cases 1 to 3: what ends with its head, and what becomes a tunnel


@pytest.mark.parametrize("status", [100, 103, 199, 204])
def test_what_has_no_body_has_none_whatever_it_says(status: int) -> None:
    assert response("Content-Length: 5", status=status) == (Framing.NONE, 5, ["body-not-allowed"])
    assert response("Transfer-Encoding: chunked", status=status)[::2] == (Framing.NONE, ["encoding-not-allowed"])
    assert response("Content-Length: 0", status=status) == (Framing.NONE, 0, [])


def test_304_and_an_answer_to_head_declare_what_get_would_bring() -> None:
    assert response("Content-Length: 5", status=304) == (Framing.NONE, 5, [])
    assert response("Content-Length: 5", method="HEAD") == (Framing.NONE, 5, [])
    assert response("Transfer-Encoding: chunked", method="HEAD") == (Framing.NONE, -1, [])
    assert response("Transfer-Encoding: chunked", status=304) == (Framing.NONE, -1, [])


def test_a_bad_length_is_told_of_an_answer_to_head_too() -> None:
    """Whether something else was told before or not."""
    assert response("Content-Length: x", method="HEAD") == (Framing.NONE, -1, ["bad-length"])
    before = [Problem("bare-lf", 3)]
    assert names(of_response(low("Content-Length: x"), 304, "GET", 1, before)[2]) == ["bare-lf", "bad-length"]


def test_what_forbids_a_body_and_an_encoding_still_reads_the_length() -> None:
    assert response("Transfer-Encoding: chunked", "Content-Length: 1", status=204) == (
        Framing.NONE,
        1,
        ["encoding-not-allowed", "body-not-allowed"],
    )
    assert response("Transfer-Encoding: chunked", "Content-Length: 5", method="HEAD") == (Framing.NONE, -1, [])


def test_101_and_a_connect_that_succeeds_open_a_tunnel() -> None:
    assert response(status=101)[0] is Framing.TUNNEL
    assert response("Content-Length: 5", status=101) == (Framing.TUNNEL, 5, [])
    assert response("Content-Length: 5", status=200, method="CONNECT")[0] is Framing.TUNNEL
    assert response("Content-Length: 5", status=299, method="CONNECT")[0] is Framing.TUNNEL
    assert response("Content-Length: 5", status=300, method="CONNECT")[0] is Framing.LENGTH
    assert response("Content-Length: 5", status=407, method="CONNECT")[0] is Framing.LENGTH


def test_a_status_that_cannot_be_read_forbids_nothing() -> None:
    assert response("Content-Length: 5", status=0) == (Framing.LENGTH, 5, [])


# Cases 4 and 5: Transfer-Encoding


def test_transfer_encoding_overrules_a_length() -> None:
    assert response("Content-Length: 5", "Transfer-Encoding: chunked") == (
        Framing.CHUNKED,
        -1,
        ["length-with-encoding"],
    )
    assert request("Transfer-Encoding: chunked", "Content-Length: 5")[::2] == (
        Framing.CHUNKED,
        ["length-with-encoding"],
    )


def test_a_length_beside_an_encoding_is_told_however_it_is_written() -> None:
    both = ["bad-length", "length-with-encoding"]
    assert response("Transfer-Encoding: chunked", "Content-Length: x")[2] == both
    assert response("Transfer-Encoding: chunked", "Content-Length : 0")[2] == ["length-with-encoding"]
    assert response("Transfer-Encoding: chunked", "Content-Length-X: 5")[2] == []


def test_an_empty_element_of_a_list_of_codings_is_none() -> None:
    assert response("Transfer-Encoding: , chunked,") == (Framing.CHUNKED, -1, [])


def test_chunked_is_the_last_coding_and_stands_once() -> None:
    assert response("Transfer-Encoding: gzip, chunked") == (Framing.CHUNKED, -1, [])
    assert response("Transfer-Encoding: gzip", "Transfer-Encoding: chunked") == (Framing.CHUNKED, -1, [])
    assert response("Transfer-Encoding: chunked, gzip") == (Framing.CHUNKED, -1, ["coding-order"])
    assert response("Transfer-Encoding: chunked, chunked") == (Framing.CHUNKED, -1, ["coding-order"])


def test_a_parameter_of_chunked_is_told_and_chunks_are_read() -> None:
    assert response("Transfer-Encoding: chunked;foo=bar") == (Framing.CHUNKED, -1, ["unknown-coding"])
    assert response("Transfer-Encoding: gzip;q=1, chunked") == (Framing.CHUNKED, -1, [])
    assert request("Transfer-Encoding: chunked ; foo") == (Framing.CHUNKED, -1, ["unknown-coding"])


def test_a_coding_without_chunked_lasts_until_close_or_as_long_as_the_length_says() -> None:
    assert response("Transfer-Encoding: gzip") == (Framing.CLOSE, -1, [])
    assert response("Transfer-Encoding: identity") == (Framing.CLOSE, -1, [])
    assert response("Transfer-Encoding: identity", "Content-Length: 5")[:2] == (Framing.LENGTH, 5)
    assert response("Transfer-Encoding: identity", "Content-Length: 0")[:2] == (Framing.LENGTH, 0)
    assert response("Transfer-Encoding: brotli", "Content-Length: 5")[:2] == (Framing.LENGTH, 5)
    assert response("Transfer-Encoding: gzip", "Content-Length: 5")[:2] == (Framing.CLOSE, -1)
    assert response("Transfer-Encoding: brotli") == (Framing.CLOSE, -1, ["unknown-coding"])
    assert request("Transfer-Encoding: gzip") == (Framing.NONE, -1, ["coding-order"])
    assert request("Transfer-Encoding: identity") == (Framing.NONE, -1, [])


def test_http_1_0_knows_no_transfer_encoding() -> None:
    assert response("Transfer-Encoding: chunked", minor=0) == (Framing.CHUNKED, -1, ["encoding-in-1.0"])


def test_a_name_that_only_begins_alike_is_another() -> None:
    assert response("Transfer-Encoding-X: chunked", "Content-Length: 5") == (Framing.LENGTH, 5, [])
    assert response("Content-Length-X: 5") == (Framing.CLOSE, -1, [])
    assert response("Transfer-Encoding-X: chunked") == (Framing.CLOSE, -1, [])
    assert request("Transfer-Encoding-X: chunked") == request() == (Framing.NONE, 0, [])
    assert declared(b"\ncontent-length=5\r\n", None) == (-1, None)
    assert declared(b"http/1.1 200 a:5\r\n\r\n", None) == (-1, None)


def test_each_name_counts_its_own_lines() -> None:
    head = low("Transfer-Encoding: 7", "Content-Length: 5", "Content-Length: 5")
    found, problems = declared(head, None)
    assert (found, names(problems)) == (5, ["repeated-length"])


def test_a_field_may_be_the_first_line() -> None:
    """Of a head that is cut before its fields."""
    encoding = b"\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n"
    length = b"\ncontent-length: x\r\ntransfer-encoding: chunked\r\n\r\n"
    assert of_response(encoding, 200, "GET", 1, None)[0] is Framing.CHUNKED
    assert of_request(encoding, 1, None)[0] is Framing.CHUNKED
    assert of_response(encoding, 304, "GET", 1, None) == (Framing.NONE, -1, None)
    assert names(of_response(encoding, 204, "GET", 1, None)[2]) == ["encoding-not-allowed", "body-not-allowed"]
    assert names(of_response(length, 200, "GET", 1, None)[2]) == ["bad-length", "length-with-encoding"]


@pytest.mark.parametrize(
    ("problem", "line", "others", "status", "minor"),
    [
        ("encoding-not-allowed", "transfer-encoding: chunked", (), 204, 1),
        ("body-not-allowed", "content-length: 5", (), 204, 1),
        ("bad-length", "content-length: x", (), 200, 1),
        ("length-overflow", "content-length: 99999999999999999999", (), 200, 1),
        ("differing-lengths", "content-length: 6", ("content-length: 5",), 200, 1),
        ("repeated-length", "content-length: 5 ", ("content-length: 5",), 200, 1),
        ("length-with-encoding", "content-length: 5", ("transfer-encoding: chunked",), 200, 1),
        ("encoding-in-1.0", "transfer-encoding: chunked", (), 200, 0),
        ("unknown-coding", "transfer-encoding: gzip", ("x: y", "transfer-encoding: br"), 200, 1),
        ("coding-order", "transfer-encoding: chunked, chunked", (), 200, 1),
        ("coding-order", "transfer-encoding: chunked, gzip", (), 200, 1),
    ],
)
def test_a_problem_points_at_the_field_it_speaks_of(
    problem: str, line: str, others: tuple[str, ...], status: int, minor: int
) -> None:
    """At the first line of an encoding, and at the line of a length that repeats another."""
    lines = ("a: b", line, *others) if problem == "unknown-coding" else ("a: b", *others, line)
    head = low(*lines)
    (offset,) = (one.offset for one in of_response(head, status, "GET", minor, None)[2] or () if one.name == problem)
    assert head[offset:].startswith(line.encode() + b"\r\n")


# Cases 6 to 8: Content-Length, or none


def test_without_any_length_a_response_lasts_until_close_and_a_request_ends() -> None:
    assert response() == (Framing.CLOSE, -1, [])
    assert request() == (Framing.NONE, 0, [])
    assert request("Content-Length: 0") == (Framing.NONE, 0, [])
    assert request("Content-Length: 1") == (Framing.LENGTH, 1, [])
    assert response("Content-Length: 0") == (Framing.LENGTH, 0, [])


def test_of_lengths_that_differ_the_first_counts() -> None:
    assert response("Content-Length: 5", "Content-Length: 7") == (Framing.LENGTH, 5, ["differing-lengths"])
    assert response("Content-Length: 7, 5") == (Framing.LENGTH, 7, ["differing-lengths"])
    assert response("Content-Length: x", "Content-Length: 7") == (
        Framing.LENGTH,
        7,
        ["bad-length", "differing-lengths"],
    )


def test_the_same_length_again_counts_once() -> None:
    assert response("Content-Length: 5", "Content-Length: 5") == (Framing.LENGTH, 5, ["repeated-length"])
    assert response("Content-Length: 5, 05") == (Framing.LENGTH, 5, ["repeated-length"])


@pytest.mark.parametrize("value", ["-1", "+5", "5 5", "0x5", "5_000", "", "\u0665", "5;"])
def test_what_is_no_number_is_no_length(value: str) -> None:
    found, problems = declared(b"\ncontent-length: " + value.encode() + b"\r\n", None)
    assert (found, names(problems)) == (-1, ["bad-length"])


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), -1),
        ("1" + "0" * 19, -1),
        ("9" * 40, -1),
        ("0" * 40 + "5", 5),
        ("0" * 400, 0),
    ],
)
def test_a_length_is_believed_as_far_as_anybody_counts(value: str, length: int) -> None:
    found, problems = declared(b"\ncontent-length: " + value.encode() + b"\r\n", None)
    assert found == length
    assert names(problems) == ([] if length >= 0 else ["length-overflow"])


def test_a_folded_length_is_read() -> None:
    assert declared(b"\ncontent-length:\r\n 5\r\n", None)[0] == 5
    found, problems = declared(b"\ncontent-length: 5\r\n 7\r\n", None)
    assert (found, names(problems)) == (-1, ["bad-length"])


def test_a_length_needs_no_blank_and_one_colon() -> None:
    assert declared(b"\ncontent-length:15\r\n", None) == (15, None)
    found, problems = declared(b"\ncontent-length:: 5\r\n", None)
    assert (found, names(problems)) == (-1, ["bad-length"])


# RFC 9112 §7.1: chunk sizes


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"5", 5), (b"00a", 10), (b"Ff", 255), (b"5;name=value", 5), (b" 5 ", 5), (b"", -1), (b";x", -1), (b"-5", -1),
        (b"0x5", -1), (b"5 5", -1), (b"7fffffffffffffff", LARGEST), (b"8000000000000000", -2), (b"f" * 17, -2),
        (b"0" * 40, 0),
    ],
)  # fmt: skip
def test_a_chunk_size_is_hexadecimal(line: bytes, size: int) -> None:
    assert chunk_size(line) == size


# On the wire


def played(*steps: Step, limits: dict[str, int] | None = None) -> list[Response]:
    told: dict[str, object] = {"steps": steps, "expect": []}
    if limits:
        told["limits"] = limits
    return list(Player(Scenario("", told)).play().responses)


def client(text: str, **more: object) -> Step:
    return {"from": "client", "bytes": text, **more}


def server(text: str, **more: object) -> Step:
    return {"from": "server", "bytes": text, **more}


GET = client("GET /a HTTP/1.1\r\n\r\n")
NEXT = (
    client("GET /b HTTP/1.1\r\n\r\n"),
    server("HTTP/1.1 202 Two\r\nContent-Length: 1\r\n\r\n2"),
)


def is_the_next(row: Response) -> bool:
    return (row.status, row.body, row.request and row.request.target, row.end) == (202, b"2", "/b", EndReason.LENGTH)


def test_gaps_that_touch_are_one() -> None:
    """A hole that is given up in two steps, and a snap length beside a loss."""
    body = server("aaaaaaaaaabbbbbbbbbbcccccccccc", mss=10, lose=[2])
    head = server("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n0123456789", snap=10)
    first, second = played(GET, head, body, *NEXT)
    assert first.gaps == (Gap(39, 10, True), Gap(59, 10))
    assert is_the_next(second)
    first, second = played(GET, head, server("aaaaaaaaaabbbbbbbbbbcccccccccc", mss=10, lose=[1, 2]), *NEXT)
    assert first.gaps == (Gap(39, 30),)
    assert (first.body_bytes, first.missing_bytes, first.wire_bytes) == (10, 30, 49)
    assert is_the_next(second)


@pytest.mark.parametrize("lost", [[2], [1, 2], [2, 3]])
def test_a_request_of_which_bytes_are_lost_is_not_answered_early(lost: list[int]) -> None:
    """What was captured of it does not reach to its end, and yet its server may have had it all."""
    post = client("POST /a HTTP/1.1\r\nContent-Length: 30\r\n\r\n")
    body = client("aaaaaaaaaabbbbbbbbbbcccccccccc", mss=10, lose=lost)
    first, second = played(post, body, server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), *NEXT)
    assert first.problems == ()
    assert first.request is not None
    assert first.request.target == "/a"
    assert is_the_next(second)


def test_a_request_that_goes_on_was_answered_early() -> None:
    post = client("POST /a HTTP/1.1\r\nContent-Length: 30\r\n\r\naaaaaaaaaa")
    (row,) = played(post, server("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"))
    assert names(list(row.problems)) == ["early-response"]


@pytest.mark.parametrize("mss", [5_000, 300, 201, 200, 199, 64, 1])
def test_a_head_ends_at_the_limit_however_segments_cut_it(mss: int) -> None:
    head = "HTTP/1.1 200 OK\r\nX: " + "a" * 300 + "\r\nContent-Length: 0\r\n\r\n"
    first, second = played(GET, server(head, mss=mss), *NEXT, limits={"head_bytes": 200})
    assert (first.status, len(first.head), first.wire_bytes, first.end) == (200, 200, 200, EndReason.HEAD_LIMIT)
    assert names(list(first.problems)) == ["head-limit", "head-cut"]
    assert is_the_next(second)


@pytest.mark.parametrize("mss", [5_000, 64, 1])
@pytest.mark.parametrize(("size", "whole"), [(200, True), (201, False)])
def test_a_head_may_be_as_long_as_the_limit(size: int, whole: bool, mss: int) -> None:
    """Of requests and of responses; the clean ones take another way than the cut ones."""
    asked = "GET /a HTTP/1.1\r\nX: "
    asked += "a" * (size - len(asked) - 4) + "\r\n\r\n"
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "
    answer += "a" * (size - len(answer) - 4) + "\r\n\r\n"
    assert len(asked) == len(answer) == size
    first, second = played(client(asked, mss=mss), server(answer, mss=mss), *NEXT, limits={"head_bytes": 200})
    assert first.request is not None
    assert (names(list(first.request.problems)) == []) == whole
    assert (first.problems == ()) == whole
    assert is_the_next(second)


def test_a_head_that_is_searched_for_ends_at_the_limit_too() -> None:
    """Behind a loss a head has to prove itself; one over the limit is told as it is elsewhere."""
    lost = server("HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n", lose=True)
    head = "HTTP/1.1 200 OK\r\nX: " + "a" * 300 + "\r\nContent-Length: 0\r\n\r\n"
    rows: list[list[tuple[int, int, EndReason | None]]] = []
    for mss in (5_000, 64):
        found = played(GET, lost, client("GET /c HTTP/1.1\r\n\r\n"), server(head, mss=mss), *NEXT,
                       limits={"head_bytes": 200})  # fmt: skip
        rows.append([(row.status, row.wire_bytes, row.end) for row in found if not row.unanswered])
        assert is_the_next(found[-1])
    assert rows[0] == rows[1] == [(200, 200, EndReason.HEAD_LIMIT), (202, 40, EndReason.LENGTH)]


# A message that lacks its end


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"]
)
def test_however_many_lack_their_ends_each_is_a_row(head: bytes) -> None:
    """In one segment, so that nothing may recurse by their number."""
    count = 900
    steps: list[Step] = [
        {"from": "client", "bytes": "GET / HTTP/1.1\r\n\r\n", "copies": count},
        {"from": "server", "bytes": head.decode(), "copies": count},
    ]
    rows = Player(Scenario("many without end", {"steps": steps})).play().responses
    assert [(row.status, row.request is not None) for row in rows] == [(200, True)] * count


def test_however_many_requests_lack_their_ends_each_is_a_row() -> None:
    steps: list[Step] = [{"from": "client", "bytes": "GET / HTTP/1.1\r\n", "copies": 900}]
    rows = Player(Scenario("many without end", {"steps": steps})).play().responses
    assert [row.unanswered for row in rows] == [True] * 900
