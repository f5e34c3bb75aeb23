"""What only the garbage collector could free: what refers to itself in a circle."""

import gc
from collections.abc import Callable


def left_by(run: Callable[[], None]) -> set[str]:
    """Names of the types of objects that are left in cycles when `run` is over and its own names are gone."""
    gc.collect()
    gc.disable()
    try:
        run()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return {type(thing).__name__ for thing in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
