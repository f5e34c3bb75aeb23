"""The values that pass between the layers of the generator."""

from dataclasses import dataclass
from typing import Literal

from httpresp_capture.records.outcome import Framing

PacketPath = Literal["client", "server"]
"""Who sends."""

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a connection."""

    client: str
    client_port: int
    server: str
    server_port: int


@dataclass(frozen=True, slots=True)
class Expected:
    """One response that was sent, as whoever wrote it knows it."""

    serial: int
    """Its number in the capture; it stands in the head as `X-Serial`."""
    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    head: bytes
    framing: Framing
    declared: int
    body: bytes
    wire: int
    """Bytes of the whole message on the wire."""
    method: str
    target: str
    trailers: bytes = b""


@dataclass(frozen=True, slots=True)
class Placed:
    """An expected response, and where it lies in the byte streams of its connection."""

    expected: Expected
    start: int
    """Offset of its first byte in what the server sent."""
    request_start: int
    """Offset of the first byte of its request in what the client sent."""
    request_head_end: int

    @property
    def head_end(self) -> int:
        return self.start + len(self.expected.head)

    @property
    def end(self) -> int:
        return self.start + self.expected.wire


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment; offsets count the bytes of its direction from the first after SYN."""

    way: PacketPath
    offset: int
    data: bytes
    flags: int = ACK
    ack: int = 0
    """Offset of the next byte wanted from the other side."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured frame."""

    at: int
    link_type: int
    data: bytes
    wire_length: int
