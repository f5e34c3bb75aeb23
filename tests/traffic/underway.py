"""Connections with several requests under way, seen by an observer somewhere between the ends, who loses packets.

Client and server are played in time: each sends when it may, and acknowledges what has reached it by then, so that the
acknowledgements in a capture are those that real ends would send. Every request names itself in its target, `/17`, and
its answers in `X-N: 17`: what a row pairs is right or wrong, without any further book-keeping.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from traffic.frames import Framer, Route
from traffic.segments import opening
from traffic.values import ACK, FIN, PSH, Ends, Frame, PacketPath, Segment

Habit = Literal["waits", "bursts", "window", "chance"]
"""How a client asks: one request at a time; several at once and then it waits for all; always some under way; now one
and now several."""
Passing = list[tuple[int, Segment]]
"""When each segment passes."""
MS = 1_000_000
START = 1_700_000_000_000_000_000
KINDS = ("length", "length", "length", "empty", "chunked", "204", "304", "HEAD", "HEAD", "HEAD chunked", "POST", "103")


@dataclass(frozen=True, slots=True)
class Rough:
    """What a connection is like, and what its observer misses."""

    habits: tuple[Habit, ...] = ("waits", "bursts", "window")
    exchanges: int = 12
    lost: float = 0.02
    bursts_lost: float = 0.0
    """How often a run of two to eight packets is lost."""
    one_way: float = 0.0
    """Connections that lose in one direction alone."""
    midstream: float = 0.0
    """Connections whose first packets are not captured."""
    skewed: float = 0.0
    """Connections whose two directions are captured up to some ms out of step."""
    swapped: float = 0.0
    """How often a packet is captured behind the next of its direction."""
    late: float = 0.0
    """How often a packet is captured up to 150 ms late."""
    repeated: float = 0.0
    """How often a packet is captured twice."""
    handshake_lost: float = 0.0
    """Connections of whose handshake some packets are not captured, or late."""
    opening_lost: float = 0.0
    """Connections of which the first one to four packets of the client are not captured."""
    snapped: float = 0.0
    """Connections whose packets are cut by a snap length."""
    kinds: tuple[str, ...] = KINDS


@dataclass(slots=True)
class End:
    """One end of a connection while it is played."""

    way: PacketPath
    sent: int = 0
    received: int = 0
    free: int = 0
    """When its line is free again; a byte takes a ns."""
    segments: Passing = field(default_factory=list[tuple[int, Segment]])
    """When each was sent."""


def request_of(rng: Random, number: int, kind: str) -> bytes:
    """A request; short ones let a gap say how many it may have held."""
    method = {"HEAD": "HEAD", "HEAD chunked": "HEAD", "POST": "POST"}.get(kind, "GET")
    head = f"{method} /{number} HTTP/1.1\r\nHost: a.test\r\n"
    if rng.random() < 0.3:
        head += "Cookie: " + "c=0123456789; " * rng.randrange(1, 30) + "\r\n"
    if method != "POST":
        return (head + "\r\n").encode()
    body = b"r" * rng.choice((0, 5, 300, 2_000))
    return (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def answer_to(rng: Random, number: int, kind: str) -> bytes:
    """Its answer, or its answers."""
    mark = f"X-N: {number}\r\n"
    body = b"x" * rng.choice((0, 1, 4, 30, 600, 3_000))
    if kind == "batch":
        body = b"HTTP/1.1 204 In a batch\r\n\r\n" * 2 + body
    if kind == "chunked":
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part)
        return f"HTTP/1.1 200 OK\r\n{mark}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"
    if kind == "HEAD chunked":
        return f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{mark}\r\n".encode()
    if kind in ("204", "304"):
        return f"HTTP/1.1 {kind} None\r\n{mark}\r\n".encode()
    early = f"HTTP/1.1 103 Early Hints\r\n{mark}\r\n".encode() if kind == "103" else b""
    if kind in ("HEAD", "empty"):
        body = body if kind == "HEAD" else b""
        sent = b""
    else:
        sent = body
    return early + f"HTTP/1.1 200 OK\r\n{mark}Content-Length: {len(body)}\r\n\r\n".encode() + sent


def played(rng: Random, first: int, count: int, habit: Habit, rough: Rough) -> tuple[Passing, int, int]:
    """The packets of one connection in the order in which they pass the observer; where the first request ends for
    which the client did not wait, and how long it took."""
    delay = rng.choice((1, 5, 40)) * MS
    place = rng.choice((0.0, 0.1, 0.5, 1.0))
    mss = rng.choice((64, 536, 1_448, 1_448))
    slow = rng.choice((0, 0, 1, 10, 80)) * MS
    depth = rng.randrange(2, 7)
    kinds = [rng.choice(rough.kinds) for _ in range(count)]
    asked = [request_of(rng, first + n, kind) for n, kind in enumerate(kinds)]
    answers = [answer_to(rng, first + n, kind) for n, kind in enumerate(kinds)]
    client, server = End("client"), End("server")
    other = {"client": server, "server": client}
    # What an end knows: bytes that have reached it, and when the next thing is due.
    due: list[tuple[int, int, str, int]] = []
    serial = 0

    def at(when: int, what: str, value: int = 0) -> None:
        nonlocal serial
        serial += 1
        heapq.heappush(due, (when, serial, what, value))

    def send(end: End, now: int, data: bytes) -> None:
        end.free = max(end.free, now)
        for cut in range(0, len(data), mss):
            piece = data[cut : cut + mss]
            segment = Segment(end.way, end.sent, piece, ACK | PSH, end.received)
            end.segments.append((end.free, segment))
            end.sent += len(piece)
            at(end.free + delay, "to " + other[end.way].way, end.sent)
            end.free += len(piece)

    next_request = finished = done = 0
    request_ends = [sum(map(len, asked[: n + 1])) for n in range(count)]
    answer_ends = [sum(map(len, answers[: n + 1])) for n in range(count)]
    batch_end = 0
    shown = 0
    busy = False
    joined = rng.random() < 0.5
    at(0, "ask")
    while due:
        now, _, what, value = heapq.heappop(due)
        if what == "to client":
            client.received = max(client.received, value)
            while done < count and answer_ends[done] <= client.received:
                done += 1
            if rng.random() < 0.3:
                client.segments.append((now, Segment("client", client.sent, b"", ACK, client.received)))
            at(now + rng.randrange(3) * MS // 2, "ask")
        elif what == "to server":
            server.received = max(server.received, value)
            if rng.random() < 0.3:
                server.segments.append((now, Segment("server", server.sent, b"", ACK, server.received)))
            if not busy and finished < count and request_ends[finished] <= server.received:
                busy = True
                at(now + rng.randrange(slow + 1), "answer")
        elif what == "answer":
            data = answers[finished]
            finished += 1
            while joined and finished < count and request_ends[finished] <= server.received and rng.random() < 0.7:
                data += answers[finished]
                finished += 1
            send(server, now, data)
            busy = finished < count and request_ends[finished] <= server.received
            if busy:
                at(now + len(data) + rng.randrange(slow + 1), "answer")
        elif what == "ask" and next_request < count:
            if habit == "waits":
                ready = 1 if done == next_request else 0
            elif habit == "bursts":
                ready = depth if done == batch_end else 0
            elif habit == "chance":
                ready = rng.randrange(done == next_request, max(2, done + depth - next_request))
            else:
                ready = done + depth - next_request
            ready = max(0, min(ready, count - next_request))
            if ready:
                if not shown and next_request + ready > done + 1:
                    shown = request_ends[max(next_request, done + 1)]
                pieces = asked[next_request : next_request + ready]
                next_request += ready
                batch_end = next_request
                for piece in [b"".join(pieces)] if rng.random() < 0.5 else pieces:
                    send(client, now, piece)
    end = max(when for when, _ in client.segments + server.segments) + 2 * delay
    server.segments.append((end, Segment("server", server.sent, b"", FIN | ACK, client.sent)))
    client.segments.append((end + delay, Segment("client", client.sent, b"", FIN | ACK, server.sent + 1)))
    passing = [(when + int(place * delay), segment) for when, segment in client.segments]
    passing += [(when + int((1 - place) * delay), segment) for when, segment in server.segments]
    if rng.random() < rough.skewed:
        late: PacketPath = rng.choice(("client", "server"))
        behind = rng.choice((1, 5, 60)) * MS
        passing = [(when + behind * (segment.way == late), segment) for when, segment in passing]
    passing.sort(key=lambda pair: pair[0])
    return passing, shown, end + 4 * delay + 100 * MS


def observed(rng: Random, passing: Passing, rough: Rough, spared: int) -> Passing:
    """What the observer keeps of it; of the first `spared` bytes of the client all, and in time."""
    kept: Passing = [(-1 * MS, segment) for segment in opening()]
    if rough.handshake_lost and rng.random() < rough.handshake_lost:
        late = rng.choice((-1, 10, 50)) * MS
        kept = [(late, segment) for _, segment in kept if rng.random() < 0.5]
    kept = sorted(kept + passing, key=lambda pair: pair[0])
    if rough.opening_lost and rng.random() < rough.opening_lost:
        said = [segment for _, segment in kept if segment.way == "client" and segment.data]
        gone = set(said[: rng.randrange(1, 5)])
        kept = [(when, segment) for when, segment in kept if segment not in gone]
    only: PacketPath | None = rng.choice(("client", "server")) if rng.random() < rough.one_way else None
    if rng.random() < rough.midstream:
        kept = kept[rng.randrange(3, max(4, len(kept) * 2 // 3)) :]
    out: Passing = []
    skip = 0
    for when, segment in kept:
        if rng.random() < rough.bursts_lost:
            skip = rng.randrange(2, 9)
        lose = skip > 0 or rng.random() < rough.lost
        skip -= skip > 0
        spare = segment.way == "client" and segment.offset < spared
        if lose and segment.data and not spare and (only is None or segment.way == only):
            continue
        if rough.late and not spare and rng.random() < rough.late:
            when += rng.randrange(150) * MS
        out.append((when, segment))
        if rough.repeated and rng.random() < rough.repeated:
            out.append((when + rng.randrange(50) * MS, segment))
    out.sort(key=lambda pair: pair[0])
    for place in range(len(out) - 1):
        if rng.random() < rough.swapped and out[place][1].data and out[place + 1][1].way == out[place][1].way:
            (early, one), (late, two) = out[place], out[place + 1]
            out[place], out[place + 1] = (early, two), (late, one)
    return out


@dataclass(frozen=True, slots=True)
class Line:
    """One connection as it was captured."""

    habit: Habit
    first: int
    count: int
    kept: tuple[tuple[int, Segment], ...]
    frames: tuple[Frame, ...]
    lost: int
    """Packets with data that the observer missed."""


def lines(seed: int, rough: Rough, responses: int) -> Iterable[Line]:
    """Connections until so many responses were sent, one after the other in time."""
    rng = Random(seed)
    number, at = 1, START
    port = 1_025
    while number <= responses:
        habit = rng.choice(rough.habits)
        count = rng.randrange(2, 2 * rough.exchanges)
        passing, shown, took = played(rng, number, count, habit, rough)
        # That a client does not wait is seen when it first does not, or perhaps never.
        kept = observed(rng, passing, rough, shown)
        isn = rng.choice((5_000, 0xFFFF_FF00))
        framer = Framer(Route(Ends("10.0.0.1", port, "10.0.0.2", 80), isn_client=isn // 3, isn_server=isn))
        snap = rng.choice((96, 200, 500)) if rough.snapped and rng.random() < rough.snapped else 1 << 16
        frames: list[Frame] = []
        for when, segment in kept:
            data = framer.frame(segment)
            frames.append(Frame(at + 10 * MS + when, 1, data[:snap], len(data)))
        lost = sum(bool(segment.data) for _, segment in passing) - sum(bool(segment.data) for _, segment in kept)
        yield Line(habit, number, count, tuple(kept), tuple(frames), lost)
        number += count
        at += took
        port = port + 1 if port < 65_000 else 1_025
