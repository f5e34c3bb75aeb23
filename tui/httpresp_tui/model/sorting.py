"""Rows in the order of a column: pairs of (what it sorts by, id), ascending; equal ones in order of arrival.

What comes live is put in its place by bisection. What a walk over older responses brings is gathered until it is worth
sorting anew (Python's sort merges runs that are in order), so that building costs no more than one sort.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Any

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import Column
from httpresp_tui.model.rows import ResponseRow, RowKey
from httpresp_tui.model.store import Store

_FEW = 1_000
"""So many are cheaper to put in one by one than to sort all anew."""


class SortedRows:
    """A row model; `FilledRows` says what each of its methods is for."""

    def __init__(self, store: Store, column: Column, reverse: bool) -> None:
        self._store = store
        self._sort = column.sort
        self._reverse = reverse
        self._pairs: list[tuple[Any, int]] = []
        self._gathered: list[tuple[Any, int]] = []

    def __len__(self) -> int:
        return len(self._pairs)

    def row_at(self, index: int) -> ResponseRow | None:
        response = self._store.get(self.key_at(index))
        return ResponseRow(response) if response is not None else None

    def key_at(self, index: int) -> int:
        return self._pairs[-1 - index if self._reverse else index][1]

    def index_of(self, key: RowKey) -> int | None:
        response = self._store.get(key) if isinstance(key, int) else None
        if response is None:
            return None
        index = self._find(response)
        if index is None:
            return None
        return len(self._pairs) - 1 - index if self._reverse else index

    def near(self, key: RowKey) -> int | None:
        response = self._store.get(key) if isinstance(key, int) else None
        if response is None:
            return None
        index = bisect_left(self._pairs, self._pair(response))
        return len(self._pairs) - index if self._reverse else index

    def next_error(self, key: RowKey | None, step: int) -> int | None:
        at = self.index_of(key) if key is not None else None
        index = (-1 if step > 0 else len(self)) if at is None else at
        index += step
        while 0 <= index < len(self):
            response = self._store.get(self.key_at(index))
            if response is not None and is_error(response):
                return response.id
            index += step
        return None

    def heading(self, index: int) -> None: ...

    def fold(self, key: RowKey, open: bool) -> None: ...

    def fold_all(self) -> None: ...

    def reset(self) -> None:
        self._pairs = []
        self._gathered = []

    def add_newer(self, responses: Sequence[Response]) -> None:
        if len(responses) > _FEW:
            self._pairs.extend(map(self._pair, responses))
            self._pairs.sort()
            return
        for response in responses:
            insort(self._pairs, self._pair(response))

    def add_older(self, responses: Sequence[Response]) -> None:
        self._gathered.extend(map(self._pair, responses))
        if len(self._gathered) > len(self._pairs) // 4:
            self.settle()

    def insert(self, response: Response) -> None:
        insort(self._pairs, self._pair(response))

    def remove(self, response: Response) -> None:
        index = self._find(response)
        if index is None:
            self.settle()
            index = self._find(response)
        if index is not None:
            del self._pairs[index]

    def replace(self, old: Response, new: Response) -> None:
        if self._pair(old) != self._pair(new):
            self.remove(old)
            self.insert(new)

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        if len(responses) > _FEW:
            self.settle()
            self._pairs = [pair for pair in self._pairs if pair[1] >= first_id]
            return
        for response in responses:
            self.remove(response)

    def settle(self) -> None:
        if self._gathered:
            self._pairs.extend(self._gathered)
            self._gathered = []
            self._pairs.sort()

    def _pair(self, response: Response) -> tuple[Any, int]:
        return self._sort(response), response.id

    def _find(self, response: Response) -> int | None:
        pair = self._pair(response)
        index = bisect_left(self._pairs, pair)
        return index if index < len(self._pairs) and self._pairs[index] == pair else None
