"""The demo: a bundled capture of real servers and clients, replayed at its own pace through the same pipeline.

The events keep the capture's timestamps, so every run gives the same ones, byte for byte; only when they come is up to
the clock. The capture is made by `tests/recordings`.
"""

import gzip
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from httpresp_capture import sources
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, CaptureStatus
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_capture.sources.file.pcapng import PcapngReader

__all__ = ["DemoSource", "demo_file"]

SECONDS = 25.0
"""How long the whole takes unless told otherwise; about what it took when it was recorded."""
STEP = 0.05
"""Seconds between two batches."""
AT_ONCE = 500
"""Packets a batch when nothing is to be waited for."""

Packet = tuple[int, bytes, int, int, int, Interface]
"""The arguments of `Pipeline.feed`."""


def demo_file() -> Path:
    """The bundled capture."""
    return Path(str(files(sources))) / "demo.pcapng.gz"


class DemoSource(ReadingSource):
    """The bundled capture, once. `pace` is how many seconds it takes; 0 replays it at once."""

    label = "demo"
    live = False

    def __init__(self, limits: Limits, pace: float = SECONDS, pipeline: Pipeline | None = None) -> None:
        self._pipeline = pipeline or Pipeline(limits)
        self._pace = pace
        self._stop = threading.Event()
        self._packets: list[Packet] = []
        self._reader = PcapngReader(self._keep)
        self._reader.secrets_came = self._pipeline.add_secrets
        self._reader.push(gzip.decompress(demo_file().read_bytes()))

    def run(self, emit: Emit) -> None:
        """Replay it. See `Source`."""
        packets, pipeline = self._packets, self._pipeline
        fed = 0
        for due in self._dues():
            for packet in packets[fed:due]:
                pipeline.feed(*packet)
            events: list[CaptureEvent] = pipeline.take()
            if due > fed:
                events.append(self._status(due))
                emit(events)
            fed = due
        pipeline.finish()
        emit([*pipeline.take(), self._status(fed, ended=True)])

    def stop(self) -> None:
        """End `run` within a step."""
        self._stop.set()

    def _keep(self, at: int, buffer: bytes, start: int, end: int, wire_length: int, interface: Interface) -> None:
        self._packets.append((at, buffer, start, end, wire_length, interface))

    def _dues(self) -> Iterator[int]:
        """How many packets are to be out by now, growing to all of them; ends early when stopped."""
        total = len(self._packets)
        if self._pace <= 0:
            yield from range(AT_ONCE, total, AT_ONCE)
            yield total
            return
        times = [packet[0] for packet in self._packets]
        stretch = (times[-1] - times[0]) / self._pace
        begun = time.monotonic()
        due = 0
        while due < total and not self._stop.is_set():
            due = bisect_right(times, times[0] + (time.monotonic() - begun) * stretch)
            yield due
            self._stop.wait(STEP)

    def _status(self, fed: int, ended: bool = False) -> CaptureStatus:
        newest = self._packets[fed - 1][0] if fed else 0
        return CaptureStatus(self._pipeline.counters(), newest, fed / len(self._packets), ended)
