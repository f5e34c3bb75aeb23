"""What a document of responses is: one that is written as they come, so that none has to be kept.

A format of documents knows no file. It gives bytes: how the document begins, what each response adds to it, how it
ends. Whoever has a file puts them there, in that order.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding
    from httpresp_capture.redaction import Redactor


def _nothing_said(_: Response) -> str:
    return ""


def _nothing_found(_: Response) -> "Sequence[Finding]":
    return ()


@record
class ExportOptions:
    """What an export is told when it begins."""

    redactor: "Redactor | None" = None
    """Hides secrets; None where they are to be written as they are."""
    host_name: str = ""
    version: str = ""
    """Of the program."""
    source: str = ""
    """What was read, as the top line calls it."""
    comment: Callable[[Response], str] = _nothing_said
    """What a person has written of a response."""
    examine: "Callable[[Response], Sequence[Finding]]" = _nothing_found


class Document(Protocol):
    """One document that is being written."""

    amends: bool
    """True where late evidence has a place: the response again, which takes the place of what was said of it before."""

    def begin(self) -> bytes:
        """Its first bytes."""
        ...

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """What a response adds; `lost` is what the capture had lost by then. Nothing where it has no place in it."""
        ...

    def end(self) -> bytes:
        """Its last bytes."""
        ...


class PlainDocument:
    """One of which each response is a part of its own."""

    amends = False

    def __init__(self, options: ExportOptions) -> None:
        self.options = options

    def begin(self) -> bytes:
        """Nothing stands in front."""
        return b""

    def end(self) -> bytes:
        """Nor behind."""
        return b""
