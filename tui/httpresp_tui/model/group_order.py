"""The order of groups: as they came, or by what their responses add up to.

By arrival each group has a slot; live traffic finds new groups at one end, a walk back at the other, where places count
down from -1. Sorted, a group whose sum has changed is put in its new place when there is time (`tidy`), a few of them
at once: neither a million rows nor a hundred thousand groups make a key wait.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Protocol

from httpresp_tui.model.columns import Column
from httpresp_tui.model.fenwick import Heights
from httpresp_tui.model.members import Arrivals, Members
from httpresp_tui.model.ordered import SortedHeights
from httpresp_tui.model.rollup import Rollup
from httpresp_tui.model.rows import GroupRow


class Group:
    """One group, and where it stands."""

    __slots__ = ("entry", "first", "ids", "key", "label", "lines", "open", "rollup", "row", "slot")

    def __init__(self, key: str, label: str, open: bool, ids: Members | None = None) -> None:
        self.key = key
        self.label = label
        self.open = open
        self.ids = Arrivals() if ids is None else ids
        self.rollup = Rollup()
        self.row: GroupRow | None = None
        """The row as it was last drawn; None when that is no longer true."""
        self.first = 0
        """The id of the oldest response that it had; 0 for none."""
        self.slot: int | None = None
        """By arrival; None for a new group."""
        self.entry: tuple[Any, int, int, Group] | None = None
        """Where it stands, sorted."""

        self.lines = 0
        """Its height as the order was told last."""

    @property
    def height(self) -> int:
        """Lines."""
        count = len(self.ids)
        return 0 if not count else 1 + count if self.open else 1


Measure = Callable[[Group], Any]


def _p95(group: Group) -> int:
    (wait,) = group.rollup.waits.percentiles(95)
    return -1 if wait is None else wait


MEASURES: Mapping[str, tuple[str, Measure]] = {
    "count": ("responses", lambda group: len(group.ids)),
    "status": ("errors", lambda group: group.rollup.errors),
    "size": ("sum", lambda group: group.rollup.bytes),
    "ttfb": ("p95", _p95),
    "marks": ("problems", lambda group: group.rollup.problems),
}
"""By the key of a column: what groups are sorted by, in a word, and what it is. By other columns they stand as they
began; by the column that they are grouped by, in the order of their names."""
COUNT = Column("count", "responses", 7, lambda response: "", lambda response: response.id, 0, largest_first=True)
"""An order of groups alone: their responses stay as they came."""


class GroupOrder(Protocol):
    """Where groups stand, and how many lines there are."""

    @property
    def total(self) -> int:
        """Lines of all groups."""
        ...

    @property
    def is_tidy(self) -> bool:
        """False while groups wait for their new place."""
        ...

    def __iter__(self) -> Iterator[Group]: ...

    def find(self, line: int) -> tuple[Group, int]:
        """The group into which a line falls, and how far into it."""
        ...

    def before(self, group: Group) -> int:
        """Lines before a group."""
        ...

    def beside(self, group: Group | None, step: int) -> Group | None:
        """The one after a group, or with -1 before it; for None the first, or the last."""
        ...

    def update(self, changed: Iterable[Group], older: bool = False) -> Iterable[Group]:
        """Groups that came, the nearest first, or whose responses are others now; those that have gone."""
        ...

    def resize(self, group: Group) -> None:
        """A group was folded or unfolded."""
        ...

    def resize_all(self) -> Iterable[Group]:
        """All of them were; those that have gone."""
        ...

    def compact(self) -> Iterable[Group]:
        """Responses have left; groups that have gone."""
        ...

    def settle(self) -> Iterable[Group]:
        """A walk back has ended; groups that have gone."""
        ...

    def tidy(self, count: int) -> None:
        """Put so many groups in their new places."""
        ...


class ArrivalOrder:
    """By their first visible response; or those that are few, by their keys. `GroupOrder` says what methods are for."""

    def __init__(self, by_key: bool = False) -> None:
        self._by_key = by_key
        self._older: list[Group] = []
        """Those in slots -1, -2 ..."""
        self._newer: list[Group] = []
        self._heights = Heights()
        self._emptied = 0
        """Groups that lost their last response since they were laid out; some may have come back."""

    @property
    def total(self) -> int:
        return self._heights.total

    @property
    def is_tidy(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Group]:
        return chain(reversed(self._older), self._newer)

    def find(self, line: int) -> tuple[Group, int]:
        slot, line = self._heights.find(line)
        return self._at(slot), line

    def before(self, group: Group) -> int:
        return self._heights.before(group.slot or 0)

    def beside(self, group: Group | None, step: int) -> Group | None:
        first, end = -len(self._older), len(self._newer)
        if group is None or group.slot is None:
            slot = first if step > 0 else end - 1
        else:
            slot = group.slot + step
        return self._at(slot) if first <= slot < end else None

    def update(self, changed: Iterable[Group], older: bool = False) -> Iterable[Group]:
        grown = False
        for group in changed:
            if group.slot is not None:
                self.resize(group)
                self._emptied += not group.lines
                continue
            grown = True
            group.lines = group.height
            if older:
                self._older.append(group)
                group.slot = -len(self._older)
                self._heights.prepend(group.lines)
            else:
                group.slot = len(self._newer)
                self._newer.append(group)
                self._heights.append(group.lines)
        return self.resize_all() if grown and self._by_key else ()

    def resize(self, group: Group) -> None:
        height = group.height
        self._heights.add(group.slot or 0, height - group.lines)
        group.lines = height

    def compact(self) -> Iterable[Group]:
        if self._emptied > 64 and self._emptied > (len(self._older) + len(self._newer)) // 2:
            return self.resize_all()
        return ()

    def settle(self) -> Iterable[Group]:
        # The walk found groups by their last response; from here on they stand by their first.
        return self._lay_out(sorted(self, key=lambda group: group.ids[0] if group.ids else 0))

    def resize_all(self) -> Iterable[Group]:
        return self._lay_out(list(self))

    def tidy(self, count: int) -> None: ...

    def _lay_out(self, order: list[Group]) -> list[Group]:
        """Give every group that has responses a slot, and drop the others."""
        kept = [group for group in order if group.ids]
        gone = [group for group in order if not group.ids]
        if self._by_key:
            kept.sort(key=lambda group: group.key)
        self._older = []
        self._newer = kept
        for slot, group in enumerate(kept):
            group.slot = slot
            group.lines = group.height
        self._heights = Heights(group.lines for group in kept)
        self._emptied = 0
        return gone

    def _at(self, slot: int) -> Group:
        return self._newer[slot] if slot >= 0 else self._older[-1 - slot]


class SortedOrder:
    """By a measure, equal ones as they began; or all of that the other way round. `GroupOrder` says what methods are
    for."""

    def __init__(self, measure: Measure, reverse: bool) -> None:
        self._measure = measure
        self._reverse = reverse
        self._heights: SortedHeights[Group] = SortedHeights()
        self._moved: dict[Group, None] = {}
        """Those that may stand elsewhere by now, in the order in which they changed."""
        self._made = 0

    @property
    def total(self) -> int:
        return self._heights.total

    @property
    def is_tidy(self) -> bool:
        return not self._moved

    def __iter__(self) -> Iterator[Group]:
        return (entry[3] for entry in self._heights)

    def find(self, line: int) -> tuple[Group, int]:
        if not self._reverse:
            return self._heights.find(line)
        group, line = self._heights.find(self.total - 1 - line)
        return group, group.lines - 1 - line

    def before(self, group: Group) -> int:
        before = self._heights.before(group.entry) if group.entry is not None else 0
        return self.total - before - group.lines if self._reverse else before

    def beside(self, group: Group | None, step: int) -> Group | None:
        if self._reverse:
            step = -step
        if group is None or group.entry is None:
            return self._heights.edge(step)
        return self._heights.beside(group.entry, step)

    def update(self, changed: Iterable[Group], older: bool = False) -> Iterable[Group]:
        gone: list[Group] = []
        for group in changed:
            if group.entry is None:
                self._made += 1
                group.slot = self._made
                group.lines = group.height
                self._put(group)
            elif not group.ids:
                self._heights.remove(group.entry)
                self._moved.pop(group, None)
                gone.append(group)
            else:
                self._heights.resize(group.entry, group.height)
                self._moved[group] = None
        return gone

    def resize(self, group: Group) -> None:
        if group.entry is not None:
            self._heights.resize(group.entry, group.height)

    def compact(self) -> Iterable[Group]:
        return ()

    def settle(self) -> Iterable[Group]:
        return ()

    def resize_all(self) -> Iterable[Group]:
        for group in self:
            group.lines = group.height
        self._heights.reweigh()
        return ()

    def tidy(self, count: int) -> None:
        for group in list(islice(self._moved, count)):
            del self._moved[group]
            if group.entry is not None and self._entry(group) != group.entry:
                self._heights.remove(group.entry)
                self._put(group)

    def _entry(self, group: Group) -> tuple[Any, int, int, Group]:
        return self._measure(group), group.first, group.slot or 0, group

    def _put(self, group: Group) -> None:
        group.entry = self._entry(group)
        self._heights.add(group.entry)
