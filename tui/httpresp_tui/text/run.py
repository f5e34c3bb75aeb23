"""What an event says of the run beside the response: on which host, what was lost so far, what the checks found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from httpresp_capture.analysis.baseline import Acceptance
from httpresp_capture.checks import Finding
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response


def _nothing_lost() -> Counters | None:
    return None


def _nothing_found(_: Response) -> Sequence[Finding]:
    return ()


def _nothing_beside(_: Response) -> Sequence[Response]:
    return ()


def _not_marked(_: Response) -> Sequence[str]:
    return ()


def _nothing_accepted(_: Response, _finding: Finding) -> Acceptance | None:
    return None


@dataclass(frozen=True, slots=True)
class Run:
    """Asked when an event is written."""

    host_name: str = ""
    lost: Callable[[], Counters | None] = _nothing_lost
    findings: Callable[[Response], Sequence[Finding]] = _nothing_found
    accepted: Callable[[Response, Finding], Acceptance | None] = _nothing_accepted
    exchange: Callable[[Response], Sequence[Response]] = _nothing_beside
    """The other responses to the same request: interim ones, and the final one."""
    marks: Callable[[Response], Sequence[str]] = _not_marked
    """What was said of it by hand; nothing of one that is not marked."""


NO_RUN = Run()
"""Of a response that stands for itself."""
