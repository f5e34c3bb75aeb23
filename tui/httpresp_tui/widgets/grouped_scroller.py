"""Rows of a model, some of them in groups: what is in the window has a name, however long its group is.

Where the first row of the window is a member of a group, the row of that group is drawn in its place; but for the
cursor, which is never covered.
"""

from textual import events

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.rows import ResponseRow, Rows
from httpresp_tui.widgets.row_scroller import RowScroller


class GroupedScroller(RowScroller):
    """Says which row of its model is drawn in a line of the window; whoever extends it draws it."""

    def __init__(self, rows: Rows, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = rows

    @property
    def row_count(self) -> int:
        """Rows of the model."""
        return len(self._rows)

    @property
    def _is_grouped(self) -> bool:
        return len(self._rows) > 0 and isinstance(self._rows.key_at(0), str)

    def reveal(self) -> None:
        """Bring the cursor into the window, below the row of its group where that stands for another one."""
        super().reveal()
        self.uncover_group()

    def uncover_group(self) -> None:
        """A cursor in the first line stands a line lower, where the row of its group has to be above it."""
        if self.page > 1 and self.cursor == self.scroll_offset.y and self._rows.heading(self.cursor) is not None:
            self.scroll_to_row(self.cursor - 1)

    def drawn_at(self, index: int) -> int:
        """Which row is drawn in the line of a row in the window."""
        if index != self.scroll_offset.y or index == self.cursor or index >= len(self._rows):
            return index
        heading = self._rows.heading(index)
        return index if heading is None else heading

    @property
    def in_window(self) -> list[Response]:
        """The responses in sight, from the top."""
        return [response for response in self._window() if response is not None]

    def _window(self) -> list[Response | None]:
        """What stands in each line with a row; None for a group."""
        top = self.scroll_offset.y
        end = min(top + self.page, len(self._rows))
        rows = (self._rows.row_at(self.drawn_at(index)) for index in range(top, end))
        return [row.response if isinstance(row, ResponseRow) else None for row in rows]

    def row_under(self, event: events.Click) -> int | None:
        """The row that was clicked, as it is drawn."""
        index = super().row_under(event)
        return None if index is None else self.drawn_at(index)
