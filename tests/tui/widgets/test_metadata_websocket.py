"""What the tab Metadata says of a WebSocket."""

from pathlib import Path

from httpresp_capture.records.events import ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.websocket import WebSocket, WebSocketDirection, WebSocketMessage
from httpresp_capture.redaction import Redactor
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_metadata import metadata
from samples import response
from scripted import Scripted, running, screen_text, status, until

AT = 1_700_000_000_000_000_000
SAID = WebSocketMessage(True, AT, True, 5, b"hello\x1b]52", True)


def row(websocket: WebSocket | None) -> Response:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    return response(head, b"", id=1, end=EndReason.SWITCHED, websocket=websocket)


def shown(websocket: WebSocket) -> str:
    return "\n".join(line.text for line in metadata(View(row(websocket), Redactor(b"s" * 16), 100)))


def test_an_open_one_says_so_and_one_that_has_ended_how() -> None:
    client = WebSocketDirection(3, 2, 0, 1, 0, 1_200)
    text = shown(WebSocket(client, WebSocketDirection(), False, (SAID,)))
    assert "open, so far" in text
    assert "3 frames" in text
    assert "2 text, 1 ping" in text
    assert "hello" in text
    assert "\x1b" not in text
    closed = WebSocketDirection(4, 2, 0, 1, 0, 1_202, 1001, b"away")
    text = shown(WebSocket(closed, closed, False, (SAID,), True))
    assert "open, so far" not in text
    assert "closed with 1001" in text
    assert "away" in text


async def test_its_figures_grow_on_the_screen_while_it_is_open(tmp_path: Path) -> None:
    source = Scripted([ResponseSeen(row(None)), status()])
    async with running(source, tmp_path, size=(120, 50)) as (app, pilot):
        await pilot.press("enter", "3")
        await until(pilot, lambda: "protocol switched" in screen_text(app))
        for frames in (3, 4):
            client = WebSocketDirection(frames, frames)
            source.emit([ResponseGrew(row(WebSocket(client, WebSocketDirection(), False)))])
            await until(pilot, lambda text=f"{frames} frames": text in screen_text(app))
