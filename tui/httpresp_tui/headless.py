"""`--json`: no screen, one event a line on standard output when the message ends, the summary on standard error.

The source runs on the calling thread and hands batches over; each batch is one write, flushed at once where somebody
waits at the other end (a pipe, a terminal) and in blocks for a file. When the reader has closed the pipe the run ends
quietly: whoever asked for ten lines has got them. Nothing of Textual is imported.

The checks cost many times what everything else here does, so they run only where a filter or `--findings` asks.
"""

import os
import socket
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from httpresp_capture.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    Counters,
    Response,
    ResponseAmended,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.export.tracee import EventWriter
from httpresp_capture.query import Query, compile_query
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources import Source
from httpresp_tui.arguments import Arguments
from httpresp_tui.output import sum_up
from httpresp_tui.stopping import stopping
from httpresp_tui.summary import Summary

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding

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
        redactor = Redactor.fresh()
        query, examine = _asked(arguments, redactor.salt)
        self._matches = None if query.everything else query.matches
        self._examine = examine if arguments.findings else None
        self._left = arguments.count
        self._out = out
        self._stop = stop
        self._at_once = not _is_file(out)
        redact = redactor if arguments.redact else None
        self._writer = EventWriter(strict=arguments.strict, redact=redact, host_name=host_name)
        self._waiting: list[bytes] = []
        self._size = 0
        self._over = False
        """True when nothing more is to be printed: enough were, or nobody reads."""
        self.counters: Counters = Counters()
        self.by_class = [0] * 6
        """Responses that were printed, by status class; 0 for what has none."""
        self.failures: list[str] = []

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source: never raises for what the other end does."""
        for event in batch:
            match event:
                case ResponseAmended():
                    pass  # Its line is out; an event has one.
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

    def summary(self, source: Source) -> Summary:
        """What was printed, and what could not be read."""
        return Summary(
            label=source.label,
            live=source.live,
            by_class=tuple(self.by_class),
            counters=self.counters,
            failures=tuple(self.failures),
        )

    def _print(self, response: Response) -> None:
        if self._matches is not None and not self._matches(response):
            return
        found = None if self._examine is None else self._examine(response)
        line = self._writer.line(response, self.counters, found)
        self._waiting.append(line)
        self._size += len(line)
        if response.unanswered:
            # A request that got nothing is told, and is no response.
            return
        status_class = response.status // 100
        self.by_class[status_class if status_class < 6 else 0] += 1
        if self._left is not None and sum(self.by_class) >= self._left:
            self._end()

    def _end(self) -> None:
        self._over = True
        self._stop()


def print_events(source: Source, arguments: Arguments, out: Output, said: TextIO | None = None) -> int:
    """Read the source to its end, print, sum up; the exit status."""
    printer = Printer(arguments, out, source.stop, socket.gethostname())
    with stopping(source.stop, arguments.duration):
        source.run(printer.take)
    printer.flush()
    _let_go(out)
    sum_up(printer.summary(source), sys.stderr if said is None else said)
    return 1 if printer.failures else 0


def _asked(arguments: Arguments, salt: bytes) -> tuple[Query, Callable[[Response], tuple["Finding", ...]] | None]:
    """The filter, and what examines a response where it is examined at all."""
    if not (arguments.findings or arguments.filter):
        return compile_query(""), None
    from httpresp_capture.checks import Options
    from httpresp_capture.finding_hooks import finding_hooks
    from httpresp_capture.findings import Findings

    # The salt of the redactor: a secret has the same tag in a header and in the evidence of a finding.
    findings = Findings(Options(salt=salt))
    return compile_query(arguments.filter, finding_hooks(findings)), findings.check


def _is_file(out: Output) -> bool:
    try:
        return stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _let_go(out: Output) -> None:
    """A pipe without a reader must not fail a second time when Python flushes it at the end."""
    try:
        out.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())
        os.close(nowhere)
