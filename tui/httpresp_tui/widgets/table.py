"""Rows of values in columns, drawn line by line: ten thousand cost no more than those in sight.

For lists that are made anew now and then, unlike the list of responses, which grows all the time. The cursor belongs
to the key of a row and stays on it when other rows come before it. The first line is the header.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.model.columns import GAP, layout
from httpresp_tui.text.badges import BADGE_LOOKS
from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.row_painter import fit

_HEADER = 1
LOOKS = ("row", "dim", "header", "cursor", "cursor-blurred", "hint", *BADGE_LOOKS.values())


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column; what its cells say is wire text until it is drawn."""

    title: str
    width: int
    cell: Callable[[Any], str]
    leaves: int = 0
    share: int = 0
    right: bool = False
    look: Callable[[Any], str] | None = None
    """The name of its own looks, where it has any."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows are."""

    columns: tuple[TableColumn, ...]
    key: Callable[[Any], Hashable]
    is_dim: Callable[[Any], bool]


class Table(ScrollView, can_focus=True):
    """A cursor over rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, words, id=f"table.{name}", tooltip=tooltip, group=Groups.MOVE, show=False)
        for name, keys, action, words, tooltip in (
            ("down", "j,down", "move(1)", "Down", "Next row"),
            ("up", "k,up", "move(-1)", "Up", "Previous row"),
            ("page-down", "pagedown", "page(1.0)", "Page down", "One screen down"),
            ("page-up", "pageup", "page(-1.0)", "Page up", "One screen up"),
            ("half-page-down", "ctrl+d", "page(0.5)", "Half page down", "Half a screen down"),
            ("half-page-up", "ctrl+u", "page(-0.5)", "Half page up", "Half a screen up"),
            ("first", "g,home", "edge(-1)", "First", "The first row"),
            ("last", "G,end", "edge(1)", "Last", "The last row"),
        )
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"table--{name}" for name in LOOKS}
    DEFAULT_CSS = """
    Table {
        overflow-x: hidden;
        overflow-y: scroll;
        height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Chosen(Message):
        """The cursor is on another row, or its row is another value; None without rows."""

        row: Any

    @dataclass
    class Opened(Message):
        """Enter, or a double click."""

        row: Any

    def __init__(self, shape: Shape, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shape = shape
        self._rows: Sequence[Any] = ()
        self._cursor = 0
        self._hint = Content("")
        self._styles: dict[str, Style] = {}

    @property
    def current(self) -> Any:
        """The row under the cursor; None without rows."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

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
        self._hint = hint
        place = next((index for index, row in enumerate(rows) if shape.key(row) == key), None) if key else 0
        self._cursor = max(0, min(self._cursor if place is None else place, len(rows) - 1))
        self.virtual_size = Size(self._width, len(rows) + _HEADER)
        self._reveal()
        self.refresh()
        if self.current is not before:
            self.post_message(self.Chosen(self.current))

    def action_move(self, step: int) -> None:
        """By rows."""
        self._move_to(self._cursor + step)

    def action_page(self, pages: float) -> None:
        """By screens, or by half ones."""
        step = max(1, round((self._page - 1) * abs(pages)))
        self._move_to(self._cursor + (step if pages > 0 else -step))

    def action_edge(self, way: int) -> None:
        """To the first or the last."""
        self._move_to(0 if way < 0 else len(self._rows) - 1)

    def _move_to(self, index: int) -> None:
        index = max(0, min(index, len(self._rows) - 1))
        if not self._rows or index == self._cursor:
            return
        self._cursor = index
        self._reveal()
        self.refresh()
        self.post_message(self.Chosen(self.current))

    @property
    def _page(self) -> int:
        return max(1, self.size.height - _HEADER)

    @property
    def _width(self) -> int:
        return max(1, self.size.width - self.styles.scrollbar_size_vertical)

    def _reveal(self) -> None:
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + self._page:
            self.scroll_to(y=self._cursor - self._page + 1, animate=False)

    def on_resize(self) -> None:
        """Columns follow from the width."""
        self.virtual_size = Size(self._width, len(self._rows) + _HEADER)
        self._reveal()

    def notify_style_update(self) -> None:
        """Another theme, or the focus."""
        super().notify_style_update()
        self._styles.clear()

    def on_click(self, event: events.Click) -> None:
        """A click chooses, two open."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < _HEADER:
            return
        index = self.scroll_offset.y + offset.y - _HEADER
        if index < len(self._rows):
            self._move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened(self.current))

    def render_line(self, y: int) -> Strip:
        """One line of the window; the first is the header."""
        if y < _HEADER:
            return self._cells([(column.title, "header") for column in self._shape.columns], "header")
        if not self._rows:
            return self._hint_line(y - _HEADER)
        index = self.scroll_offset.y + y - _HEADER
        if index >= len(self._rows):
            return Strip.blank(self._width, self._look("row"))
        row = self._rows[index]
        base = "dim" if self._shape.is_dim(row) else "row"
        if index == self._cursor:
            base = "cursor" if self.has_focus else "cursor-blurred"
        own = base == "row"
        return self._cells(
            [(column.cell(row), column.look(row) if own and column.look else base) for column in self._shape.columns],
            base,
        )

    def _cells(self, texts: Sequence[tuple[str, str]], base: str) -> Strip:
        width = self._width
        columns = self._shape.columns
        blank = self._look(base)
        segments: list[Segment] = []
        for placed in layout(columns, width):
            text, name = texts[columns.index(placed.column)]
            shown = fit(printable_text(text, placed.width * 4), placed.width, placed.column.right)
            segments += [Segment(shown, self._look(name)), Segment(" " * GAP, blank)]
        return Strip(segments).adjust_cell_length(width, blank)

    def _hint_line(self, line: int) -> Strip:
        width = self._width
        lines = self._hint.wrap(max(1, width - 4)) if self._hint else []
        first = max(0, (self._page - len(lines)) // 3)
        if not first <= line < first + len(lines):
            return Strip.blank(width, self._look("row"))
        pad = " " * ((width - lines[line - first].cell_length) // 2)
        style = self._look("hint")
        return Strip([Segment(pad + lines[line - first].plain, style)]).adjust_cell_length(width, style)

    def _look(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"table--{name}")
        return style
