"""What a format of events is: how a run of it begins, and what then writes its lines.

A format of Tracee writes all that is known and hides secrets itself. Any other can be a function from a response to a
line (`lines_of`): secrets are hidden before it sees the response, and nothing that acts on a terminal gets out of it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

if TYPE_CHECKING:
    from httpresp_capture.analysis.baseline import Acceptance
    from httpresp_capture.checks import Finding
    from httpresp_capture.redaction import Redactor

    Accepts = Callable[[Response, Finding], Acceptance | None]
    """What accepts a finding of a response."""

TAB = "\t"


@record
class Options:
    """What a writer is told when a run begins."""

    redact: "Redactor | None" = None
    """Hides secrets; None where they are to be written as they are."""
    host_name: str = ""
    accepts: "Accepts | None" = None


class LineWriter(Protocol):
    """Writes the events of one run."""

    def line(
        self,
        response: Response,
        lost: Counters | None = None,
        findings: "Sequence[Finding] | None" = None,
        *,
        amends: bool = False,
        progress: bool = False,
    ) -> bytes:
        """One line with its LF; see `EventWriter.line`. Empty where the format has nothing to say of it."""
        ...


@record
class EventFormat:
    """An entry of `event_formats`."""

    name: str
    """What `--format` takes."""
    begin: Callable[[Options], LineWriter]
    """Begins a run."""


class TextLines:
    """Writes what a function makes of responses that have ended, and again of one that late evidence came for."""

    def __init__(self, write: Callable[[Response], str], options: Options) -> None:
        self._write = write
        self._redact = options.redact

    def line(
        self,
        response: Response,
        lost: Counters | None = None,
        findings: "Sequence[Finding] | None" = None,
        *,
        amends: bool = False,
        progress: bool = False,
    ) -> bytes:
        """One line of printable UTF-8; what is none is escaped."""
        if progress:
            return b""
        text = self._write(response if self._redact is None else self._redact.response(response))
        if not text:
            return b""
        # A tab parts columns, and acts on nothing.
        return f"{escaped(text, kept=TAB)}\n".encode()


def lines_of(name: str, write: Callable[[Response], str]) -> EventFormat:
    """The format of a function that gives one line, or nothing, for a response."""
    return EventFormat(name, lambda options: TextLines(write, options))
