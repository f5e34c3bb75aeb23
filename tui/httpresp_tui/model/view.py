"""Which of the kept responses are visible, in which order and in which rows.

New responses are let in as they come. A new filter starts with nothing and goes through what is kept from the newest
to the oldest, in slices: the app calls `step` for as long as it has time, so the first screen is there at once and no
key waits. Grouping and sorting are other row models, filled by the same walk. While the view is paused, what comes is
held back: rows from `_front` on have not been looked at.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import Column
from httpresp_tui.model.group_order import COUNT
from httpresp_tui.model.grouping import GROUPINGS, GroupedRows
from httpresp_tui.model.idlist import IdList
from httpresp_tui.model.rows import Filled, FilledRows, FlatRows, Rows
from httpresp_tui.model.sorting import SortedRows
from httpresp_tui.model.store import CLASSES, Change, Store

Predicate = Callable[[Response], bool]

ALL_CLASSES = frozenset[int]()
"""No class chosen: every response, those without a class too."""


class Held:
    """How many responses came since the view was paused, and of which class."""

    __slots__ = ("classes", "unanswered")

    def __init__(self) -> None:
        self.classes = [0] * CLASSES
        self.unanswered = 0
        """Of those without a class: requests without response."""

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.classes)

    def add(self, response: Response, times: int = 1) -> None:
        """Count one in; with -1, out again."""
        self.classes[response.status_class] += times
        self.unanswered += times * response.unanswered


class View:
    """The app tells it what changed and what is wanted; `rows` is what the list draws."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._flat = FlatRows(store)
        self._shaped: FilledRows | None = None
        self._followers: list[Filled] = []
        self._predicate: Predicate | None = None
        self.classes = ALL_CLASSES
        self.grouped_by: str | None = None
        self.sorted_by: Column | None = None
        self.reverse = False
        self.paused = False
        self._front = store.first_id
        """Ids from here on were not let in yet."""
        self.held = Held()
        """Those kept from `_front` on."""
        self._back = self._front - 1
        """Ids up to here were not looked at since the filter changed."""
        self._scanning_back = False
        self._restart()

    @property
    def rows(self) -> Rows:
        """The row model; another object after `group_by` and `sort_by`."""
        return self._shaped or self._flat

    @property
    def shown(self) -> int:
        """Visible responses."""
        return len(self._flat)

    def newer_than(self, id: int) -> int:
        """Visible responses that came after one, wherever they stand."""
        return len(self._flat) - self._flat.ids.near(id + 1)

    @property
    def has_errors(self) -> bool:
        """Whether an error is visible."""
        return self._flat.has_errors

    @property
    def has_work(self) -> bool:
        """True while `step` has something to do."""
        return self.pending or not (self._shaped is None or self._shaped.is_tidy)

    @property
    def pending(self) -> bool:
        """True while responses are still to be looked at."""
        return self._back >= self._store.first_id or (not self.paused and self._front < self._store.next_id)

    @property
    def ids(self) -> IdList:
        """Of the visible responses, ascending; another object after a filter."""
        return self._flat.ids

    @property
    def front(self) -> int:
        """Ids from here on were not let in yet."""
        return self._front

    def follow(self, follower: Filled) -> None:
        """Tell it what becomes visible and what does not, from now on."""
        self._followers.append(follower)

    def visible(self) -> Iterator[Response]:
        """Every visible response, oldest first."""
        for id in self._flat.ids:
            if (response := self._store.get(id)) is not None:
                yield response

    def neighbour(self, id: int, step: int) -> Response | None:
        """The visible response next to one, in the order of the rows; folded ones are passed over."""
        rows = self.rows
        index = rows.index_of(id)
        if index is None:
            index = rows.near(id)
            if index is None:
                return None
            index -= step > 0
        index += step
        while 0 <= index < len(rows):
            key = rows.key_at(index)
            if isinstance(key, int):
                return self._store.get(key)
            index += step
        return None

    def set_filter(self, predicate: Predicate | None) -> None:
        """Show only what passes; None shows all."""
        self._predicate = predicate
        self._restart()

    def set_classes(self, classes: frozenset[int]) -> None:
        """Show only these status classes; an empty set shows all."""
        self.classes = classes
        self._restart()

    def toggle_class(self, number: int) -> None:
        """Add a class to those shown, or take it out."""
        self.set_classes(self.classes ^ {number})

    def group_by(self, kind: str | None) -> None:
        """Rows in groups of a kind, a key of `GROUPINGS`; None for one flat list. An order of groups alone goes with
        them."""
        self.grouped_by = kind
        if kind is None and self.sorted_by is COUNT:
            self.sorted_by, self.reverse = None, False
        self._reshape()

    def sort_by(self, column: Column | None, reverse: bool = False) -> None:
        """Rows in the order of a column, also in groups, and the groups by what they add up to; None for the order of
        arrival."""
        self.sorted_by = column
        self.reverse = reverse
        self._reshape()

    def pause(self) -> None:
        """Let nothing new in; what is visible still learns of its end."""
        self.paused = True

    def resume(self) -> None:
        """Let in what came meanwhile, by `step`."""
        self.paused = False

    def update(self, change: Change) -> None:
        """The store has changed."""
        if change.forgotten:
            self._forget(change.forgotten)
        for old, new in change.changed:
            if self._back < new.id < self._front:
                self._renew(old, new)
            elif new.id >= self._front:
                self.held.add(old, -1)
                self.held.add(new)
        if not change.added:
            return
        newer: list[Response] = []
        # When earlier ones still wait their turn, `step` lets these in behind them.
        in_turn = not self.paused and self._brings_all_that_waits(change)
        for response in change.added:
            if response.id >= self._front:
                if not in_turn:
                    self.held.add(response)
                elif self._passes(response):
                    newer.append(response)
            elif response.id > self._back and self._passes(response):
                self._each(lambda rows, one=response: rows.insert(one))
        if in_turn:
            self._let_all_in()
            self._each(lambda rows: rows.add_newer(newer))

    @contextmanager
    def changing(self, response: Response) -> Generator[None]:
        """Around a change of what is known of a response beside its record, such as its mark: it is put where it
        belongs by then, if it passes."""
        inside = self._back < response.id < self._front
        if inside and self._flat.index_of(response.id) is not None:
            self._each(lambda rows: rows.remove(response))
        try:
            yield
        finally:
            if inside and self._passes(response):
                self._each(lambda rows: rows.insert(response))

    def step(self, rows: int = 500) -> bool:
        """Look at so many responses that are still to be looked at, then order what they changed; True when all is
        done."""
        if not self.paused and self._front < self._store.next_id:
            self._let_in(rows)
        elif self._back >= self._store.first_id:
            self._scan_back(rows)
        elif self._shaped is not None:
            self._shaped.tidy(rows)
        return not self.has_work

    def _brings_all_that_waits(self, change: Change) -> bool:
        """True when the change adds all that was not let in yet; a number may be missing, or come late."""
        new = sum(1 for response in change.added if response.id >= self._front)
        waiting = range(self._front, self._store.next_id)
        if len(waiting) == new:
            return new > 0
        return new > 0 and len(waiting) < 2 * new + 64 and sum(self._store.get(id) is not None for id in waiting) == new

    def _restart(self) -> None:
        if not self.paused:
            self._let_all_in()
        self._back = self._front - 1
        self._each(lambda rows: rows.reset())
        self._scanning_back = self._back >= self._store.first_id

    def _reshape(self) -> None:
        if self.grouped_by is not None:
            self._shaped = GroupedRows(self._store, GROUPINGS[self.grouped_by], self.sorted_by, self.reverse)
        elif self.sorted_by is not None:
            self._shaped = SortedRows(self._store, self.sorted_by, self.reverse)
        else:
            self._shaped = None
        self._restart()

    def _each(self, step: Callable[[Filled], None]) -> None:
        step(self._flat)
        if self._shaped is not None:
            step(self._shaped)
        for follower in self._followers:
            step(follower)

    def _passes(self, response: Response) -> bool:
        if self.classes and response.status_class not in self.classes:
            return False
        return self._predicate is None or self._predicate(response)

    def _passing(self, ids: range) -> list[Response]:
        get = self._store.get
        found = [response for id in ids if (response := get(id)) is not None]
        if self._predicate is None and not self.classes:
            return found
        return [response for response in found if self._passes(response)]

    def _let_all_in(self) -> None:
        self._front = self._store.next_id
        self.held = Held()

    def _let_in(self, rows: int) -> None:
        end = min(self._front + rows, self._store.next_id)
        ids = range(max(self._front, self._store.first_id), end)
        newer = self._passing(ids)
        self._front = end
        for id in ids:
            if (response := self._store.get(id)) is not None:
                self.held.add(response, -1)
        self._each(lambda rows: rows.add_newer(newer))

    def _scan_back(self, rows: int) -> None:
        first = max(self._store.first_id, self._back - rows + 1)
        older = self._passing(range(self._back, first - 1, -1))
        self._back = first - 1
        self._each(lambda rows: rows.add_older(older))
        if self._back < self._store.first_id:
            self._end_walk()

    def _renew(self, old: Response, new: Response) -> None:
        was = self._flat.index_of(new.id) is not None
        if self._passes(new):
            self._each(lambda rows: rows.replace(old, new) if was else rows.insert(new))
        elif was:
            self._each(lambda rows: rows.remove(old))

    def _forget(self, forgotten: list[Response]) -> None:
        first_id = self._store.first_id
        gone = [response for response in forgotten if self._flat.index_of(response.id) is not None]
        for response in forgotten:
            if response.id >= self._front:
                self.held.add(response, -1)
        self._front = max(self._front, first_id)
        self._each(lambda rows: rows.forget(gone, first_id))
        if self._scanning_back and self._back < first_id:
            self._end_walk()

    def _end_walk(self) -> None:
        self._scanning_back = False
        self._each(lambda rows: rows.settle())
