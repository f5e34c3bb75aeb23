"""The live source: taps on interfaces, drained into the pipeline on the sniffer's thread.

Everything that can be refused is refused in `open`, before the screen is taken and while the process may still be
root. `run` then needs no privilege. All of the work, and each look at the clock, is done on one thread; that thread's
border is `Draining.drain`, and an error of our own ends the capture there with a sentence.
"""

import errno
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from httpresp_capture.bpf import KEEP, KernelFilter, filter_for_rules, filter_for_text
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit
from httpresp_capture.sources.key_log import KeyLogFile
from httpresp_capture.sources.live.capture_loop import Draining, our_fault
from httpresp_capture.sources.live.interfaces import State, list_interfaces
from httpresp_capture.sources.live.recorder import Recorder
from httpresp_capture.sources.live.refusals import is_down, no_permission, no_such_interface
from httpresp_capture.sources.live.taps import Tap
from httpresp_capture.system.private import why

__all__ = ["LiveSource"]


class LiveSource:
    """Interfaces, open and filtered, waiting to be read."""

    live = True
    lost = 0

    def __init__(
        self,
        taps: Sequence[Tap],
        kernel_filter: KernelFilter,
        pipeline: Pipeline,
        write_path: Path | None = None,
        replace: bool = False,
        write_keys: bool = False,
    ) -> None:
        self._taps = list(taps)
        self._filter = kernel_filter
        self._pipeline = pipeline
        self._write_path = write_path
        self._replace = replace
        self._write_keys = write_keys
        self._recorder: Recorder | None = None
        self._keys: KeyLogFile | None = None
        self._stopping = threading.Event()
        self._orders: deque[Path | None] = deque()
        """Files to be written from now on; None for none any more."""

    @classmethod
    def open(
        cls,
        interfaces: Sequence[str],
        *,
        filter_text: str | None = None,
        ports: Sequence[int | str] = (),
        hosts: Sequence[str] = (),
        tunnels: bool = False,
        quic: bool = False,
        promiscuous: bool = True,
        snaplen: int = KEEP,
        limits: Limits | None = None,
        ring: bool = True,
        buffer_mb: int = 32,
        write_path: Path | None = None,
        replace: bool = False,
        write_keys: bool = False,
        pipeline: Pipeline | None = None,
    ) -> "LiveSource":
        """Open, filter and bind a socket for each interface; raises `CaptureError`. Needs CAP_NET_RAW, once."""
        if filter_text is not None and (ports or hosts):
            raise CaptureError("-f says it all: put the ports and hosts into it, and leave -p and --host out.")
        if filter_text is None:
            kernel_filter = filter_for_rules(ports, hosts, tunnels, quic)
        else:
            kernel_filter = filter_for_text(filter_text)
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
        return cls(taps, kernel_filter, pipeline or Pipeline(limits or Limits()), write_path, replace, write_keys)

    @property
    def label(self) -> str:
        """The interfaces."""
        return ", ".join(tap.name for tap in self._taps)

    @property
    def filter_text(self) -> str:
        """The kernel's filter in tcpdump's words."""
        return self._filter.words

    @property
    def recording(self) -> str:
        """The file of `-w`, fit to be shown; empty without one."""
        return "" if self._write_path is None else escaped(str(self._write_path))

    def begin(self) -> None:
        """Begin the file of `-w`; raises `CaptureError`. Call it when root is given up: the file is not root's."""
        if self._write_path is None or self._recorder is not None:
            return
        try:
            self._recorder = Recorder(self._write_path, replace=self._replace, with_secrets=self._write_keys)
        except FileExistsError:
            raise CaptureError(
                f"{self.recording} is there already, and is not overwritten.\n\n"
                "  Name another file after -w, or let it be replaced:  --force"
            ) from None
        except OSError as error:
            raise CaptureError(f"cannot write {self.recording}: {why(error)}.") from None
        # What is still buffered when the process forks is written twice. A full disk is told with the first packet.
        with suppress(OSError):
            self._recorder.flush()

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """See `Source`."""
        self._keys = KeyLogFile(path, named=named)
        self._pipeline.expect_secrets()
        secrets = self._pipeline.sink.secrets
        if self._write_keys and secrets is not None:
            secrets.used = {}

    def wait_first(self) -> None:
        """It is known what comes."""

    def run(self, emit: Emit) -> None:
        """Read until `stop`, or until the last interface is lost."""
        capture = Draining(self._taps, self._pipeline, emit, self._stopping, self._orders)
        try:
            self.begin()
            capture.recorder = self._recorder
            capture.keys = self._keys
            from httpresp_capture.sources.live.scapy_tap import quiet_scapy

            quiet_scapy()
            from httpresp_capture.sources.live.sniffer import sniff

            sniff(self._taps, capture.drain, self._stopping)
            for tap in self._taps:
                tap.shut()
            capture.drain_rest()
        except CaptureError as error:
            capture.fail(f"{error}")
        except Exception as error:
            capture.fail(our_fault(error))
        capture.finish()
        self.close()

    def stop(self) -> None:
        """End `run` within a fraction of a second."""
        self._stopping.set()

    def record(self, path: str) -> str:
        """See `Source`. The sniffer's thread begins and ends the file, before its next packets."""
        self._write_path = Path(path) if path else None
        self._orders.append(self._write_path)
        return ""

    def close(self) -> None:
        """Give up a source that will not be run; `run` does this by itself."""
        _close(self._taps)
        if self._recorder is not None:
            with suppress(OSError):
                self._recorder.close()


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
        from httpresp_capture.sources.live.scapy_tap import ScapyTap

        return lambda name: ScapyTap(name, kernel_filter, promiscuous)

    from httpresp_capture.sources.live.linux import ANY, LOOPBACK, SocketOptions
    from httpresp_capture.sources.live.packet_tap import PlainTap
    from httpresp_capture.sources.live.ring import RingTap

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
        return CaptureError(f"cannot capture on {escaped(name)}: this kernel has no packet sockets.")
    return CaptureError(f"cannot capture on {escaped(name)}: {error.strerror or error}.")


def _close(taps: Sequence[Tap]) -> None:
    for tap in taps:
        tap.close()
