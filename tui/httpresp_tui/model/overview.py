"""The visible responses summed up: a row a route, a host, a client, a type or a process. No Textual.

It follows the view as the rows of the list do: what comes is counted in, what leaves is counted out, and what was there
before is walked from the newest to the oldest in slices (`step`). Ids from `_back` on are counted; those before are
still to be walked, so whatever happens to them needs no telling.

At most `MOST_ROWS` rows; what comes after that is one row together. Quantiles are measured times while they are few,
and else within half a per cent (`analysis.percentiles`). Where responses have no measured time, a quantile lies between
what it is if all of these were the fastest, and if all were the slowest: `Between` says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from httpresp_capture.analysis.percentiles import Waits
from httpresp_capture.checks import Severity
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from httpresp_tui.model.idlist import IdFlags, IdList
from httpresp_tui.model.overview_kinds import Kind
from httpresp_tui.model.store import CLASSES, Store, is_interim
from httpresp_tui.model.timeline import SECOND, STEPS

MOST_ROWS = 500
OTHERS = ("", "\0others")
"""The key of what found no row of its own; no host has such a name."""
_MOST_SLOTS = 128
"""Points in time at which a row knows how many came."""
HISTOGRAM = tuple(ms * 1_000_000 for ms in (1, 3, 10, 30, 100, 300, 1_000))
"""ns; the borders of the classes of a histogram, of which there is one more."""
PERCENTS = (50, 95, 99)
EVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Between:
    """A quantile, and where it lies for certain."""

    ns: int | None
    low: int | None = None
    """As `ns` where nothing is uncertain."""
    high: int | None = None
    """None where it may be anything above."""

    @property
    def uncertain(self) -> bool:
        """Its bounds are not one."""
        return self.ns is not None and not self.low == self.ns == self.high


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One row."""

    key: tuple[str, str]
    count: int
    classes: tuple[int, ...]
    errors: int
    bytes: int
    """Of bodies."""
    incomplete: int
    """Responses that were not wholly captured: their bytes are more."""
    untimed: int
    """Responses whose time to first byte is not known."""
    quantiles: tuple[Between, Between, Between]
    """p50, p95 and p99 of the time to first byte."""
    exact: bool
    """These are measured times; else within half a per cent."""
    histogram: tuple[int, ...]
    findings: int
    """Responses with a finding of low severity or worse."""

    @property
    def p50(self) -> Between:
        return self.quantiles[0]

    @property
    def p95(self) -> Between:
        return self.quantiles[1]

    @property
    def p99(self) -> Between:
        return self.quantiles[2]

    @property
    def others(self) -> bool:
        """It is what found no row of its own."""
        return self.key == OTHERS


class _Tally:
    __slots__ = ("bytes", "classes", "count", "errors", "findings", "incomplete", "row", "slots", "untimed", "waits")

    def __init__(self) -> None:
        self.count = self.errors = self.bytes = self.incomplete = self.untimed = self.findings = 0
        self.classes = [0] * CLASSES
        self.waits = Waits()
        self.slots: dict[int, int] = {}
        self.row: OverviewRow | None = None
        """As it was last asked for; None when that is no longer true."""

    def add(self, response: Response, times: int) -> None:
        self.row = None
        self.count += times
        self.classes[response.status_class] += times
        self.bytes += times * response.body_bytes
        if is_error(response):
            self.errors += times
        if response.completeness not in _WHOLE:
            self.incomplete += times
        wait = response.first_byte_ns
        if wait is not None and not is_interim(response):
            self.waits.add(wait, times)
        elif response.is_response and not is_interim(response):
            self.untimed += times


_WHOLE = (Completeness.COMPLETE, Completeness.OPEN)


class Overview:
    """A follower of the view; `model.rows.Filled` says what each of its methods is for."""

    def __init__(
        self,
        store: Store,
        kind: Kind,
        ids: Callable[[], IdList],
        front: Callable[[], int],
        worst: Callable[[Response], Severity | None],
    ) -> None:
        self._store = store
        self._ids = ids
        self._front = front
        self._worst = worst
        self.kind = kind
        self.reset()

    def sum_up_by(self, kind: Kind) -> None:
        """By something else, from the beginning."""
        self.kind = kind
        self.reset()

    def reset(self) -> None:
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._found = IdFlags()
        self._level = 0
        self._first = self._last = 0
        """The slots of the first and the last response, once there was one."""
        self.encrypted = 0
        """Connections that are not read, which are in no row."""
        self._back = self._front()

    # --- what the view tells ---

    def add_newer(self, responses: Sequence[Response]) -> None:
        for response in responses:
            self._add(response, 1)

    def add_older(self, responses: Sequence[Response]) -> None: ...

    def insert(self, response: Response) -> None:
        if response.id >= self._back:
            self._add(response, 1)

    def remove(self, response: Response) -> None:
        if response.id >= self._back:
            self._add(response, -1)

    def replace(self, old: Response, new: Response) -> None:
        if new.id >= self._back:
            self._add(old, -1)
            self._add(new, 1)

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        for response in responses:
            self.remove(response)
        self._found.forget_before(first_id)

    def settle(self) -> None: ...

    def found(self, ids: Iterable[int]) -> None:
        """What the checks found in these may be new."""
        for id in ids:
            response = self._store.get(id)
            if response is not None and id >= self._back and self._ids().index(id) is not None:
                self._count_finding(self._tally(response), response)

    # --- the walk back ---

    @property
    def left(self) -> int:
        """Visible responses that are still to be counted."""
        return self._ids().near(self._back)

    def step(self, rows: int = 100) -> bool:
        """Count so many more; True when none is left."""
        ids = self._ids()
        index = ids.near(self._back)
        for _ in range(min(rows, index)):
            index -= 1
            self._back = ids[index]
            if (response := self._store.get(self._back)) is not None:
                self._add(response, 1)
        return index == 0

    # --- what the screen asks ---

    @property
    def count(self) -> int:
        """Responses in all rows."""
        return sum(tally.count for tally in self._tallies.values())

    @property
    def seconds(self) -> float:
        """From the first of them to the last."""
        return (self._last - self._first + 1) * STEPS[self._level] / SECOND

    def rows(self) -> list[OverviewRow]:
        """In no order."""
        return [self._row(key, tally) for key, tally in self._tallies.items() if tally.count]

    def course(self, key: tuple[str, str], cells: int) -> list[int]:
        """How many of a row came when, in so many equal parts of the time that all rows share."""
        tally = self._tallies.get(key)
        parts = [0] * cells
        if tally is not None:
            length = self._last - self._first + 1
            for slot, count in tally.slots.items():
                parts[(slot - self._first) * cells // length] += count
        return parts

    def _row(self, key: tuple[str, str], tally: _Tally) -> OverviewRow:
        if tally.row is None:
            tally.row = OverviewRow(
                key,
                tally.count,
                tuple(tally.classes),
                tally.errors,
                tally.bytes,
                tally.incomplete,
                tally.untimed,
                _quantiles(tally.waits, tally.untimed),
                tally.waits.exact,
                _histogram(tally.waits),
                tally.findings,
            )
        return tally.row

    # --- counting ---

    def _add(self, response: Response, times: int) -> None:
        if response.encrypted is not None:
            self.encrypted += times
            return
        tally = self._tally(response)
        tally.add(response, times)
        self._place(tally, response.at, times)
        if times > 0:
            self._count_finding(tally, response)
        elif self._found.clear(response.id):
            tally.findings -= 1

    def _tally(self, response: Response) -> _Tally:
        key = self.kind.of(response)
        tally = self._tallies.get(key)
        if tally is None:
            # A row that is empty again keeps its place, so that a response is counted out where it was counted in.
            if len(self._tallies) >= MOST_ROWS:
                key = OTHERS
            tally = self._tallies.get(key)
            if tally is None:
                tally = self._tallies[key] = _Tally()
        return tally

    def _count_finding(self, tally: _Tally, response: Response) -> None:
        worst = self._worst(response)
        if worst is not None and worst >= Severity.LOW and self._found.set(response.id):
            tally.findings += 1
            tally.row = None

    def _place(self, tally: _Tally, at: int, times: int) -> None:
        slot = at // STEPS[self._level]
        if not self._last:
            self._first = self._last = slot
        while max(self._last, slot) - min(self._first, slot) >= _MOST_SLOTS and self._level + 1 < len(STEPS):
            self._coarsen()
            slot = at // STEPS[self._level]
        self._first, self._last = min(self._first, slot), max(self._last, slot)
        left = tally.slots.get(slot, 0) + times
        if left > 0:
            tally.slots[slot] = left
        else:
            tally.slots.pop(slot, None)

    def _coarsen(self) -> None:
        times = STEPS[self._level + 1] // STEPS[self._level]
        self._level += 1
        self._first //= times
        self._last //= times
        for tally in self._tallies.values():
            joined: dict[int, int] = {}
            for slot, count in tally.slots.items():
                joined[slot // times] = joined.get(slot // times, 0) + count
            tally.slots = joined


def _quantiles(waits: Waits, untimed: int) -> tuple[Between, Between, Between]:
    p50, p95, p99 = waits.percentiles(*PERCENTS)
    if not untimed:
        return Between(p50, p50, p50), Between(p95, p95, p95), Between(p99, p99, p99)
    ranks = [-(-(waits.count + untimed) * percent // 100) for percent in PERCENTS]
    lows = waits.ranked(*(min(max(1, rank - untimed), waits.count) for rank in ranks))
    highs = waits.ranked(*(min(rank, waits.count) for rank in ranks))
    bounds = [
        Between(value, 0 if rank <= untimed else low, high if rank <= waits.count else None)
        for value, rank, low, high in zip((p50, p95, p99), ranks, lows, highs, strict=True)
    ]
    return bounds[0], bounds[1], bounds[2]


def _histogram(waits: Waits) -> tuple[int, ...]:
    counts = [0] * (len(HISTOGRAM) + 1)
    index = 0
    for value, times in waits.values():
        while index < len(HISTOGRAM) and value >= HISTOGRAM[index]:
            index += 1
        counts[index] += times
    return tuple(counts)
