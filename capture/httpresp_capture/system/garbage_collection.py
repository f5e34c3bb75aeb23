"""Settings of Python's garbage collector, for processes in which records live long.

Records are many and never form a cycle, yet a full collection walks every one of them: a third of a second with a
hundred thousand kept, in which no key is seen. So each time a thousand have come, what there is is collected once,
cheaply, and frozen: later collections walk only what came since. A frozen record is still freed when the last reference
to it goes. By itself the collector also walks whatever was drawn or read a moment ago, again and again; its thresholds
make that rare.
"""

import gc
from collections.abc import Callable

__all__ = ["FreezeSchedule", "collect_rarely", "collect_rarely_for_good"]

EVERY = 1_000
"""Records between two freezes: collecting so many takes about a millisecond."""
ON_THE_SCREEN = (50_000, 20, 10)
"""Objects more than there were before the collector walks the youngest of them; rounds before it walks older ones."""
WITHOUT_A_SCREEN = (250_000, 20, 1_000)
"""Where records are handed on and not kept: they hold no cycles, and connections untie theirs. A few thousand of them
at a time stay below it, so that nothing is walked; what a fault might leave in cycles is bounded by some 25 MB."""


class FreezeSchedule:
    """Tell it how many records came."""

    def __init__(self, every: int = EVERY) -> None:
        self._every = every
        self._came = 0
        self._begun = False

    def came(self, records: int) -> bool:
        """Count them in; True when this was the time to freeze."""
        self._came += records
        if self._came < self._every:
            return False
        self._came = 0
        if self._begun:
            gc.collect()
        # The first time there is the whole program to walk, in which there is little to find.
        self._begun = True
        gc.freeze()
        return True


def collect_rarely() -> Callable[[], None]:
    """From now on; what is given back makes it as it was before."""
    before = gc.get_threshold()
    gc.set_threshold(*ON_THE_SCREEN)
    return lambda: gc.set_threshold(*before)


def collect_rarely_for_good() -> None:
    """In a process that reads packets and keeps nothing; what there is already is not walked any more."""
    gc.freeze()
    gc.set_threshold(*WITHOUT_A_SCREEN)
