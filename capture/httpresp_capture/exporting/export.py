"""What an export is: something that takes responses, does the rest in steps, and is kept or dropped in the end."""

from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Protocol

from httpresp_capture.checks import Options
from httpresp_capture.export.document import ExportOptions
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record


class ExportError(CaptureError):
    """What cannot be exported, in one sentence."""


@record
class Packets:
    """Where the packets of responses are to be had."""

    paths: tuple[Path, ...] = ()
    """Captures in which they stand; none where they are not to be had."""
    why: str = "there are no packets to take them from."
    """Why they are not, and the way on, as a sentence."""
    key_log: Path | None = None
    """TLS secrets beside those in the captures."""


@record
class Order:
    """One export that was asked for."""

    path: Path
    options: ExportOptions
    replace: bool = False
    """A file that is there may be replaced."""
    packets: Packets = field(default_factory=Packets)
    with_keys: bool = False
    """TLS secrets of the connections that are exported go into the slice of their packets."""
    capture_filter: str = ""
    display_filter: str = ""
    checks: Options | None = None
    """Of the checks, where the export tells what they found."""


class Export(Protocol):
    """One that is under way. Any call may raise `ExportError` or OSError: then it is to be dropped."""

    @property
    def contents(self) -> str:
        """What is in it, in words: `12 rows`."""
        ...

    @property
    def left_out(self) -> int:
        """Those that have no place in its format."""
        ...

    @property
    def late(self) -> int:
        """Times that evidence came for one that was written already, which the format cannot say."""
        ...

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """One response, or one that takes the place of what was told of it before."""
        ...

    def steps(self) -> Iterator[float | None]:
        """What is left to do when all have come, in short steps, each with how far it is, 0 to 1, if that is known."""
        ...

    def keep(self, lost: Counters | None = None) -> int:
        """It is whole: its bytes. `lost` is what the capture had lost by its end."""
        ...

    def drop(self) -> None:
        """Leave nothing of it."""
        ...


@record
class Format:
    """An entry of `FORMATS`."""

    name: str
    """As `--export` takes it."""
    title: str
    """As the menu calls it."""
    key: str
    """That chooses it there."""
    suffix: str
    """Of the name of a file; empty for a folder."""
    begin: Callable[[Order], Export]
    bodies: bool = False
    """True where bodies are in it, of which only the beginning may have been kept."""
    raw: str = ""
    """What is to be said before secrets leave that cannot be hidden in it; empty where they can."""
