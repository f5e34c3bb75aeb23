"""Python's cycle collector in a process that reads packets and keeps nothing."""

import gc

__all__ = ["collect_seldom"]


def collect_seldom() -> None:
    """Records hold no cycles and connections untie theirs, so the collector would only walk over what lives."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)
