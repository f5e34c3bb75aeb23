"""The formats that a report leaves in, a line for each (see `records.table`), and nothing else lists them."""

# ruff: noqa: F401, I001
# pyright: reportUnusedImport=false
from httpresp_capture.export.report_format import ReportFormat
from httpresp_capture.records.table import entries

from httpresp_capture.export.overviews import TEXT
from httpresp_capture.export.overviews import JSON
from httpresp_capture.export.sarif import SARIF
from httpresp_capture.export.junit import JUNIT
from httpresp_capture.export.overviews import MARKDOWN

REPORTS: dict[str, ReportFormat] = {each.name: each for each in entries(__name__, ReportFormat)}
"""By the name that `--format` takes."""

COMPARISONS = {name: format.comparison for name, format in REPORTS.items() if format.comparison is not None}
"""What `diff` can write."""
