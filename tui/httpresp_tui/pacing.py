"""Long work in the time that a screen can spare: the clock of the loop, in one place."""

from collections.abc import Callable
from time import perf_counter


def work_for(seconds: float, step: Callable[[], bool]) -> bool:
    """Call `step` until it says that it is done, or until the time is up; at least once. True when done."""
    until = perf_counter() + seconds
    while not step():
        if perf_counter() >= until:
            return False
    return True
