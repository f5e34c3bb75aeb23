"""Findings as Markdown, for a ticket or a pull request. Wire text stands in code spans, where it cannot act."""

from httpresp_capture.checks import CHECKS_BY_ID, Severity
from httpresp_capture.export.findings_json import instant
from httpresp_capture.findings import FindingRow, Report


def write(report: Report, bar: Severity = Severity.LOW) -> str:
    """The report as a table of open findings at or above the bar, each explained below it."""
    rows = report.breaks(bar)
    accepted = sum(1 for row in report.rows if row.accepted is not None)
    under = len(report.open) - len(rows)
    lines = [
        f"# Findings in {_code(report.source)}",
        "",
        f"{report.responses} responses, {len(rows)} findings of severity {bar.word} or above"
        f" ({under} below, {accepted} accepted, {report.rows_dropped} without a place).",
    ]
    if rows:
        lines += ["", "| Severity | Check | Origin | What | Count |", "|---|---|---|---|---:|"]
        lines += [
            f"| {row.severity.word} | {row.check} | {_code(row.origin)} | {CHECKS_BY_ID[row.check].title}"
            f"{f' {_code(row.parameter)}' if row.parameter else ''} | {row.count} |"
            for row in rows
        ]
    for row in rows:
        lines += ["", *_told(row)]
    return "\n".join(lines) + "\n"


def _told(row: FindingRow) -> list[str]:
    responses = ", ".join(f"#{sample}" for sample in row.samples)
    return [
        f"## {row.check} at {_code(row.origin)}",
        "",
        _text(row.reason),
        "",
        f"- Found: {_code(row.evidence)}",
        f"- Do: {_text(row.advice)}",
        f"- Severity {row.severity.word}, {row.confidence.value}; {row.count} times,"
        f" {instant(row.first_seen)} to {instant(row.last_seen)}; responses {responses}",
        f"- See {row.reference}",
    ]


def _code(text: str) -> str:
    """A code span that the text cannot end (CommonMark §6.1), fit for a table's cell."""
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}".replace("|", "\\|") if "`" in text else f"`{text}`".replace("|", "\\|")


def _text(text: str) -> str:
    """Reasons hold names of cookies and headers: what Markdown or HTML would take for its own is escaped."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#&" else character for character in text)
