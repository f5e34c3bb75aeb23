"""The responses of a list or of a group, in an order: by arrival, or by a column.

Ids alone are kept; whoever adds or takes out has the record at hand, in the state in which it was added.
"""

from typing import Protocol

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import Column
from httpresp_tui.model.idlist import IdList
from httpresp_tui.model.ordered import SortedPairs


class Members(Protocol):
    """Ids from 0 to `len`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> int: ...

    def index(self, response: Response) -> int | None:
        """Where it is; None when it is not here."""
        ...

    def near(self, response: Response) -> int:
        """Where it is, or would be."""
        ...

    def add_newer(self, response: Response) -> None:
        """One that came after all that are here."""
        ...

    def add_older(self, response: Response) -> None:
        """One that came before all that are here."""
        ...

    def insert(self, response: Response) -> None:
        """One that came at any time."""
        ...

    def discard(self, response: Response) -> bool:
        """Take one out; False when it was not here."""
        ...


class Arrivals:
    """In order of arrival."""

    __slots__ = ("_ids",)

    def __init__(self) -> None:
        self._ids = IdList()

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, index: int) -> int:
        return self._ids[index]

    def index(self, response: Response) -> int | None:
        return self._ids.index(response.id)

    def near(self, response: Response) -> int:
        return self._ids.near(response.id)

    def add_newer(self, response: Response) -> None:
        self._ids.add_newer((response.id,))

    def add_older(self, response: Response) -> None:
        self._ids.add_older((response.id,))

    def insert(self, response: Response) -> None:
        self._ids.insert(response.id)

    def discard(self, response: Response) -> bool:
        return self._ids.discard(response.id)


class SortedMembers:
    """In the order of a column, equal ones in order of arrival; or all of that the other way round."""

    __slots__ = ("_pairs", "_reverse", "_sort")

    def __init__(self, column: Column, reverse: bool) -> None:
        self._sort = column.sort
        self._reverse = reverse
        self._pairs = SortedPairs()

    def __len__(self) -> int:
        return self._pairs.total

    def __getitem__(self, index: int) -> int:
        return self._pairs[self._pairs.total - 1 - index if self._reverse else index][1]

    def index(self, response: Response) -> int | None:
        index = self._pairs.index((self._sort(response), response.id))
        return self._pairs.total - 1 - index if self._reverse and index is not None else index

    def near(self, response: Response) -> int:
        index = self.index(response)
        if index is not None:
            return index
        index = self._pairs.near((self._sort(response), response.id))
        return self._pairs.total - index if self._reverse else index

    def insert(self, response: Response) -> None:
        self._pairs.add((self._sort(response), response.id))

    add_newer = add_older = insert

    def discard(self, response: Response) -> bool:
        return self._pairs.remove((self._sort(response), response.id))


def beside(members: Members, response: Response, step: int) -> int:
    """The index after a response, or with -1 before it, wherever it is or would be."""
    index = members.index(response)
    if index is not None:
        return index + step
    return members.near(response) - (step < 0)
