"""Long work in the time that a screen can spare: the clock of the loop, in one place.

Whatever is long is cut into turns of some milliseconds. Between two turns the loop serves keys and paints; and once a
key has come, no turn begins until what the key does has had the time to be painted. So a key waits for the rest of one
turn, however much there is to do.
"""

from asyncio import sleep
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

Done = TypeVar("Done")

SHORT = 0.003
"""Seconds that one step should take at most."""
TURN = 0.003
"""Seconds of a turn."""
LOOP_ITERATIONS = 4
"""Rounds of the loop between two turns: a key goes through some hands before anybody knows of it."""
HOLD = 0.025
"""Seconds in which a key should have changed something on the screen; some change nothing."""
AFTERWARDS = 0.003
"""Seconds after the paint, for what follows from the change."""


def work_for(seconds: float, step: Callable[[], bool]) -> bool:
    """Call `step` until it says that it is done, or until the time is up; at least once. True when done."""
    until = perf_counter() + seconds
    while not step():
        if perf_counter() >= until:
            return False
    return True


class BatchSize:
    """How many at a time: fewer when the last took long. A filter may read one byte, or run every check."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._least = min(16, most)
        self.size = most

    def take(self, work: Callable[[int], Done]) -> Done:
        """Work on so many; fewer the next time when it took long."""
        begun = perf_counter()
        done = work(self.size)
        took = perf_counter() - begun
        if took > SHORT:
            self.size = max(self._least, self.size // 2)
        elif took < SHORT / 4:
            self.size = min(self._most, self.size * 2)
        return done


class TimeSlices:
    """Says when the next turn may begin."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._held_until = 0.0

    def key_came(self) -> None:
        """Somebody waits for the screen."""
        self._held_until = self._clock() + HOLD

    def painted(self) -> None:
        """It has been seen."""
        self._held_until = min(self._held_until, self._clock() + AFTERWARDS)

    @property
    def held(self) -> float:
        """Seconds that nothing long should begin in."""
        return max(0.0, self._held_until - self._clock())

    async def next(self, *, urgent: bool = False) -> None:
        """Wait for it. Work that is `urgent` waits for nobody, and any other no longer than for one key."""
        for _ in range(LOOP_ITERATIONS):
            await sleep(0)
        if not urgent and (held := self.held):
            await sleep(held)
