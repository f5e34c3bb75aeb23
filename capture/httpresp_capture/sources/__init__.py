"""Where packets and events come from. The only rooms that know a clock, a socket or a thread.

Every source has the same entrances, so that the app and whoever has no screen take any of them, a child process too.
"""

from collections.abc import Callable
from typing import Protocol

from httpresp_capture.records.events import CaptureEvent

Emit = Callable[[list[CaptureEvent]], None]
"""Takes a batch and keeps it; must not block and must not raise."""


class Source(Protocol):
    """A capture that is ready to be read: whatever could be refused was refused when it was made, by `CaptureError`.

    In the order of their calls: `begin` when root was given up, `wait_first`, `run`; `close` where it is not run.
    """

    @property
    def label(self) -> str:
        """What the top line calls it: `wlan0`, `f.pcap`, `demo`. May hold text that is not printable."""
        ...

    @property
    def live(self) -> bool:
        """False for what ends by itself."""
        ...

    @property
    def filter_text(self) -> str:
        """What the kernel was asked for, in tcpdump's words; empty where it is asked for nothing."""
        ...

    @property
    def recording(self) -> str:
        """The file that the packets are written to, fit to be shown; empty without one."""
        ...

    @property
    def lost(self) -> int:
        """Events that were dropped on the way here, since they were not taken fast enough."""
        ...

    def begin(self) -> None:
        """What needs root no more, and must not have it: a file that is written is the person's. May raise
        `CaptureError`."""
        ...

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """TLS secrets stand in this file, a key log, and are read as it grows. To be called when root was given up, and
        before `run`. One that somebody `named` as one is `CaptureFailed` where nothing in it can be, and the capture
        goes on."""
        ...

    def wait_first(self) -> None:
        """Block until it is known what a pipe holds; raises `CaptureError` where that cannot be read."""
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

    def record(self, path: str) -> str:
        """From now on write the packets to a new file, too, which is for its owner alone; for an empty path no longer.
        From any thread. Gives a sentence where that cannot be; what goes wrong later is `CaptureFailed`."""
        ...

    def close(self) -> None:
        """Give up a source that will not be run; `run` does this by itself."""
        ...


NOT_LIVE = "What is read from a file is in that file already: e writes the packets of what is shown."


class ReadingSource:
    """The part of `Source` in which one that only reads has nothing to do."""

    filter_text = ""
    recording = ""
    lost = 0

    def begin(self) -> None:
        """Nothing is written."""

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """There is nothing that is encrypted."""

    def wait_first(self) -> None:
        """It is known what comes."""

    def record(self, path: str) -> str:
        """There is a file already."""
        return NOT_LIVE

    def close(self) -> None:
        """Nothing is open."""
