"""The first line of the Findings screen: how many of which severity, of how many responses, and how far behind."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_capture.analysis.coverage import Figure
from httpresp_capture.checks import Severity
from httpresp_capture.records.plurals import many
from httpresp_tui.text.badges import BADGES
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.styles import style_of


@dataclass(frozen=True, slots=True)
class Figures:
    """What it says."""

    open: tuple[tuple[Severity, int], ...] = ()
    accepted: int = 0
    responses: int = 0
    left: int = 0
    """Responses that wait to be looked at."""
    missed: int = 0
    """Responses that left before they were looked at."""
    unplaced: Figure | None = None
    """What found no place in the rows."""


class FindingsSummary(Widget):
    """One line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"findings-summary--{badge.style}" for badge in BADGES.values()),
        "findings-summary--title",
        "findings-summary--quiet",
        "findings-summary--behind",
    }
    DEFAULT_CSS = """
    FindingsSummary { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    figures: reactive[Figures] = reactive(Figures())

    def render(self) -> Content:
        """Counts on the left, progress on the right."""
        figures = self.figures
        quiet = style_of(self, "findings-summary--quiet")
        left = [Content.styled("Findings", style_of(self, "findings-summary--title"))]
        for severity, count in figures.open:
            style = style_of(self, f"findings-summary--{BADGES[severity].style}") if count else quiet
            left.append(Content.styled(f"  {count_text(count)} {severity.word}", style))
        if figures.accepted:
            left.append(Content.styled(f"  {count_text(figures.accepted)} accepted", quiet))
        count = Content.styled(many(figures.responses, "response"), quiet)
        room = self.size.width - sum(cell_len(part.plain) for part in (*left, count))
        behind = next((words for words in self._behind() if cell_len(words) + 4 <= room), self._behind()[-1])
        if not behind:
            return Content.assemble(*left, " " * max(2, room), count)
        style = style_of(self, "findings-summary--behind")
        gap = " " * max(2, room - cell_len(behind) - 2)
        return Content.assemble(*left, gap, count, Content.styled(f"  {behind}", style))

    def _behind(self) -> tuple[str, str]:
        """What the rows leave out, in many words and in few."""
        figures = self.figures
        parts = ((figures.left, "to look at"), (figures.missed, "not looked at"))
        words = [f"{count_text(count)} {words}" for count, words in parts if count]
        unplaced = figures.unplaced
        if unplaced is None:
            return ", ".join(words), ", ".join(words)
        few = ", ".join((*words, f"{count_text(unplaced.count)} without a place"))
        return ", ".join((*words, f"{unplaced.text} found no place")), few
