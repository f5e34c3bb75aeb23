"""What stands in the `Sink` for a connection that waits for keys, or whose keys are sought.

It is none itself: a class cannot have two bases that are compiled.
"""

from collections.abc import Callable

from httpresp_capture.sink import Seeks, WaitsForSecrets


class Waiter(WaitsForSecrets):
    """For one that waits."""

    __slots__ = ("_came", "_give_up", "random")

    def __init__(self, random: bytes, came: Callable[[], None], give_up: Callable[[], None]) -> None:
        self.random = random
        """The client random under which it stands there."""
        self._came = came
        self._give_up = give_up

    def secret_came(self) -> None:
        """See `WaitsForSecrets`."""
        self._came()

    def give_up_secrets(self) -> None:
        """See `WaitsForSecrets`."""
        self._give_up()


class Seeker(Seeks):
    """For one whose keys are sought."""

    __slots__ = ("_seek",)

    def __init__(self, seek: Callable[[int, int], int]) -> None:
        self._seek = seek

    def seek(self, at: int, trials: int) -> int:
        """See `Seeks`."""
        return self._seek(at, trials)
