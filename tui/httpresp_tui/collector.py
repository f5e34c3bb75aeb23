"""Python's cycle collector, kept away from the records.

Records are many, live long and never form a cycle, yet a full collection walks every one of them: a third of a second
with a hundred thousand kept, in which no key is seen. So each time some thousands have come, what there is is
collected once, cheaply, and frozen: later collections walk only what came since. A frozen record is still freed when
the last reference to it goes.
"""

import gc

EVERY = 10_000
"""Records between two freezes: collecting so many takes some ten milliseconds."""


class Collector:
    """Tell it how many records came."""

    def __init__(self, every: int = EVERY) -> None:
        self._every = every
        self._came = 0

    def came(self, records: int) -> bool:
        """Count them in; True when this was the time to freeze."""
        self._came += records
        if self._came < self._every:
            return False
        self._came = 0
        gc.collect()
        gc.freeze()
        return True
