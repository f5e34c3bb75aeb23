"""`--json`: no screen, one event a line on standard output when the message ends, the summary on standard error.

A line that says `httpresp.amends` takes the place of the earlier line of the same `id`: late evidence came. It follows
at once, instead of every line waiting for what nearly never comes: no wait is long enough for a connection that is kept
alive, and who reads live wants the line now.

The source runs on the calling thread and hands batches over. Where somebody waits at the other end (a pipe, a
terminal) a batch is written at once, in a file after a second; never more than a block is kept back. When the reader
has closed the pipe the run ends quietly: whoever asked for ten lines has got them. Nothing of Textual is imported.

The checks cost many times what everything else here does, so they run only where a filter or `--findings` asks.
"""

import os
import stat
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from httpresp_capture.event_formats import EVENT_FORMATS
from httpresp_capture.export.event_format import EventFormat, Options
from httpresp_capture.query import Query, compile_query
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.exchange import Response
from httpresp_capture.response_collector import ResponseCollector
from httpresp_capture.sources import Source
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.cli.collecting import summary_of
from httpresp_tui.cli.output import not_written, sum_up, write_all
from httpresp_tui.terminal.stopping import stopping

if TYPE_CHECKING:
    from httpresp_capture.analysis.baseline import Baseline
    from httpresp_capture.analysis.findings import Findings
    from httpresp_capture.redaction import Redactor

BLOCK = 1 << 15
"""Bytes after which lines are written, however many more a batch has. Much larger ones make the allocator give the
memory of each back to the system and fetch it anew."""
LATEST = 1.0
"""Seconds after which a regular file has what was printed."""


class Output(Protocol):
    """A binary file."""

    def write(self, data: bytes, /) -> int: ...

    def fileno(self) -> int: ...


class Printer:
    """Takes batches of events and prints the responses that have ended."""

    def __init__(
        self,
        arguments: Arguments,
        out: Output,
        stop: Callable[[], None],
        host_name: str = "",
        clock: Callable[[], float] = time.monotonic,
        known: "Baseline | None" = None,
    ) -> None:
        # A secret has the same tag in a header and in the evidence of a finding.
        salt = os.urandom(16)
        findings = _findings(arguments, salt, known)
        self._examine = findings.check if findings is not None and arguments.findings else None
        self._out = out
        self._at_once = not _is_file(out)
        self._clock = clock
        redact = _redactor(salt) if arguments.redact else None
        accepts = findings.accepted if findings is not None and known is not None else None
        self._writer = _format(arguments).begin(Options(redact, host_name, accepts))
        self._waiting: list[bytes] = []
        self._size = 0
        self._written_at = clock()
        still_open = self._print_open if arguments.progress else None
        self.gathered = ResponseCollector(_query(arguments, findings), self, stop, arguments.count, still_open)

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source: never raises for what the other end does."""
        self.gathered.take(batch)
        if self._at_once or self._clock() - self._written_at >= LATEST:
            self.flush()

    def add(self, response: Response, *, amends: bool = False) -> None:
        """Print one that has ended; `amends` is said of a line that takes the place of an earlier one."""
        found = None if self._examine is None else self._examine(response)
        self._put(self._writer.line(response, self.gathered.counters, found, amends=amends))

    def amend(self, response: Response, before: Response) -> None:
        """Print one again, with the evidence that came late."""
        self.add(response, amends=True)

    def flush(self) -> None:
        """Hand over what waits."""
        self._written_at = self._clock()
        if not self._waiting:
            return
        text = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        try:
            write_all(text, self._out)
        except BrokenPipeError:
            self.gathered.end()
        except OSError as error:
            self.gathered.failures.append(not_written(error))
            self.gathered.end()

    def _print_open(self, response: Response) -> None:
        """How far it has come; what has not ended is not examined."""
        self._put(self._writer.line(response, self.gathered.counters, progress=True))

    def _put(self, line: bytes) -> None:
        if not line:
            return
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= BLOCK:
            self.flush()


def print_events(
    source: Source, arguments: Arguments, out: Output, said: TextIO | None = None, known: "Baseline | None" = None
) -> int:
    """Read the source to its end, print, sum up; the exit status."""
    printer = Printer(arguments, out, source.stop, os.uname().nodename, known=known)
    with stopping(source.stop, arguments.duration):
        source.run(printer.take)
    printer.flush()
    sum_up(summary_of(printer.gathered, source), sys.stderr if said is None else said)
    return 1 if printer.gathered.failures else 0


def _format(arguments: Arguments) -> EventFormat:
    if not arguments.linear:
        return EVENT_FORMATS[arguments.format]
    # Its words are the list's, which programs have no use for.
    from httpresp_tui.cli.linear import LINEAR

    return LINEAR


def _redactor(salt: bytes) -> "Redactor":
    """Its many expressions are compiled only where they are asked."""
    from httpresp_capture.redaction import Redactor

    return Redactor(salt)


def _findings(arguments: Arguments, salt: bytes, known: "Baseline | None") -> "Findings | None":
    """What examines a response, where it is examined at all."""
    if not (arguments.findings or arguments.filter):
        return None
    from datetime import date

    from httpresp_capture.analysis.findings import Findings
    from httpresp_tui.cli.reviewing import options_of

    return Findings(options_of(arguments.checks, salt), known, date.today())


def _query(arguments: Arguments, findings: "Findings | None") -> Query:
    if findings is None:
        return compile_query("")
    from httpresp_capture.analysis.finding_hooks import finding_hooks

    return compile_query(arguments.filter, finding_hooks(findings))


def _is_file(out: Output) -> bool:
    try:
        return stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except (OSError, ValueError):
        return False
