"""Bytes where an answer is due, and that begin no message."""


class Headless:
    """Where they stand in the stream, and when they came; what follows shows whether they are an answer."""

    __slots__ = ("_before", "_edge", "at", "start")

    def __init__(self, start: int, at: int) -> None:
        self.start = self._edge = start
        """Stream offset of the first of them."""
        self.at = at
        """When the newest of them came."""
        self._before = 0

    def passes(self, offset: int, at: int) -> None:
        """More come, together with a byte at stream offset `offset`."""
        self._before, self.at = self.at, at
        self._edge = offset

    def ended_at(self, offset: int, at: int) -> int:
        """When the last of them came, where they end at `offset`, which is known at `at`."""
        return at if offset > self._edge else self._before
