"""Percentiles: by nearest rank, of a few times exactly, of many within what the buckets promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.analysis.percentiles import COARSE, FINE, MOST_EXACT, Waits, percentile
from samples import MS

TIMES = st.lists(st.integers(0, 10**12), min_size=1, max_size=MOST_EXACT)


def counted(counts: Waits, waits: list[int], data: st.DataObject) -> list[int]:
    """Count all of them, and some out again; those that are left, ascending."""
    for wait in waits:
        counts.add(wait)
    left = sorted(waits)
    for wait in data.draw(st.lists(st.sampled_from(waits), unique=True, max_size=len(set(waits)) - 1)):
        counts.add(wait, -1)
        left.remove(wait)
    return left


@pytest.mark.parametrize(
    ("times", "percent", "expected"),
    [([], 50, None), ([5], 50, 5), ([1, 2], 50, 1), ([1, 2, 3], 50, 2), (list(range(1, 101)), 95, 95), ([1, 9], 95, 9)],
)
def test_a_percentile_is_a_time_that_was_measured(times: list[int], percent: int, expected: int | None) -> None:
    assert percentile(times, percent) == expected


@pytest.mark.parametrize(("bits", "off"), [(FINE, 1 / 256), (COARSE, 1 / 8)])
@given(TIMES, st.data())
def test_those_of_many_are_as_near_as_the_buckets_and_can_be_taken_back(
    bits: int, off: float, waits: list[int], data: st.DataObject
) -> None:
    counts = Waits(bits, most_exact=0)
    left = counted(counts, waits, data)
    assert not counts.exact
    for percent, value in zip((50, 95, 100), counts.percentiles(50, 95, 100), strict=True):
        exact = percentile(left, percent)
        assert exact is not None
        assert value is not None
        assert abs(value - exact) <= exact * off


@given(TIMES, st.data())
def test_those_of_a_few_are_times_that_were_measured(waits: list[int], data: st.DataObject) -> None:
    counts = Waits()
    left = counted(counts, waits, data)
    assert counts.exact
    assert counts.percentiles(50, 95) == [percentile(left, 50), percentile(left, 95)]


def test_nothing_has_no_percentile() -> None:
    assert Waits().percentiles(50, 95) == [None, None]


def test_many_times_are_estimates_until_none_is_left() -> None:
    counts = Waits()
    for wait in range(MOST_EXACT + 1):
        counts.add(20_000 * MS + wait)
    assert not counts.exact
    for wait in range(MOST_EXACT + 1):
        counts.add(20_000 * MS + wait, -1)
    counts.add(20_000 * MS)
    assert counts.exact
    assert counts.percentiles(95) == [20_000 * MS]
