"""What stands in each line of a window, so that only lines which say something else are drawn again."""

from collections.abc import Sequence
from typing import Any


class DrawnLines:
    """Compares by identity: a record is replaced, never changed, and to compare records costs more than to draw."""

    def __init__(self) -> None:
        self._lines: list[tuple[bool, Any] | None] = []

    def forget(self) -> None:
        """All lines are to be drawn."""
        self._lines = []

    def changed(self, lines: Sequence[tuple[bool, Any] | None]) -> list[int] | None:
        """Which lines differ from what was told last: each whether the cursor is on it, and what it shows, or None for
        a blank one. None for another number of lines."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            return None
        return [number for number, (was, now) in enumerate(zip(before, lines, strict=True)) if not _same(was, now)]


def _same(was: tuple[bool, Any] | None, now: tuple[bool, Any] | None) -> bool:
    if was is None or now is None:
        return was is now
    return was[0] == now[0] and was[1] is now[1]
