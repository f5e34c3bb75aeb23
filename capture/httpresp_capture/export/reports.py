"""The formats that a report of findings leaves in, by the name that `--format` takes."""

from collections.abc import Callable

from httpresp_capture.analysis.findings import Report
from httpresp_capture.checks import Severity
from httpresp_capture.export import findings_json, junit, markdown, sarif, text

REPORTS: dict[str, Callable[[Report, Severity], str]] = {
    "text": text.write,
    "json": findings_json.write,
    "sarif": sarif.write,
    "junit": junit.write,
    "markdown": markdown.write,
}
"""Each takes the report and the bar: what is under it is no failure."""
