"""The cases: each an endless source of (time, frame), in the order of capture, and how much of it is a full run.

Frames are patched, not built: making them must cost little beside reading them.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from random import Random
from struct import Struct

from soak.case import ENDS, MS, Case, Packet, framed, timed
from soak.secured import SECURED
from traffic.captures import Recipe, make_capture
from traffic.frames import MASK, TCP, Framer, Route
from traffic.values import ACK, SYN, Ends, Segment

SOURCE_AT, PORT_AT, SEQ_AT = 26, 34, 38
"""Where source address, source port and sequence number stand in a plain Ethernet and IPv4 frame."""
U32, U16 = Struct(">I"), Struct(">H")
ASKED = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
LENGTH_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"


def moved(frame: bytes, number: int) -> bytes:
    """The same frame from another address and port."""
    out = bytearray(frame)
    U32.pack_into(out, SOURCE_AT, 0x0B000000 + (number >> 14 & 0xFFFFFF))
    U16.pack_into(out, PORT_AT, 1_024 + (number & 0x3FFF))
    return bytes(out)


def at_seq(frame: bytes, seq: int) -> bytes:
    out = bytearray(frame)
    U32.pack_into(out, SEQ_AT, seq & MASK)
    return bytes(out)


def syn_flood() -> Iterator[Packet]:
    syn = framed(Segment("client", -1, b"", SYN))
    return timed(moved(syn, number) for number in count())


def flow_per_packet() -> Iterator[Packet]:
    asked = framed(Segment("client", 0, ASKED, ACK))
    return timed(moved(asked, number) for number in count())


def half_open() -> Iterator[Packet]:
    """A request, the beginning of its answer, and nothing more, on connection after connection."""

    def frames() -> Iterator[bytes]:
        for number in count():
            ends = Ends(f"10.{number >> 20 & 255}.{number >> 12 & 255}.9", 1_024 + (number & 0xFFF), "10.0.0.2", 80)
            framer = Framer(Route(ends))
            yield framer.frame(Segment("client", 0, ASKED, ACK))
            yield framer.frame(Segment("server", 0, LENGTH_HEAD + b"x" * 900, ACK, len(ASKED)))

    return timed(frames())


def streamed(beginning: bytes, piece: bytes, *, step: int | None = None) -> Iterator[Packet]:
    """One answer that never ends: its beginning, then the same bytes for ever, `step` bytes apart."""

    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        yield framer.frame(Segment("client", 0, ASKED, ACK))
        yield framer.frame(Segment("server", 0, beginning, ACK, len(ASKED)))
        more = framer.frame(Segment("server", 0, piece, ACK, len(ASKED)))
        first = 5_001 + len(beginning)
        for number in count():
            yield at_seq(more, first + number * (step or len(piece)))

    return timed(frames())


def endless_head() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\n", b"X-Header: 0123456789abcdef\r\n" * 40)


def endless_line() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1_200)


def endless_chunk() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", b"z" * 1_200)


def tiny_chunks() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nz\r\n" * 200)


def endless_trailers() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"T: u\r\n" * 200)


def every_other_lost() -> Iterator[Packet]:
    return streamed(LENGTH_HEAD, b"b" * 500, step=1_000)


def nonsense() -> Iterator[Packet]:
    return streamed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", b"HTTP/1.1 200 O" * 80)


def reverse() -> Iterator[Packet]:
    """One byte a segment, the last first: the whole waits for its first byte."""

    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        yield framer.frame(Segment("client", 0, ASKED, ACK))
        yield framer.frame(Segment("server", 0, LENGTH_HEAD, ACK, len(ASKED)))
        one = framer.frame(Segment("server", 0, b"r", ACK, len(ASKED)))
        last = 5_001 + len(LENGTH_HEAD) + 1_000_000
        for number in count():
            yield at_seq(one, last - number % 1_000_000)

    return timed(frames())


def scattered() -> Iterator[Packet]:
    """Single bytes with holes between, in no order: every one is a run of its own."""

    def frames() -> Iterator[bytes]:
        rng = Random(8)
        framer = Framer(Route(ENDS))
        yield framer.frame(Segment("client", 0, ASKED, ACK))
        yield framer.frame(Segment("server", 0, LENGTH_HEAD, ACK, len(ASKED)))
        one = framer.frame(Segment("server", 0, b"s", ACK, len(ASKED)))
        while True:
            yield at_seq(one, 5_001 + len(LENGTH_HEAD) + 1 + 2 * rng.randrange(400_000))

    return timed(frames())


def contradictions() -> Iterator[Packet]:
    """The same bytes again and again, never the same."""

    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        yield framer.frame(Segment("client", 0, ASKED, ACK))
        yield framer.frame(Segment("server", 0, LENGTH_HEAD + b"o" * 1_000, ACK, len(ASKED)))
        for number in count():
            data = (b"%08d" % (number % 100_000_000)) * 100
            yield framer.frame(Segment("server", len(LENGTH_HEAD), data, ACK, len(ASKED)))

    return timed(frames())


def header_bombs() -> Iterator[Packet]:
    """Heads of 200 KB, one after the other."""
    head = b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=" + b"b" * 1_000 + b"\r\n"
    head = head + head[17:] * 195 + b"Content-Length: 0\r\n\r\n"
    return _repeated_answer(head, 1_400)


def many_headers() -> Iterator[Packet]:
    """Heads of 50 000 empty fields."""
    return _repeated_answer(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 50_000 + b"Content-Length: 0\r\n\r\n", 1_400)


def _repeated_answer(answer: bytes, size: int) -> Iterator[Packet]:
    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        asked = answered = 0
        while True:
            yield framer.frame(Segment("client", asked, ASKED, ACK, answered))
            asked += len(ASKED)
            for at in range(0, len(answer), size):
                piece = answer[at : at + size]
                yield framer.frame(Segment("server", answered, piece, ACK, asked))
                answered += len(piece)

    return timed(frames())


def never_answered() -> Iterator[Packet]:
    """Requests without end on one connection."""

    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        many = ASKED * 40
        for number in count():
            yield framer.frame(Segment("client", number * len(many), many, ACK))

    return timed(frames())


def fragments() -> Iterator[Packet]:
    """First fragments of datagrams whose rest never comes."""

    def frames() -> Iterator[bytes]:
        framer = Framer(Route(ENDS))
        payload = TCP.pack(4_000, 80, 1, 1, 80, ACK, 500, 0, 0) + b"f" * 1_180
        whole = framer.ip("client", payload, 64, 0)
        for number in count():
            packet = bytearray(whole)
            U16.pack_into(packet, 4, number & 0xFFFF)
            U16.pack_into(packet, 6, 0x2000)
            U32.pack_into(packet, 12, 0x0B000000 + (number >> 16))
            yield b"\x02" * 12 + b"\x08\x00" + bytes(packet)

    return timed(frames())


def idle_day() -> Iterator[Packet]:
    """A connection a second that says one thing and then nothing, for a day."""
    asked = framed(Segment("client", 0, ASKED, ACK))
    return timed((moved(asked, number) for number in count()), step=1_000 * MS)


def ordinary() -> Iterator[Packet]:
    """Mixed traffic of every kind, again and again."""
    frames = make_capture(3, Recipe(3_000, lost=0.002, concurrent=100, ports_reused=0, route=plain)).frames
    span = frames[-1].at - frames[0].at + MS
    for turn in count():
        for frame in frames:
            yield frame.at + turn * span, frame.data


def plain(rng: Random, ends: Ends) -> Route:
    return replace(Route(ends), isn_client=rng.randrange(1 << 32), isn_server=rng.randrange(1 << 32))


CASES: dict[str, Case] = {
    "syn-flood": Case("a million connections that only begin", syn_flood, 1_000_000),
    "flow-per-packet": Case("every packet a connection of its own, with a request", flow_per_packet, 1_000_000),
    "half-open": Case("100 000 answers that never end", half_open, 200_000),
    "endless-head": Case("a head that never ends", endless_head, 500_000),
    "endless-line": Case("a header line that never ends", endless_line, 500_000),
    "endless-chunk": Case("a chunk of 2^63-1 bytes", endless_chunk, 500_000),
    "tiny-chunks": Case("chunks of one byte without end", tiny_chunks, 20_000),
    "endless-trailers": Case("trailers that never end", endless_trailers, 200_000),
    "every-other-lost": Case("every second segment lost", every_other_lost, 300_000),
    "nonsense": Case("broken framing, then what almost is a head", nonsense, 100_000),
    "reverse": Case("a million one-byte segments in reverse", reverse, 1_000_000),
    "scattered": Case("one-byte segments with holes between, in no order", scattered, 400_000),
    "contradictions": Case("the same bytes again, never the same", contradictions, 300_000),
    "header-bombs": Case("heads of 200 KB", header_bombs, 200_000),
    "many-headers": Case("heads of 50 000 fields", many_headers, 100_000),
    "never-answered": Case("requests that nobody answers", never_answered, 50_000),
    "fragments": Case("first fragments without a second", fragments, 500_000),
    "idle-day": Case("a connection a second for a day, each silent after", idle_day, 86_400),
    **SECURED,
    "ordinary": Case("mixed traffic", ordinary, 1_000_000),
}
