"""What came when: every response in one bar, however many bars there is room for, and the filter of a part of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import tzset

import pytest

from httpresp_capture.query import compile_query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseChanged, ResponseSeen
from httpresp_tui.model.store import Store
from httpresp_tui.model.timeline import MOST_BINS, SECOND, STEPS, Timeline, Window, spark, window_query
from samples import FAILED, MS, NOT_FOUND, OK, START, encrypted, response

HEADS = (OK, NOT_FOUND, FAILED)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("TZ", "UTC")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


def of(*moments: float, heads: Sequence[bytes] = HEADS) -> Timeline:
    """Responses at these seconds."""
    return told(*(ResponseSeen(response(heads[id % len(heads)], id=id + 1, at_ms=at * 1_000))
                  for id, at in enumerate(moments)))  # fmt: skip


def told(*events: CaptureEvent, timeline: Timeline | None = None, store: Store | None = None) -> Timeline:
    timeline, store = timeline or Timeline(), Store() if store is None else store
    timeline.update(store.apply(events), store.status)
    return timeline


def test_every_response_is_in_one_bar_at_every_width() -> None:
    timeline = of(*(each * each * 0.01 for each in range(100)))
    for most in (1, 3, 10, 77, 500):
        bars = timeline.bars(most)
        assert 1 <= len(bars.bars) <= most
        assert sum(bar.count for bar in bars.bars) == 100
        assert {after.start - before.start for before, after in zip(bars.bars, bars.bars[1:], strict=False)} <= {
            bars.step
        }


def test_a_bar_tells_its_classes() -> None:
    (bar,) = of(0.1, 0.2, 0.3).bars(1).bars
    assert (bar.classes, bar.start, bar.count) == ((0, 0, 1, 0, 1, 1), START, 3)


def test_the_peak_is_a_rate() -> None:
    assert of(*[0.5] * 40, 10).bars(20).peak == 40


def test_nothing_has_no_bars() -> None:
    assert (Timeline().bars(80).bars, Timeline().span) == ((), None)


def test_an_encrypted_connection_is_no_response() -> None:
    assert told(ResponseSeen(encrypted(id=1))).bars(10).bars == ()


def test_what_becomes_another_class_is_counted_once() -> None:
    first = response(OK, id=1)
    store = Store()
    timeline = told(ResponseSeen(first), store=store)
    told(ResponseChanged(replace(first, status=500)), timeline=timeline, store=store)
    assert timeline.bars(1).bars[0].classes == (0, 0, 0, 0, 0, 1)


def test_a_long_capture_has_wider_bins_and_loses_nothing() -> None:
    count = MOST_BINS + 50
    timeline = told(*(ResponseSeen(response(id=id, at_ms=id * 20)) for id in range(1, count + 1)))
    assert sum(bar.count for bar in timeline.bars(60).bars) == count
    assert timeline.bars(10**6).step == STEPS[2]


def test_a_clock_that_was_set_makes_no_more_bars_than_fit() -> None:
    assert len(of(0, 10**9).bars(80).bars) <= 80


def test_drops_stand_where_they_were_told() -> None:
    timeline = Timeline()
    store = Store()
    told(ResponseSeen(response(id=1, at_ms=0)), CaptureStatus(Counters(kernel_drops=5), START + 4 * SECOND),
         timeline=timeline, store=store)  # fmt: skip
    told(ResponseSeen(response(id=2, at_ms=9_500)), CaptureStatus(Counters(kernel_drops=7), START + 9 * SECOND),
         timeline=timeline, store=store)  # fmt: skip
    assert [bar.lost for bar in timeline.bars(10).bars] == [0, 0, 0, 0, 5, 0, 0, 0, 0, 2]
    assert timeline.lost_within(None) == 7
    assert timeline.lost_within(Window(START + 5 * SECOND, START + 10 * SECOND)) == 2


@pytest.mark.parametrize(
    ("first", "last", "dated", "text"),
    [
        (0, 40 * SECOND, False, "at:22:13:20..22:13:59"),
        (40 * SECOND, 160 * SECOND, False, "at:22:14..22:15"),
        (40 * SECOND, 100 * SECOND, False, "at:22:14"),
        (0, SECOND, False, "at:22:13:20"),
        (200 * MS, 300 * MS, False, "at:22:13:20.200..22:13:20.299"),
        (40 * SECOND, 160 * SECOND, True, "at:2023-11-14T22:14..2023-11-14T22:15"),
    ],
)
def test_a_window_is_a_filter_of_the_same_time(first: int, last: int, dated: bool, text: str) -> None:
    window = Window(START + first, START + last)
    assert window_query(window, dated=dated) == text
    query = compile_query(text)
    ends = (window.start - MS, window.start, window.end - MS, window.end)
    # The first one asked says which day it is.
    assert query.matches(replace(response(), at=window.start))
    assert [query.matches(replace(response(), at=at)) for at in ends] == [False, True, True, False]


def test_a_spark_shows_the_least_too() -> None:
    assert spark([0, 1, 400, 800]) == " ▁▄█"
    assert spark([]) == ""
    assert spark([0, 0]) == "  "
