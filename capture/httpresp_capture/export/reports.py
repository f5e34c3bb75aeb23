"""The formats that a report leaves in: one entry a format, and nothing else lists them."""

from collections.abc import Callable
from dataclasses import dataclass

from httpresp_capture.analysis.comparison import Comparison
from httpresp_capture.analysis.review import Overview
from httpresp_capture.checks import Severity
from httpresp_capture.export import comparisons, junit, overviews, sarif


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """How a report is written."""

    overview: Callable[[Overview, Severity], str]
    """What `check` says: takes the bar, too; what is under it is no failure."""
    comparison: Callable[[Comparison, str, str], str] | None = None
    """What `diff` says of two captures, by the names of both; None where the format has no place for it."""


REPORTS: dict[str, ReportFormat] = {
    "text": ReportFormat(overviews.as_text, comparisons.as_text),
    "json": ReportFormat(overviews.as_json, comparisons.as_json),
    "sarif": ReportFormat(lambda overview, bar: sarif.write(overview.report, bar)),
    "junit": ReportFormat(lambda overview, bar: junit.write(overview.report, bar)),
    "markdown": ReportFormat(overviews.as_markdown, comparisons.as_markdown),
}
"""By the name that `--format` takes."""

COMPARISONS = {name: format.comparison for name, format in REPORTS.items() if format.comparison is not None}
"""What `diff` can write."""
