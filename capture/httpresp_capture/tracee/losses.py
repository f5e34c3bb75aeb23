"""What a run had lost when it wrote a line, as its lines say.

The figures of one run only grow, and so do the numbers of its responses. Where both fall behind where the run began,
the lines of another run begin, and what the run before had lost is added to it. Where only a figure falls, the lines
were sorted: the highest of each counts.
"""

import re
from dataclasses import fields, replace
from typing import Final

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.unread import MOST_KINDS, Unread, together
from httpresp_capture.tracee.values import MOST, Object, flag_in, list_in, number_in, object_in, text_in
from httpresp_capture.tracee.writer import LOST

KIND: Final = re.compile(r"[\w .,:/()-]{1,80}", re.ASCII)
"""A kind of what was not read, as `unread` words it."""
UNITS: Final = frozenset(("packet", "connection", "event"))
_NUMBERS: Final = tuple(each.name for each in fields(Counters) if each.name != "unread")


class Losses:
    """Takes the lines of a stream in their order."""

    def __init__(self) -> None:
        self._before = Counters()
        """Of the runs that are over."""
        self._most = Counters()
        """Of this one."""
        self._lowest = MOST
        """Number of a response of this one."""
        self.latest = Counters()
        """What the newest line says."""
        self._read: Object = {}

    def take(self, ours: Object) -> bool:
        """Another line's `httpresp`; True where it says something new."""
        number = MOST if flag_in(ours, "amends") else number_in(ours, "id", MOST)
        said = object_in(ours, "lost")
        lowest, self._lowest = self._lowest, min(self._lowest, number)
        if not said or said == self._read:
            return False
        self._read = said
        found = _counters(said)
        if number <= lowest and any(getattr(found, name) < getattr(self.latest, name) for name in LOST):
            self._before, self._most = added(self._before, self._most), Counters()
            self._lowest = number
        self.latest = found
        self._most = _highest(self._most, found)
        return True

    @property
    def total(self) -> Counters:
        """Of all runs."""
        return added(self._before, self._most)


def added(first: Counters, second: Counters) -> Counters:
    """Two counts as one; each stays a number that 64 bits hold."""
    sums = {name: min(getattr(first, name) + getattr(second, name), MOST) for name in _NUMBERS}
    return replace(Counters(**sums), unread=together((first.unread, second.unread)))


def _highest(first: Counters, second: Counters) -> Counters:
    """Of each figure the higher one."""
    highest = {name: max(getattr(first, name), getattr(second, name)) for name in _NUMBERS}
    kinds = {(one.kind, one.unit): one for one in first.unread}
    for one in second.unread:
        known = kinds.get((one.kind, one.unit))
        if known is None or known.count < one.count:
            kinds[one.kind, one.unit] = one
    return replace(Counters(**highest), unread=together((tuple(kinds.values())[:MOST_KINDS],)))


def _counters(said: Object) -> Counters:
    numbers = {name: number_in(said, name) for name in LOST}
    kinds = tuple(
        Unread(kind, number_in(each, "count", most=MOST // MOST_KINDS), unit)
        for each in list_in(said, "unread")[:MOST_KINDS]
        if KIND.fullmatch(kind := text_in(each, "kind")) and (unit := text_in(each, "unit")) in UNITS
    )
    return Counters(**numbers, unread=kinds)
