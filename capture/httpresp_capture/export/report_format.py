"""What a format of reports is."""

from collections.abc import Callable
from dataclasses import dataclass

from httpresp_capture.analysis.comparison import Comparison
from httpresp_capture.analysis.review import Overview
from httpresp_capture.records.severity import Severity


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """An entry of `reports`."""

    name: str
    """What `--format` takes."""
    overview: Callable[[Overview, Severity], str]
    """What `check` says: takes the bar, too; what is under it is no failure."""
    comparison: Callable[[Comparison, str, str], str] | None = None
    """What `diff` says of two captures, by the names of both; None where the format has no place for it."""
