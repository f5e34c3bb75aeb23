"""Sorted lists that grow and shrink anywhere, a million long, without a step that takes long.

Entries stand in blocks of bounded length, so that to put one in moves few of them. Each entry weighs something (a line
of the list, or all lines of a group), and the weights of the blocks, summed up when they are asked for, tell which
entry a line falls into.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Any, Generic, Protocol, TypeVar

Entry = TypeVar("Entry", bound=tuple[Any, ...])


class Blocks(Generic[Entry]):
    """Entries, ascending, no two alike; whoever extends it says what they weigh."""

    MOST = 1_024
    """Entries of a block: a longer one is halved."""

    def __init__(self) -> None:
        self._blocks: list[list[Entry]] = []
        self._lasts: list[Entry] = []
        """The last entry of each block."""
        self._weights: list[int] = []
        self._ends: list[int] | None = []
        """Sums of the weights up to each block; None when they have to be made anew."""
        self.total = 0
        """The weight of all entries."""

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._blocks)

    def weight(self, entry: Entry) -> int:
        """What an entry weighs now."""
        raise NotImplementedError

    def add(self, entry: Entry) -> None:
        """Put an entry in its place."""
        if not self._blocks:
            self._blocks, self._lasts, self._weights = [[]], [entry], [0]
        number = min(bisect_left(self._lasts, entry), len(self._blocks) - 1)
        block = self._blocks[number]
        insort(block, entry)
        self._lasts[number] = block[-1]
        self.weigh(number, self.weight(entry))
        if len(block) > self.MOST:
            halves = block[: self.MOST // 2], block[self.MOST // 2 :]
            self._blocks[number : number + 1] = halves
            self._lasts[number : number + 1] = (half[-1] for half in halves)
            self._weights[number : number + 1] = (sum(map(self.weight, half)) for half in halves)

    def remove(self, entry: Entry) -> bool:
        """Take an entry out; False when it was not here."""
        number, index = self._place(entry)
        if number == len(self._blocks) or self._blocks[number][index] != entry:
            return False
        block = self._blocks[number]
        del block[index]
        self.weigh(number, -self.weight(entry))
        if block:
            self._lasts[number] = block[-1]
        else:
            del self._blocks[number], self._lasts[number], self._weights[number]
        return True

    def weigh(self, number: int, difference: int) -> None:
        """A block weighs so much more."""
        self._weights[number] += difference
        self.total += difference
        self._ends = None

    def _place(self, entry: Entry) -> tuple[int, int]:
        """Block and index where an entry is, or would be."""
        number = bisect_left(self._lasts, entry)
        return number, bisect_left(self._blocks[number], entry) if number < len(self._blocks) else 0

    def _before(self, number: int) -> int:
        """The weight of the blocks before one."""
        if self._ends is None:
            self._ends = list(accumulate(self._weights))
        return self._ends[number - 1] if number else 0

    def _block_at(self, weight: int) -> tuple[int, int]:
        """The block in which so much weight from the beginning is reached, and how far into it."""
        self._before(0)
        number = bisect_right(self._ends or [], weight)
        return number, weight - self._before(number)


class SortedPairs(Blocks[tuple[Any, int]]):
    """(What it is sorted by, id): each weighs one."""

    def weight(self, entry: tuple[Any, int]) -> int:
        """All the same."""
        return 1

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, index: int) -> tuple[Any, int]:
        number, index = self._block_at(index)
        return self._blocks[number][index]

    def near(self, pair: tuple[Any, int]) -> int:
        """Where a pair is, or would be."""
        number, index = self._place(pair)
        return self._before(number) + index

    def index(self, pair: tuple[Any, int]) -> int | None:
        """Where a pair is; None when it is not here."""
        number, index = self._place(pair)
        if number == len(self._blocks) or self._blocks[number][index] != pair:
            return None
        return self._before(number) + index


class High(Protocol):
    """What has a height."""

    lines: int
    """As it was told last."""


Item = TypeVar("Item", bound=High)


class SortedHeights(Blocks[tuple[Any, int, int, Item]], Generic[Item]):
    """(What it is sorted by, two numbers that tell equal ones apart, the thing): each weighs its height."""

    # Within a block heights are added up one by one.
    MOST = 128

    def weight(self, entry: tuple[Any, int, int, Item]) -> int:
        """Its lines."""
        return entry[3].lines

    def resize(self, entry: tuple[Any, int, int, Item], lines: int) -> None:
        """One has so many lines now."""
        self.weigh(self._place(entry)[0], lines - entry[3].lines)
        entry[3].lines = lines

    def reweigh(self) -> None:
        """All have other lines now."""
        self._weights = [sum(map(self.weight, block)) for block in self._blocks]
        self.total = sum(self._weights)
        self._ends = None

    def find(self, line: int) -> tuple[Item, int]:
        """The thing into which a line falls, and how far into it."""
        number, line = self._block_at(line)
        for entry in self._blocks[number]:
            lines = entry[3].lines
            if line < lines:
                return entry[3], line
            line -= lines
        raise IndexError(line)

    def before(self, entry: tuple[Any, int, int, Item]) -> int:
        """Lines before an entry."""
        number, index = self._place(entry)
        return self._before(number) + sum(each[3].lines for each in self._blocks[number][:index])

    def beside(self, entry: tuple[Any, int, int, Item], step: int) -> Item | None:
        """The one after it, or with -1 before it."""
        number, index = self._place(entry)
        index += step
        if not 0 <= index < len(self._blocks[number]):
            number += step
            if not 0 <= number < len(self._blocks):
                return None
            index = 0 if step > 0 else -1
        return self._blocks[number][index][3]

    def edge(self, step: int) -> Item | None:
        """The first, or with -1 the last."""
        if not self._blocks:
            return None
        return self._blocks[0][0][3] if step > 0 else self._blocks[-1][-1][3]
