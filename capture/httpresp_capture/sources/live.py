"""The live source: taps on interfaces, drained into the pipeline on the sniffer's thread.

Everything that can be refused is refused in `open`, before the screen is taken and while the process may still be
root. `run` then needs no privilege. All of the work, and each look at the clock, is done on one thread; that thread's
border is `_Capture.drain`, and an error of our own ends the capture there with a sentence.
"""

import errno
import socket
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from httpresp_capture.bpf import KEEP, KernelFilter, filter_for_rules, filter_for_text
from httpresp_capture.errors import CaptureError
from httpresp_capture.events import CaptureFailed, CaptureStatus, Interface, replace
from httpresp_capture.limits import Limits
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.sources import Emit
from httpresp_capture.sources.interfaces import State, list_interfaces, shown
from httpresp_capture.sources.recorder import Recorder
from httpresp_capture.sources.refusals import is_down, no_permission, no_such_interface
from httpresp_capture.sources.taps import Feed, Tap, TapLost

__all__ = ["LiveSource"]

STATUS_EVERY = 0.2
TICK_EVERY = 1.0
LAST_BLOCK = 0.05
"""Seconds in which the kernel surely hands the open block of a ring over."""


class LiveSource:
    """Interfaces, open and filtered, waiting to be read."""

    live = True

    def __init__(
        self, taps: Sequence[Tap], kernel_filter: KernelFilter, pipeline: Pipeline, write_path: Path | None = None
    ) -> None:
        self._taps = list(taps)
        self._filter = kernel_filter
        self._pipeline = pipeline
        self._write_path = write_path
        self._recorder: Recorder | None = None
        self._stopping = threading.Event()

    @classmethod
    def open(
        cls,
        interfaces: Sequence[str],
        *,
        filter_text: str | None = None,
        ports: Sequence[int | str] = (),
        hosts: Sequence[str] = (),
        tunnels: bool = False,
        promiscuous: bool = True,
        snaplen: int = KEEP,
        limits: Limits | None = None,
        ring: bool = True,
        buffer_mb: int = 32,
        write_path: Path | None = None,
        pipeline: Pipeline | None = None,
    ) -> "LiveSource":
        """Open, filter and bind a socket for each interface; raises `CaptureError`. Needs CAP_NET_RAW, once."""
        if filter_text is not None and (ports or hosts):
            raise CaptureError("-f says it all: put the ports and hosts into it, and leave -p and --host out.")
        kernel_filter = filter_for_rules(ports, hosts, tunnels) if filter_text is None else filter_for_text(filter_text)
        names = ["any"] if "any" in interfaces else list(dict.fromkeys(interfaces))
        _check_names(names)
        open_tap = _opener(kernel_filter, promiscuous, snaplen or KEEP, ring, buffer_mb)
        taps: list[Tap] = []
        try:
            for name in names:
                taps.append(open_tap(name))  # noqa: PERF401  (those opened before a refusal are to be closed)
        except CaptureError:
            _close(taps)
            raise
        except OSError as error:
            _close(taps)
            raise _refusal(error, names[len(taps)], names, kernel_filter) from None
        return cls(taps, kernel_filter, pipeline or Pipeline(limits or Limits()), write_path)

    @property
    def label(self) -> str:
        """The interfaces."""
        return ", ".join(tap.name for tap in self._taps)

    @property
    def filter_text(self) -> str:
        """The kernel's filter in tcpdump's words."""
        return self._filter.words

    def open_recording(self) -> None:
        """Begin the file of `-w`; raises `CaptureError`. Call it when root is given up: the file is not root's."""
        if self._write_path is None or self._recorder is not None:
            return
        try:
            self._recorder = Recorder(self._write_path)
        except OSError as error:
            raise CaptureError(f"cannot write {shown(str(self._write_path))}: {error.strerror}.") from None

    def run(self, emit: Emit) -> None:
        """Read until `stop`, or until the last interface is lost."""
        capture = _Capture(self._taps, self._pipeline, emit, self._stopping)
        try:
            self.open_recording()
            capture.recorder = self._recorder
            from httpresp_capture.sources.other import quiet_scapy

            quiet_scapy()
            from httpresp_capture.sources.sniffer import sniff

            sniff(self._taps, capture.drain, self._stopping)
            for tap in self._taps:
                tap.shut()
            time.sleep(LAST_BLOCK)
            capture.drain_rest()
        except CaptureError as error:
            capture.fail(f"{error}")
        except Exception as error:
            capture.fail(_our_fault(error))
        capture.finish()
        _close(self._taps)

    def stop(self) -> None:
        """End `run` within a fraction of a second."""
        self._stopping.set()


class _Capture:
    """What the sniffer's thread does: drain, emit, count, tell the time."""

    def __init__(self, taps: Sequence[Tap], pipeline: Pipeline, emit: Emit, stopping: threading.Event) -> None:
        self.recorder: Recorder | None = None
        self._taps = taps
        self._pipeline = pipeline
        self._emit = emit
        self._stopping = stopping
        self._lost: list[Tap] = []
        self._dropped: Counter[str] = Counter()
        """By the name of the tap."""
        self._newest = 0
        self._failed = False
        self._next_status = self._quiet_since = time.monotonic()

    def drain(self, tap: Tap) -> bool:
        """The border: what is wrong with a tap or with us becomes a sentence. False when the tap is lost."""
        try:
            newest = tap.drain(self._feed())
            self._newest = max(self._newest, newest)
            self._hand_over()
            self._look_at_clock(idle=not newest)
        except TapLost as lost:
            self._lost.append(tap)
            self._emit([CaptureFailed(f"{lost} What was captured stays.")])
            return False
        except Exception as error:
            self.fail(_our_fault(error))
            self._stopping.set()
            return False
        return True

    def drain_rest(self) -> None:
        """What came in before the taps were shut."""
        for tap in self._taps:
            while tap not in self._lost and not self._failed:
                before = self._newest
                if not self.drain(tap) or self._newest == before:
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
            self._pipeline.finish()
            self._hand_over()
            self._record(lambda recorder: recorder.close(self._newest, self._dropped))
        except Exception as error:
            self.fail(_our_fault(error))
        self._send_status(ended=True)

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
            self._record(lambda recorder: recorder.write(at, buffer, start, end, wire_length, interface, vlans))

    def _record(self, step: Callable[[Recorder], None]) -> None:
        """A full disk ends the recording, not the capture."""
        recorder = self.recorder
        if recorder is None:
            return
        try:
            step(recorder)
        except OSError as error:
            self.recorder = None
            self._emit([CaptureFailed(f"Packets are no longer written to the file: {error.strerror}.")])

    def _hand_over(self) -> None:
        events = self._pipeline.take()
        if events:
            self._emit(events)

    def _look_at_clock(self, idle: bool) -> None:
        now = time.monotonic()
        if not idle:
            self._quiet_since = now
        elif now - self._quiet_since >= TICK_EVERY:
            self._quiet_since = now
            self._pipeline.tick(time.time_ns())
            self._hand_over()
        if now >= self._next_status:
            self._next_status = now + STATUS_EVERY
            self._count_drops()
            self._record(Recorder.flush)
            self._send_status()

    def _count_drops(self) -> None:
        for tap in self._taps:
            self._dropped[tap.name] += tap.dropped()

    def _send_status(self, ended: bool = False) -> None:
        counters = replace(self._pipeline.counters(), kernel_drops=self._dropped.total())
        self._emit([CaptureStatus(counters, at=self._newest, ended=ended)])


def _check_names(names: Sequence[str]) -> None:
    """That each interface is there and up."""
    known = list_interfaces()
    by_name = {interface.name: interface for interface in known}
    for name in names:
        found = by_name.get(name)
        if found is None:
            raise no_such_interface(name, known)
        if found.state is State.DOWN:
            raise is_down(name)


def _opener(
    kernel_filter: KernelFilter, promiscuous: bool, snap_length: int, ring: bool, buffer_mb: int
) -> Callable[[str], Tap]:
    """How this system opens a tap on an interface, given its name."""
    if sys.platform != "linux":
        from httpresp_capture.sources.other import ScapyTap

        return lambda name: ScapyTap(name, kernel_filter, promiscuous)

    from httpresp_capture.sources.drain import PlainTap
    from httpresp_capture.sources.linux import ANY, LOOPBACK, SocketOptions
    from httpresp_capture.sources.ring import RingTap

    def open_tap(name: str) -> Tap:
        loopback = socket.if_nametoindex(LOOPBACK) if name in (ANY, LOOPBACK) else None
        options = SocketOptions(
            interface=name,
            program=kernel_filter.program(snap_length, loopback),
            promiscuous=promiscuous,
            buffer_mb=buffer_mb,
        )
        if ring:
            try:
                return RingTap(options)
            except PermissionError:
                raise
            except OSError:
                pass  # A kernel without rings, or no memory for one: packet by packet, then.
        return PlainTap(options)

    return open_tap


def _refusal(error: OSError, name: str, names: Sequence[str], kernel_filter: KernelFilter) -> CaptureError:
    """What the kernel's refusal means."""
    if error.errno in (errno.EPERM, errno.EACCES):
        return no_permission(names, kernel_filter.words)
    if error.errno == errno.EAFNOSUPPORT:
        return CaptureError(f"cannot capture on {shown(name)}: this kernel has no packet sockets.")
    return CaptureError(f"cannot capture on {shown(name)}: {error.strerror or error}.")


def _our_fault(error: Exception) -> str:
    """For a report: what and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"An error of httpresp-tui itself ended the capture: {type(error).__name__}: {error}{where}."


def _close(taps: Sequence[Tap]) -> None:
    for tap in taps:
        tap.close()
