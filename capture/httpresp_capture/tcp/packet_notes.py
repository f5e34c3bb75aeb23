"""What the packets of one TCP connection tell: repeats, losses, silence, closed windows, round trips.

From headers in the order of capture to one record a packet, with what is to be said of it. Positions are counted from
the beginning of each direction, as Wireshark shows them. A round trip is from a segment to the acknowledgement that
covers it, as seen here; segments that were repeated tell none (Karn, RFC 6298 §3).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from httpresp_capture.records.record import record
from httpresp_capture.streams.position import distance
from httpresp_capture.tcp.flags import ACK, FIN, RST, SYN

SILENCE_NS: Final = 1_000_000_000
"""RFC 6298 §2.4: a timeout is at least a second, so this long a silence is one that a timer may have ended."""
MOST_PACKETS: Final = 20_000
MOST_HOLES: Final = 1_000
"""Parts of a direction that did not come and are remembered, the first ones."""
MOST_UNDER_WAY: Final = 10_000
"""Segments of a direction that wait for an acknowledgement, the newest; of one way that was captured alone, all do."""
_LETTERS: Final = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (0x08, "PSH"), (ACK, "ACK"), (0x20, "URG"))


@record
class Header:
    """What the header of a segment says, and how it was captured."""

    at: int
    from_client: bool
    seq: int
    ack: int
    length: int
    """Bytes of payload, as sent."""
    flags: int
    window: int
    ttl: int


@record
class PacketSeen:
    """One packet."""

    at: int
    from_client: bool
    seq: int
    """From 0 at the SYN of its direction; where that was not seen, from 1 at its first packet."""
    ack: int | None
    """The same of the other direction; None where nothing is acknowledged, or nothing of that was seen."""
    length: int
    flags: str
    window: int
    """As written: to be scaled by what the SYN said (RFC 7323 §2)."""
    ttl: int
    notes: tuple[str, ...] = ()
    """In our words."""
    round_trip_ns: int | None = None
    """Since the newest segment that it acknowledges."""


@dataclass(slots=True)
class DirectionFacts:
    """One direction, summed up."""

    packets: int = 0
    bytes: int = 0
    """Of payload, repeats too."""
    repeats: int = 0
    late: int = 0
    """Packets that came behind later ones."""
    missing: int = 0
    """Bytes that never came."""
    zero_windows: int = 0
    round_trips: int = 0
    smoothed_ns: int | None = None
    """RFC 6298 §2, of the round trips of its segments as seen here."""
    least_ns: int | None = None


@record
class PacketStory:
    """The packets of a connection, and what they tell together."""

    packets: list[PacketSeen]
    left_out: int
    """Packets beyond those that are kept, which are counted in the facts."""
    client: DirectionFacts
    server: DirectionFacts
    silences: int
    """How often nothing came for a second or more."""


@dataclass(slots=True)
class _Direction:
    base: int | None = None
    next: int = 0
    """Where the next byte is expected, from the base."""
    holes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    under_way: deque[tuple[int, int]] = field(default_factory=deque[tuple[int, int]])
    """Ends of segments that wait for an acknowledgement, and when they came."""
    last_ack: tuple[int, int] | None = None
    duplicates: int = 0
    closed: bool = False
    """Its last packet said that it takes no more."""
    facts: DirectionFacts = field(default_factory=DirectionFacts)


class PacketNotes:
    """Feed it headers; ask for the story."""

    def __init__(self, most: int = MOST_PACKETS) -> None:
        self._most = most
        self._directions = {True: _Direction(), False: _Direction()}
        self._packets: list[PacketSeen] = []
        self._left_out = 0
        self._silences = 0
        self._last_at: int | None = None

    def add(self, header: Header) -> None:
        """The next packet, in the order of capture."""
        direction, other = self._directions[header.from_client], self._directions[not header.from_client]
        notes: list[str] = []
        if self._last_at is not None and header.at - self._last_at >= SILENCE_NS:
            self._silences += 1
            notes.append(f"after {(header.at - self._last_at) / 1e9:.1f} s of silence")
        self._last_at = header.at
        if direction.base is None:
            direction.base = header.seq if header.flags & SYN else (header.seq - 1) & 0xFFFFFFFF
            direction.next = 0 if header.flags & SYN else 1
        seq = direction.next + distance(header.seq, (direction.base + direction.next) & 0xFFFFFFFF)
        size = header.length + bool(header.flags & SYN) + bool(header.flags & FIN)
        # RFC 9293 §3.8.4: a keep-alive is one below what is expected, often with no byte at all.
        if (size or seq == direction.next - 1) and not header.flags & RST:
            notes += self._place(direction, header, seq, size)
        ack, round_trip = self._acknowledge(direction, other, header, notes)
        self._window(direction, header, notes)
        facts = direction.facts
        facts.packets += 1
        facts.bytes += header.length
        if len(self._packets) >= self._most:
            self._left_out += 1
            return
        flags = " ".join(word for bit, word in _LETTERS if header.flags & bit)
        self._packets.append(
            PacketSeen(
                header.at, header.from_client, seq, ack, header.length, flags, header.window, header.ttl, tuple(notes),
                round_trip,
            )
        )  # fmt: skip

    def story(self) -> PacketStory:
        """So far."""
        for direction in self._directions.values():
            direction.facts.missing = sum(end - start for start, end in direction.holes)
        client, server = self._directions[True].facts, self._directions[False].facts
        return PacketStory(list(self._packets), self._left_out, client, server, self._silences)

    def _place(self, direction: _Direction, header: Header, seq: int, size: int) -> list[str]:
        """Where its bytes lie in what came before."""
        end = seq + size
        notes: list[str] = []
        if seq > direction.next:
            notes.append(f"{seq - direction.next:,} bytes before it have not come")
            if len(direction.holes) < MOST_HOLES:
                direction.holes.append((direction.next, seq))
        elif seq < direction.next:
            if header.length <= 1 and seq == direction.next - 1 and not header.flags & (SYN | FIN):
                notes.append("keep-alive")
            elif any(start < end and seq < stop for start, stop in direction.holes):
                direction.facts.late += 1
                notes.append("late: fills what had not come")
                direction.holes = [part for hole in direction.holes for part in _without(hole, seq, end)][:MOST_HOLES]
            else:
                direction.facts.repeats += 1
                notes.append("repeat" if end <= direction.next else "repeat, and more")
            # What came twice tells no round trip: whose acknowledgement follows cannot be known.
            direction.under_way = deque(each for each in direction.under_way if not seq < each[0] <= end)
        if end > direction.next:
            if seq >= direction.next:
                direction.under_way.append((end, header.at))
                if len(direction.under_way) > MOST_UNDER_WAY:
                    direction.under_way.popleft()
            direction.next = end
        return notes

    def _acknowledge(
        self, direction: _Direction, other: _Direction, header: Header, notes: list[str]
    ) -> tuple[int | None, int | None]:
        """What it acknowledges of the other direction, and the round trip that this tells."""
        if not header.flags & ACK or other.base is None:
            return None, None
        ack = other.next + distance(header.ack, (other.base + other.next) & 0xFFFFFFFF)
        sent: int | None = None
        while other.under_way and other.under_way[0][0] <= ack:
            sent = other.under_way.popleft()[1]
        pure = not header.length and not header.flags & (SYN | FIN | RST)
        if pure and direction.last_ack == (ack, header.window) and other.next > ack:
            direction.duplicates += 1
            notes.append(f"duplicate acknowledgement {direction.duplicates}")
        else:
            direction.duplicates = 0
        direction.last_ack = (ack, header.window)
        if ack > other.next:
            notes.append(f"acknowledges {ack - other.next:,} bytes that were not captured")
        if sent is None or header.at < sent:
            return ack, None
        round_trip = header.at - sent
        facts = other.facts
        facts.round_trips += 1
        facts.least_ns = round_trip if facts.least_ns is None else min(facts.least_ns, round_trip)
        smoothed = facts.smoothed_ns
        facts.smoothed_ns = round_trip if smoothed is None else (7 * smoothed + round_trip) // 8
        return ack, round_trip

    def _window(self, direction: _Direction, header: Header, notes: list[str]) -> None:
        """Whether it takes more."""
        if header.flags & (RST | SYN) or not header.flags & ACK:
            return
        closed = header.window == 0
        if closed:
            direction.facts.zero_windows += not direction.closed
            notes.append("zero window: it takes no more")
        elif direction.closed:
            notes.append("the window opens again")
        direction.closed = closed


def _without(hole: tuple[int, int], start: int, end: int) -> Iterable[tuple[int, int]]:
    """The parts of a hole that are still open."""
    parts = ((hole[0], min(hole[1], start)), (max(hole[0], end), hole[1]))
    return [part for part in parts if part[0] < part[1]]
