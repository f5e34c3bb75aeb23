"""Bytes of a stream that come a second time: are they the same?

The first version counts, as for a receiver that has already handed it on; where the second one differs, whoever reads
the stream is told of both (`Receiver.conflict`). Different ends resolve such an overlap differently, so it is how one
hides from whoever watches (Ptacek and Newsham, 1998, §3.2).

What waits is compared as it stands. Of what was delivered the newest is remembered for this, a few segments a direction
and so many bytes of all together.
"""

from collections import deque
from typing import Final

from httpresp_capture.records.evidence import Segment
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tcp.packet import OVERHEAD, Held, Packet

_TOTAL = 16 << 20
_SEGMENTS: Final = 32
"""Of one direction; each repeat is held against all of them."""
_EVIDENCE: Final = 256
"""Bytes of each version that are told."""


class Recent:
    """What is remembered of all directions together; bounded."""

    __slots__ = ("limit", "order", "total")

    def __init__(self) -> None:
        self.order: deque[Delivered] = deque()
        self.total = 0
        self.limit = _TOTAL

    def trim(self) -> None:
        """Let the oldest go until the bound holds."""
        while self.total > self.limit:
            entries = self.order.popleft().entries
            self.total -= len(entries.pop(0)[1]) + OVERHEAD if entries else OVERHEAD


class Delivered:
    """The newest delivered segments of one direction."""

    __slots__ = ("entries", "recent")

    def __init__(self, recent: Recent) -> None:
        self.recent = recent
        self.entries: list[tuple[int, bytes, int, int, int]] = []
        """(sequence number, bytes, time, TTL, IP id) of each."""

    def remember(self, seq: int, data: bytes, at: int, ttl: int, ip_id: int) -> None:
        """Keep delivered bytes for a while."""
        recent, entries = self.recent, self.entries
        if len(entries) >= _SEGMENTS:
            recent.total -= len(entries.pop(0)[1])
        entries.append((seq, data, at, ttl, ip_id))
        recent.order.append(self)
        recent.total += len(data) + OVERHEAD
        if recent.total > recent.limit:
            recent.trim()

    def forget(self) -> None:
        """Nothing more is compared."""
        self.recent.total -= sum([len(entry[1]) for entry in self.entries])
        self.entries = []

    def compare(self, seq: int, data: bytes, packet: Packet, next_seq: int, reader: Receiver) -> int:
        """Hold a repeat against all that is remembered; how many conflicts were told."""
        told = 0
        for old_seq, old_data, old_at, old_ttl, old_id in self.entries:
            start = distance(seq, old_seq)
            if start >= len(old_data) or start + len(data) <= 0:
                continue
            before = max(-start, 0)
            first = old_data[max(start, 0) : start + len(data)]
            second = data[before : before + len(first)]
            overlap = (seq + before) & MASK
            told += _tell(first, second, overlap, (old_at, old_ttl, old_id), packet, next_seq, reader)
        return told


def compare_held(old: Held, seq: int, data: bytes, packet: Packet, next_seq: int, reader: Receiver) -> int:
    """Hold what comes again of a segment that waits against that; how many conflicts were told. `data` begins in it."""
    start = distance(seq, old.seq)
    first = old.data[start : start + len(data)]
    was = old.packet
    return _tell(first, data[: len(first)], seq, (was.at, was.ttl, was.ip_id), packet, next_seq, reader)


def _tell(
    first: bytes, second: bytes, seq: int, was: tuple[int, int, int], packet: Packet, next_seq: int, reader: Receiver
) -> int:
    """Tell of what differs in two versions of the bytes at `seq`, as many of each, if anything does; 1 or 0."""
    if first == second:
        return 0
    differing = [index for index, (one, two) in enumerate(zip(first, second, strict=False)) if one != two]
    start, end = differing[0], differing[-1] + 1
    reader.conflict(
        -distance((seq + start) & MASK, next_seq),
        end - start,
        Segment(first[start : min(end, start + _EVIDENCE)], *was),
        Segment(second[start : min(end, start + _EVIDENCE)], packet.at, packet.ttl, packet.ip_id),
        packet.at,
    )
    return 1
