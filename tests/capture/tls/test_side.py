"""How an acknowledgement of TCP becomes one of what TLS carries."""

import pytest

from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.position import MASK
from httpresp_capture.tls.side import COST, Came, Side


def side(*marks: tuple[int, int, int]) -> Side:
    made = Side(ByteStream())
    made.acked = 1
    made.marks.extend(marks)
    return made


@pytest.mark.parametrize(
    ("ack", "inner"), [(0, 1), (99, 1), (100, 40), (139, 40), (140, 40), (141, 41), (170, 70), (199, 99), (200, 100)]
)
def test_it_is_known_to_the_record_and_inside_a_gap_by_its_share(ack: int, inner: int) -> None:
    """A record of 39 bytes up to number 100, one of none, and a gap of 60 that took 60 bytes of TCP."""
    assert side((100, 40, 0), (140, 40, 0), (200, 100, 60)).inner_ack(ack) == inner


def test_what_was_acknowledged_stays_so() -> None:
    one = side((100, 40, 0), (200, 100, 0))
    assert [one.inner_ack(ack) for ack in (200, 150, 0, 90)] == [100, 100, 100, 100]


def test_of_a_gap_that_was_begun_at_least_one_byte() -> None:
    assert side((2_000, 11, 1_000)).inner_ack(1_001) == 2


def test_numbers_wrap() -> None:
    one = side((5, 3, 0), (30, 9, 20))
    one.acked = MASK - 4
    assert one.inner_ack(MASK) == MASK - 4
    assert one.inner_ack(5) == 3
    assert one.inner_ack(20) == 6


def test_what_waits_is_counted() -> None:
    one = Side(ByteStream())
    came = [Came(b"x" * size, 0, False, 0, 0, 0, 0) for size in (3, 5, 7)]
    one.park(came[2])
    one.park_first(came[:2])
    assert (list(one.parked), one.parked_bytes) == (came, 15 + 3 * COST)
    one.unpark()
    assert (list(one.parked), one.parked_bytes) == (came[1:], 12 + 2 * COST)
    one.die()
    assert (one.dead, list(one.parked), one.parked_bytes) == (True, [], 0)
