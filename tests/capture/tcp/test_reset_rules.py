"""Which resets an end may believe (RFC 9293 §3.10.7.3, RFC 5961 §3.2), and what contradicts one."""

import pytest

from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import Packet, Tally
from httpresp_capture.tcp.resets import Reset, may_be_next

SECOND = 1_000_000_000
STARTS = [1_000, 0, MASK]


def pair(next_seq: int, other_seq: int) -> tuple[Assembler, Assembler]:
    """A direction and the other one, each where it stands; -1 for one that was not heard."""
    one, two = (Assembler(None, 1 << 20, Tally(), Recent()) for _ in range(2))
    one.other, two.other = two, one
    for each, seq in ((one, next_seq), (two, other_seq)):
        if seq >= 0:
            each.begin(seq)
    return one, two


@pytest.mark.parametrize("start", STARTS)
def test_a_reset_is_believed_at_the_very_next_number(start: int) -> None:
    one, _ = pair(start, 5_000)
    believed = [place for place in range(-5, 6) if may_be_next(one, (start + place) & MASK, -1)]
    assert believed == [0]


@pytest.mark.parametrize("start", STARTS)
def test_before_its_syn_a_reset_must_acknowledge_that_of_the_other_end(start: int) -> None:
    one, _ = pair(-1, start)
    assert may_be_next(one, 7, start)
    assert not may_be_next(one, 7, (start + 1) & MASK)
    assert not may_be_next(one, 7, -1)


def test_where_neither_end_was_heard_any_reset_may_be_right() -> None:
    one, _ = pair(-1, -1)
    assert may_be_next(one, 7, -1)
    assert may_be_next(one, 7, 0)
    one.other = None
    assert may_be_next(one, 7, -1)


@pytest.mark.parametrize("start", STARTS)
def test_around_its_fin_a_reset_is_believed(start: int) -> None:
    """Its receiver may have the FIN already, which takes a number (RFC 9293 §3.4), or not."""
    for missing, expected in ((0, [0, 1]), (3, [0, 1, 2, 3, 4])):
        one, _ = pair(start, 5_000)
        one.finish_at((start + missing) & MASK, 0)
        believed = [place for place in range(-5, 10) if may_be_next(one, (start + place) & MASK, -1)]
        assert believed == expected, "nor what is missing before it"


@pytest.mark.parametrize("start", STARTS)
def test_what_is_missing_here_is_not_missing_at_its_receiver(start: int) -> None:
    one, _ = pair(start, 5_000)
    one.segment((start + 3) & MASK, b"abc", 3, Packet(0, 64, 7, 0, 40))
    believed = [place for place in range(-3, 10) if may_be_next(one, (start + place) & MASK, -1)]
    assert believed == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("start", STARTS)
def test_more_of_the_end_that_reset_contradicts_it(start: int) -> None:
    one, two = pair(start, 5_000)
    reset = Reset(one, start, SECOND)
    assert not reset.contradicted
    one.segment(start, b"a", 1, Packet(SECOND, 64, 7, 0, 40))
    assert reset.contradicted
    assert not Reset(two, 5_000, SECOND).contradicted


@pytest.mark.parametrize("start", STARTS)
def test_bytes_before_the_number_of_the_reset_were_sent_before_it(start: int) -> None:
    one, _ = pair(start, 5_000)
    behind = (start + 3) & MASK
    reset = Reset(one, behind, SECOND)
    one.segment(start, b"abc", 3, Packet(SECOND, 64, 7, 0, 40))
    assert not reset.contradicted
    one.segment(behind, b"d", 1, Packet(SECOND, 64, 7, 0, 40))
    assert reset.contradicted


def test_an_end_that_is_first_heard_after_its_reset_contradicts_it() -> None:
    one, _ = pair(-1, 5_000)
    reset = Reset(one, 1_003, SECOND)
    assert not reset.contradicted
    one.begin(1_000)
    assert reset.contradicted


@pytest.mark.parametrize("start", [5_000, MASK])
def test_the_other_end_contradicts_it_by_new_bytes_that_were_not_under_way(start: int) -> None:
    for new, later, contradicted in ((True, SECOND + 1, True), (True, SECOND, False), (False, SECOND + 1, False)):
        one, two = pair(1_000, start)
        reset = Reset(one, 1_000, SECOND)
        if new:
            two.segment(start, b"a", 1, Packet(SECOND, 64, 7, 0, 40))
        two.last_at = SECOND + later
        assert reset.contradicted is contradicted, (new, later)


def test_a_reset_that_comes_again_answers_what_was_still_sent() -> None:
    one, two = pair(1_000, 5_000)
    reset = Reset(one, 1_000, SECOND)
    two.segment(5_000, b"a", 1, Packet(SECOND, 64, 7, 0, 40))
    two.last_at = 3 * SECOND
    assert reset.contradicted
    reset.repeated(1_000, 3 * SECOND)
    assert (reset.at, reset.contradicted) == (3 * SECOND, False)
    one.segment(1_000, b"ab", 2, Packet(SECOND, 64, 7, 0, 40))
    reset.repeated(1_002, 4 * SECOND)
    assert not reset.contradicted, "it stands behind what was said"
    one.other = None
    reset.repeated(1_002, 4 * SECOND)
    assert not reset.contradicted
