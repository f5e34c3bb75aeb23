"""What the checks say of a response: each finding with its evidence, why it matters and what to do."""

from httpresp_capture.checks import CHECKS_BY_ID, Confidence, Finding
from httpresp_tui.text.badges import BADGES
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.lines import Ink, Line, Piece, line, pair, said, wire
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
        return line(said("Nothing so far; the response has not ended.", Ink.DIM))
    return line(said("No check found anything in this response.", Ink.DIM))


def _finding(finding: Finding) -> list[Line]:
    badge = BADGES[finding.severity]
    ink = Ink(badge.look)
    title = said(f"{CHECKS_BY_ID[finding.check].title}", Ink.STRONG)
    about: tuple[Piece, ...] = (said("  "), wire(finding.parameter)) if finding.parameter else ()
    tentative = " (tentative)" if finding.confidence is Confidence.TENTATIVE else ""
    first = line(said(f"{badge.glyph} {finding.severity.word:<7} ", ink), title, *about, hang=2)
    lines = [first, pair("reason", wire(finding.reason))]
    if finding.evidence:
        where = f"  at byte {count_text(finding.offset)}" if finding.offset >= 0 else ""
        lines.append(pair("evidence", wire(finding.evidence, Ink.STRING), said(where, Ink.DIM)))
    lines.append(pair("advice", wire(finding.advice)))
    lines.append(pair("check", said(f"{finding.check}{tentative}"), said(f"  {finding.reference}", Ink.DIM)))
    return lines
