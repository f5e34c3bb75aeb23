"""From bursts to TCP segments, and what a wire does to them: order changed, bytes repeated, segments lost."""

from dataclasses import dataclass
from random import Random

from traffic.conversations import Conversation
from traffic.values import ACK, FIN, PSH, RST, SYN, PacketPath, Segment


@dataclass(frozen=True, slots=True)
class Wire:
    """How rough the way is."""

    mss: int = 1_448
    reordered: float = 0.0
    repeated: float = 0.0
    lost: float = 0.0
    bare_acks: float = 0.1
    """Segments that only acknowledge, for each that carries data."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of one direction that were sent and that the capture does not hold."""

    way: PacketPath
    start: int
    end: int


def opening() -> list[Segment]:
    """The three segments of a handshake; SYN stands at offset -1."""
    return [Segment("client", -1, b"", SYN), Segment("server", -1, b"", SYN | ACK), Segment("client", 0, b"", ACK)]


def data_segments(rng: Random, conversation: Conversation, wire: Wire, calm: int = 0) -> list[list[Segment]]:
    """The bursts as segments in the order of capture. In the first `calm` data segments all is in order."""
    sent: dict[PacketPath, int] = {"client": 0, "server": 0}
    bursts: list[list[Segment]] = []
    for burst in conversation.bursts:
        lines: list[list[Segment]] = []
        before = dict(sent)
        ways: tuple[tuple[PacketPath, PacketPath], ...] = (("client", "server"), ("server", "client"))
        for way, other in ways:
            data = burst.of(way)
            if not data:
                continue
            start, mss = before[way], wire.mss
            line = [
                Segment(way, start + at, data[at : at + mss], ACK, before[other]) for at in range(0, len(data), mss)
            ]
            last = line[-1]
            line[-1] = Segment(way, last.offset, last.data, ACK | PSH, last.ack)
            sent[way] += len(data)
            size = len(line)
            if calm <= 0:
                line = roughened(rng, line, data, start, wire)
            calm -= size
            lines.append(line)
        merged = lines[0] if len(lines) == 1 else interleaved(rng, lines)
        bursts.append(_with_bare_acks(rng, merged, wire))
    return bursts


def roughened(rng: Random, line: list[Segment], data: bytes, start: int, wire: Wire) -> list[Segment]:
    """Delay some segments by up to three places and send some bytes again, whole or with other borders."""
    keyed: list[tuple[float, Segment]] = []
    chance = rng.random
    for place, segment in enumerate(line):
        key = float(place)
        if chance() < wire.reordered:
            key += rng.choice((1.2, 2.2, 3.2))
        keyed.append((key, segment))
        if chance() < wire.repeated:
            again = segment
            if chance() < 0.5:
                first = max(start, segment.offset - rng.randrange(wire.mss))
                last = min(start + len(data), segment.offset + len(segment.data) + rng.randrange(wire.mss))
                last = min(last, first + wire.mss)
                again = Segment(segment.way, first, data[first - start : last - start], ACK, segment.ack)
            keyed.append((place + rng.uniform(0.5, 4), again))
    keyed.sort(key=lambda pair: pair[0])
    return [segment for _, segment in keyed]


def interleaved(rng: Random, lines: list[list[Segment]]) -> list[Segment]:
    """Two directions at once, each in its order."""
    first, second = lines
    tickets = [0] * len(first) + [1] * len(second)
    rng.shuffle(tickets)
    sources = (iter(first), iter(second))
    return [next(sources[ticket]) for ticket in tickets]


def _with_bare_acks(rng: Random, segments: list[Segment], wire: Wire) -> list[Segment]:
    out: list[Segment] = []
    for segment in segments:
        out.append(segment)
        if rng.random() < wire.bare_acks:
            other: PacketPath = "server" if segment.way == "client" else "client"
            out.append(Segment(other, segment.ack, b"", ACK, segment.offset + len(segment.data)))
    return out


def closing(conversation: Conversation) -> list[Segment]:
    """How the connection ends, after all its bytes."""
    client, server = conversation.client_bytes, conversation.server_bytes
    match conversation.ending:
        case "server FIN":
            return [
                Segment("server", server, b"", FIN | ACK, client),
                Segment("client", client, b"", FIN | ACK, server + 1),
                Segment("server", server + 1, b"", ACK, client + 1),
            ]
        case "client FIN":
            return [
                Segment("client", client, b"", FIN | ACK, server),
                Segment("server", server, b"", FIN | ACK, client + 1),
                Segment("client", client + 1, b"", ACK, server + 1),
            ]
        case "server RST":
            return [Segment("server", server, b"", RST | ACK, client)]
        case "client RST":
            return [Segment("client", client, b"", RST, server)]
        case "open":
            return []


def without_lost(rng: Random, segments: list[Segment], wire: Wire) -> list[Segment]:
    """What is left after the wire has lost some of the segments that carry data."""
    if not wire.lost:
        return segments
    return [segment for segment in segments if not segment.data or rng.random() >= wire.lost]


def missing(conversation: Conversation, segments: list[Segment]) -> list[Range]:
    """The bytes that no captured segment holds."""
    out: list[Range] = []
    ways: tuple[PacketPath, PacketPath] = ("client", "server")
    for way in ways:
        total = conversation.client_bytes if way == "client" else conversation.server_bytes
        seen = sorted((s.offset, s.offset + len(s.data)) for s in segments if s.way == way and s.data)
        reached = 0
        for start, end in seen:
            if start > reached:
                out.append(Range(way, reached, start))
            reached = max(reached, end)
        if reached < total:
            out.append(Range(way, reached, total))
    return out
