"""What the sniffer's thread does with the taps: drain, hand over, count, tell the time.

`drain` is the one border of the live source: trouble of a tap and errors of our own become sentences here, since
AsyncSniffer would close a socket over an exception and say nothing.
"""

import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import CaptureFailed, CaptureStatus
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources import Emit
from httpresp_capture.sources.key_log import KeyLogFile
from httpresp_capture.sources.live.recorder import Recorder
from httpresp_capture.sources.live.taps import Feed, Tap, TapLost
from httpresp_capture.system.private import why

__all__ = ["Draining", "our_fault"]

STATUS_EVERY = 0.2
TICK_EVERY = 0.25
"""Seconds."""
SECRETS_COME = 5_000_000_000
"""Nanoseconds after the end of a connection in which its TLS secrets may still come; they take milliseconds."""
LAST_ROUNDS = 256
"""Enough to empty any buffer of ours; a tap that cannot be shut is left then."""


class Draining:
    """One capture, from its first packet to its last status."""

    def __init__(
        self,
        taps: Sequence[Tap],
        pipeline: Pipeline,
        emit: Emit,
        stopping: threading.Event,
        orders: deque[Path | None] | None = None,
    ) -> None:
        self.recorder: Recorder | None = None
        self._orders = deque[Path | None]() if orders is None else orders
        """Files to be written from now on, by whoever asks; None for none any more."""
        self.keys: KeyLogFile | None = None
        self._taps = taps
        self._pipeline = pipeline
        self._emit = emit
        self._stopping = stopping
        self._lost: list[Tap] = []
        self._dropped: Counter[str] = Counter()
        """By the name of the tap."""
        self._newest = 0
        self._idle = True
        """Whether the last tap had nothing."""
        self._failed = False
        self._next_status = self._quiet_since = time.monotonic()

    def drain(self, tap: Tap) -> bool:
        """The border: what is wrong with a tap or with us becomes a sentence. False when the tap is lost."""
        try:
            self._give_keys()
            if self._orders:
                self._change_recording()
            newest = tap.drain(self._feed())
            self._newest = max(self._newest, newest)
            self._idle = not newest
            self._hand_over()
            self._look_at_clock()
        except TapLost as lost:
            self._lost.append(tap)
            self._emit([CaptureFailed(f"{lost} What was captured stays.")])
            return False
        except Exception as error:
            self.fail(our_fault(error))
            self._stopping.set()
            return False
        return True

    def drain_rest(self) -> None:
        """What came in before the taps were shut."""
        for tap in self._taps:
            for _ in range(LAST_ROUNDS):
                if tap in self._lost or self._failed or not self.drain(tap) or self._idle:
                    break

    def fail(self, message: str) -> None:
        """Say it once; the rest is only the way out."""
        if not self._failed:
            self._failed = True
            self._emit([CaptureFailed(message)])

    def finish(self) -> None:
        """End what is open, and send the last status of all."""
        try:
            self._count_drops()
            self._give_keys(last=True)
            self._pipeline.finish()
            self._hand_over()
            self._record_secrets()
            self._record(lambda recorder: recorder.close(self._newest, self._dropped))
        except Exception as error:
            self.fail(our_fault(error))
        self._send_status(ended=True)

    def _change_recording(self) -> None:
        """Another file, or none. What the kernel dropped since the start stands at the end of each."""
        while self._orders:
            path = self._orders.popleft()
            self._record(lambda recorder: recorder.close(self._newest, self._dropped))
            self.recorder = None
            if path is not None:
                try:
                    self.recorder = Recorder(path)
                except OSError as error:
                    said = "a file of this name is there" if isinstance(error, FileExistsError) else why(error)
                    self._emit([CaptureFailed(f"Packets are not written to {escaped(str(path))}: {said}.")])

    def _give_keys(self, *, last: bool = False) -> None:
        if self.keys is not None:
            said = self.keys.give(self._pipeline.add_secrets, last=last)
            if said:
                self._emit([*said])

    def _feed(self) -> Feed:
        return self._pipeline.feed if self.recorder is None else self._feed_and_record

    def _feed_and_record(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...],
    ) -> None:
        self._pipeline.feed(at, buffer, start, end, wire_length, interface, vlans)
        if self.recorder is not None:
            self._record_secrets()  # Before the packet that they open.
            self._record(lambda recorder: recorder.write(at, buffer, start, end, wire_length, interface, vlans))

    def _record_secrets(self) -> None:
        secrets = self._pipeline.sink.secrets
        if secrets is not None and secrets.used:
            lines = secrets.take_used()
            self._record(lambda recorder: recorder.secrets(lines))

    def _record(self, step: Callable[[Recorder], None]) -> None:
        """A full disk ends the recording, not the capture."""
        recorder = self.recorder
        if recorder is None:
            return
        try:
            step(recorder)
        except OSError as error:
            self.recorder = None
            with suppress(OSError):
                recorder.close()
            self._emit([CaptureFailed(f"Packets are no longer written to the file: {error.strerror}.")])

    def _hand_over(self) -> None:
        events = self._pipeline.take()
        if events:
            self._emit(events)

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        if not self._idle:
            self._quiet_since = now
        elif now - self._quiet_since >= TICK_EVERY:
            self._quiet_since = now
            self._pipeline.tick(time.time_ns())
            self._hand_over()
        if now >= self._next_status:
            self._next_status = now + STATUS_EVERY
            self._pipeline.give_up_secrets(time.time_ns() - SECRETS_COME)
            self._hand_over()
            self._count_drops()
            self._record(Recorder.flush)
            self._send_status()

    def _count_drops(self) -> None:
        for tap in self._taps:
            self._dropped[tap.name] += tap.dropped()

    def _send_status(self, ended: bool = False) -> None:
        counters = replace(self._pipeline.counters(), kernel_drops=self._dropped.total())
        self._emit([CaptureStatus(counters, at=self._newest, ended=ended)])


def our_fault(error: Exception) -> str:
    """For a report: what and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"An error of httpresp-tui itself ended the capture: {type(error).__name__}: {error}{where}."
