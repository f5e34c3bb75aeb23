"""A request and its response as bytes, sent over a made-up connection and read back through the pipeline.

`exchanged(RESPONSE)` gives the responses that an observer sees; `lost` names a stretch of the response's bytes that he
did not capture. `found(id, RESPONSE)` gives what one check says of them. `frames_of` and `events_of` give the same
as packets and as events.
"""

import struct
from ipaddress import ip_address

from httpresp_capture.checks import CHECKS_BY_ID, Finding, Options, examine
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from traffic.values import Frame

START = 1_700_000_000_000_000_000
"""2023-11-14 22:13:20 UTC in ns."""
MS = 1_000_000
CLIENT = "203.0.113.9"
SERVER = "198.51.100.1"
LOCAL = "10.0.0.9", "10.0.0.1"
GET = b"GET /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n"
BEHIND_TLS = b"GET /shop HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n\r\n"
RAW_IP = Interface(0, "eth0", 101)
_SYN, _ACK, _FIN, _PSH = 2, 16, 1, 8
_SEGMENT = 1000


def ok(*fields: bytes, body: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """A response with these header lines and its length."""
    lines = [b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def page(*fields: bytes, body: bytes = b"<!doctype html><title>Shop</title>", status: bytes = b"200 OK") -> bytes:
    """A response that is HTML."""
    return ok(b"Content-Type: text/html; charset=utf-8", *fields, body=body, status=status)


def frames_of(
    response: bytes,
    request: bytes = GET,
    *,
    addresses: tuple[str, str] = (CLIENT, SERVER),
    lost: tuple[int, int] | None = None,
    second_version: bytes = b"",
    port: int = 80,
) -> list[Frame]:
    """Raw IP packets of one request and what the server sent for it; the connection ends with a FIN.

    `second_version` is sent once more over the response's first bytes, from a sender with another TTL.
    """
    client, server = (ip_address(text) for text in addresses)
    frames: list[Frame] = []
    at = START

    def send(from_client: bool, seq: int, ack: int, flags: int, data: bytes = b"", ttl: int = 64) -> None:
        nonlocal at
        source, target = (client, server) if from_client else (server, client)
        ports = (50322, port) if from_client else (port, 50322)
        tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 65535, 0, 0) + data
        if source.version == 6:
            ip = struct.pack("!IHBB", 6 << 28, len(tcp), 6, ttl) + source.packed + target.packed
        else:
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 7, 0, ttl, 6, 0) + source.packed + target.packed
        frame = ip + tcp
        at += MS
        frames.append(Frame(at, RAW_IP.link_type, frame, len(frame)))

    send(True, 99, 0, _SYN)
    send(False, 999, 100, _SYN | _ACK)
    if request:
        send(True, 100, 1000, _ACK | _PSH, request)
    ack = 100 + len(request)
    first, last = lost or (0, 0)
    for start, end in ((0, first), (last, len(response))):
        for cut in range(start, end, _SEGMENT):
            send(False, 1000 + cut, ack, _ACK | _PSH, response[cut : min(cut + _SEGMENT, end)])
        if start == 0 and second_version:
            send(False, 1000, ack, _ACK | _PSH, second_version, ttl=250)
    send(False, 1000 + len(response), ack, _FIN | _ACK)
    send(True, ack, 1001 + len(response), _FIN | _ACK)
    return frames


def events_of(frames: list[Frame]) -> list[CaptureEvent]:
    """What the pipeline makes of packets, to the end of the capture."""
    pipeline = Pipeline()
    for frame in frames:
        pipeline.feed(frame.at, frame.data, 0, len(frame.data), frame.wire_length, RAW_IP)
    pipeline.finish()
    return pipeline.take()


def exchanged(
    response: bytes,
    request: bytes = GET,
    *,
    addresses: tuple[str, str] = (CLIENT, SERVER),
    lost: tuple[int, int] | None = None,
    second_version: bytes = b"",
    port: int = 80,
) -> list[Response]:
    """What was seen of one request and what the server sent for it; see `frames_of`."""
    frames = frames_of(response, request, addresses=addresses, lost=lost, second_version=second_version, port=port)
    newest: dict[int, Response] = {}
    for event in events_of(frames):
        if isinstance(event, ResponseSeen | ResponseChanged):
            newest[event.response.id] = event.response
    return list(newest.values())


def found(
    check: str,
    response: bytes,
    request: bytes = GET,
    options: Options | None = None,
    *,
    addresses: tuple[str, str] = (CLIENT, SERVER),
    lost: tuple[int, int] | None = None,
    second_version: bytes = b"",
) -> list[Finding]:
    """What one check says of everything that was seen; opt-in checks are switched on."""
    assert check in CHECKS_BY_ID
    options = options or Options(opt_in=frozenset((check,)))
    seen = exchanged(response, request, addresses=addresses, lost=lost, second_version=second_version)
    return [finding for one in seen for finding in examine(one, options) if finding.check == check]


def with_a_hole(check: str, response: bytes, request: bytes = GET) -> list[Finding]:
    """The same, with a stretch in the middle of the header block lost: every check must be silent."""
    head = response.index(b"\r\n\r\n")
    return found(check, response, request, lost=(head - 8, head - 4))
