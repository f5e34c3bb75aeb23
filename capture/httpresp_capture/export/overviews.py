"""An overview as a report: the findings in any format, and after them the other sections where a format has a place."""

from collections.abc import Iterator

from httpresp_capture.analysis.review import Overview
from httpresp_capture.checks import Severity
from httpresp_capture.export import comparisons, findings_json, markdown, text
from httpresp_capture.export.report_format import ReportFormat
from httpresp_capture.export.sections import SECTIONS
from httpresp_capture.export.wording import code, seconds, walled

MAX_LINES = 20
"""Of one section in words; JSON has them all."""


def as_text(overview: Overview, bar: Severity) -> str:
    """As plain text."""
    parts = [text.write(overview.report, bar)]
    for title, lines in _sections(overview):
        parts.append(f"\n{title}\n" + "".join(f"  {line}\n" for line in lines))
    return walled("".join(parts))


def as_markdown(overview: Overview, bar: Severity) -> str:
    """As Markdown."""
    parts = [markdown.write(overview.report, bar)]
    for title, lines in _sections(overview):
        parts.append(f"\n## {title}\n\n" + "".join(f"- {code(line)}\n" for line in lines))
    return walled("".join(parts))


def as_json(overview: Overview, bar: Severity) -> str:
    """As JSON, with all sections."""
    document = findings_json.document(overview.report, bar)
    document |= {section.key: section.values(overview) for section in SECTIONS}
    document |= {"capture_off_ns": overview.capture_off_ns}
    document |= {"early_count": overview.early_count, "slow_count": overview.slow_count}
    figures = [section.dropped(overview) for section in SECTIONS if section.dropped is not None]
    document |= {figure.name: figure.count for figure in figures}
    return findings_json.dumped(document)


def _sections(overview: Overview) -> Iterator[tuple[str, list[str]]]:
    """Title and lines of each section that has something to say."""
    for section in SECTIONS:
        values = section.values(overview)
        lines = [section.line(value) for value in values[:MAX_LINES]]
        if section.key == "clocks" and overview.capture_off_ns:
            off = overview.capture_off_ns
            lines.insert(0, f"most servers agree that the capture's own clock is {seconds(abs(off))} "
                         f"{'behind' if off > 0 else 'ahead'}")  # fmt: skip
        if len(values) > MAX_LINES:
            lines.append(f"… {len(values) - MAX_LINES:,} more")
        if unplaced := section.unplaced(overview):
            lines.append(f"{unplaced.text} found no place")
        if lines:
            yield section.title, lines


TEXT = ReportFormat("text", as_text, comparisons.as_text)
JSON = ReportFormat("json", as_json, comparisons.as_json)
MARKDOWN = ReportFormat("markdown", as_markdown, comparisons.as_markdown)
