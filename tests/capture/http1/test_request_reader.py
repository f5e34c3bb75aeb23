"""The direction that asks, by itself: what it makes of bytes, where requests begin, and what a gap may have held."""

import pytest

from httpresp_capture.detect.undetected import Detection
from httpresp_capture.http1.exchanges import Exchanges
from httpresp_capture.http1.request_reader import RequestReader
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.limits import Limits
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Streams
from httpresp_capture.streams.position import MASK
from plain_rooms import replaces_parts

pytestmark = replaces_parts
GET = b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n"
SIZE = 100_000
POST = b"POST /b HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % SIZE
ORIGINS = [1_000, 0, MASK - 10]


class Heard(Exchanges):
    """Writes down what it is told."""

    def __init__(self) -> None:
        super().__init__(Detection(Sink(Limits()), Streams(Detection.__new__(Detection))))
        self.asked_at: list[tuple[int, Request]] = []
        self.ended: list[Request] = []
        self.lost: list[tuple[int, bool]] = []

    def asks(self, request: Request, start: int) -> None:
        self.pairing.requests += 1
        self.asked_at.append((start, request))
        if request.complete:
            self.ended.append(request)

    def asked(self, before: Request, after: Request) -> None:
        self.ended.append(after)

    def lost_requests(self, start: int, *, surely: bool) -> None:
        self.lost.append((start, surely))

    def is_strange(self, answer: str = "") -> bool:
        return False


def reading(origin: int = 1_000) -> tuple[RequestReader, Heard]:
    heard = Heard()
    reader = RequestReader(heard)
    reader.begins(origin)
    return reader, heard


def feed(reader: RequestReader, data: bytes, size: int) -> None:
    for at in range(0, len(data), size):
        reader.data(data[at : at + size], 5)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("size", [1, 7, len(GET), 1_000])
def test_each_request_begins_where_its_first_byte_stands_however_it_is_cut(origin: int, size: int) -> None:
    reader, heard = reading(origin)
    feed(reader, GET * 3, size)
    assert [start for start, _ in heard.asked_at] == [(origin + len(GET) * turn) & MASK for turn in range(3)]
    for _, request in heard.asked_at:
        assert (request.method, request.target, request.head, request.complete) == ("GET", "/a", GET, True)
        assert (request.wire_bytes, request.body_bytes, request.problems) == (len(GET), 0, ())


@pytest.mark.parametrize("size", [1, 1_000])
@pytest.mark.parametrize(("version", "problems"), [(b"1.0", ["encoding-in-1.0"]), (b"1.1", [])])
def test_transfer_encoding_is_none_of_http_1_0_however_it_is_cut(
    size: int, version: bytes, problems: list[str]
) -> None:
    """RFC 9112 §6.1."""
    reader, heard = reading()
    feed(reader, b"POST /b HTTP/%s\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % version, size)
    (request,) = heard.ended
    assert [problem.name for problem in request.problems] == problems
    assert request.complete


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("begun", [b"", b"GE"])
def test_where_a_head_had_begun_a_gap_may_hold_requests_from_there_on(origin: int, begun: bytes) -> None:
    reader, heard = reading(origin)
    reader.data(GET, 5)
    if begun:
        reader.data(begun, 5)
    reader.gap(50, 6, False)
    assert heard.lost == [((origin + len(GET)) & MASK, True)]


def test_a_gap_within_a_body_of_known_length_holds_no_request_also_where_bytes_were_passed_over() -> None:
    reader, heard = reading()
    reader.data(POST + bytes(10_000), 5)
    assert reader.bytes_to_skip > 50_000, "what is kept of a body of a request is here"
    reader.bytes_to_skip -= 50_000
    reader.gap(10_000, 6, False)
    assert heard.lost == []
    reader.data(bytes(SIZE - 70_000) + GET, 7)
    assert [request.target for request in heard.ended] == ["/b", "/a"]
    first, _ = heard.ended
    assert (first.complete, first.body_bytes) == (False, SIZE - 10_000)
    assert heard.asked_at[1][0] == 1_000 + len(POST) + SIZE


def test_a_gap_beyond_a_body_of_known_length_may_hold_requests_behind_it() -> None:
    reader, heard = reading()
    reader.data(POST + bytes(10_000), 5)
    reader.gap(SIZE, 6, False)
    assert heard.lost == [(1_000 + len(POST) + SIZE, True)]


def test_a_head_that_a_gap_cuts_behind_its_first_line_is_a_request_and_the_rest_of_it_is_none() -> None:
    reader, heard = reading()
    head = b"GET /c HTTP/1.1\r\nHost: a"
    reader.data(head, 5)
    reader.gap(10, 6, False)
    ((_, request),) = heard.asked_at
    assert (request.target, request.complete, [problem.name for problem in request.problems]) == (
        "/c",
        False,
        ["head-cut"],
    )
    assert heard.lost == [(1_000, False)]
