"""Which streams of a connection are over: what comes late on one is no stream of its own (RFC 9113 §5.1)."""

from typing import Final

_KEPT: Final = 4_096
"""Ids that are remembered one by one; of older ones it is taken for known that they are over."""


class EndedStreams:
    """Ids of streams that were told to their end. Most end about in the order of their ids, so few are kept."""

    __slots__ = ("_floors", "_ids")

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._floors = [2, 1]
        """The lowest id that may not be over, of even and of odd ones."""

    def __contains__(self, id: int) -> bool:
        return id < self._floors[id & 1] or id in self._ids

    def add(self, id: int) -> None:
        """A stream is over."""
        floors, ids, parity = self._floors, self._ids, id & 1
        if id != floors[parity]:
            ids.add(id)
            if len(ids) > _KEPT:
                self._compact()
            return
        id += 2
        while id in ids:
            ids.discard(id)
            id += 2
        floors[parity] = id

    def _compact(self) -> None:
        """Take the older half of what is remembered for over, and all between."""
        for parity in (0, 1):
            ids = sorted([id for id in self._ids if id & 1 == parity])
            if ids:
                self._floors[parity] = max(self._floors[parity], ids[len(ids) // 2] + 1)
        self._floors = [floor + (floor + parity) % 2 for parity, floor in enumerate(self._floors)]
        self._ids = {id for id in self._ids if id >= self._floors[id & 1]}
