"""What holds for every capture, whatever is in it: nothing raises, the counts agree, cuts and order change nothing."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from splits import Turn, essence, rows_of
from traffic.captures import Recipe, make_capture
from traffic.conversations import talk
from traffic.frames import ETHERNET, IPV4, IPV6, Framer, Route
from traffic.messages import Style
from traffic.segments import Wire, closing, data_segments, opening
from traffic.values import Ends, Frame
from traffic.watching import Watched, watch

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
QUICK = settings(max_examples=60, suppress_health_check=SLOW, derandomize=True)
MANY = settings(QUICK, max_examples=250)
LINK_TYPES = (0, 1, 9, 12, 50, 101, 105, 107, 108, 113, 127, 129, 147, 228, 229, 239, 276, 9_999)
CAPTURE = make_capture(77, Recipe(40, midstream=0.2, ports_reused=0.3, concurrent=6)).frames[:600]


def counts_agree(frames: list[Frame], seen: Watched) -> None:
    """What the counters say is what came out."""
    counters = seen.counters
    answered = [row for row in seen.responses if not row.unanswered]
    assert counters.packets == len(frames)
    assert counters.bytes == sum(len(frame.data) for frame in frames)
    assert counters.responses == len(answered)
    assert counters.unanswered == len(seen.responses) - len(answered)
    assert counters.requests >= sum(row.request is not None for row in seen.responses if row.unanswered)
    assert counters.flows >= len({row.flow.id for row in seen.responses})
    assert counters.segments + counters.not_tcp + counters.malformed <= counters.packets + counters.fragments
    for row in seen.responses:
        assert len(row.body) <= max(row.body_bytes, 0) or row.midstream
        assert row.ended_at is not None
        assert [gap for gap in row.gaps if gap.length <= 0 or gap.offset < 0] == []


@given(st.lists(st.tuples(st.sampled_from(LINK_TYPES), st.binary(max_size=200), st.integers(0, 90)), max_size=12))
@MANY
def test_arbitrary_frames_never_raise(drawn: list[tuple[int, bytes, int]]) -> None:
    frames = [Frame(1_000_000 * n, link, data, len(data) + more) for n, (link, data, more) in enumerate(drawn)]
    counts_agree(frames, watch(frames))


@given(st.data())
@QUICK
def test_mutated_captures_never_raise_and_their_counts_agree(data: st.DataObject) -> None:
    rng = Random(data.draw(st.integers(0, 1 << 32)))
    start = rng.randrange(len(CAPTURE) - 150)
    frames = [mutated(rng, frame) if rng.random() < 0.3 else frame for frame in CAPTURE[start : start + 150]]
    if rng.random() < 0.5:
        rng.shuffle(frames)
        frames = [Frame(n * 1_000_000, f.link_type, f.data, f.wire_length) for n, f in enumerate(frames)]
    limits = Limits(flows=8, held_bytes=2_000, held_total=6_000, head_bytes=700, body_bytes=100, pending_requests=3)
    counts_agree(frames, watch(frames, limits if rng.random() < 0.5 else None))


def mutated(rng: Random, frame: Frame) -> Frame:
    """Flip bytes, cut, stretch, or claim another link type."""
    data = bytearray(frame.data)
    link_type, wire_length = frame.link_type, frame.wire_length
    match rng.randrange(5):
        case 0:
            for _ in range(rng.randrange(1, 6)):
                data[rng.randrange(min(len(data), 90))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        case 1:
            del data[rng.randrange(len(data)) :]
        case 2:
            data[rng.randrange(len(data)) :] = rng.randbytes(rng.randrange(60))
        case 3:
            link_type = rng.choice(LINK_TYPES)
        case _:
            at = rng.randrange(len(data))
            data[at:at] = data[: rng.randrange(len(data))]
    return Frame(frame.at, link_type, bytes(data), max(wire_length, len(data)) if rng.random() < 0.8 else 0)


@pytest.mark.slow
@given(
    st.integers(0, 1 << 32), st.sampled_from([0.0, 0.02, 0.1]), st.sampled_from([1, 4, 12]), st.sampled_from([1, 100])
)
@MANY
def test_the_short_way_through_a_frame_gives_what_the_way_through_every_layer_gives(
    seed: int, lost: float, concurrent: int, slower: int
) -> None:
    """Times slower, what was acknowledged and never came is given up on the way."""
    recipe = Recipe(
        20, lost=lost, concurrent=concurrent, route=lambda rng, ends: Route(ends, timestamps=rng.random() < 0.5)
    )
    frames = make_capture(seed, recipe).frames
    start = frames[0].at
    later = [replace(frame, at=start + (frame.at - start) * slower) for frame in frames]
    assert events_of(later, 0) == events_of(later, 14)


def events_of(frames: Iterable[Frame], cut: int) -> tuple[list[CaptureEvent], Counters]:
    """All that Ethernet frames gave, or the same packets under link types for which there is no short way."""
    pipeline, events = Pipeline(), list[CaptureEvent]()
    for frame in frames:
        inner = IPV6 if frame.data[12] == 0x86 else IPV4
        interface = Interface(0, "eth0", inner if cut else ETHERNET)
        pipeline.feed(frame.at, frame.data, cut, len(frame.data), frame.wire_length - cut, interface)
        events += pipeline.take()
    pipeline.finish()
    counters = pipeline.counters()
    assert counters.bytes == sum(len(frame.data) - cut for frame in frames)
    return [*events, *pipeline.take()], replace(counters, bytes=0)


@pytest.mark.slow
@given(st.integers(0, 1 << 32), st.integers(1, 300), st.sampled_from([0.0, 0.1, 0.5]), st.sampled_from([0.0, 0.2]))
@MANY
def test_order_repeats_and_segment_size_change_nothing(seed: int, mss: int, reordered: float, repeated: float) -> None:
    conversation = talk(Random(seed), 1, 4, Style(largest=300))
    in_order = rows(conversation_frames(seed, Wire(1_448), Random(1)))
    assert [row[0] for row in in_order] == [placed.expected.status for placed in conversation.placed]
    rough = rows(conversation_frames(seed, Wire(mss, reordered, repeated), Random(seed + 1)))
    assert rough == in_order


def conversation_frames(seed: int, wire: Wire, rng: Random) -> list[Frame]:
    conversation = talk(Random(seed), 1, 4, Style(largest=300))
    bursts = data_segments(rng, conversation, wire)
    segments = [*opening(), *(segment for burst in bursts for segment in burst), *closing(conversation)]
    framer = Framer(Route(Ends("10.0.0.1", 4_000, "10.0.0.2", 80), isn_server=(1 << 32) - 500))
    packed = [framer.frame(segment) for segment in segments]
    return [Frame(1_000 * n, ETHERNET, data, len(data)) for n, data in enumerate(packed)]


def rows(frames: list[Frame]) -> list[tuple[object, ...]]:
    seen = watch(frames)
    counts_agree(frames, seen)
    return [essence(row) for row in seen.responses]


PIECES = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.0 500 \r\n",
    b"HTTP/1.1 404 Not Found\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: x\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"X: y\r\n",
    b" folded\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"abc",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"0\r\nT: 1\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"HTTP/1.1",
    b"HTT",
    b"zz\r\n",
)


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12), st.lists(st.integers(0, 200), max_size=4), st.booleans()
)
@example([b"HTTP/1.1 200 OK\r\n", b"\r\n", b"abc"], [19], True)
@MANY
def test_the_way_arbitrary_answers_are_cut_changes_nothing(pieces: list[bytes], cuts: list[int], fin: bool) -> None:
    answer = b"".join(pieces)
    turns: list[Turn] = [("client", b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"), ("server", answer)]
    whole = [essence(row) for row in rows_of(turns, (), fin=fin)]
    assert [essence(row) for row in rows_of(turns, cuts, fin=fin)] == whole
    assert [essence(row) for row in rows_of(turns, range(len(answer)), fin=fin)] == whole


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
@QUICK
def test_a_lost_segment_never_makes_a_whole_response_of_a_damaged_one(seed: int, which: int) -> None:
    frames = conversation_frames(seed, Wire(200), Random(seed))
    conversation = talk(Random(seed), 1, 4, Style(largest=300))
    whole = {placed.expected.head: placed.expected for placed in conversation.placed}
    del frames[which % len(frames)]
    for row in watch(frames).responses:
        if row.completeness is Completeness.COMPLETE and row.head in whole and row.request:
            assert row.body_bytes == len(whole[row.head].body), row
