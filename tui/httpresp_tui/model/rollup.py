"""What a group's row says of its responses: sums, and percentiles that can be taken back.

A few waits are kept as they are. Many are counted in buckets, each within half a per cent of what fell into it (128 to
a doubling): adding and taking out cost one look-up however many there are, which a sorted list of a million would not.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.store import CLASSES

MOST_EXACT = 64
"""Waits that are kept as they are."""
_BITS = 8


class Waits:
    """Times to first byte, of which percentiles are asked."""

    __slots__ = ("_buckets", "_exact", "count")

    def __init__(self) -> None:
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
        elif len(exact) < MOST_EXACT:
            insort(exact, ns)
        else:
            self._exact = None
            for each in (*exact, ns):
                self._count(each, 1)
        if not self.count:
            self._exact = []

    def percentiles(self, *wanted: int) -> list[int | None]:
        """The smallest value that so many per cent do not exceed, for each; ascending."""
        found: list[int | None] = []
        values = self._values()
        below = 0
        value: int | None = None
        for percent in wanted:
            # Nearest rank: the first value with at least so many at or below it.
            while below * 100 < percent * self.count:
                value, times = next(values)
                below += times
            found.append(value)
        return found

    def _values(self) -> Iterator[tuple[int, int]]:
        """Each value and how often, ascending."""
        if self._exact is not None:
            return ((value, 1) for value in self._exact)
        return ((_middle(bucket), times) for bucket, times in sorted(self._buckets.items()))

    def _count(self, ns: int, times: int) -> None:
        bucket = _bucket(ns)
        left = self._buckets.get(bucket, 0) + times
        if left:
            self._buckets[bucket] = left
        else:
            del self._buckets[bucket]


def _bucket(ns: int) -> int:
    shift = max(0, ns.bit_length() - _BITS)
    return (shift << _BITS) + (ns >> shift)


def _middle(bucket: int) -> int:
    shift, top = divmod(bucket, 1 << _BITS)
    return (top << shift) + ((1 << shift) >> 1)


class Rollup:
    """Sums over the responses of a group."""

    __slots__ = ("bytes", "classes", "problems", "waits")

    def __init__(self) -> None:
        self.classes = [0] * CLASSES
        self.bytes = 0
        self.problems = 0
        self.waits = Waits()

    def add(self, response: Response, times: int = 1) -> None:
        """Count one in; with -1, out again: the record must be the one that was counted in."""
        self.classes[response.status_class] += times
        self.bytes += times * response.body_bytes
        if response.problems or response.gaps or response.conflicts:
            self.problems += times
        wait = response.first_byte_ns
        if wait is not None:
            self.waits.add(wait, times)
