"""Records that are kept leave the cycle collector's sight."""

import gc
from collections.abc import Iterator

import pytest

from httpresp_capture.system.collector import Collector, seldom


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_has_come_is_frozen_now_and_then() -> None:
    collector = Collector(every=100)
    gc.unfreeze()
    assert not collector.came(99)
    assert gc.get_freeze_count() == 0
    assert collector.came(1)
    assert gc.get_freeze_count() > 0
    assert not collector.came(99)


def test_what_makes_the_collector_seldom_can_be_taken_back() -> None:
    before = gc.get_threshold()
    restore = seldom()
    assert gc.get_threshold() != before
    restore()
    assert gc.get_threshold() == before
