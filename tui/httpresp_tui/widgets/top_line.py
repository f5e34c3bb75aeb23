"""The first line: what is captured, whether it runs, and how far its numbers can be trusted."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.widgets.styles import style_of
from httpresp_tui.widgets.top_line_layout import StyledText, laid_out


class TopLine(Widget):
    """Draws a `StatusLine`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"top-line--{state}" for state in ("live", "paused", "reading", "rest", "ended", "failed")),
        *(f"top-line--{words}" for words in ("name", "plain", "quiet", "number", "notice", "alarm")),
    }

    status: reactive[StatusLine] = reactive(StatusLine)

    def render(self) -> Content:
        """Left and right, pushed apart."""
        # A blank at the edge, as at the left.
        width = self.size.width - 1
        left, right = laid_out(self.status, width)
        room = width - sum(cell_len(piece.text) for piece in (*left, *right))
        return Content.assemble(*map(self._styled, left), " " * max(room, 2), *map(self._styled, right), " ")

    def _styled(self, piece: StyledText) -> Content:
        return Content.styled(piece.text, style_of(self, f"top-line--{piece.style}"))
