"""Events in the order of their times, although they were written as the processors of a machine gave them out.

Tracee has a buffer for each processor: a response may stand some lines before its request. So a few lines are kept
back, and leave in the order of their times. What is older than that by more than a moment is another log (two files
joined) and keeps its place, as do lines of ours, which are written when a message ends.
"""

from heapq import heappop, heappush

from httpresp_capture.tracee.shapes import Event

LOOKAHEAD = 256
"""Lines kept back at most."""
JITTER_NS = 2_000_000_000
"""How late an event may be written."""


class Reordering:
    """Takes events in the order of lines, gives them in that of time."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Event]] = []
        """A heap of (time, number, event)."""
        self._newest = 0
        self._count = 0

    def put(self, event: Event) -> list[Event]:
        """Take one; those that nothing can come before any more."""
        place = event.at
        if event.ours or self._newest - place >= JITTER_NS:
            place = self._newest
        self._newest = max(self._newest, place)
        self._count += 1
        heappush(self._waiting, (place, self._count, event))
        waiting = self._waiting
        due: list[Event] = []
        # Lines of ours need not wait, unless they stand behind some that do.
        while waiting and (len(waiting) > LOOKAHEAD or self._newest - waiting[0][0] >= JITTER_NS or waiting[0][2].ours):
            due.append(heappop(waiting)[2])
        return due

    def rest(self) -> list[Event]:
        """All that wait, since nothing comes any more, or not for a while."""
        due: list[Event] = []
        while self._waiting:
            due.append(heappop(self._waiting)[2])
        return due
