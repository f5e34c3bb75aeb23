"""Where the detail pane stands: decided from the size of the terminal and what the person asked for."""

from enum import StrEnum

WIDE = 160
"""Columns from which list and detail have room side by side."""
MIDDLE = 100
"""Columns under which one pane takes the whole screen."""
TALL = 34
"""Lines from which list and detail have room one above the other."""


class Layout(StrEnum):
    """What the person asked for, and, except AUTO, what can be."""

    AUTO = "auto"
    BESIDE = "beside"
    BELOW = "below"
    ALONE = "alone"

    @property
    def next(self) -> "Layout":
        """The one after it, round and round."""
        order = list(Layout)
        return order[(order.index(self) + 1) % len(order)]


def resolve(wanted: Layout, width: int, height: int) -> Layout:
    """The layout for a terminal of this size; what was asked for holds wherever it can be read at all."""
    if wanted is Layout.ALONE:
        return wanted
    if wanted is Layout.BESIDE:
        return wanted if width >= MIDDLE else Layout.ALONE
    if wanted is Layout.BELOW:
        return wanted if height >= 20 else Layout.ALONE
    if width >= WIDE:
        return Layout.BESIDE
    if width < MIDDLE or height < TALL:
        return Layout.ALONE
    return Layout.BELOW
