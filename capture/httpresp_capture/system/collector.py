"""Python's cycle collector, kept away from the records and from the person.

Records are many, live long and never form a cycle, yet a full collection walks every one of them: a third of a second
with a hundred thousand kept, in which no key is seen. So each time a thousand have come, what there is is
collected once, cheaply, and frozen: later collections walk only what came since. A frozen record is still freed when
the last reference to it goes.

By itself the collector also walks whatever the screen has just drawn, again and again; `seldom` makes that rare.
"""

import gc
from collections.abc import Callable

EVERY = 1_000
"""Records between two freezes: collecting so many takes about a millisecond."""
SELDOM = (50_000, 20, 10)
"""Objects more than there were before the collector walks the youngest of them; rounds before it walks older ones."""


class Collector:
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


def seldom() -> Callable[[], None]:
    """From now on; what is given back makes it as it was before."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    return lambda: gc.set_threshold(*before)
