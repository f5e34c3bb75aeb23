"""`--json`: no screen, one event a line on standard output when the message ends, the summary on standard error.

The source runs on the calling thread and hands batches over; each batch is one write, flushed at once where somebody
waits at the other end (a pipe, a terminal) and in blocks for a file. When the reader has closed the pipe the run ends
quietly: whoever asked for ten lines has got them. Nothing of Textual is imported.
"""

import os
import signal
import socket
import stat
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Protocol, TextIO

from httpresp_capture.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    Counters,
    Response,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.export.tracee import EventWriter
from httpresp_capture.query import compile_query
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources import Source
from httpresp_tui.arguments import PROGRAM, Arguments
from httpresp_tui.spelling import printable_text

BLOCK = 1 << 20
"""Bytes kept back for a regular file: nobody reads it while it grows."""


class Output(Protocol):
    """A binary file."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...

    def fileno(self) -> int: ...


class Printer:
    """Takes batches of events and prints the responses that have ended."""

    def __init__(self, arguments: Arguments, out: Output, stop: Callable[[], None], host_name: str = "") -> None:
        query = compile_query(arguments.filter)
        self._matches = None if query.everything else query.matches
        self._left = arguments.count
        self._out = out
        self._stop = stop
        self._at_once = not _is_file(out)
        redactor = Redactor.fresh() if arguments.redact else None
        self._writer = EventWriter(strict=arguments.strict, redact=redactor, host_name=host_name)
        self._waiting: list[bytes] = []
        self._size = 0
        self._over = False
        """True when nothing more is to be printed: enough were, or nobody reads."""
        self.counters: Counters = Counters()
        self.printed = 0
        self.by_class: Counter[int] = Counter()
        """Responses that were printed, by status class; 0 for what has none."""
        self.failures: list[str] = []

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source: never raises for what the other end does."""
        for event in batch:
            match event:
                case ResponseSeen() | ResponseChanged():
                    if event.response.end is not None and not self._over:
                        self._print(event.response)
                case CaptureStatus():
                    self.counters = event.counters
                case CaptureFailed():
                    self.failures.append(event.message)
                case _:
                    pass
        if self._at_once or self._size >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Hand over what waits."""
        if not self._waiting:
            return
        text = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            self._end()
        except OSError as error:
            self.failures.append(f"cannot write to standard output: {error.strerror}.")
            self._end()

    def _print(self, response: Response) -> None:
        if self._matches is not None and not self._matches(response):
            return
        line = self._writer.line(response, self.counters)
        self._waiting.append(line)
        self._size += len(line)
        if response.unanswered:
            # A request that got nothing is told, and is no response.
            return
        self.printed += 1
        status_class = response.status // 100
        self.by_class[status_class if status_class < 6 else 0] += 1
        if self._left is not None and self.printed >= self._left:
            self._end()

    def _end(self) -> None:
        self._over = True
        self._stop()


def print_events(source: Source, arguments: Arguments, out: Output, said: TextIO | None = None) -> int:
    """Read the source to its end, print, sum up; the exit status."""
    printer = Printer(arguments, out, source.stop, socket.gethostname())
    timer = _timer(arguments.duration, source.stop)
    before = {number: signal.signal(number, _stopper(source.stop)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        source.run(printer.take)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if timer is not None:
            timer.cancel()
    printer.flush()
    _let_go(out)
    stream = sys.stderr if said is None else said
    for message in printer.failures:
        print(f"{PROGRAM}: {_lines(message)}", file=stream)
    print(summary(source, printer), file=stream)
    return 1 if printer.failures else 0


def summary(source: Source, printer: Printer) -> str:
    """Two lines: what was printed, and what could not be read. Zero drops is said too."""
    counters, total = printer.counters, printer.printed
    counts = sorted(printer.by_class.items())
    classes = ", ".join(f"{n}xx {count:,}" if n else f"no status {count:,}" for n, count in counts)
    drops = f"kernel {counters.kernel_drops:,}" if source.live else f"recorder {counters.interface_drops:,}"
    unread = [
        _many(count, what) + more
        for count, what, more in (
            (counters.gaps, "gap", f" ({counters.gap_bytes:,} bytes)"),
            (counters.unanswered, "request", " without response"),
            (counters.flows_encrypted, "encrypted connection", ""),
            (counters.flows_other, "connection", " of other protocols"),
            (counters.flows_evicted, "connection", " let go"),
            (counters.malformed, "malformed frame", ""),
        )
        if count
    ]
    shown = f"{_many(total, 'response')}{f' ({classes})' if classes else ''}"
    return (
        f"{PROGRAM}: {printable_text(source.label)}: {shown} from "
        f"{_many(counters.packets, 'packet')} in {_many(counters.flows, 'connection')}\n"
        f"{PROGRAM}: drops: {drops}; not read: {', '.join(unread) or 'nothing'}"
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _lines(message: str) -> str:
    return "\n".join(printable_text(line) for line in message.split("\n"))


def _is_file(out: Output) -> bool:
    try:
        return stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _timer(seconds: float | None, stop: Callable[[], None]) -> threading.Timer | None:
    if seconds is None:
        return None
    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    return timer


def _stopper(stop: Callable[[], None]) -> Callable[[int, object], None]:
    """The first signal ends the run with its summary, a second one ends the program."""

    def handle(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    return handle


def _let_go(out: Output) -> None:
    """A pipe without a reader must not fail a second time when Python flushes it at the end."""
    try:
        out.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())
        os.close(nowhere)
