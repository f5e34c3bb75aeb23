"""What the checks say of a response: each finding with its evidence, why it matters and what to do."""

from httpresp_capture.checks import CHECKS_BY_ID, Confidence, Finding
from httpresp_tui.text.badges import BADGES
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.lines import Line, TextRun, TextStyle, line, own, pair, untrusted
from httpresp_tui.widgets.tabs import View


def findings(view: View) -> list[Line]:
    """The worst first."""
    found = view.run.findings(view.response)
    if not found:
        return [_nothing(view)]
    lines: list[Line] = []
    for finding in found:
        lines += [*_finding(finding), Line()]
    return lines[:-1]


def _nothing(view: View) -> Line:
    if view.response.end is None:
        return line(own("Nothing so far; the response has not ended.", TextStyle.DIM))
    return line(own("No check found anything in this response.", TextStyle.DIM))


def _finding(finding: Finding) -> list[Line]:
    badge = BADGES[finding.severity]
    style = TextStyle(badge.style)
    title = own(f"{CHECKS_BY_ID[finding.check].title}", TextStyle.STRONG)
    about: tuple[TextRun, ...] = (own("  "), untrusted(finding.parameter)) if finding.parameter else ()
    tentative = " (tentative)" if finding.confidence is Confidence.TENTATIVE else ""
    first = line(own(f"{badge.glyph} {finding.severity.word:<7} ", style), title, *about, hang=2)
    lines = [first, pair("reason", untrusted(finding.reason))]
    if finding.evidence:
        where = f"  at byte {count_text(finding.offset)}" if finding.offset >= 0 else ""
        lines.append(pair("evidence", untrusted(finding.evidence, TextStyle.STRING), own(where, TextStyle.DIM)))
    lines.append(pair("advice", untrusted(finding.advice)))
    lines.append(pair("check", own(f"{finding.check}{tentative}"), own(f"  {finding.reference}", TextStyle.DIM)))
    return lines
