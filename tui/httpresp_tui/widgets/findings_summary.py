"""The first line of the Findings screen: how many of which severity, of how many responses, and how far behind."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_capture.checks import Severity
from httpresp_tui.text.badges import BADGES
from httpresp_tui.text.units import count_text, many
from httpresp_tui.widgets.looks import look


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
    dropped: int = 0
    """Findings that found no place."""


class FindingsSummary(Widget):
    """One line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"findings-summary--{badge.look}" for badge in BADGES.values()),
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
        quiet = look(self, "findings-summary--quiet")
        left = [Content.styled("Findings", look(self, "findings-summary--title"))]
        for severity, count in figures.open:
            style = look(self, f"findings-summary--{BADGES[severity].look}") if count else quiet
            left.append(Content.styled(f"  {count_text(count)} {severity.word}", style))
        if figures.accepted:
            left.append(Content.styled(f"  {count_text(figures.accepted)} accepted", quiet))
        right = [Content.styled(many(figures.responses, "response"), quiet)]
        if behind := self._behind():
            right.append(Content.styled(f"  {behind}", look(self, "findings-summary--behind")))
        room = self.size.width - sum(cell_len(part.plain) for part in (*left, *right))
        return Content.assemble(*left, " " * max(2, room), *right)

    def _behind(self) -> str:
        figures = self.figures
        parts = (
            (figures.left, "to look at"),
            (figures.missed, "not looked at"),
            (figures.dropped, "findings without a place"),
        )
        return ", ".join(f"{count_text(count)} {words}" for count, words in parts if count)
