"""Ids in ascending order that grow at both ends: new responses at one, older ones that a filter finds at the other.

Two arrays, eight bytes an id: `_older` counts down from the middle, `_newer` counts up. So the oldest ids leave from
the end of an array, or from the beginning of the other one, which is closed up only when much of it has left.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice


class IdList:
    """An ascending list of ids; `older` and `newer` are appended in constant time, `insert` is for the odd one."""

    __slots__ = ("_gone", "_newer", "_older")

    def __init__(self) -> None:
        self._older: array[int] = array("q")
        self._newer: array[int] = array("q")
        self._gone = 0
        """Ids at the beginning of `_newer` that are no longer here; then `_older` is empty."""

    def __len__(self) -> int:
        return len(self._older) + len(self._newer) - self._gone

    def __getitem__(self, index: int) -> int:
        offset = index - len(self._older)
        return self._newer[offset + self._gone] if offset >= 0 else self._older[-1 - index]

    def __iter__(self) -> Iterator[int]:
        yield from reversed(self._older)
        yield from islice(self._newer, self._gone, None)

    def add_newer(self, ids: Iterable[int]) -> None:
        """Ascending, each more than the last one here."""
        self._newer.extend(ids)

    def add_older(self, ids: Iterable[int]) -> None:
        """Descending, each less than the first one here."""
        self._older.extend(ids)

    def near(self, id: int) -> int:
        """Where the id is, or would be: the number of ids that are less."""
        gone = self._gone
        if len(self._newer) > gone and id >= self._newer[gone]:
            return len(self._older) + bisect_left(self._newer, id, gone) - gone
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
        offset = index - len(self._older)
        if offset >= 0 and (self._newer or not self._older):
            self._newer.insert(offset + self._gone, id)
        else:
            self._older.insert(len(self._older) - index, id)

    def discard(self, id: int) -> bool:
        """Take an id out; False when it was not here."""
        index = self.index(id)
        if index is None:
            return False
        offset = index - len(self._older)
        if offset >= 0:
            del self._newer[offset + self._gone]
        else:
            del self._older[-1 - index]
        return True

    def forget_before(self, id: int) -> None:
        """Take out every id that is less."""
        gone = self.near(id)
        from_older = min(gone, len(self._older))
        if from_older:
            del self._older[-from_older:]
        self._gone += gone - from_older
        if self._gone * 8 > len(self._newer):
            del self._newer[: self._gone]
            self._gone = 0


class IdQueue:
    """Ids in any order, first in, first out; eight bytes each."""

    __slots__ = ("_gone", "_ids")

    def __init__(self) -> None:
        self._ids: array[int] = array("q")
        self._gone = 0

    def __len__(self) -> int:
        return len(self._ids) - self._gone

    def add(self, ids: Iterable[int]) -> None:
        """Behind all others."""
        self._ids.extend(ids)

    def take(self) -> int:
        """The first one."""
        id = self._ids[self._gone]
        self._gone += 1
        if self._gone > 1_024 and self._gone * 8 > len(self._ids):
            del self._ids[: self._gone]
            self._gone = 0
        return id

    def drop_before(self, id: int) -> int:
        """Let go of what stands in front and is less; how many."""
        dropped = 0
        while self._gone < len(self._ids) and self._ids[self._gone] < id:
            self.take()
            dropped += 1
        return dropped

    def clear(self) -> None:
        """Let them all go."""
        del self._ids[:]
        self._gone = 0


class IdFlags:
    """Which ids are set; a byte each, from the first that is kept."""

    __slots__ = ("_first", "_flags")

    def __init__(self) -> None:
        self._first = 0
        self._flags = bytearray()

    def set(self, id: int) -> bool:
        """False where it was set before, or is one of those that were forgotten."""
        if not self._flags:
            self._first = id
        elif id < self._first:
            self._flags = bytearray(self._first - id) + self._flags
            self._first = id
        index = id - self._first
        if index >= len(self._flags):
            self._flags.extend(bytes(index - len(self._flags) + 1))
        if self._flags[index]:
            return False
        self._flags[index] = 1
        return True

    def clear(self, id: int) -> bool:
        """False where it was not set."""
        index = id - self._first
        if not 0 <= index < len(self._flags) or not self._flags[index]:
            return False
        self._flags[index] = 0
        return True

    def forget_before(self, id: int) -> None:
        """None of these is asked for again."""
        gone = id - self._first
        if gone * 8 > len(self._flags) > 1_024:
            del self._flags[:gone]
            self._first = id
