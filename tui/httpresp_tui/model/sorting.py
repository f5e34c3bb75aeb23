"""Rows in the order of a column, equal ones in order of arrival; or all of that the other way round.

Whatever comes, live or by a walk over older responses, is put in its place at once: no step takes long.
"""

from collections.abc import Sequence

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import Column
from httpresp_tui.model.members import SortedMembers, beside
from httpresp_tui.model.rows import ResponseRow, RowKey
from httpresp_tui.model.store import Store


class SortedRows:
    """A row model; `FilledRows` says what each of its methods is for."""

    def __init__(self, store: Store, column: Column, reverse: bool) -> None:
        self._store = store
        self._column = column
        self._reverse = reverse
        self.reset()

    def reset(self) -> None:
        self._members = SortedMembers(self._column, self._reverse)
        self._errors = SortedMembers(self._column, self._reverse)

    def __len__(self) -> int:
        return len(self._members)

    def row_at(self, index: int) -> ResponseRow | None:
        response = self._store.get(self.key_at(index))
        return ResponseRow(response) if response is not None else None

    def key_at(self, index: int) -> int:
        return self._members[index]

    def index_of(self, key: RowKey) -> int | None:
        response = self._response(key)
        return None if response is None else self._members.index(response)

    def near(self, key: RowKey) -> int | None:
        response = self._response(key)
        return None if response is None else self._members.near(response)

    def next_error(self, key: RowKey | None, step: int) -> int | None:
        response = None if key is None else self._response(key)
        if response is None:
            index = 0 if step > 0 else len(self._errors) - 1
        else:
            index = beside(self._errors, response, step)
        return self._errors[index] if 0 <= index < len(self._errors) else None

    def heading(self, index: int) -> None: ...

    def fold(self, key: RowKey, open: bool) -> None: ...

    def fold_all(self) -> None: ...

    def add_newer(self, responses: Sequence[Response]) -> None:
        for response in responses:
            self.insert(response)

    add_older = add_newer

    def insert(self, response: Response) -> None:
        self._members.insert(response)
        if is_error(response):
            self._errors.insert(response)

    def remove(self, response: Response) -> None:
        self._members.discard(response)
        if is_error(response):
            self._errors.discard(response)

    def replace(self, old: Response, new: Response) -> None:
        self.remove(old)
        self.insert(new)

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        for response in responses:
            self.remove(response)

    def settle(self) -> None: ...

    def tidy(self, rows: int) -> None: ...

    @property
    def is_tidy(self) -> bool:
        return True

    def _response(self, key: RowKey) -> Response | None:
        return self._store.get(key) if isinstance(key, int) else None
