"""What went over a WebSocket (RFC 6455) after the response that opened it."""

from typing import Any

from httpresp_capture.records.record import record


@record
class WebSocketMessage:
    """One message, or the part of it that came."""

    from_client: bool
    at: int
    """When its last byte so far was captured."""
    text: bool
    """False for a binary one."""
    length: int
    """Payload bytes as sent, compressed where it was."""
    preview: bytes
    """Of a text message the first bytes, decompressed; empty where it could not be."""
    complete: bool
    """False when its last frame did not come."""


@record
class WebSocketDirection:
    """What one end sent."""

    frames: int = 0
    texts: int = 0
    """Text messages that were begun."""
    binaries: int = 0
    pings: int = 0
    pongs: int = 0
    payload_bytes: int = 0
    """Payload of all frames as sent, that of control frames included."""
    close_code: int = 0
    """RFC 6455 §7.4; 1005 for a close frame that names none, 0 where no close frame came."""
    close_reason: bytes = b""
    problem: str = ""
    """Why it was not read to its end, in words; empty when it was."""


@record
class WebSocket:
    """Both directions."""

    client: WebSocketDirection
    server: WebSocketDirection
    compressed: bool
    """True when permessage-deflate (RFC 7692) was agreed on."""
    messages: tuple[WebSocketMessage, ...] = ()
    """The first ones, both directions in the order in which they ended."""
    ended: bool = False
    """True when nothing more can come."""


def plain_values(websocket: WebSocket) -> tuple[Any, ...]:
    """All of it as tuples of plain values; `from_plain_values` is the way back."""
    client, server = (_of_direction(each) for each in (websocket.client, websocket.server))
    messages = tuple(
        [
            (each.from_client, each.at, each.text, each.length, each.preview, each.complete)
            for each in websocket.messages
        ]
    )
    return client, server, websocket.compressed, messages, websocket.ended


def from_plain_values(values: tuple[Any, ...]) -> WebSocket:
    """The record of which these are the `plain_values`."""
    client, server, compressed, messages, ended = values
    told = tuple([WebSocketMessage(*each) for each in messages])
    return WebSocket(WebSocketDirection(*client), WebSocketDirection(*server), compressed, told, ended)


def _of_direction(told: WebSocketDirection) -> tuple[Any, ...]:
    return (
        told.frames,
        told.texts,
        told.binaries,
        told.pings,
        told.pongs,
        told.payload_bytes,
        told.close_code,
        told.close_reason,
        told.problem,
    )
