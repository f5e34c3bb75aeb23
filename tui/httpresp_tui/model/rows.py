"""What a list shows, line by line: the model that the widget draws and the view fills.

`Rows` is the widget's side: how many rows, which one at an index, where a key stands. A key names a row for as long as
it lives: the id of a response, or the name of a group. `FilledRows` is the view's side: it hands over the responses
that pass, newest first, and takes back those that no longer do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.idlist import IdList
from httpresp_tui.model.store import Store

RowKey = int | str


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """One response."""

    response: Response
    depth: int = 0
    """1 below a group."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group, rolled up over those of its responses that are visible."""

    key: str
    label: str
    """Text from the wire for most kinds of group: it goes through `printable`."""
    count: int
    classes: tuple[int, ...]
    """Responses by status class, index 0 to 5, and encrypted connections."""
    errors: int
    """As `is:error` and the key for the next one say it: also calls of gRPC that failed, whose class is 2."""
    bytes: int
    """Of their bodies, as the column says them."""
    p50_ns: int | None
    """Time to first byte; None where none is known."""
    p95_ns: int | None
    problems: int
    """Responses with a problem, a gap or a conflict."""
    open: bool
    exact: bool = False
    """Those times are measured ones; else within half a per cent of them."""


Row = ResponseRow | GroupRow


class Rows(Protocol):
    """Rows from 0 to `len`."""

    def __len__(self) -> int: ...

    def row_at(self, index: int) -> Row | None:
        """None only for a response that has left the store since the last update."""
        ...

    def key_at(self, index: int) -> RowKey:
        """The key of the row at an index."""
        ...

    def index_of(self, key: RowKey) -> int | None:
        """Where a row is; a response in a folded group is where its group is. None when it is not visible."""
        ...

    def near(self, key: RowKey) -> int | None:
        """Where a row that is not visible would be; None where that has no meaning."""
        ...

    def heading(self, index: int) -> int | None:
        """Where the group of the row at an index is; None where that row is no member of one."""
        ...

    def next_error(self, key: RowKey | None, step: int) -> RowKey | None:
        """The next row below (1) or above (-1) that is an error; unfolds its group."""
        ...

    def fold(self, key: RowKey, open: bool) -> RowKey | None:
        """Open or fold the group of a row; its key when that changed anything."""
        ...

    def fold_all(self) -> None:
        """Fold every group; unfold them when all are folded."""
        ...


class Filled(Protocol):
    """What a view fills."""

    def reset(self) -> None:
        """Start with nothing."""
        ...

    def add_newer(self, responses: Sequence[Response]) -> None:
        """Ascending ids, all after every id here."""
        ...

    def add_older(self, responses: Sequence[Response]) -> None:
        """Descending ids, all before every id here."""
        ...

    def insert(self, response: Response) -> None:
        """One that passes now and did not before."""
        ...

    def remove(self, response: Response) -> None:
        """One that is here, in the record that was given last."""
        ...

    def replace(self, old: Response, new: Response) -> None:
        """The record of one that is here has changed."""
        ...

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        """Those of here that left the store; every id is now `first_id` or more."""
        ...

    def settle(self) -> None:
        """Nothing older follows."""
        ...


class FilledRows(Rows, Filled, Protocol):
    """Rows that a view fills."""

    @property
    def is_tidy(self) -> bool:
        """False while some rows do not stand where they belong by now."""
        ...

    def tidy(self, rows: int) -> None:
        """Put so many of those where they belong."""
        ...


class FlatRows:
    """One row a response, in order of arrival."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.ids = IdList()
        self._errors = IdList()

    def __len__(self) -> int:
        return len(self.ids)

    def row_at(self, index: int) -> ResponseRow | None:
        response = self._store.get(self.ids[index])
        return ResponseRow(response) if response is not None else None

    def key_at(self, index: int) -> int:
        return self.ids[index]

    def index_of(self, key: RowKey) -> int | None:
        return self.ids.index(key) if isinstance(key, int) else None

    def near(self, key: RowKey) -> int | None:
        return self.ids.near(key) if isinstance(key, int) else None

    def next_error(self, key: RowKey | None, step: int) -> int | None:
        errors = self._errors
        if not isinstance(key, int):
            index = 0 if step > 0 else len(errors) - 1
        else:
            index = errors.near(key + 1) if step > 0 else errors.near(key) - 1
        return errors[index] if 0 <= index < len(errors) else None

    @property
    def has_errors(self) -> bool:
        """Whether one is an error."""
        return len(self._errors) > 0

    def heading(self, index: int) -> None: ...

    def fold(self, key: RowKey, open: bool) -> None: ...

    def fold_all(self) -> None: ...

    def reset(self) -> None:
        self.ids = IdList()
        self._errors = IdList()

    def add_newer(self, responses: Sequence[Response]) -> None:
        self.ids.add_newer([response.id for response in responses])
        self._errors.add_newer(_error_ids(responses))

    def add_older(self, responses: Sequence[Response]) -> None:
        self.ids.add_older([response.id for response in responses])
        self._errors.add_older(_error_ids(responses))

    def insert(self, response: Response) -> None:
        self.ids.insert(response.id)
        if is_error(response):
            self._errors.insert(response.id)

    def remove(self, response: Response) -> None:
        self.ids.discard(response.id)
        self._errors.discard(response.id)

    def replace(self, old: Response, new: Response) -> None:
        if is_error(old) != is_error(new):
            self.remove(old)
            self.insert(new)

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        self.ids.forget_before(first_id)
        self._errors.forget_before(first_id)

    def settle(self) -> None: ...

    @property
    def is_tidy(self) -> bool:
        return True

    def tidy(self, rows: int) -> None: ...


def _error_ids(responses: Iterable[Response]) -> list[int]:
    return [response.id for response in responses if is_error(response)]
