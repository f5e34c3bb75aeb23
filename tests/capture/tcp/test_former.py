"""What an earlier connection on the same ports has said, told by its numbers alone (RFC 9293 §3.4.1, §3.6.1)."""

import pytest

from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.former import Span, is_copy
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import Tally

SOCKETS, OTHER = b"a", b"b"
WINDOW = 1 << 24


def direction(first: int, following: int) -> Assembler:
    made = Assembler(None, 1 << 20, Tally(), Recent())
    made.first_seq, made.next_seq = first & MASK, following & MASK
    return made


NEW = Assembler(None, 1 << 20, Tally(), Recent())
"""Nothing of it is known."""


@pytest.mark.parametrize("first", [1_000, 0, MASK, MASK - 20])
@pytest.mark.parametrize("size", [0, 40])
def test_a_direction_has_said_what_lies_from_its_first_number_to_its_fin(first: int, size: int) -> None:
    span = Span(SOCKETS, direction(first, first + size))
    said = [place for place in range(-5, size + 5) if span.has_said((first + place) & MASK, opening=False)]
    assert said == [*range(size + 2)], "the number behind the last is that of a FIN or of what answers"
    opened = [place for place in range(-5, size + 5) if span.has_said((first + place) & MASK, opening=True)]
    assert opened == [-1], "its SYN stands before its first byte"


def test_a_direction_that_was_never_heard_has_said_nothing() -> None:
    span = Span(SOCKETS, NEW)
    assert not any(span.has_said(seq, opening=opening) for seq in (0, MASK, 1, 2) for opening in (False, True))


def test_of_more_than_2_gib_the_newest_one_is_known() -> None:
    span = Span(SOCKETS, direction(0, 3 << 30))
    assert span.has_said(3 << 30, opening=False)
    assert span.has_said(2 << 30, opening=False)
    assert not span.has_said((2 << 30) - 1, opening=False)


def test_what_was_said_before_by_the_same_end_is_a_copy() -> None:
    formers = (Span(OTHER, direction(1_000, 1_040)), Span(SOCKETS, direction(2_000, 2_040)))
    assert is_copy(formers, SOCKETS, NEW, 2_010, opening=False)
    assert is_copy(formers, SOCKETS, NEW, 1_999, opening=True)
    assert not is_copy(formers, SOCKETS, NEW, 1_010, opening=False), "the other end has said that"
    assert not is_copy(formers, SOCKETS, NEW, 2_010, opening=True)
    assert not is_copy((), SOCKETS, NEW, 2_010, opening=False)


@pytest.mark.parametrize("first", [2_010, 0])
def test_what_the_connection_says_itself_is_no_copy_although_an_earlier_one_has_said_it(first: int) -> None:
    formers = (Span(SOCKETS, direction(first - 100, first + 100)), Span(SOCKETS, direction(first, first + 5 * WINDOW)))
    own = direction(first, first + 20)
    assert not is_copy(formers, SOCKETS, own, (first - 1) & MASK, opening=True)
    for place, copy in ((-1, True), (0, False), (20, False), (20 + WINDOW, False), (21 + WINDOW, True)):
        assert is_copy(formers, SOCKETS, own, (first + place) & MASK, opening=False) is copy, place


def test_a_direction_whose_next_number_is_0_says_it_as_well() -> None:
    formers = (Span(SOCKETS, direction(MASK - 500, 500)),)
    own = direction(MASK - 9, 0)
    assert not is_copy(formers, SOCKETS, own, 400, opening=False)
    assert is_copy(formers, SOCKETS, own, MASK - 100, opening=False)
    assert not is_copy(formers, SOCKETS, own, MASK - 10, opening=True)
