"""A case of hostile traffic, and what all of them are made of.

Frames are patched, not built, where many are needed: making them must cost little beside reading them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from traffic.frames import Framer, Route
from traffic.values import ACK, Ends, PacketPath, Segment

Packet = tuple[int, bytes]
START = 1_700_000_000_000_000_000
MS = 1_000_000
ENDS = Ends("10.0.0.1", 4_000, "10.0.0.2", 80)
MSS = 1_400


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of traffic."""

    idea: str
    packets: Callable[[], Iterator[Packet]]
    full: int
    """Packets of a full run."""
    keys: bool = False
    """True where TLS secrets are waited for."""


def framed(segment: Segment) -> bytes:
    return Framer(Route(ENDS)).frame(segment)


def timed(frames: Iterator[bytes], step: int = MS // 100) -> Iterator[Packet]:
    return ((START + number * step, frame) for number, frame in enumerate(frames))


def dialogue(parts: Iterator[tuple[PacketPath, bytes]]) -> Iterator[bytes]:
    """One connection on which this is said, in turn."""
    framer = Framer(Route(ENDS))
    sent: dict[PacketPath, int] = {"client": 0, "server": 0}
    for way, data in parts:
        other: PacketPath = "server" if way == "client" else "client"
        for at in range(0, len(data), MSS):
            piece = data[at : at + MSS]
            yield framer.frame(Segment(way, sent[way], piece, ACK, sent[other]))
            sent[way] += len(piece)
