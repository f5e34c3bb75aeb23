"""Percentiles of waits, by nearest rank: the smallest that so many per cent do not exceed.

A few waits are kept as they are. Many are counted in buckets, so many to a doubling: adding and taking out cost one
look-up however many there are, which a sorted list of a million would not.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

MOST_EXACT = 64
"""Waits that are kept as they are."""
FINE = 8
"""Bits of a wait that are told apart: within half a per cent of what was measured, by 128 buckets to a doubling."""
COARSE = 3
"""Within an eighth, by 4 buckets to a doubling: 160 at most, where there are many of these."""


class Waits:
    """Times to first byte, of which percentiles are asked; of `most_exact` and fewer they are times that were
    measured."""

    __slots__ = ("_bits", "_buckets", "_exact", "_most_exact", "count")

    def __init__(self, bits: int = FINE, most_exact: int = MOST_EXACT) -> None:
        self._bits = bits
        self._most_exact = most_exact
        self._exact: list[int] | None = []
        """Ascending; None once there were too many."""
        self._buckets: dict[int, int] = {}
        self.count = 0

    @property
    def exact(self) -> bool:
        """True while percentiles are times that were measured."""
        return self._exact is not None

    def add(self, ns: int, times: int = 1) -> None:
        """Count one in; with -1, out again."""
        self.count += times
        exact = self._exact
        if exact is None:
            self._count(ns, times)
        elif times < 0:
            del exact[bisect_left(exact, ns)]
        elif len(exact) < self._most_exact:
            insort(exact, ns)
        else:
            self._exact = None
            for each in (*exact, ns):
                self._count(each, 1)
        if not self.count:
            self._exact = []

    def percentiles(self, *wanted: int) -> list[int | None]:
        """The smallest value that so many per cent do not exceed, for each; ascending."""
        # Nearest rank: the first value with at least so many at or below it.
        return self.ranked(*(-(-percent * self.count // 100) for percent in wanted))

    def ranked(self, *ranks: int) -> list[int | None]:
        """The value that stands at each of these places, counted from 1; ascending, and none beyond the last."""
        found: list[int | None] = []
        values = self.values()
        below = 0
        value: int | None = None
        for rank in ranks:
            while below < rank:
                value, times = next(values)
                below += times
            found.append(value)
        return found

    def values(self) -> Iterator[tuple[int, int]]:
        """Each value and how often, ascending."""
        if self._exact is not None:
            return ((value, 1) for value in self._exact)
        return ((_middle(bucket, self._bits), times) for bucket, times in sorted(self._buckets.items()))

    def _count(self, ns: int, times: int) -> None:
        bucket = _bucket(ns, self._bits)
        left = self._buckets.get(bucket, 0) + times
        if left:
            self._buckets[bucket] = left
        else:
            del self._buckets[bucket]


def _bucket(ns: int, bits: int) -> int:
    shift = max(0, ns.bit_length() - bits)
    return (shift << bits) + (ns >> shift)


def _middle(bucket: int, bits: int) -> int:
    shift, top = divmod(bucket, 1 << bits)
    return (top << shift) + ((1 << shift) >> 1)


def percentile(ordered: list[int], percent: int) -> int | None:
    """Of ascending values; None of nothing."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
