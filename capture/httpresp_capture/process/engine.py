"""A source in a child process of its own, so that reading packets and drawing them do not share one interpreter.

`EngineSource(source)` forks: the child runs the opened source and sends its events down a pipe, batch by batch; here
`run` reads them, so whoever takes a source takes this one. It begins to read at once, not when `run` is called. A file
waits when the pipe is full. A network cannot: what the pipe does not take is queued, up to a bound, and over it events
are dropped and counted in `lost`, by the rules of a mailbox that is full.

Neither end waits for a dead one. When the child dies, the pipe ends, and that becomes `CaptureFailed`. When this
process dies, however it does, a second pipe ends, and the child stops.

Fork before any thread is started and before the screen is taken; the child keeps nothing of the terminal.
"""

import fcntl
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from struct import Struct
from typing import NoReturn

from httpresp_capture.process.event_codec import EventDecoder, EventEncoder
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.sources import NOT_LIVE, Emit, Source
from httpresp_capture.sources.live.capture_loop import our_fault
from httpresp_capture.system.garbage_collection import collect_rarely_for_good

__all__ = ["EngineSource", "Outgoing"]

PIPE = 1 << 20
"""Bytes that the kernel holds; what it lets anybody have."""
QUEUE = 67_108_864
"""Bytes that wait in the child, some seconds of a busy link; twice as many of what completes a row."""
TOGETHER = 1_000
"""Events in one batch, so that unpacking one does not keep a key waiting."""
PATIENCE = 2.0
"""Seconds that the child has to end by itself."""
HEAD = Struct("=IQ")
"""Bytes of the batch that follows; events lost so far."""
STOP = b"s"
RECORD = b"r"
"""Followed by the length of a path, and the path."""
LENGTH = Struct("=I")
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that reach the child itself: of a service manager, or of `pkill`."""


class Outgoing:
    """The child's end of the pipe, which it owns."""

    def __init__(self, descriptor: int, patient: bool, queue: int = QUEUE) -> None:
        self.lost = 0
        """Events that there was no space for."""
        self.broken = False
        """True when nobody reads any more."""
        self._descriptor = descriptor
        self._most = queue
        self._encoder = EventEncoder()
        self._waiting: deque[memoryview] = deque()
        self._held = 0
        os.set_blocking(descriptor, patient)
        with suppress(OSError, AttributeError):  # Not on every system, and not without end.
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE)

    def emit(self, batch: list[CaptureEvent]) -> None:
        """Send, or keep what the pipe does not take now. See `Emit`."""
        for first in range(0, 0 if self.broken else len(batch), TOGETHER):
            some = batch[first : first + TOGETHER]
            if self._held >= self._most:
                some = [event for event in some if self._has_space(event)]
            data = self._encoder.encode(some)
            self._queue(HEAD.pack(len(data), self.lost))
            self._queue(data)
            self._write()

    def finish(self) -> None:
        """Send the rest, however long that takes."""
        os.set_blocking(self._descriptor, True)
        self._write()
        os.close(self._descriptor)

    def _queue(self, data: bytes) -> None:
        self._held += len(data)
        self._waiting.append(memoryview(data))

    def _write(self) -> None:
        waiting = self._waiting
        while waiting and not self.broken:
            try:
                written = os.write(self._descriptor, waiting[0])
            except BlockingIOError:
                return
            except BrokenPipeError:
                self.broken = True
                return
            self._held -= written
            if written == len(waiting[0]):
                waiting.popleft()
            else:
                waiting[0] = waiting[0][written:]

    def _has_space(self, event: CaptureEvent) -> bool:
        """New rows go first, then what completes them; a failure is always kept. A status is followed by another, and
        what has grown is told again."""
        match event:
            case CaptureStatus(ended=False) | ResponseGrew():
                return False
            case CaptureStatus() | CaptureFailed():
                return True
            case ResponseChanged() if self._held < 2 * self._most:
                return True
            case ResponseSeen() | ResponseChanged() | FlowEnded():
                self.lost += 1
                return False


class EngineSource:
    """Stands in for a source, which runs in a child process from now on. To be closed, run or not."""

    def __init__(self, source: Source) -> None:
        self.label = source.label
        self.live = source.live
        self.filter_text = source.filter_text
        self.recording = source.recording
        self.lost = 0
        """Events that the child had to drop, since they were not taken from it."""
        self._running = False
        self._asked = False
        """Whether it was told to stop."""
        self._lock = threading.Lock()
        """`stop` and `close` may come from any thread."""
        incoming, outgoing = os.pipe()
        orders, self._orders = os.pipe()
        try:
            self.pid = os.fork()
        except OSError as error:
            for descriptor in (incoming, outgoing, orders, self._orders):
                os.close(descriptor)
            raise CaptureError(f"cannot start a process for the capture: {error.strerror}.") from None
        if self.pid == 0:
            os.close(incoming)
            os.close(self._orders)
            _serve(source, outgoing, orders)
        os.close(outgoing)
        os.close(orders)
        self._incoming = os.fdopen(incoming, "rb", PIPE)
        self._status: int | None = None
        """How the child ended, once it has; see `os.waitstatus_to_exitcode`."""
        # This process's copies of what the child reads.
        source.close()

    def begin(self) -> None:
        """It has begun."""

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """See `Source`; the source that runs in the child was told before."""

    def wait_first(self) -> None:
        """The source was waited for before it was put into a process."""

    def run(self, emit: Emit) -> None:
        """Take what the child sends, to the end. See `Source`."""
        self._running = True
        decoder = EventDecoder()
        trouble = ""
        try:
            for data in self._batches():
                emit(decoder.decode(data))
        except Exception as error:
            # The one border: a thread must not end unseen.
            trouble = our_fault(error)
        self._incoming.close()
        self.close()
        if decoder.status.ended and not trouble and (self._asked or not self._killed):
            return
        # A child that ends by itself has said why.
        if not trouble and self._status != 0:
            trouble = f"The capture broke off: {self._how()}. What was captured stays; start anew to go on."
        last = replace(decoder.status, ended=True)
        emit([CaptureFailed(trouble), last] if trouble else [last])

    def stop(self) -> None:
        """End `run` within a fraction of a second; what was read is still emitted."""
        with self._lock, suppress(OSError):
            self._asked = True
            if self._orders >= 0:
                os.write(self._orders, STOP)

    def record(self, path: str) -> str:
        """See `Source`. What the child cannot do it tells."""
        if not self.live:
            return NOT_LIVE
        data = os.fsencode(os.path.abspath(path)) if path else b""
        with self._lock, suppress(OSError):
            if self._orders >= 0:
                os.write(self._orders, RECORD + LENGTH.pack(len(data)) + data)
                self.recording = escaped(path)
        return ""

    def close(self) -> None:
        """The child has gone when this returns, by itself or not."""
        with self._lock:
            if self._orders >= 0:
                os.close(self._orders)
                self._orders = -1
            if not self._running:
                self._incoming.close()
            self._reap()

    def _batches(self) -> Iterator[bytes]:
        """Whole ones: the last may be cut, where the child was killed."""
        read = self._incoming.read
        while len(head := read(HEAD.size)) == HEAD.size:
            size, self.lost = HEAD.unpack(head)
            data = read(size)
            if len(data) < size:
                return
            yield data

    def _reap(self) -> None:
        until = time.monotonic() + PATIENCE
        options = os.WNOHANG
        while self._status is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                # Whoever started this program has it ignore its children: the kernel has kept nothing.
                self._status = 1
                return
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() < until:
                time.sleep(0.005)
            else:
                os.kill(self.pid, signal.SIGKILL)
                options = 0

    @property
    def _killed(self) -> bool:
        return self._status is not None and self._status < 0

    def _how(self) -> str:
        if self._status is not None and self._status < 0:
            return f"its process was ended by {signal.Signals(-self._status).name}"
        return f"its process ended with status {self._status}"


def _serve(source: Source, descriptor: int, orders: int) -> NoReturn:
    """What the child does; nothing of it returns to the code that forked."""
    status = 1
    try:
        _leave_terminal()
        collect_rarely_for_good()
        outgoing = Outgoing(descriptor, patient=not source.live)
        threading.Thread(target=_obey, args=(orders, source), daemon=True).start()
        ended_by = _stop_by_signal(source)
        try:
            source.run(outgoing.emit)
        except Exception as error:
            outgoing.emit([CaptureFailed(our_fault(error))])
        outgoing.finish()
        if ended_by:
            # By its default, so that the parent sees how it ended; a core would hold what was captured.
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), ended_by[0])
        status = 0
    finally:
        # Not through what the parent has prepared for its own end.
        os._exit(status)


def _leave_terminal() -> None:
    """The screen has it: neither its signals nor anything that is printed may come between."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _stop_by_signal(source: Source) -> list[int]:
    """A capture that is told to end from outside ends in order, so that the file that it writes is whole; the first
    such signal stands in the list. What reads a file is just killed: it may be waiting for whoever takes its events."""
    came: list[int] = []

    def end(number: int, _frame: object) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)
        source.stop()

    for number in ENDING if source.live else ():
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)
    return came


def _obey(orders: int, source: Source) -> None:
    """Do what is told; and when nobody is left to tell, be gone soon, whatever else goes on."""
    while order := os.read(orders, 1):
        if order == RECORD:
            (size,) = LENGTH.unpack(_exactly(orders, LENGTH.size))
            source.record(os.fsdecode(_exactly(orders, size)))
        else:
            source.stop()
    source.stop()
    time.sleep(PATIENCE)
    os._exit(1)


def _exactly(descriptor: int, size: int) -> bytes:
    """So many bytes; fewer where there are no more."""
    data = b""
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data
