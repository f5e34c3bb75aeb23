"""Ids in ascending order that grow at both ends: new responses at one, older ones that a filter finds at the other.

Two arrays, eight bytes an id: `_older` counts down from the middle, `_newer` counts up. So the oldest ids leave from
the end of an array as well, and nothing is ever moved to make room.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator


class IdList:
    """An ascending list of ids; `older` and `newer` are appended in constant time, `insert` is for the odd one."""

    __slots__ = ("_newer", "_older")

    def __init__(self) -> None:
        self._older: array[int] = array("q")
        self._newer: array[int] = array("q")

    def __len__(self) -> int:
        return len(self._older) + len(self._newer)

    def __getitem__(self, index: int) -> int:
        place = index - len(self._older)
        return self._newer[place] if place >= 0 else self._older[-1 - index]

    def __iter__(self) -> Iterator[int]:
        yield from reversed(self._older)
        yield from self._newer

    def add_newer(self, ids: Iterable[int]) -> None:
        """Ascending, each more than the last one here."""
        self._newer.extend(ids)

    def add_older(self, ids: Iterable[int]) -> None:
        """Descending, each less than the first one here."""
        self._older.extend(ids)

    def near(self, id: int) -> int:
        """Where the id is, or would be: the number of ids that are less."""
        if self._newer and id >= self._newer[0]:
            return len(self._older) + bisect_left(self._newer, id)
        return len(self._older) - bisect_left(self._older, -id + 1, key=int.__neg__)

    def index(self, id: int) -> int | None:
        """Where the id is; None when it is not here."""
        index = self.near(id)
        return index if index < len(self) and self[index] == id else None

    def insert(self, id: int) -> None:
        """Put an id in its place, unless it is here."""
        index = self.near(id)
        if index < len(self) and self[index] == id:
            return
        place = index - len(self._older)
        if place >= 0 and (self._newer or not self._older):
            self._newer.insert(place, id)
        else:
            self._older.insert(len(self._older) - index, id)

    def discard(self, id: int) -> bool:
        """Take an id out; False when it was not here."""
        index = self.index(id)
        if index is None:
            return False
        place = index - len(self._older)
        if place >= 0:
            del self._newer[place]
        else:
            del self._older[-1 - index]
        return True

    def forget_before(self, id: int) -> None:
        """Take out every id that is less."""
        gone = self.near(id)
        from_older = min(gone, len(self._older))
        if from_older:
            del self._older[-from_older:]
        if gone > from_older:
            del self._newer[: gone - from_older]
