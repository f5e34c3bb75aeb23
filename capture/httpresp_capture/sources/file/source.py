"""Files and standard input as a source: pcap, pcapng, events as JSON lines, gzip of any, told by their first bytes.

What can be refused is refused by `open` with `CaptureError`; of a pipe, by `wait_first`, which returns when its first
bytes have come. A file that turns out to be cut or damaged is shown up to there; then `CaptureFailed` says where.
"""

import os
import time

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_capture.sources.file.bytes_in import BytesIn
from httpresp_capture.sources.file.contents import Contents, Packets
from httpresp_capture.sources.file.formats import ENOUGH, contents_of
from httpresp_capture.sources.file.opening import STANDARD_INPUT, open_capture
from httpresp_capture.sources.key_log import KeyLogFile

__all__ = ["FileSource"]

STATUS_EVERY = 0.1
"""Seconds between two `CaptureStatus`."""


class FileSource(ReadingSource):
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
        self._contents: Contents | None = None
        """None until the first bytes have told the format."""
        self._first = b""
        self._stopped = False
        self._closed = False
        self._next_status = 0.0
        self._keys: KeyLogFile | None = None
        self._said: list[CaptureFailed] = []
        """What is to be said of its key log."""

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
            source = cls(escaped(path), os.path.basename(path), open_capture(path), limits, pipeline)
        if source.size is not None:
            source.wait_first()
        return source

    @property
    def size(self) -> int | None:
        """Bytes of a regular file; None for a pipe, whose first bytes are to be waited for."""
        return self._input.size

    @property
    def identity(self) -> tuple[int, int]:
        """Equal for two names of one file."""
        return self._input.identity

    @property
    def holds_events(self) -> bool:
        """True for events instead of packets, once that is known."""
        return self._contents is not None and not isinstance(self._contents, Packets)

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """See `Source`."""
        self._keys = KeyLogFile(path, named=named)
        self._pipeline.expect_secrets()

    def wait_first(self) -> None:
        """Block until the first bytes have come and tell the format; raises `CaptureError` when they are no capture."""
        while self._contents is None and not self._stopped:
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
                self._contents = self._recognise(self._first)
            except CaptureError:
                self.close()
                raise

    def run(self, emit: Emit) -> None:
        """Read to the end. See `Source`."""
        try:
            self.wait_first()
            self._read_on(emit)
            self._finish()
            trouble = self.trouble
        except CaptureError as error:
            trouble = str(error)
        except OSError as error:
            self._finish()
            trouble = f"{self._name} cannot be read on: {error.strerror}{self._so_far()}"
        except Exception as error:
            # The one border: a fault of ours must reach the screen, not end a thread unseen.
            trouble = f"reading {self._name} ended by a fault of this program: {escaped(repr(error))}{self._so_far()}"
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
        contents = self._contents
        if contents is None or self._stopped or contents.trouble:
            return False
        if self._keys is not None:
            self._said += self._keys.give(self._pipeline.add_secrets)
        chunk, self._first = self._first or self._input.read(), b""
        if chunk:
            contents.push(chunk)
        elif chunk is None:
            contents.pause()
        else:
            contents.end()
        return chunk != b""

    def _finish(self) -> None:
        if self._keys is not None:
            self._said += self._keys.give(self._pipeline.add_secrets, last=True)
        if self._contents is not None:
            self._contents.finish()

    def _read_on(self, emit: Emit) -> None:
        while self.step():
            events = self.take()
            now = time.monotonic()
            # With the events goes what was lost until then: a file read again gives the same, however fast it is read.
            if events or now >= self._next_status:
                self._next_status = now + STATUS_EVERY
                emit([self.status(), *events])

    def take(self) -> list[CaptureEvent]:
        """Events since the last call."""
        said, self._said = self._said, []
        came = [] if self._contents is None else self._contents.take(self._input.fraction)
        return [*said, *came]

    def _recognise(self, first: bytes) -> Contents:
        gunzip = self._input.gunzip
        if not first and not (gunzip and gunzip.trouble):
            if self._input.size is None:
                raise CaptureError(f"{self._name} ended before a capture came.")
            raise CaptureError(f"{self._name} is empty: nothing was captured into it.")
        contents = contents_of(first, self._pipeline, self._limits)
        if contents is not None:
            return contents
        if gunzip and gunzip.trouble:
            raise CaptureError(f"{self._name} {gunzip.trouble}, before any packet.")
        from httpresp_capture.sources.file.strangers import what_it_is

        raise CaptureError(what_it_is(self._name, first))

    @property
    def trouble(self) -> str:
        """What is to be said of the input, in one sentence; empty when nothing is."""
        contents = self._contents
        if self._stopped or contents is None:
            return ""
        gunzip = self._input.gunzip
        # A cut gzip also cuts a packet; the cause is what helps.
        if gunzip and gunzip.trouble and not contents.trouble.startswith("is broken"):
            return f"{self._name} {gunzip.trouble}{self._so_far()}"
        if contents.read_whole:
            return f"{self._name} {contents.trouble}."
        if contents.trouble:
            return f"{self._name}{', uncompressed,' if gunzip else ''} {contents.trouble}{self._so_far()}"
        return ""

    def _so_far(self) -> str:
        count = self._contents.count if self._contents else 0
        what = self._contents.unit if self._contents else "packet"
        match count:
            case 0:
                return f"; no {what} before it was read"
            case 1:
                return f"; 1 {what} before it was read"
            case _:
                return f"; {count} {what}s before it were read"

    def status(self, ended: bool = False) -> CaptureStatus:
        """Where it stands."""
        contents = self._contents
        counters = self._pipeline.counters() if contents is None else contents.counters()
        return CaptureStatus(counters, contents.newest if contents else 0, self._input.fraction, ended)
