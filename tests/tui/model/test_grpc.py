"""gRPC on the screen: a column once there is a call, and a section of the detail."""

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.model.columns import COLUMNS, column, layout, with_grpc
from httpresp_tui.model.store import Store
from httpresp_tui.widgets.detail import title
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_metadata import metadata
from samples import request, response

HEAD = b"HTTP/2 200\r\ncontent-type: application/grpc\r\n\r\n"
ASKED = b"POST /shop.Cart/Get HTTP/2\r\nhost: a.test\r\n\r\n"


def call(trailers: bytes) -> Response:
    body = b"\0\0\0\0\3abc"
    return response(HEAD, body, id=2, stream=9, protocol="HTTP/2", trailers=trailers, request=request(ASKED))


FAILED = call(b"grpc-status: 14\r\ngrpc-message: no%1broute\r\n")


def test_a_store_knows_that_there_are_calls() -> None:
    store = Store()
    store.apply([ResponseSeen(response(id=1))])
    assert not store.tells_grpc
    store.apply([ResponseSeen(FAILED)])
    assert store.tells_grpc


def test_the_column_stands_behind_the_status() -> None:
    columns = with_grpc(COLUMNS)
    assert [each.key for each in columns[1:3]] == ["status", "grpc"]
    entry = column("grpc")
    assert entry is not None
    assert entry is columns[2]
    assert [entry.cell(row) for row in (FAILED, call(b""), response())] == ["UNAVAILABLE", "", ""]
    for width in range(30, 200, 7):
        assert layout(columns, width)[-1].end <= max(width, 40)


def test_without_room_for_the_column_a_failed_call_has_a_mark_and_its_title_the_name() -> None:
    marks = column("marks")
    assert marks is not None
    assert [marks.cell(row)[-1:] for row in (FAILED, call(b"grpc-status: 0\r\n"), response())] == ["g", "", ""]
    assert title(FAILED).plain.startswith("#2  200  UNAVAILABLE  POST ")
    assert title(call(b"")).plain.startswith("#2  200  POST ")


def test_the_detail_says_how_the_call_ended_and_nothing_acts() -> None:
    text = "\n".join(line.text for line in metadata(View(FAILED, Redactor(b"s" * 16), 100)))
    for said in ("gRPC", "UNAVAILABLE", "no␛route", "1 message", "0 messages", "stream 9 on it"):
        assert said in text
    assert "\x1b" not in text
    assert "not seen" in "\n".join(line.text for line in metadata(View(call(b""), Redactor(b"s" * 16), 100)))
