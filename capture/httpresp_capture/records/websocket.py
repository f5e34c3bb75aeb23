"""What went over a WebSocket (RFC 6455) after the response that opened it."""

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
