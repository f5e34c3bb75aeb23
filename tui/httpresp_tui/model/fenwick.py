"""Sums of heights: which group stands at a line, and at which line a group begins, in a few steps.

A Fenwick tree (Fenwick 1994): `_sums[i]` holds the sum of the heights of `i & -i` slots that end with slot i - 1.
It grows at its end alone, so slots that grow at both ends are two trees, back to back.
"""

from collections.abc import Iterable


class Fenwick:
    """Heights at slots 0, 1, 2 ...; grows as slots are added."""

    __slots__ = ("_count", "_size", "_sums")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        values = list(heights)
        self._count = len(values)
        self._size = 1
        while self._size < self._count:
            self._size *= 2
        self._sums = [0, *values, *[0] * (self._size - self._count)]
        for slot in range(1, self._size + 1):
            above = slot + (slot & -slot)
            if above <= self._size:
                self._sums[above] += self._sums[slot]

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self._sums[self._size]

    def append(self, height: int) -> None:
        """One more slot at the end."""
        if self._count == self._size:
            self._sums.extend([0] * self._size)
            self._size *= 2
            self._sums[self._size] = self._sums[self._size // 2]
        self._count += 1
        self.add(self._count - 1, height)

    def add(self, slot: int, difference: int) -> None:
        """Make one height more or less."""
        slot += 1
        while slot <= self._size:
            self._sums[slot] += difference
            slot += slot & -slot

    def before(self, slot: int) -> int:
        """The sum of the heights of all slots before this one."""
        result = 0
        while slot:
            result += self._sums[slot]
            slot -= slot & -slot
        return result

    def find(self, line: int) -> tuple[int, int]:
        """The slot in which a line falls, and how far into it."""
        slot = 0
        half = self._size
        while half:
            ahead = slot + half
            if ahead <= self._size and self._sums[ahead] <= line:
                line -= self._sums[ahead]
                slot = ahead
            half //= 2
        return slot, line


class Heights:
    """Heights at slots ... -2, -1, 0, 1, 2 ...; grows as slots are added at either end."""

    __slots__ = ("_newer", "_older")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._older = Fenwick()
        """Slot -1 first."""
        self._newer = Fenwick(heights)

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self._older.total + self._newer.total

    def append(self, height: int) -> None:
        """One more slot after the last."""
        self._newer.append(height)

    def prepend(self, height: int) -> None:
        """One more slot before the first."""
        self._older.append(height)

    def add(self, slot: int, difference: int) -> None:
        """Make one height more or less."""
        if slot >= 0:
            self._newer.add(slot, difference)
        else:
            self._older.add(-1 - slot, difference)

    def before(self, slot: int) -> int:
        """The sum of the heights of all slots before this one."""
        if slot >= 0:
            return self._older.total + self._newer.before(slot)
        return self._older.total - self._older.before(-slot)

    def find(self, line: int) -> tuple[int, int]:
        """The slot in which a line falls, and how far into it."""
        older = self._older
        below = line - older.total
        if below >= 0:
            return self._newer.find(below)
        slot, _ = older.find(-1 - below)
        return -1 - slot, below + older.before(slot + 1)
