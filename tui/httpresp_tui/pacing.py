"""Long work in the time that a screen can spare: the clock of the loop, in one place."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

Done = TypeVar("Done")

SHORT = 0.008
"""Seconds that one step should take at most."""


def work_for(seconds: float, step: Callable[[], bool]) -> bool:
    """Call `step` until it says that it is done, or until the time is up; at least once. True when done."""
    until = perf_counter() + seconds
    while not step():
        if perf_counter() >= until:
            return False
    return True


class Stride:
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
