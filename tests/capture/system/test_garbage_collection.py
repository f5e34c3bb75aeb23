"""Records that are kept leave the cycle collector's sight."""

import gc
from collections.abc import Iterator

import pytest

from httpresp_capture.system.garbage_collection import (
    WITHOUT_A_SCREEN,
    FreezeSchedule,
    collect_rarely,
    collect_rarely_for_good,
)


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_has_come_is_frozen_now_and_then() -> None:
    schedule = FreezeSchedule(every=100)
    gc.unfreeze()
    assert not schedule.came(99)
    assert gc.get_freeze_count() == 0
    assert schedule.came(1)
    assert gc.get_freeze_count() > 0
    assert not schedule.came(99)


def test_rare_collection_can_be_taken_back() -> None:
    before = gc.get_threshold()
    restore = collect_rarely()
    assert gc.get_threshold() != before
    restore()
    assert gc.get_threshold() == before


def test_without_a_screen_all_that_is_there_is_left_alone() -> None:
    before = gc.get_threshold()
    gc.unfreeze()
    try:
        collect_rarely_for_good()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == WITHOUT_A_SCREEN
    finally:
        gc.set_threshold(*before)
