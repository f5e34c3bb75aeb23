"""Files and standard input as a source: pcap, pcapng, events as JSON lines, gzip of any, told by their first bytes.

What can be refused is refused by `open` with `CaptureError`; of a pipe, by `wait_first`, which returns when its first
bytes have come. A file that turns out to be cut or damaged is shown up to there; then `CaptureFailed` says where.
"""

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit
from httpresp_capture.sources.file.bytes_in import BytesIn
from httpresp_capture.sources.file.formats import ENOUGH, READERS
from httpresp_capture.sources.file.opening import STANDARD_INPUT, open_capture, plain_name
from httpresp_capture.sources.file.reader import CaptureReader

if TYPE_CHECKING:
    from httpresp_capture.sources.file.tracee import LineReader

__all__ = ["FileSource"]

STATUS_EVERY = 0.1
"""Seconds between two `CaptureStatus`."""


class FileSource:
    """One capture file, read once. `emit` may block: a file can wait for whoever takes its events."""

    live = False

    def __init__(
        self, name: str, label: str, descriptor: int, limits: Limits, pipeline: Pipeline | None = None
    ) -> None:
        self.label = label
        self._name = name
        """For messages: the path as it was given, without control characters."""
        self._input = BytesIn(descriptor)
        self._limits = limits
        self._pipeline = pipeline or Pipeline(limits)
        self._reader: CaptureReader | None = None
        self._lines: LineReader | None = None
        """The reader again, where it reads events and no packets."""
        self._first = b""
        self._stopped = False
        self._closed = False
        self._next_status = 0.0

    @classmethod
    def open(cls, path: str, limits: Limits, pipeline: Pipeline | None = None) -> "FileSource":
        """Open a path, or standard input for `-`; raises `CaptureError` with what is wrong with it."""
        if path == "-":
            # A descriptor of our own, so that the keyboard can take the place of standard input.
            source = cls(STANDARD_INPUT, STANDARD_INPUT, os.dup(0), limits, pipeline)
            if os.isatty(0):
                source.close()
                raise CaptureError("standard input is a terminal, not a capture. Pipe one in: tcpdump -U -w - | …")
        else:
            source = cls(plain_name(path), os.path.basename(path), open_capture(path), limits, pipeline)
        if source.size is not None:
            source.wait_first()
        return source

    @property
    def size(self) -> int | None:
        """Bytes of a regular file; None for a pipe, whose first bytes are to be waited for."""
        return self._input.size

    @property
    def holds_events(self) -> bool:
        """True for events as JSON lines, once that is known."""
        return self._lines is not None

    @property
    def key_log(self) -> bytes:
        """TLS key log lines that the file brought along so far."""
        return b"".join(self._reader.key_log) if self._reader else b""

    def wait_first(self) -> None:
        """Block until the first bytes have come and tell the format; raises `CaptureError` when they are no capture."""
        while not self._reader and not self._stopped:
            try:
                chunk = self._input.read()
            except OSError as error:
                self.close()
                raise CaptureError(f"{self._name} cannot be read: {error.strerror}.") from error
            if chunk is None:
                continue
            self._first += chunk
            if chunk and len(self._first) < ENOUGH:
                continue
            try:
                self._reader = self._recognise(self._first)
            except CaptureError:
                self.close()
                raise

    def run(self, emit: Emit) -> None:
        """Read to the end. See `Source`."""
        pipeline = self._pipeline
        try:
            self.wait_first()
            self._read_on(emit)
            pipeline.finish()
            trouble = self.trouble
        except CaptureError as error:
            trouble = str(error)
        except OSError as error:
            pipeline.finish()
            trouble = f"{self._name} cannot be read on: {error.strerror}{self._so_far()}"
        except Exception as error:
            # The one border: a fault of ours must reach the screen, not end a thread unseen.
            trouble = (
                f"reading {self._name} ended by a fault of this program: {plain_name(repr(error))}{self._so_far()}"
            )
        events = [self.status(), *self.take()]
        if trouble:
            events.append(CaptureFailed(trouble))
        events.append(self.status(ended=True))
        self.close()
        emit(events)

    def stop(self) -> None:
        """End `run` after the chunk at hand."""
        self._stopped = True

    def close(self) -> None:
        """Give up a source that will not be run; `run` does this by itself."""
        if not self._closed:
            self._closed = True
            self._input.close()

    def step(self) -> bool:
        """Read on by one chunk, or wait a moment for one; False at the end. Raises `CaptureError` and OSError."""
        self.wait_first()
        reader = self._reader
        if reader is None or self._stopped or reader.trouble:
            return False
        chunk, self._first = self._first or self._input.read(), b""
        if chunk:
            reader.push(chunk)
        elif chunk is None:
            reader.pause()
            if self._limits.progress_ns:
                # A pipe that is quiet: what came last is not to wait for the packet after it.
                self._pipeline.tell_growth(reader.newest, quiet=True)
        else:
            reader.end()
        return chunk != b""

    def _read_on(self, emit: Emit) -> None:
        while self.step():
            events = self.take()
            now = time.monotonic()
            # With the events goes what was lost until then: a file read again gives the same, however fast it is read.
            if events or now >= self._next_status:
                self._next_status = now + STATUS_EVERY
                emit([self.status(), *events])

    def take(self) -> list[CaptureEvent]:
        """Events since the last call: lines hold them, packets become them in the pipeline."""
        if self._lines is None:
            return self._pipeline.take()
        fraction = self._input.fraction
        events = self._lines.take()
        return [replace(each, fraction=fraction) if isinstance(each, CaptureStatus) else each for each in events]

    def _recognise(self, first: bytes) -> CaptureReader:
        if not first and not (self._input.gunzip and self._input.gunzip.trouble):
            if self._input.size is None:
                raise CaptureError(f"{self._name} ended before a capture came.")
            raise CaptureError(f"{self._name} is empty: nothing was captured into it.")
        reader = READERS.get(first[:ENOUGH])
        if reader is not None:
            return reader(self._pipeline.feed)
        # Loaded only for what is no packets.
        from httpresp_capture.sources.file.strangers import json_that_is_no_lines, what_it_is
        from httpresp_capture.sources.file.tracee import LineReader, is_event_stream

        if is_event_stream(first):
            if other := json_that_is_no_lines(self._name, first):
                raise CaptureError(other)
            self._lines = LineReader(self._pipeline.feed, self._limits)
            return self._lines
        if self._input.gunzip and self._input.gunzip.trouble:
            raise CaptureError(f"{self._name} {self._input.gunzip.trouble}, before any packet.")
        raise CaptureError(what_it_is(self._name, first))

    @property
    def trouble(self) -> str:
        """What is to be said of the input, in one sentence; empty when nothing is."""
        if self._stopped or self._reader is None:
            return ""
        gunzip = self._input.gunzip
        # A cut gzip also cuts a packet; the cause is what helps.
        if gunzip and gunzip.trouble and not self._reader.trouble.startswith("is broken"):
            return f"{self._name} {gunzip.trouble}{self._so_far()}"
        if self._lines is not None and self._lines.bad_lines:
            # They were passed over: all the rest was read.
            return f"{self._name} {self._reader.trouble}."
        if self._reader.trouble:
            return f"{self._name}{', uncompressed,' if gunzip else ''} {self._reader.trouble}{self._so_far()}"
        return ""

    def _so_far(self) -> str:
        packets = self._reader.packets if self._reader else 0
        what = "packet" if self._lines is None else "line"
        match packets:
            case 0:
                return f"; no {what} before it was read"
            case 1:
                return f"; 1 {what} before it was read"
            case _:
                return f"; {packets} {what}s before it were read"

    def status(self, ended: bool = False) -> CaptureStatus:
        """Where it stands."""
        counters = self._pipeline.counters() if self._lines is None else self._lines.counters()
        newest = 0
        if self._reader:
            newest = self._reader.newest
            drops, misaligned = self._reader.interface_drops, self._reader.misaligned
            if drops or misaligned:
                counters = replace(counters, interface_drops=drops, misaligned=misaligned)
        return CaptureStatus(counters, newest, self._input.fraction, ended)
