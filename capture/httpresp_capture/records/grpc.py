"""What a gRPC call over HTTP/2 ended with, and the messages in its body.

From the trailers of the response, or from its head where nothing else came ("Trailers-Only"):
https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. Everything is worked out when somebody asks.
"""

from typing import Final

from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.record import record

NAMES: Final = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
"""By status code."""
_STATUS: Final = b"grpc-status"
_MESSAGE: Final = b"grpc-message"
_PREFIX: Final = 5
"""Bytes before each message: whether it is compressed, and its length."""
_COMPRESSED: Final = 1
_TRAILERS: Final = 0x80
"""gRPC-Web puts the trailers behind the messages, in the body, with this bit before them
(https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md)."""
_WEB: Final = b"application/grpc-web"
_SIZES_KEPT: Final = 64


@record
class Messages:
    """The messages of one direction, as far as its body is kept."""

    count: int
    sizes: tuple[int, ...]
    """Bytes of the first of them, as sent."""
    whole: bool
    """False where more may follow: the body was not kept to its end, or does not end with a message."""


def is_grpc(response: Response) -> bool:
    """True for the response to a call, also of one that a proxy answered."""
    if response.protocol != "HTTP/2":
        return False
    if response.content_type.startswith("application/grpc"):
        return True
    request = response.request
    return request is not None and Headers.first_in(request.head, b"content-type").startswith("application/grpc")


def status_of(response: Response) -> int | None:
    """The status of the call; None where it is not known, or is no number."""
    if response.protocol != "HTTP/2":
        return None
    text = _field(response, _STATUS)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def status_name(status: int) -> str:
    """Its name; a number that has none stays one."""
    return NAMES[status] if status < len(NAMES) else str(status)


def message_of(response: Response) -> str:
    """What the server says of the status: UTF-8, percent-encoded on the wire. Text from the wire."""
    from urllib.parse import unquote_to_bytes  # Loaded with the first call of gRPC.

    return unquote_to_bytes(_field(response, _MESSAGE).encode("latin-1")).decode("utf-8", "replace")


def failed(response: Response) -> bool:
    """True for a call that ended with another status than OK."""
    return bool(status_of(response))


def messages_of(message: Request | Response) -> Messages:
    """The messages in what is kept of a body."""
    if isinstance(message, Response) and message.gaps:
        return Messages(0, (), False)  # Where a message begins behind a gap is not known.
    body = message.body
    sizes: list[int] = []
    count = at = 0
    while len(body) - at >= _PREFIX:
        size = int.from_bytes(body[at + 1 : at + _PREFIX], "big")
        if body[at] > _COMPRESSED:
            if body[at] & _TRAILERS:
                at += _PREFIX + size
            break
        count += 1
        if count <= _SIZES_KEPT:
            sizes.append(size)
        at += _PREFIX + size
    return Messages(count, tuple(sizes), at == len(body) == message.body_bytes)


def _web_trailers(body: bytes) -> bytes:
    """The field lines of gRPC-Web behind the messages; empty where there are none."""
    at = 0
    while len(body) - at >= _PREFIX:
        size = int.from_bytes(body[at + 1 : at + _PREFIX], "big")
        if body[at] & _TRAILERS:
            return body[at + _PREFIX : at + _PREFIX + size]
        at += _PREFIX + size
    return b""


def _field(response: Response, name: bytes) -> str:
    trailers = response.trailers
    if not trailers and _WEB in response.head and not response.gaps:
        trailers = _web_trailers(response.body)
    found = Headers.first_in(b"\n" + trailers, name) if trailers else ""
    return found or Headers.first_in(response.head, name)
