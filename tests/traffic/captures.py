"""Many connections mixed into one capture, the truth about each, and capture files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from struct import Struct, pack

from traffic.conversations import Conversation, talk
from traffic.frames import Framer, Route, some_route
from traffic.messages import Style
from traffic.segments import Range, Wire, closing, data_segments, missing, opening, without_lost
from traffic.values import Ends, Frame, Placed, Segment

RouteOf = Callable[[Random, Ends], Route]

MSS = (37, 64, 256, 536, 1_000, 1_380, 1_448)
START = 1_700_000_000_000_000_000
FREE_PORTS = 32_768


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make."""

    responses: int
    reordered: float = 0.05
    repeated: float = 0.03
    lost: float = 0.0
    midstream: float = 0.1
    """Connections of which the beginning is not captured."""
    ports_reused: float = 0.1
    """Connections on the ports of one that was there before."""
    concurrent: int = 24
    route: RouteOf = some_route
    traps: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """One connection of the capture."""

    ends: Ends
    placed: tuple[Placed, ...]
    pipelined: bool
    midstream: bool
    ending: str
    missing: tuple[Range, ...]
    """What of its bytes the capture does not hold, the uncaptured beginning included."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Frames in the order of capture, and the truth."""

    frames: tuple[Frame, ...]
    told: tuple[Told, ...]


@dataclass(slots=True)
class _Line:
    """One connection on its way into the capture."""

    framer: Framer
    segments: list[Segment]
    told: Told


def make_capture(seed: int, recipe: Recipe) -> Capture:
    """The same seed and recipe give the same bytes."""
    rng = Random(seed)
    lines = list(_lines(rng, recipe))
    return Capture(tuple(_mixed(rng, lines, recipe.concurrent)), tuple(line.told for line in lines))


def _lines(rng: Random, recipe: Recipe) -> Iterable[_Line]:
    serial, number = 1, 0
    used: list[Ends] = []
    while serial <= recipe.responses:
        count = min(rng.choice((1, 2, 3, 5, 8, 13, 30)), recipe.responses - serial + 1)
        # Without SYN on ports of an older connection nobody can tell the two apart: those are never midstream.
        again = bool(used) and rng.random() < recipe.ports_reused
        ends = rng.choice(used) if again else _new_ends(rng, number)
        used = [*used[-50:], ends]
        yield _line(rng, recipe, ends, serial, count, fresh=not again)
        serial += count
        number += 1


def _new_ends(rng: Random, number: int) -> Ends:
    port = FREE_PORTS + number % 28_000
    server_port = rng.choice((80, 80, 8080, 3000, 5_555, 60_001))
    host = 1 + number // 28_000 + rng.randrange(200)
    if rng.random() < 0.4:
        return Ends(f"2001:db8::{host:x}", port, f"2001:db8:1::{1 + number % 9:x}", server_port)
    return Ends(f"10.1.2.{host}", port, f"192.0.2.{1 + number % 9}", server_port)


def _line(rng: Random, recipe: Recipe, ends: Ends, serial: int, count: int, *, fresh: bool) -> _Line:
    mss = rng.choice(MSS)
    midstream = fresh and count >= 3 and rng.random() < recipe.midstream
    # Where the beginning of a body is not captured, nobody can tell a response in it from a real one.
    style = Style(largest=2_500 if mss < 100 else 30_000, traps=recipe.traps and not midstream)
    conversation = talk(rng, serial, count, style, may_pipeline=not midstream)
    wire = Wire(mss, recipe.reordered, recipe.repeated, recipe.lost)
    if midstream:
        segments = _from_the_middle(rng, conversation, wire)
        if segments is None:
            midstream = False
            segments = _whole(rng, conversation, wire)
    else:
        segments = _whole(rng, conversation, wire)
    segments = without_lost(rng, segments, wire)
    told = Told(
        ends,
        tuple(conversation.placed),
        conversation.pipelined,
        midstream,
        conversation.ending,
        tuple(missing(conversation, segments)),
    )
    return _Line(Framer(recipe.route(rng, ends)), segments, told)


def _whole(rng: Random, conversation: Conversation, wire: Wire) -> list[Segment]:
    bursts = data_segments(rng, conversation, wire)
    return [*opening(), *(segment for burst in bursts for segment in burst), *closing(conversation)]


def _from_the_middle(rng: Random, conversation: Conversation, wire: Wire) -> list[Segment] | None:
    """The capture begins after one of the first segments with data; None where that leaves nothing to know.

    What an answer to HEAD or CONNECT means cannot be known without the request, so it does not begin between those.
    The segments around the beginning come in order: of two that changed places there, nobody can tell which is first.
    """
    heads = [p for p in conversation.placed if p.expected.method in ("HEAD", "CONNECT")]
    sizes = [(len(burst.client), len(burst.server)) for burst in conversation.bursts]
    upto = sum(-(-size // wire.mss) for pair in sizes[: len(sizes) // 2] for size in pair)
    if upto < 2:
        return None
    cut = rng.randrange(1, upto)
    flat = [s for burst in data_segments(rng, conversation, wire, calm=cut + 6) for s in burst]
    client = server = index = 0
    for _ in range(cut):
        while index < len(flat) and not flat[index].data:
            index += 1
        if index == len(flat):
            return None
        segment = flat[index]
        if segment.way == "client":
            client = segment.offset + len(segment.data)
        else:
            server = segment.offset + len(segment.data)
        index += 1
    if any((p.request_start < client and p.start >= server) or p.start < server < p.end for p in heads):
        return None
    return [*flat[index:], *closing(conversation)]


def _mixed(rng: Random, lines: list[_Line], concurrent: int) -> Iterable[Frame]:
    """At most `concurrent` connections at a time; one that reuses ports starts when the older is over."""
    waiting = iter(lines)
    active: list[tuple[_Line, list[Segment]]] = []
    busy: set[Ends] = set()
    at = START
    held: _Line | None = next(waiting, None)
    while active or held:
        while held and len(active) < concurrent and held.told.ends not in busy:
            active.append((held, held.segments[::-1]))
            busy.add(held.told.ends)
            held = next(waiting, None)
        place = rng.randrange(len(active))
        line, left = active[place]
        for _ in range(min(len(left), rng.randrange(1, 4))):
            at += rng.randrange(1_000, 400_000)
            data = line.framer.frame(left.pop())
            yield Frame(at, line.framer.route.link_type, data, len(data))
        if not left:
            active[place] = active[-1]
            active.pop()
            busy.discard(line.told.ends)


PACKET = Struct("<IIII")


def pcap(frames: Iterable[Frame], link_type: int) -> bytes:
    """A pcap file with nanoseconds, of the frames of one link type."""
    parts = [pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, link_type)]
    for frame in frames:
        if frame.link_type == link_type:
            seconds, rest = divmod(frame.at, 1_000_000_000)
            parts.append(PACKET.pack(seconds, rest, len(frame.data), frame.wire_length))
            parts.append(frame.data)
    return b"".join(parts)


def pcapng(frames: Iterable[Frame]) -> bytes:
    """A pcapng file with one interface for each link type, in nanoseconds."""
    parts = [_block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    interfaces: dict[int, int] = {}
    for frame in frames:
        number = interfaces.get(frame.link_type)
        if number is None:
            number = interfaces[frame.link_type] = len(interfaces)
            options = pack("<HHB3x", 9, 1, 9) + pack("<HH", 0, 0)
            parts.append(_block(1, pack("<HHI", frame.link_type, 0, 262_144) + options))
        high, low = divmod(frame.at, 1 << 32)
        size = len(frame.data)
        head = pack("<IIIII", number, high, low, size, frame.wire_length)
        parts.append(_block(6, head + frame.data + b"\0" * (-size % 4)))
    return b"".join(parts)


def _block(kind: int, body: bytes) -> bytes:
    size = pack("<I", len(body) + 12)
    return pack("<I", kind) + size + body + size
