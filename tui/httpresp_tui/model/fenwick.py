"""Sums of heights: which group stands at a line, and at which line a group begins, in a few steps.

A Fenwick tree (Fenwick 1994): `_sums[i]` holds the sum of the heights of `i & -i` places that end with place i - 1.
It grows at its end alone, so places that grow at both ends are two trees, back to back.
"""

from collections.abc import Iterable


class Fenwick:
    """Heights at places 0, 1, 2 ...; grows as places are added."""

    __slots__ = ("_count", "_size", "_sums")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        values = list(heights)
        self._count = len(values)
        self._size = 1
        while self._size < self._count:
            self._size *= 2
        self._sums = [0, *values, *[0] * (self._size - self._count)]
        for place in range(1, self._size + 1):
            above = place + (place & -place)
            if above <= self._size:
                self._sums[above] += self._sums[place]

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self._sums[self._size]

    def append(self, height: int) -> None:
        """One more place at the end."""
        if self._count == self._size:
            self._sums.extend([0] * self._size)
            self._size *= 2
            self._sums[self._size] = self._sums[self._size // 2]
        self._count += 1
        self.add(self._count - 1, height)

    def add(self, place: int, difference: int) -> None:
        """Make one height more or less."""
        place += 1
        while place <= self._size:
            self._sums[place] += difference
            place += place & -place

    def before(self, place: int) -> int:
        """The sum of the heights of all places before this one."""
        result = 0
        while place:
            result += self._sums[place]
            place -= place & -place
        return result

    def find(self, line: int) -> tuple[int, int]:
        """The place in which a line falls, and how far into it."""
        place = 0
        half = self._size
        while half:
            ahead = place + half
            if ahead <= self._size and self._sums[ahead] <= line:
                line -= self._sums[ahead]
                place = ahead
            half //= 2
        return place, line


class Heights:
    """Heights at places ... -2, -1, 0, 1, 2 ...; grows as places are added at either end."""

    __slots__ = ("_newer", "_older")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._older = Fenwick()
        """Place -1 first."""
        self._newer = Fenwick(heights)

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self._older.total + self._newer.total

    def append(self, height: int) -> None:
        """One more place after the last."""
        self._newer.append(height)

    def prepend(self, height: int) -> None:
        """One more place before the first."""
        self._older.append(height)

    def add(self, place: int, difference: int) -> None:
        """Make one height more or less."""
        if place >= 0:
            self._newer.add(place, difference)
        else:
            self._older.add(-1 - place, difference)

    def before(self, place: int) -> int:
        """The sum of the heights of all places before this one."""
        if place >= 0:
            return self._older.total + self._newer.before(place)
        return self._older.total - self._older.before(-place)

    def find(self, line: int) -> tuple[int, int]:
        """The place in which a line falls, and how far into it."""
        older = self._older
        below = line - older.total
        if below >= 0:
            return self._newer.find(below)
        place, _ = older.find(-1 - below)
        return -1 - place, below + older.before(place + 1)
