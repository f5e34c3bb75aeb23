"""Findings as plain text for a terminal or a log: one paragraph a row, no colours."""

from httpresp_capture.analysis.findings import FindingRow, Report
from httpresp_capture.checks import Severity
from httpresp_capture.export import confidence
from httpresp_capture.export.wording import times, walled
from httpresp_capture.records.plurals import many


def write(report: Report, bar: Severity = Severity.LOW) -> str:
    """The report: open findings at or above the bar, then what was left out."""
    rows = report.breaks(bar)
    lines: list[str] = []
    for row in rows:
        lines += [*_told(row), ""]
    accepted = [row for row in report.rows if row.accepted is not None]
    counts = ", ".join(
        f"{_count(rows, severity)} {severity.word}" for severity in reversed(Severity) if severity >= bar
    )
    if report.coverage.checked or report.rows:
        # A connection that is not read has findings of its own.
        lines.append(f"{many(report.responses, 'response')}, {many(len(rows), 'finding')} ({counts})")
    else:
        lines.append(f"{many(report.responses, 'response')}, nothing checked")
    under = len(report.open) - len(rows)
    if under:
        lines.append(f"{under} below {bar.word} not shown")
    if accepted:
        lines.append(f"{len(accepted)} accepted, seen {times(sum(row.count for row in accepted))}")
    if report.rows_dropped:
        lines.append(f"{report.rows_dropped} found no place in the table")
    lines.append(confidence.line(report.coverage))
    return walled("\n".join(lines) + "\n")


def _told(row: FindingRow) -> list[str]:
    where = f"{row.origin}  {row.parameter}" if row.parameter else row.origin
    responses = " ".join(f"#{sample}" for sample in row.samples)
    return [
        f"{row.severity.word.upper():6} {row.check:12} {where}  ×{row.count}  {row.confidence.value}",
        f"       {row.reason}",
        f"       {row.evidence}",
        f"       {row.advice} ({row.reference}; {responses})",
    ]


def _count(rows: tuple[FindingRow, ...], severity: Severity) -> int:
    return sum(1 for row in rows if row.severity == severity)
