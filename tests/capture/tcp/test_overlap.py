"""What is remembered of delivered bytes, so that repeats can be held against it."""

from httpresp_capture.tcp.overlap import Delivered, Recent
from httpresp_capture.tcp.packet import OVERHEAD


def test_memory_for_repeats_is_given_back() -> None:
    recent = Recent()
    one, other = Delivered(recent), Delivered(recent)
    for delivered in (one, other):
        for number in range(40):
            delivered.remember(number * 10, bytes(10), 0, 64, 0)
        assert len(delivered.entries) == 32
    # The bytes of the 32 that are kept of each, and what every one that was ever remembered costs beside.
    assert recent.total == 2 * 32 * 10 + 80 * OVERHEAD
    one.forget()
    assert recent.total == 32 * 10 + 80 * OVERHEAD
    recent.limit = 0
    recent.trim()
    assert recent.total == 0
    assert not recent.order
    assert other.entries == []


def test_the_oldest_are_forgotten_first() -> None:
    recent = Recent()
    recent.limit = 3 * (OVERHEAD + 10)
    delivered = Delivered(recent)
    for number in range(5):
        delivered.remember(number * 10, bytes(10), 0, 64, 0)
    assert [entry[0] for entry in delivered.entries] == [20, 30, 40]
