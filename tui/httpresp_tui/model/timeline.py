"""How many responses came when, of which class, over the whole capture: counts in bins. No Textual.

Everything that came is counted, whatever has left the list since. Bins begin at ten milliseconds and are joined by a
step of `STEPS` when there are too many, so that a busy day costs no more than a busy minute. What the kernel or a
recorder lost is counted where it was told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from httpresp_capture.records.events import CaptureStatus
from httpresp_capture.records.exchange import ENCRYPTED_CLASS, Response
from httpresp_tui.model.store import CLASSES, Change
from httpresp_tui.text.units import clock_text, date_text

SECOND = 1_000_000_000
_MS, _MINUTE, _HOUR = 1_000_000, 60 * SECOND, 3_600 * SECOND
STEPS = (
    10 * _MS, 20 * _MS, 100 * _MS, 200 * _MS, SECOND, 2 * SECOND, 10 * SECOND, 30 * SECOND, _MINUTE, 5 * _MINUTE,
    10 * _MINUTE, 30 * _MINUTE, _HOUR, 6 * _HOUR, 24 * _HOUR, 7 * 24 * _HOUR, 28 * 24 * _HOUR, 364 * 24 * _HOUR,
)  # fmt: skip
"""ns; each a multiple of the one before."""
MOST_BINS = 20_000
LOST = CLASSES
"""The place of lost packets behind the classes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What came within one step."""

    start: int
    """ns."""
    classes: tuple[int, ...]
    """Responses, and requests without one, by class, 0 to 5."""
    lost: int = 0
    """Packets that were dropped."""

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.classes)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the capture, ns: from, and up to but not with."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bars:
    """The capture from its first response to its newest, in steps of one length."""

    step: int
    bars: tuple[Bar, ...]

    @property
    def peak(self) -> float:
        """The most responses a second."""
        return max((bar.count for bar in self.bars), default=0) * SECOND / self.step

    def index_of(self, moment: int) -> int:
        """The bar of a moment, or the one nearest to it."""
        return max(0, min((moment - self.bars[0].start) // self.step, len(self.bars) - 1))

    def window(self, first: int, last: int) -> Window:
        """From the beginning of one bar to the end of another."""
        return Window(self.bars[first].start, self.bars[last].start + self.step)


class Timeline:
    """Told what the store takes in."""

    def __init__(self) -> None:
        self._level = 0
        self._bins: dict[int, list[int]] = {}
        self._drops = 0
        """Dropped packets that were counted."""

    def update(self, change: Change, status: CaptureStatus | None) -> None:
        """The store has changed."""
        for response in change.added:
            self._count(response, 1)
        for old, new in change.changed:
            if old.status_class != new.status_class:
                self._count(old, -1)
                self._count(new, 1)
        if change.status and status is not None:
            self._count_drops(status)

    def clear(self) -> None:
        """Begin anew."""
        self._level = 0
        self._bins.clear()

    @property
    def span(self) -> Window | None:
        """From the first bin to the end of the last; None before the first response."""
        if not self._bins:
            return None
        width = STEPS[self._level]
        return Window(min(self._bins) * width, (max(self._bins) + 1) * width)

    def lost_within(self, window: Window | None) -> int:
        """Packets dropped within a window, or at all; where one ends within a bin, those of the whole bin."""
        if window is None:
            return self._drops
        width = STEPS[self._level]
        first, last = window.start // width, (window.end - 1) // width
        return sum(counts[LOST] for bin, counts in self._bins.items() if first <= bin <= last)

    def bars(self, most: int) -> Bars:
        """The whole capture in so many bars at most."""
        span = self.span
        if span is None:
            return Bars(STEPS[0], ())
        width = STEPS[self._level]
        fitting = (step for step in STEPS[self._level :] if (span.end - 1) // step - span.start // step < most)
        step = next(fitting, STEPS[-1])
        joined: dict[int, list[int]] = {}
        _join(self._bins, step // width, joined)
        first = span.start // step
        # Whatever the clocks of a capture say, no more bars than fit.
        last = min((span.end - 1) // step, first + most - 1)
        nothing = [0] * (LOST + 1)
        bars = [(at, joined.get(at, nothing)) for at in range(first, last + 1)]
        return Bars(step, tuple(Bar(at * step, tuple(each[:ENCRYPTED_CLASS]), each[LOST]) for at, each in bars))

    def _count(self, response: Response, times: int) -> None:
        status_class = response.status_class
        if status_class == ENCRYPTED_CLASS:
            return
        self._bin(response.at)[status_class] += times

    def _count_drops(self, status: CaptureStatus) -> None:
        drops = status.counters.kernel_drops + status.counters.interface_drops
        if drops > self._drops and self._bins:
            self._bin(status.at)[LOST] += drops - self._drops
        self._drops = max(drops, self._drops)

    def _bin(self, at: int) -> list[int]:
        key = at // STEPS[self._level]
        found = self._bins.get(key)
        if found is None:
            found = self._bins[key] = [0] * (LOST + 1)
            while len(self._bins) > MOST_BINS and self._level + 1 < len(STEPS):
                self._coarsen()
            found = self._bins[at // STEPS[self._level]]
        return found

    def _coarsen(self) -> None:
        times = STEPS[self._level + 1] // STEPS[self._level]
        joined: dict[int, list[int]] = {}
        _join(self._bins, times, joined)
        self._bins = joined
        self._level += 1


def _join(bins: dict[int, list[int]], times: int, joined: dict[int, list[int]]) -> None:
    """Bins of a width into those that are so many times as wide."""
    for bin, counts in bins.items():
        into = joined.get(bin // times)
        if into is None:
            joined[bin // times] = counts[:]
        else:
            for index, count in enumerate(counts):
                into[index] += count


def window_query(window: Window, *, dated: bool) -> str:
    """`at:14:05..14:07`: the filter for a part of the capture, in as few digits as say it; what is written there stands
    for all of its unit, so the end is the last one within."""
    unit = next(
        unit for unit in (_MINUTE, SECOND, _MS) if unit == _MS or not (window.start % unit or window.end % unit)
    )
    first, last = _written(window.start, unit, dated), _written(window.end - unit, unit, dated)
    return f"at:{first}" if first == last else f"at:{first}..{last}"


def _written(ns: int, unit: int, dated: bool) -> str:
    digits = {_MINUTE: 5, SECOND: 8, _MS: 12}[unit]
    clock = clock_text(ns)[:digits]
    return f"{date_text(ns)[:10]}T{clock}" if dated else clock


def spark(counts: Sequence[int]) -> str:
    """A number a cell, as bars of an eighth to eight eighths of the largest; what is there is never nothing."""
    most = max(counts, default=0)
    return "".join(_EIGHTHS[max(1, round(count * 8 / most))] if count > 0 else " " for count in counts)


_EIGHTHS = " ▁▂▃▄▅▆▇█"
