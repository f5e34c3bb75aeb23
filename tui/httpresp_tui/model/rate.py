"""How many come in a second, over the last few seconds. Time is an argument."""

from collections import deque

WINDOW = 3.0
"""Seconds: long enough to be read, short enough to be true."""


class Rate:
    """Tell it what came; ask it for the rate."""

    def __init__(self) -> None:
        self._came: deque[tuple[float, int]] = deque()
        self._sum = 0
        self._begun: float | None = None

    def add(self, now: float, count: int) -> float:
        """`count` came until `now`, in seconds; the rate a second."""
        if self._begun is None:
            self._begun = now
        if count:
            self._came.append((now, count))
            self._sum += count
        while self._came and self._came[0][0] <= now - WINDOW:
            self._sum -= self._came.popleft()[1]
        return self._sum / min(WINDOW, max(1.0, now - self._begun))
