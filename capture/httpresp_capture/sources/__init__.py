"""Where packets come from. The only rooms that know a clock, a socket or a thread.

Every source has the same two entrances, so that the app and the headless printer take any of them.
"""

from collections.abc import Callable
from typing import Protocol

from httpresp_capture.records.events import CaptureEvent

Emit = Callable[[list[CaptureEvent]], None]
"""Takes a batch and keeps it; must not block and must not raise."""


class Source(Protocol):
    """A capture that is ready to be read: whatever could be refused was refused when it was made, by `CaptureError`."""

    @property
    def label(self) -> str:
        """What the top line calls it: `wlan0`, `f.pcap`, `demo`. May hold text that is not printable."""
        ...

    @property
    def live(self) -> bool:
        """False for what ends by itself."""
        ...

    def run(self, emit: Emit) -> None:
        """Read to the end or until `stop`, on the calling thread or one of its own, and emit batches.

        Blocks until it is over. Never raises for what comes from the wire: trouble is `CaptureFailed`, and the last
        event of all is `CaptureStatus` with `ended`.
        """
        ...

    def stop(self) -> None:
        """End `run` soon, from any thread; what was read is still emitted."""
        ...
