"""Findings as Markdown, for a ticket or a pull request. Wire text stands in code spans, where it cannot act."""

from httpresp_capture.analysis.findings import FindingRow, Report
from httpresp_capture.checks import CHECKS_BY_ID, Severity
from httpresp_capture.export import confidence
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.wording import code, escaped, times, walled
from httpresp_capture.records.plurals import many


def write(report: Report, bar: Severity = Severity.LOW) -> str:
    """The report as a table of open findings at or above the bar, each explained below it."""
    rows = report.breaks(bar)
    accepted = sum(1 for row in report.rows if row.accepted is not None)
    under = len(report.open) - len(rows)
    lines = [
        f"# Findings in {code(report.source)}",
        "",
        f"{many(report.responses, 'response')}, {many(len(rows), 'finding')} of severity {bar.word} or above"
        f" ({under} below, {accepted} accepted, {report.rows_dropped} without a place).",
    ]
    told = confidence.line(report.coverage)
    lines += ["", f"{told[0].upper()}{told[1:]}."]
    if rows:
        lines += ["", "| Severity | Check | Origin | What | Count |", "|---|---|---|---|---:|"]
        lines += [
            f"| {row.severity.word} | {row.check} | {code(row.origin)} | {CHECKS_BY_ID[row.check].title}"
            f"{f' {code(row.parameter)}' if row.parameter else ''} | {row.count} |"
            for row in rows
        ]
    for row in rows:
        lines += ["", *_told(row)]
    return walled("\n".join(lines) + "\n")


def _told(row: FindingRow) -> list[str]:
    responses = ", ".join(f"#{sample}" for sample in row.samples)
    return [
        f"## {row.check} at {code(row.origin)}",
        "",
        escaped(row.reason),
        "",
        f"- Found: {code(row.evidence)}",
        f"- Do: {escaped(row.advice)}",
        f"- Severity {row.severity.word}, {row.confidence.value}; {times(row.count)},"
        f" {instant(row.first_seen)} to {instant(row.last_seen)}; responses {responses}",
        f"- See {row.reference}",
    ]
