"""`httpresp.websocket`: what went over the WebSocket that a response opened, written and read."""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.websocket import WebSocket, WebSocketDirection, WebSocketMessage
from httpresp_capture.tracee.jsontext import quoted
from httpresp_capture.tracee.pieces import boolean
from httpresp_capture.tracee.values import Object, list_in, number_in, object_in, text_in

__all__ = ["websocket_in", "websocket_member"]

MOST_MESSAGES: Final = 50
MOST_TEXT: Final = 256


def websocket_member(websocket: WebSocket | None) -> str:
    """The member with its comma; nothing where there was none. Previews are read as UTF-8, what is none is replaced."""
    if websocket is None:
        return ""
    messages = ",".join(map(_message, websocket.messages))
    return (
        f',"websocket":{{"compressed":{boolean(websocket.compressed)},"ended":{boolean(websocket.ended)}'
        f',"client":{_direction(websocket.client)},"server":{_direction(websocket.server)},"messages":[{messages}]}}'
    )


def _direction(told: WebSocketDirection) -> str:
    reason = quoted(told.close_reason.decode("utf-8", "replace"))
    return (
        f'{{"frames":{told.frames},"texts":{told.texts},"binaries":{told.binaries},"pings":{told.pings}'
        f',"pongs":{told.pongs},"bytes":{told.payload_bytes},"close_code":{told.close_code},"close_reason":{reason}'
        f',"problem":{quoted(told.problem)}}}'
    )


def _message(message: WebSocketMessage) -> str:
    return (
        f'{{"from_client":{boolean(message.from_client)},"at":{message.at},"text":{boolean(message.text)}'
        f',"length":{message.length},"preview":{quoted(message.preview.decode("utf-8", "replace"))}'
        f',"complete":{boolean(message.complete)}}}'
    )


def websocket_in(ours: Object) -> WebSocket | None:
    """The same from an event that was written before; None where it tells of none."""
    found = object_in(ours, "websocket")
    if not found:
        return None
    client, server = (_direction_in(object_in(found, name)) for name in ("client", "server"))
    messages = tuple([_message_in(each) for each in list_in(found, "messages")[:MOST_MESSAGES]])
    return WebSocket(client, server, _true(found, "compressed"), messages, _true(found, "ended"))


def _direction_in(found: Object) -> WebSocketDirection:
    number: Callable[[str], int] = lambda name: number_in(found, name)  # noqa: E731
    return WebSocketDirection(
        frames=number("frames"),
        texts=number("texts"),
        binaries=number("binaries"),
        pings=number("pings"),
        pongs=number("pongs"),
        payload_bytes=number("bytes"),
        close_code=number_in(found, "close_code", most=0xFFFF),
        close_reason=text_in(found, "close_reason")[:MOST_TEXT].encode("utf-8", "replace"),
        problem=text_in(found, "problem")[:MOST_TEXT],
    )


def _message_in(found: object) -> WebSocketMessage:
    return WebSocketMessage(
        from_client=_true(found, "from_client"),
        at=number_in(found, "at"),
        text=_true(found, "text"),
        length=number_in(found, "length"),
        preview=text_in(found, "preview")[:MOST_TEXT].encode("utf-8", "replace"),
        complete=_true(found, "complete"),
    )


def _true(found: object, key: str) -> bool:
    return isinstance(found, dict) and found.get(key) is True
