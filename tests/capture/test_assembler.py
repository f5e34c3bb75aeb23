"""One direction of TCP against an obviously right picture of it: a dictionary of offset → byte, first come kept."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.assembler import ACKED_WAIT_NS, OVERHEAD, Assembler, Packet, Receiver, Recent, Tally
from httpresp_capture.events import EndReason, Segment
from httpresp_capture.wire import MASK, distance

SECOND = 1_000_000_000


class Listener(Receiver):
    """Writes down what it is handed: the bytes of the stream, None for each that is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: list[int | None] = []
        self.times: list[int] = []
        self.conflicts: list[tuple[int, bytes, bytes]] = []

    def data(self, data: bytes, at: int) -> None:
        self.stream += data
        self.times.append(at)

    def gap(self, length: int, at: int, snapped: bool) -> None:
        self.stream += [None] * length

    def end(self, reason: EndReason, at: int) -> None:
        pass

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        self.conflicts.append((len(self.stream) - back, first.data, second.data))


@dataclass
class Bench:
    """An assembler that expects `isn` next."""

    isn: int = 1_000
    limit: int = 1 << 20
    listener: Listener = field(default_factory=Listener)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.assembler = Assembler(self.listener, self.limit, self.tally, Recent())
        self.assembler.next_seq = self.isn & MASK

    def bring(self, offset: int, data: bytes, at: int = 0, length: int | None = None) -> None:
        packet = Packet(at, 64, 0, 0, len(data))
        self.assembler.segment((self.isn + offset) & MASK, data, len(data) if length is None else length, packet)

    @property
    def text(self) -> str:
        return "".join("·" if byte is None else chr(byte) for byte in self.listener.stream)


def test_segments_in_order_are_handed_on_as_they_come() -> None:
    bench = Bench()
    bench.bring(0, b"ab")
    bench.bring(2, b"cd")
    assert bench.text == "abcd"


def test_a_segment_that_comes_early_waits_and_is_not_there_before_what_it_waited_for() -> None:
    bench = Bench()
    bench.bring(2, b"cd", at=1)
    assert bench.text == ""
    bench.bring(0, b"ab", at=5)
    assert bench.text == "abcd"
    assert bench.listener.times == [5, 5]


def test_behind_a_gap_that_is_given_up_each_segment_keeps_its_own_time() -> None:
    bench = Bench()
    bench.bring(2, b"cd", at=1)
    bench.bring(4, b"ef", at=3)
    bench.assembler.flush(9)
    assert bench.text == "··cdef"
    assert bench.listener.times == [1, 3]


def test_a_hole_that_was_acknowledged_is_given_up_after_a_while_and_not_before() -> None:
    bench = Bench()
    bench.bring(2, b"cd", at=0)
    bench.assembler.acknowledged(bench.isn + 4, SECOND)
    assert not bench.assembler.overdue(SECOND + ACKED_WAIT_NS - 1)
    assert bench.assembler.overdue(SECOND + ACKED_WAIT_NS)
    bench.assembler.give_up_hole(2 * SECOND)
    assert bench.text == "··cd"


def test_what_was_acknowledged_and_never_came_is_a_gap_even_with_nothing_behind_it() -> None:
    bench = Bench()
    bench.bring(0, b"ab")
    bench.assembler.acknowledged(bench.isn + 5, 0)
    assert bench.assembler.waiting
    bench.assembler.flush(SECOND)
    assert bench.text == "ab···"


def test_the_snap_length_leaves_a_gap_in_the_segment_it_cut() -> None:
    bench = Bench()
    bench.bring(0, b"ab", length=5)
    bench.bring(5, b"f")
    assert bench.text == "ab···f"


def test_too_much_waiting_ends_the_waiting() -> None:
    bench = Bench(limit=10 * (OVERHEAD + 1))
    for offset in range(2, 40, 2):
        bench.bring(offset, b"x")
    assert bench.assembler.held_bytes <= bench.limit
    assert bench.tally.held == bench.assembler.held_bytes
    assert bench.text.startswith("··x·x")


@given(
    isn=st.sampled_from((0, 1_000, MASK - 5, MASK)),
    pieces=st.lists(
        st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=12)),
        min_size=1,
        max_size=40,
    ),
)
def test_any_pieces_in_any_order_give_the_bytes_that_came_first(isn: int, pieces: list[tuple[int, bytes]]) -> None:
    bench = Bench(isn)
    first: dict[int, int] = {}
    for time, (offset, data) in enumerate(pieces):
        for place, byte in enumerate(data, offset):
            first.setdefault(place, byte)
        bench.bring(offset, data, time)
        # What is delivered is what the dictionary holds without a hole, at every step.
        whole = 0
        while whole in first:
            whole += 1
        assert bench.listener.stream == [first[place] for place in range(whole)]
        assert distance(bench.assembler.next_seq, isn) == whole
    bench.assembler.flush(len(pieces))
    end = max(first) + 1
    assert bench.listener.stream == [first.get(place) for place in range(end)]
    assert bench.assembler.held_bytes == 0 == bench.tally.held
    assert bench.tally.gap_bytes == sum(place not in first for place in range(end))


@given(
    pieces=st.lists(st.tuples(st.integers(0, 30), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20),
    limit=st.integers(0, 4 * OVERHEAD),
)
def test_under_any_bound_no_byte_is_invented_and_no_more_is_held(pieces: list[tuple[int, bytes]], limit: int) -> None:
    bench = Bench(limit=limit)
    sent: dict[int, set[int]] = {}
    for offset, data in pieces:
        for place, byte in enumerate(data, offset):
            sent.setdefault(place, set()).add(byte)
        bench.bring(offset, data)
        assert bench.assembler.held_bytes <= limit
    bench.assembler.flush(0)
    assert all(byte is None or byte in sent[place] for place, byte in enumerate(bench.listener.stream))
