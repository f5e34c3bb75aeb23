"""One direction of TCP against an obviously right picture of it: a dictionary of offset → byte, first come kept."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tcp.assembler import ACKED_WAIT_NS, HOLE_WAIT_NS, Assembler
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import OVERHEAD, Packet, Tally

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
    bench.bring(0, b"ab", at=0)
    bench.bring(2, b"cd", at=1)
    assert bench.text == "abcd"
    assert bench.listener.times == [0, 1]


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
    bench.bring(6, b"", at=9, length=2)
    assert bench.text == "ab···f··"
    assert bench.listener.times == [0, 0], "of no bytes nothing is handed on"


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


def pair(limit: int = 1 << 20) -> tuple[Bench, Bench]:
    """Both directions of a connection; the second answers the first."""
    asks, answers = Bench(limit=limit), Bench(limit=limit)
    asks.assembler.other, answers.assembler.other = answers.assembler, asks.assembler
    answers.assembler.answers = True
    return asks, answers


PLACES = st.integers(0, 40)


@given(
    said=st.lists(
        st.one_of(
            st.tuples(st.just("asks"), PLACES, st.binary(min_size=1, max_size=9)),
            st.tuples(st.just("answers"), PLACES, st.binary(min_size=1, max_size=9), PLACES),
            st.tuples(st.sampled_from(("acknowledged", "finish_at", "give_up", "let_go", "unblock")), PLACES),
        ),
        max_size=30,
    ),
    limit=st.sampled_from((2 * OVERHEAD, 1 << 20)),
)
def test_what_waits_is_sorted_without_overlaps_and_behind_what_was_delivered_whatever_is_said(
    said: list[tuple[str, int] | tuple[str, int, bytes] | tuple[str, int, bytes, int]], limit: int
) -> None:
    asks, answers = pair(limit)
    for at, each in enumerate(said):
        match each:
            case ("asks", place, data):
                asks.bring(place, data, at)
            case ("answers", place, data, acknowledges):
                answered(answers, asks, place, data, acknowledges)
            case ("acknowledged", place):
                asks.assembler.acknowledged(asks.isn + place, at)
            case ("finish_at", place):
                answers.assembler.finish_at(answers.isn + place, at)
            case ("give_up", place):
                (asks if place % 2 else answers).assembler.give_up_hole(at)
            case ("let_go", _):
                asks.assembler.let_go_stray(at + HOLE_WAIT_NS)
            case _:
                answers.assembler.unblock()
        for bench in (asks, answers):
            held = bench.assembler.held or []
            ends = [bench.assembler.next_seq, *[each.seq + each.length for each in held]]
            assert all(end <= each.seq for end, each in zip(ends, held, strict=False))
            assert bench.assembler.held_bytes == sum(len(each.data) + OVERHEAD for each in held) <= limit
            assert bench.tally.held == bench.assembler.held_bytes
            assert bench.assembler.fin_seq < 0 or distance(bench.assembler.fin_seq, ends[-1]) >= 0
            assert bench.assembler.waits_for_peer <= bool(held and held[0].seq == bench.assembler.next_seq)


def test_a_fin_before_bytes_that_wait_for_their_question_is_an_old_one() -> None:
    asks, answers = pair()
    asks.bring(1, b"sk")
    answered(answers, asks, 0, b"one", acknowledges=1)
    answers.assembler.finish_at(answers.isn, 0)
    assert answers.assembler.fin_seq == -1
    asks.bring(0, b"a")
    answers.assembler.unblock()
    assert (asks.text, answers.text) == ("ask", "one")


def test_a_fin_behind_bytes_that_wait_for_their_question_is_kept() -> None:
    asks, answers = pair()
    asks.bring(1, b"sk")
    answered(answers, asks, 0, b"one", acknowledges=1)
    answers.assembler.finish_at(answers.isn + 3, 0)
    assert answers.assembler.fin_seq == answers.isn + 3


def test_who_has_let_everything_go_waits_for_nobody() -> None:
    asks, answers = pair()
    asks.bring(1, b"sk")
    answered(answers, asks, 0, b"one", acknowledges=1)
    assert answers.assembler.waits_for_peer
    answers.assembler.forget()
    assert not answers.assembler.waits_for_peer


def test_each_hole_waits_from_its_own_acknowledgement_however_many_were_before_it() -> None:
    bench = Bench()
    for place in (2, 6, 10):
        bench.bring(place, b"xy", at=0)
        bench.assembler.acknowledged(bench.isn + place + 2, SECOND * place)
    for place in (2, 6, 10):
        due = SECOND * place + ACKED_WAIT_NS
        assert not bench.assembler.overdue(due - 1)
        assert bench.assembler.overdue(due)
        bench.assembler.give_up_hole(due)
    assert bench.text == "··xy··xy··xy"
    assert not bench.assembler.waiting


def test_a_hole_of_which_only_a_part_was_acknowledged_is_waited_for() -> None:
    bench, _ = pair()
    bench.bring(10, b"xy", at=0)
    bench.assembler.acknowledged(bench.isn + 5, 0)
    assert not bench.assembler.overdue(5 * SECOND)
    bench.assembler.acknowledged(bench.isn + 10, 5 * SECOND)
    assert bench.assembler.overdue(5 * SECOND + ACKED_WAIT_NS)


def test_of_many_acknowledgements_few_are_remembered_and_none_too_early() -> None:
    bench = Bench()
    bench.bring(5_000, b"x", at=0)
    for number in range(2, 5_002):
        bench.assembler.acknowledged(bench.isn + number, number * 100_000)
    assert len(bench.assembler.acks or ()) <= 64
    acked_at = 5_000 * 100_000
    assert not bench.assembler.overdue(acked_at + ACKED_WAIT_NS - 1)
    assert bench.assembler.overdue(acked_at + ACKED_WAIT_NS + 25_000_000)


def test_an_acknowledgement_of_one_byte_more_may_be_that_of_a_fin() -> None:
    bench = Bench()
    bench.assembler.acknowledged(bench.isn + 1, 0)
    assert not bench.assembler.waiting
    bench.assembler.acknowledged(bench.isn + 2, 0)
    assert bench.assembler.waiting


def test_a_hole_of_one_byte_is_one_when_something_follows_it() -> None:
    asks, answers = pair()
    asks.bring(1, b"sk", at=0)
    asks.assembler.acknowledged(asks.isn + 1, 0)
    answered(answers, asks, 0, b"one", acknowledges=1)
    assert answers.assembler.waits_for_peer
    assert asks.assembler.overdue(ACKED_WAIT_NS)
    asks.assembler.give_up_hole(0)
    answers.assembler.unblock()
    assert (asks.text, answers.text) == ("·sk", "one")


def test_an_acknowledgement_that_is_far_ahead_is_nonsense_and_one_from_before_is_old() -> None:
    bench = Bench()
    bench.assembler.acknowledged(bench.isn + (1 << 24), 0)
    bench.assembler.acknowledged(bench.isn - 5, 0)
    assert not bench.assembler.waiting
    bench.assembler.acknowledged(bench.isn + (1 << 24) - 1, 0)
    assert bench.assembler.waiting


def test_once_a_hole_is_given_up_its_acknowledgement_is_forgotten() -> None:
    """Or it would be ahead again after 2 GiB."""
    bench = Bench()
    bench.bring(2, b"cd")
    bench.assembler.acknowledged(bench.isn + 4, 0)
    bench.assembler.give_up_hole(SECOND)
    assert bench.assembler.acks is None


@pytest.mark.parametrize("ahead", [0, 1])
def test_once_nothing_is_missing_that_was_acknowledged_that_is_forgotten(ahead: int) -> None:
    """One number more may be that of a FIN."""
    bench = Bench()
    bench.assembler.acknowledged(bench.isn + 4, 0)
    bench.bring(0, b"abcd"[: 4 - ahead])
    assert not bench.assembler.waiting
    assert bench.assembler.acks is None
    stray, _ = pair()
    stray.bring(9, b"JUNK")
    stray.assembler.acknowledged(stray.isn + 4, 0)
    stray.bring(0, b"abcd"[: 4 - ahead])
    assert (stray.assembler.acks is None) is (ahead == 0), "a hole of one byte is one when something follows it"
    stray.assembler.let_go_stray(HOLE_WAIT_NS)
    assert not stray.assembler.waiting
    assert stray.assembler.acks is None


def test_a_part_of_what_was_acknowledged_leaves_the_rest_missing() -> None:
    bench, _ = pair()
    bench.assembler.acknowledged(bench.isn + 4, 0)
    bench.bring(0, b"ab", at=5)
    assert bench.assembler.waiting
    assert bench.assembler.overdue(ACKED_WAIT_NS)


class Asking(Listener):
    """Asks whether something is missing while it is handed bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.stream_of: Assembler | None = None
        self.missing: list[bool] = []

    def data(self, data: bytes, at: int) -> None:
        super().data(data, at)
        assert self.stream_of is not None
        self.missing.append(self.stream_of.waiting)


@pytest.mark.parametrize(("acknowledged", "missing"), [((3,), False), ((4,), False), ((5,), True), ((3, 9), True)])
def test_who_is_handed_bytes_knows_whether_more_are_missing(acknowledged: tuple[int, ...], missing: bool) -> None:
    asking = Asking()
    bench = Bench(listener=asking)
    asking.stream_of = bench.assembler
    for at, number in enumerate(acknowledged):
        bench.assembler.acknowledged(bench.isn + number, at)
    bench.bring(0, b"abc")
    assert asking.missing == [missing]


def test_where_nothing_is_missing_nothing_is_overdue() -> None:
    bench = Bench()
    assert not bench.assembler.overdue(HOLE_WAIT_NS)
    bench.bring(0, b"ab")
    assert not bench.assembler.overdue(HOLE_WAIT_NS)


def test_where_the_other_direction_is_heard_and_acknowledges_nothing_there_is_no_hole() -> None:
    bench, _ = pair()
    bench.bring(100_000, b"JUNK", at=SECOND)
    assert not bench.assembler.overdue(SECOND + HOLE_WAIT_NS)
    bench.assembler.let_go_stray(SECOND + HOLE_WAIT_NS - 1)
    assert bench.assembler.waiting
    bench.assembler.let_go_stray(SECOND + HOLE_WAIT_NS)
    assert not bench.assembler.waiting
    assert bench.tally.held == 0
    assert bench.tally.held_dropped == 4
    bench.bring(0, b"abc", at=20 * SECOND)
    assert bench.text == "abc"


def test_where_the_other_direction_is_not_captured_a_hole_is_one_by_its_age() -> None:
    bench, other = pair()
    other.assembler.next_seq = -1
    bench.bring(2, b"cd", at=SECOND)
    bench.assembler.let_go_stray(SECOND + HOLE_WAIT_NS)
    assert not bench.assembler.overdue(SECOND + HOLE_WAIT_NS - 1)
    assert bench.assembler.overdue(SECOND + HOLE_WAIT_NS)


def test_old_holes_are_as_old_as_what_stands_behind_them() -> None:
    bench = Bench()
    bench.bring(2, b"c", at=0)
    bench.bring(4, b"e", at=SECOND)
    bench.assembler.give_up_hole(HOLE_WAIT_NS)
    assert not bench.assembler.overdue(HOLE_WAIT_NS + SECOND - 1)
    assert bench.assembler.overdue(HOLE_WAIT_NS + SECOND)


def test_what_is_in_order_is_handed_on_although_something_waits() -> None:
    bench = Bench()
    bench.bring(100, b"far")
    bench.bring(0, b"ab")
    bench.bring(2, b"cd")
    assert bench.text == "abcd"
    assert bench.assembler.waiting


def test_a_fin_in_its_place_ends_what_may_come() -> None:
    bench = Bench()
    bench.bring(0, b"ab")
    bench.bring(50, b"JUNK")
    bench.assembler.finish_at(bench.isn + 2, 0)
    assert not bench.assembler.waiting
    assert bench.tally.held == 0
    bench.bring(2, b"more")
    bench.assembler.flush(0)
    assert bench.text == "ab"
    assert bench.tally.gaps == 0


def test_a_fin_that_comes_early_waits_for_what_is_before_it() -> None:
    bench = Bench()
    bench.bring(0, b"ab")
    bench.assembler.finish_at(bench.isn + 4, 7)
    assert bench.assembler.waiting
    assert bench.assembler.fin_at == 7
    bench.bring(2, b"cd")
    assert not bench.assembler.waiting
    assert bench.text == "abcd"


def test_a_fin_that_held_bytes_belie_is_none_and_so_is_one_that_later_bytes_belie() -> None:
    bench = Bench()
    bench.bring(6, b"gh")
    bench.assembler.finish_at(bench.isn + 3, 0)
    assert bench.assembler.fin_seq == -1
    other = Bench()
    other.assembler.finish_at(other.isn + 3, 0)
    other.bring(0, b"abcdef")
    assert other.assembler.fin_seq == -1
    assert other.text == "abcdef"


def test_the_first_fin_counts_and_an_old_one_does_not() -> None:
    bench = Bench()
    bench.bring(0, b"abcd")
    bench.assembler.finish_at(bench.isn + 2, 0)
    assert bench.assembler.fin_seq == -1
    bench.assembler.finish_at(bench.isn + 6, 0)
    bench.assembler.finish_at(bench.isn + 9, 0)
    assert bench.assembler.fin_seq == bench.isn + 6


def test_what_is_missing_before_a_fin_is_a_gap_at_the_end() -> None:
    bench = Bench()
    bench.bring(0, b"ab")
    bench.assembler.finish_at(bench.isn + 4, 0)
    bench.assembler.flush(0)
    assert bench.text == "ab··"


def test_an_answer_waits_for_its_question() -> None:
    asks, answers = pair()
    asks.assembler.acknowledged(asks.isn + 4, 0)
    answered(answers, asks, 0, b"one", acknowledges=4)
    assert answers.text == ""
    assert answers.assembler.waits_for_peer
    assert not answers.assembler.overdue(100 * SECOND)
    asks.bring(0, b"ask1")
    answers.assembler.unblock()
    assert answers.text == "one"
    assert not answers.assembler.waits_for_peer


def test_each_answer_waits_for_its_own_question_only() -> None:
    asks, answers = pair()
    asks.assembler.acknowledged(asks.isn + 4, 0)
    answered(answers, asks, 0, b"one", acknowledges=4)
    asks.assembler.acknowledged(asks.isn + 8, 0)
    answered(answers, asks, 3, b"two", acknowledges=8)
    asks.bring(0, b"ask1")
    answers.assembler.unblock()
    assert answers.text == "one"
    assert answers.assembler.waits_for_peer
    asks.assembler.give_up_hole(0)
    answers.assembler.unblock()
    assert answers.text == "onetwo"


def test_a_question_does_not_wait_for_an_answer() -> None:
    asks, answers = pair()
    answers.assembler.acknowledged(answers.isn + 4, 0)
    answered(asks, answers, 0, b"ask", acknowledges=4)
    assert asks.text == "ask"


def test_at_the_end_and_over_the_limit_no_answer_waits() -> None:
    asks, answers = pair(limit=3 * (OVERHEAD + 1))
    asks.assembler.acknowledged(asks.isn + 4, 0)
    for place in range(5):
        answered(answers, asks, place, b"x", acknowledges=4)
    assert answers.assembler.held_bytes <= answers.limit
    assert answers.text != ""
    answers.assembler.flush(0)
    assert answers.text == "xxxxx"
    assert answers.tally.gaps == 0


def answered(bench: Bench, other: Bench, offset: int, data: bytes, acknowledges: int) -> None:
    packet = Packet(0, 64, 0, other.isn + acknowledges, len(data))
    bench.assembler.segment(bench.isn + offset, data, len(data), packet)


def test_a_segment_that_waits_counts_as_much_as_the_limit_says() -> None:
    bench = Bench(limit=100 * (OVERHEAD + 1))
    for offset in range(200, 100, -1):
        bench.bring(offset, b"x")
    assert bench.tally.gaps == 0
    bench.bring(100, b"x")
    assert bench.tally.gaps == 1


def test_where_the_bytes_differ_is_told_to_the_byte() -> None:
    bench = Bench()
    bench.assembler.compare_repeats()
    bench.bring(0, b"abcdef")
    bench.bring(1, b"bXYe")
    assert bench.listener.conflicts == [(2, b"cd", b"XY")]
    bench.bring(0, b"abcdef")
    assert bench.tally.conflicts == 1
    assert bench.tally.repeats == 2


def test_what_was_remembered_for_repeats_stays_when_they_are_to_be_compared_again() -> None:
    bench = Bench()
    bench.assembler.compare_repeats()
    bench.bring(0, b"abc")
    bench.assembler.compare_repeats()
    bench.bring(0, b"aXc")
    assert bench.listener.conflicts == [(1, b"b", b"X")]
    bench.assembler.drop_recent()
    assert bench.assembler.remembered.total == OVERHEAD, "its bytes are given back"
    bench.bring(0, b"XXX")
    assert bench.tally.conflicts == 1


def test_one_byte_before_the_next_is_a_probe_and_two_are_a_repeat() -> None:
    bench = Bench()
    bench.assembler.compare_repeats()
    bench.bring(0, b"abcdef")
    bench.bring(5, b"X")
    assert bench.tally.conflicts == 0
    bench.bring(4, b"eX")
    assert bench.tally.conflicts == 1
    bench.bring(3, b"X")
    assert bench.tally.conflicts == 2


def test_a_beginning_anew_forgets_what_was_there() -> None:
    bench = Bench()
    bench.bring(5, b"JUNK")
    bench.assembler.acknowledged(bench.isn + 5, 0)
    bench.assembler.begin_at(77)
    assert (bench.assembler.next_seq, bench.assembler.first_seq) == (77, 77)
    assert not bench.assembler.waiting
    assert bench.tally.held == 0


def test_nothing_is_in_order_before_a_reader_is_there() -> None:
    bench = Bench()
    assert not bench.assembler.in_order
    bench.assembler.update_in_order()
    assert bench.assembler.in_order
    bench.assembler.reader = None
    bench.assembler.update_in_order()
    assert not bench.assembler.in_order


def test_neither_direction_is_in_order_while_one_waits() -> None:
    asks, answers = pair()
    asks.assembler.update_in_order()
    assert asks.assembler.in_order
    assert answers.assembler.in_order
    answers.bring(2, b"x")
    asks.assembler.update_in_order()
    assert not asks.assembler.in_order
    assert not answers.assembler.in_order
    answers.bring(0, b"ab")
    answers.assembler.reader = None
    asks.assembler.update_in_order()
    assert asks.assembler.in_order
    assert not answers.assembler.in_order


def test_a_segment_beyond_the_largest_window_is_of_no_live_connection() -> None:
    bench = Bench()
    bench.bring((1 << 30) + 1, b"x")
    bench.bring(-(1 << 30) - 1, b"x")
    assert (bench.assembler.held, bench.tally.repeats) == (None, 0)
    bench.bring(-(1 << 30), b"x")
    assert bench.tally.repeats == 1
    bench.bring(1 << 30, b"x")
    assert bench.assembler.held is not None


def test_a_repeat_that_brings_more_is_trimmed_to_what_is_new() -> None:
    bench = Bench()
    bench.bring(0, b"abcd")
    bench.bring(0, b"abcd")
    bench.bring(2, b"cdef")
    assert bench.text == "abcdef"
    assert (bench.tally.repeats, bench.assembler.next_seq) == (2, bench.isn + 6)


def test_bytes_up_to_an_early_fin_leave_it_and_one_more_takes_it_back() -> None:
    for last, stays in ((b"cd", True), (b"cde", False)):
        bench = Bench()
        bench.assembler.finish_at(bench.isn + 4, 0)
        bench.bring(2, last)
        assert (bench.assembler.fin_seq >= 0) is stays
        bench.bring(0, b"ab")
        assert bench.text == "ab" + last.decode()


def test_a_fin_right_behind_what_is_held_is_one() -> None:
    for place, taken in ((6, True), (5, False), (1, False)):
        bench = Bench()
        bench.bring(2, b"cd")
        bench.bring(4, b"ef")
        assert bench.assembler.known_to() == 6
        bench.assembler.finish_at(bench.isn + place, 0)
        assert (bench.assembler.fin_seq >= 0) is taken


def test_a_fin_is_the_first_that_is_heard_of_a_direction() -> None:
    bench = Bench()
    bench.assembler.next_seq = -1
    bench.assembler.finish_at(77, 5)
    assembler = bench.assembler
    assert (assembler.first_seq, assembler.next_seq, assembler.fin_seq, assembler.waiting) == (77, 77, 77, False)


def test_what_the_limit_lets_go_is_counted_by_the_byte() -> None:
    bench = Bench(limit=OVERHEAD + 3)
    bench.bring(5, b"abc")
    assert (bench.tally.held_dropped, bench.text) == (0, "")
    bench.bring(10, b"d")
    assert (bench.tally.held_dropped, bench.text) == (5, "·····abc")
    assert (bench.tally.gaps, bench.tally.gap_bytes) == (1, 5)


def test_what_is_held_twice_is_kept_and_counted_once() -> None:
    bench = Bench()
    bench.bring(5, b"fg")
    bench.bring(6, b"g")
    assert (bench.tally.repeats, bench.assembler.held_bytes) == (1, OVERHEAD + 2)
    bench.bring(5, b"fgh")
    bench.bring(3, b"defghi")
    assert bench.assembler.held_bytes == 4 * OVERHEAD + 6 == bench.tally.held
    assert [held.seq - bench.isn for held in bench.assembler.held or ()] == [3, 5, 7, 8]
    bench.bring(0, b"abc")
    assert bench.text == "abcdefghi"
    assert bench.tally.held == 0


@pytest.mark.parametrize(
    ("place", "data"), [(3, b"de"), (3, b"d"), (4, b"e"), (2, b"cd"), (4, b"ef"), (2, b"cdef"), (3, b"defghij")]
)
def test_each_segment_that_repeats_held_bytes_is_counted_once(place: int, data: bytes) -> None:
    bench = Bench()
    for held, text in ((3, b"de"), (8, b"i")):
        bench.bring(held, text)
    assert bench.tally.repeats == 0
    bench.bring(place, data)
    assert bench.tally.repeats == 1
    bench.bring(6, b"g")
    assert bench.tally.repeats == (2 if b"g" in data else 1)


def test_a_held_segment_that_the_snap_length_cut_costs_what_is_there_of_it() -> None:
    bench = Bench()
    bench.bring(2, b"cd", length=6)
    assert bench.assembler.held_bytes == OVERHEAD + 2 == bench.tally.held
    bench.bring(0, b"ab", at=3)
    assert (bench.text, bench.assembler.held_bytes, bench.tally.held) == ("abcd····", 0, 0)
    assert (bench.tally.gaps, bench.tally.gap_bytes) == (1, 4)


@pytest.mark.parametrize("isn", [1_000, MASK - 5])
def test_how_far_bytes_are_known_to_reach(isn: int) -> None:
    bench = Bench(isn)
    assert bench.assembler.known_to() == 0
    bench.assembler.acknowledged((isn + 3) & MASK, 0)
    assert bench.assembler.known_to() == 3
    bench.bring(4, b"ef")
    assert bench.assembler.known_to() == 6
    bench.assembler.finish_at((isn + 9) & MASK, 0)
    assert bench.assembler.known_to() == 9
    bench.assembler.acknowledged((isn + 11) & MASK, 0)
    assert bench.assembler.known_to() == 11


def test_a_stray_segment_that_is_let_go_takes_its_fin_with_it() -> None:
    bench, _ = pair()
    bench.bring(100_000, b"JUNK", at=SECOND)
    bench.assembler.finish_at(bench.isn + 100_004, SECOND)
    bench.assembler.let_go_stray(SECOND + HOLE_WAIT_NS)
    assert bench.assembler.fin_seq == -1
    bench.bring(0, b"abc")
    bench.assembler.finish_at(bench.isn + 3, 0)
    assert (bench.text, bench.assembler.fin_seq) == ("abc", bench.isn + 3)


def test_a_fin_that_stands_alone_behind_a_hole_is_as_old_as_it_is() -> None:
    bench = Bench()
    bench.assembler.finish_at(bench.isn + 3, SECOND)
    assert not bench.assembler.overdue(SECOND + HOLE_WAIT_NS - 1)
    assert bench.assembler.overdue(SECOND + HOLE_WAIT_NS)
    bench.assembler.give_up_hole(SECOND + HOLE_WAIT_NS)
    assert (bench.text, bench.assembler.waiting) == ("···", False)


def test_a_hole_before_a_fin_has_its_own_time_whatever_comes_of_those_before_it() -> None:
    bench = Bench()
    bench.bring(2, b"c", at=SECOND)
    bench.assembler.finish_at(bench.isn + 9, 5 * SECOND)
    bench.bring(5, b"f", at=6 * SECOND)
    bench.bring(0, b"ab", at=7 * SECOND)
    bench.assembler.give_up_hole(8 * SECOND)
    assert bench.text == "abc··f"
    assert not bench.assembler.overdue(5 * SECOND + HOLE_WAIT_NS - 1)
    assert bench.assembler.overdue(5 * SECOND + HOLE_WAIT_NS)


def test_of_what_was_acknowledged_alone_each_newer_number_is_remembered_and_no_other() -> None:
    bench = Bench()
    bench.assembler.acknowledged(bench.isn + 3, SECOND)
    bench.assembler.acknowledged(bench.isn + 5, 2 * SECOND)
    bench.assembler.acknowledged(bench.isn + 5, 3 * SECOND)
    assert bench.assembler.acks == [(bench.isn + 3, SECOND), (bench.isn + 5, 2 * SECOND)]


def test_acknowledgements_close_together_are_one() -> None:
    bench = Bench()
    for number, after in ((2, 0), (3, 10), (4, 24_999_999), (5, 25_000_000), (6, 50_000_000)):
        bench.assembler.acknowledged(bench.isn + number, SECOND + after)
    assert bench.assembler.acks == [
        (bench.isn + 2, SECOND),
        (bench.isn + 4, SECOND + 24_999_999),
        (bench.isn + 5, SECOND + 25_000_000),
        (bench.isn + 6, SECOND + 50_000_000),
    ]


def test_of_acknowledgements_far_apart_so_many_are_remembered_and_the_newest_is() -> None:
    bench = Bench()
    for number in range(100):
        bench.assembler.acknowledged(bench.isn + 2 + number, number * SECOND)
    acks = bench.assembler.acks or []
    assert (len(acks), acks[0], acks[-1]) == (64, (bench.isn + 2, 0), (bench.isn + 101, 99 * SECOND))


def test_an_answer_to_a_client_that_was_never_heard_waits_a_moment() -> None:
    asks, answers = pair()
    asks.assembler.next_seq = -1
    answers.assembler.unheard = True
    answers.bring(0, b"one", at=SECOND)
    assert answers.assembler.waits_for_peer
    assert not answers.assembler.overdue(SECOND + ACKED_WAIT_NS - 1)
    assert answers.assembler.overdue(SECOND + ACKED_WAIT_NS)
    answers.assembler.let_go_stray(100 * SECOND)
    answers.assembler.give_up_hole(SECOND + ACKED_WAIT_NS)
    assert (answers.text, answers.tally.gaps, answers.assembler.unheard) == ("one", 0, False)
    answers.bring(3, b"two")
    assert answers.text == "onetwo"


def test_whose_client_was_never_heard_and_is_not_said_to_be_late_does_not_wait() -> None:
    asks, answers = pair()
    asks.assembler.next_seq = -1
    answers.bring(0, b"one")
    assert answers.text == "one"


def test_an_answer_that_acknowledges_nonsense_does_not_wait() -> None:
    asks, answers = pair()
    asks.bring(2, b"k")
    answered(answers, asks, 0, b"one", acknowledges=1 << 24)
    assert answers.text == "one"
    answered(answers, asks, 3, b"two", acknowledges=0)
    assert answers.text == "onetwo"
    answered(answers, asks, 6, b"three", acknowledges=1)
    assert answers.assembler.waits_for_peer


def test_a_beginning_anew_has_no_end_and_no_reader() -> None:
    bench = Bench()
    bench.assembler.finish_at(bench.isn + 3, 0)
    bench.assembler.compare_repeats()
    bench.assembler.begin_at(77)
    assert (bench.assembler.fin_seq, bench.assembler.reader) == (-1, None)
    assert (bench.assembler.acks, bench.assembler.recent) == (None, None)


def test_a_fin_may_not_be_further_away_than_a_window() -> None:
    for ahead, gaps in ((1 << 30, 1), ((1 << 30) + 1, 0)):
        bench = Bench()
        bench.assembler.reader = None
        bench.assembler.finish_at(bench.isn + ahead, 0)
        bench.assembler.flush(0)
        assert bench.tally.gaps == gaps


@pytest.mark.parametrize("isn", [1_000, 0])
def test_nothing_is_in_order_behind_a_fin(isn: int) -> None:
    for one, other in ((0, 1), (1, 0)):
        both = Bench(isn), Bench(isn)
        both[0].assembler.other, both[1].assembler.other = both[1].assembler, both[0].assembler
        ended, goes_on = both[one].assembler, both[other].assembler
        ended.finish_at(both[one].isn, 0)
        for each in (ended, goes_on):
            each.update_in_order()
            assert (ended.in_order, goes_on.in_order) == (False, True)


def test_behind_a_fin_no_acknowledgement_tells_of_missing_bytes() -> None:
    for isn in (1_000, MASK - 1):
        bench = Bench(isn)
        bench.bring(0, b"ab")
        bench.assembler.finish_at((isn + 2) & MASK, 0)
        bench.assembler.acknowledged((isn + 7) & MASK, 0)
        assert not bench.assembler.waiting
        bench.assembler.flush(SECOND)
        assert bench.text == "ab"


class Marking(Listener):
    """Writes down urgent bytes, and what it is told of conflicts and cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.marked: list[int] = []
        self.cut: list[tuple[int, int, bool]] = []
        self.versions: list[tuple[int, Segment, Segment, int]] = []

    def urgent(self) -> None:
        self.marked.append(len(self.stream))

    def gap(self, length: int, at: int, snapped: bool) -> None:
        super().gap(length, at, snapped)
        self.cut.append((length, at, snapped))

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        self.versions.append((length, first, second, at))


def test_urgent_bytes_are_told_before_they_are_handed_on_and_others_are_not() -> None:
    marking = Marking()
    bench = Bench(listener=marking)
    bench.bring(0, b"ab")
    urgent = Packet(0, 64, 0, 0, 2)
    urgent.urgent = True
    bench.assembler.segment(bench.isn + 2, b"cd", 2, urgent)
    assert marking.marked == [2]


def test_of_a_gap_it_is_told_whether_the_snap_length_made_it() -> None:
    marking = Marking()
    bench = Bench(listener=marking)
    bench.bring(0, b"ab", at=5, length=4)
    bench.bring(7, b"h", at=6)
    bench.assembler.flush(9)
    assert marking.cut == [(2, 5, True), (3, 9, False)]


def test_the_versions_of_a_conflict_say_whence_they_came_and_are_bounded() -> None:
    marking = Marking()
    bench = Bench(listener=marking)
    bench.assembler.compare_repeats()
    bench.assembler.segment(bench.isn, b"a" * 300, 300, Packet(3, 64, 7, 0, 300))
    bench.assembler.segment(bench.isn, b"b" * 300, 300, Packet(5, 250, 9, 0, 300))
    assert marking.versions == [(300, Segment(b"a" * 256, 3, 64, 7), Segment(b"b" * 256, 5, 250, 9), 5)]


def test_held_bytes_that_come_again_otherwise_are_a_conflict_at_their_place() -> None:
    bench = Bench()
    bench.bring(4, b"efgh")
    bench.bring(2, b"cdeXghij")
    bench.bring(6, b"Yh")
    bench.bring(0, b"ab")
    assert bench.listener.conflicts == [(5, b"f", b"X"), (6, b"g", b"Y")]
    assert bench.text == "abcdefghij"
    assert bench.tally.conflicts == 2


def test_repeats_that_touch_what_is_remembered_without_meeting_it_are_no_conflict() -> None:
    bench = Bench()
    bench.assembler.compare_repeats()
    bench.bring(0, b"abc")
    bench.bring(3, b"def")
    assert bench.assembler.recent is not None
    del bench.assembler.recent.entries[0]
    bench.bring(0, b"XYZ")
    assert bench.tally.conflicts == 0
    bench.bring(2, b"cX")
    assert bench.listener.conflicts == [(3, b"d", b"X")]


def test_the_last_delivered_packet_is_remembered_by_its_length_and_acknowledgement() -> None:
    bench = Bench()
    bench.assembler.segment(bench.isn, b"ab", 2, Packet(3, 64, 7, 99, 54))
    assert (bench.assembler.ack, bench.assembler.packet_len, bench.assembler.delivered_at) == (99, 54, 3)
    bench.bring(2, b"cd", at=1)
    assert bench.assembler.delivered_at == 3


def test_a_fin_may_stand_at_number_0() -> None:
    bench = Bench(isn=-4)
    bench.assembler.finish_at(0, 0)
    assert bench.assembler.waiting
    assert bench.assembler.known_to() == 4
    bench.bring(0, b"abcd")
    assert not bench.assembler.waiting
    bench.assembler.finish_at(1, 0)
    assert bench.assembler.fin_seq == 0
    bench.bring(4, b"more")
    assert bench.text == "abcd"
    other = Bench(isn=-4)
    other.assembler.finish_at(0, SECOND)
    other.assembler.give_up_hole(SECOND)
    assert other.text == "····"
    third = Bench(isn=-4)
    third.assembler.finish_at(0, 0)
    third.assembler.flush(0)
    assert third.text == "····"


def test_what_is_acknowledged_may_be_number_0() -> None:
    bench = Bench(isn=-4)
    bench.assembler.acknowledged(MASK, 0)
    bench.assembler.acknowledged(0, 0)
    assert bench.assembler.waiting
    assert bench.assembler.known_to() == 4
    bench.assembler.give_up_hole(0)
    assert bench.text == "····"
    assert not bench.assembler.waiting


def test_a_direction_may_stand_at_number_0() -> None:
    asks, answers = Bench(isn=0), Bench(isn=0)
    asks.assembler.other, answers.assembler.other = answers.assembler, asks.assembler
    answers.assembler.answers = True
    asks.bring(2, b"k")
    answered(answers, asks, 0, b"one", acknowledges=2)
    assert answers.assembler.waits_for_peer
    assert not answers.assembler.overdue(HOLE_WAIT_NS)
    assert not asks.assembler.overdue(HOLE_WAIT_NS), "its receiver is heard, and has not acknowledged it"
    asks.assembler.finish_at(3, 0)
    assert asks.assembler.first_seq == -1
