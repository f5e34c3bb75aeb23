"""Rows of values in columns, drawn line by line: ten thousand cost no more than those in sight.

For lists that are made anew now and then, unlike the list of responses, which grows all the time. The cursor belongs
to the key of a row and stays on it when other rows come before it. The first line is the header.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from httpresp_tui.model.columns import GAP, layout
from httpresp_tui.text.badges import BADGE_STYLES
from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.row_painter import fit
from httpresp_tui.widgets.row_scroller import HEADER, RowScroller, component_classes, moves


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column; what its cells say is wire text until it is drawn."""

    title: str
    width: int
    cell: Callable[[Any], str]
    leaves: int = 0
    share: int = 0
    right: bool = False
    style: Callable[[Any], str] | None = None
    """The name of its own style, where it has any."""
    needs: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows are."""

    columns: tuple[TableColumn, ...]
    key: Callable[[Any], Hashable]
    is_dim: Callable[[Any], bool]


class Table(RowScroller):
    """A cursor over rows."""

    BINDINGS: ClassVar[list[BindingType]] = [*moves("table")]
    STYLE_PREFIX = "table"
    COMPONENT_CLASSES: ClassVar[set[str]] = component_classes(
        STYLE_PREFIX, ("dim", "server-error", *BADGE_STYLES.values())
    )

    @dataclass
    class Chosen(Message):
        """The cursor is on another row, or its row is another value; None without rows."""

        row: Any

    @dataclass
    class Opened(Message):
        """Enter, or a double click."""

        row: Any

    @dataclass
    class TitleClicked(Message):
        """The title of a column was clicked."""

        index: int
        """Among the columns of the shape."""

    def __init__(self, shape: Shape, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shape = shape
        self._rows: Sequence[Any] = ()
        self.cursor = 0

    @property
    def current(self) -> Any:
        """The row under the cursor; None without rows."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def current_key(self) -> Hashable:
        """Of that row; None without rows."""
        row = self.current
        return None if row is None else self._shape.key(row)

    def show(self, shape: Shape, rows: Sequence[Any], hint: Content, key: Hashable = None) -> None:
        """Draw these; the cursor goes to a key, or stays where it was."""
        before = self.current
        if key is None and before is not None and shape is self._shape:
            key = shape.key(before)
        self._shape = shape
        self._rows = rows
        self.hint = hint
        index = next((index for index, row in enumerate(rows) if shape.key(row) == key), None) if key else 0
        self.cursor = max(0, min(self.cursor if index is None else index, len(rows) - 1))
        self.fit_window()
        self.reveal()
        self.refresh()
        if self.current is not before:
            self.post_message(self.Chosen(self.current))

    @property
    def row_count(self) -> int:
        """Rows that were given."""
        return len(self._rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on the row nearest to an index."""
        index = max(0, min(index, len(self._rows) - 1))
        if not self._rows or index == self.cursor:
            return
        self.cursor = index
        self.reveal()
        self.refresh()
        self.post_message(self.Chosen(self.current))

    def on_resize(self) -> None:
        """Columns follow from the width."""
        self.fit_window()
        self.reveal()

    def on_click(self, event: events.Click) -> None:
        """A click chooses, two open."""
        index = self.row_under(event)
        if index is not None:
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened(self.current))
        elif (column := self._column_under(event)) is not None:
            self.post_message(self.TitleClicked(column))

    def _column_under(self, event: events.Click) -> int | None:
        """The column whose title was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= HEADER:
            return None
        columns = self._shape.columns
        found = (placed.column for placed in layout(columns, self.row_width) if placed.start <= offset.x <= placed.end)
        return next((columns.index(column) for column in found), None)

    def render_line(self, y: int) -> Strip:
        """One line of the window; the first is the header."""
        if y < HEADER:
            return self._cells([(column.title, "header") for column in self._shape.columns], "header")
        if not self._rows:
            return self.hint_line(y - HEADER)
        index = self.scroll_offset.y + y - HEADER
        if index >= len(self._rows):
            return self.blank_line()
        row = self._rows[index]
        base = "dim" if self._shape.is_dim(row) else "row"
        if index == self.cursor:
            base = self.cursor_style
        own = base == "row"
        return self._cells(
            [(column.cell(row), column.style(row) if own and column.style else base) for column in self._shape.columns],
            base,
        )

    def _cells(self, texts: Sequence[tuple[str, str]], base: str) -> Strip:
        width = self.row_width
        columns = self._shape.columns
        blank = self.style_named(base)
        segments: list[Segment] = []
        for placed in layout(columns, width):
            text, name = texts[columns.index(placed.column)]
            shown = fit(printable_text(text, placed.width * 4), placed.width, placed.column.right)
            segments += [Segment(shown, self.style_named(name)), Segment(" " * GAP, blank)]
        return Strip(segments).adjust_cell_length(width, blank)
