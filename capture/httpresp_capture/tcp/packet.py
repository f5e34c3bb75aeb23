"""What is told of the packet that brought a segment, and what waiting segments are counted in."""

from typing import Final

from httpresp_capture.streams.position import distance

OVERHEAD: Final = 256
"""What a kept segment costs beside its bytes, about; counted against the limits, so that tiny ones are bounded."""


class Packet:
    """`length` is as `Response.packet_len` counts it."""

    __slots__ = ("ack", "at", "ip_id", "length", "ttl", "urgent")

    def __init__(self, at: int, ttl: int, ip_id: int, ack: int, length: int) -> None:
        self.at = at
        self.ttl = ttl
        self.ip_id = ip_id
        self.ack = ack
        self.length = length
        self.urgent = False


class Held:
    """A segment that waits."""

    __slots__ = ("data", "length", "packet", "seq")

    def __init__(self, seq: int, data: bytes, length: int, packet: Packet) -> None:
        self.seq = seq
        self.data = data
        self.length = length
        self.packet = packet


def place(held: list[Held], ahead: int, next_seq: int) -> int:
    """Index of the first held segment that begins at or after `ahead` beyond the next number; by halving."""
    low, high = 0, len(held)
    while low < high:
        middle = (low + high) // 2
        if distance(held[middle].seq, next_seq) < ahead:
            low = middle + 1
        else:
            high = middle
    return low


class Tally:
    """What assemblers count, all of them together."""

    __slots__ = ("conflicts", "gap_bytes", "gaps", "held", "held_dropped", "repeats")

    def __init__(self) -> None:
        self.held = 0
        self.gaps = 0
        self.gap_bytes = 0
        self.repeats = 0
        self.conflicts = 0
        self.held_dropped = 0
