"""The tabs of the detail pane: one entry a tab, and what a tab is given to make its lines of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.text.run import NO_RUN, Run
from httpresp_tui.widgets.lines import Line


@dataclass(frozen=True, slots=True)
class View:
    """What a tab shows, and where."""

    response: Response
    redactor: Redactor | None
    """Hides secrets in what would be copied; None where they are not to be hidden."""
    width: int
    """Cells across."""
    run: Run = NO_RUN


class Titled(Protocol):
    """What a strip of tabs needs to know of one."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab."""

    key: str
    title: str
    build: Callable[[View], Sequence[Line]]
    scales: bool = False
    """True when its lines depend on the width."""
