"""What an input holds, packets or events: bytes in as they come, events out.

`Contents` is all that a source asks of it. `Packets` is a capture, whose reader feeds a pipeline; events as JSON lines
are read by `tracee.LineReader`, without one.
"""

from dataclasses import replace
from typing import Protocol

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.sources.file.reader import CaptureReader

__all__ = ["Contents", "Packets"]


class Contents(Protocol):
    """Takes the bytes of one input, in chunks of any size."""

    @property
    def unit(self) -> str:
        """What is counted: `packet` or `line`."""
        ...

    @property
    def count(self) -> int:
        """How many of these were read."""
        ...

    @property
    def newest(self) -> int:
        """Latest timestamp, ns; 0 before the first."""
        ...

    @property
    def trouble(self) -> str:
        """A phrase that follows the name of the input, e.g. `ends in the middle of a packet at byte 96`. Where it is
        set before the end, nothing more is read."""
        ...

    @property
    def read_whole(self) -> bool:
        """True where the trouble is about parts that were passed over, and all the rest was read."""
        ...

    def push(self, chunk: bytes) -> None:
        """Take the next bytes."""
        ...

    def pause(self) -> None:
        """Nothing came for a while, and more may."""
        ...

    def end(self) -> None:
        """The input is over: what is left of an incomplete record is trouble."""
        ...

    def finish(self) -> None:
        """Whatever was under way is over, although the input may have ended too early."""
        ...

    def take(self, fraction: float | None) -> list[CaptureEvent]:
        """Events since the last call; so much of the input was read."""
        ...

    def counters(self) -> Counters:
        """Totals so far."""
        ...


class Packets:
    """A capture: a reader that was made for the pipeline, and that pipeline."""

    unit = "packet"
    read_whole = False

    def __init__(self, reader: CaptureReader, pipeline: Pipeline, *, tells_growth: bool) -> None:
        self._reader = reader
        self._pipeline = pipeline
        self._tells_growth = tells_growth
        reader.secrets_came = pipeline.add_secrets
        self.push = reader.push
        self.end = reader.end
        self.finish = pipeline.finish

    @property
    def count(self) -> int:
        return self._reader.packets

    @property
    def newest(self) -> int:
        return self._reader.newest

    @property
    def trouble(self) -> str:
        return self._reader.trouble

    def pause(self) -> None:
        """A pipe that is quiet: what came last is not to wait for the packet after it."""
        if self._tells_growth:
            self._pipeline.tell_growth(self._reader.newest, quiet=True)

    def take(self, fraction: float | None) -> list[CaptureEvent]:
        """Of the pipeline, which tells no status."""
        return self._pipeline.take()

    def counters(self) -> Counters:
        """Of the pipeline, and what the reader alone knows."""
        counters = self._pipeline.counters()
        drops, misaligned = self._reader.interface_drops, self._reader.misaligned
        if drops or misaligned:
            return replace(counters, interface_drops=drops, misaligned=misaligned)
        return counters
