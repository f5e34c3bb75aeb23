"""Rows under a header, a cursor among them, and a window that scrolls: what the list and the tables have in common.

Whoever extends it knows the rows: how many there are, and how one of them is drawn. The first line is the header; it
covers a line of the window and scrolls with nothing. Rows that come below the window cost nothing but the scrollbar,
which is drawn anew where its thumb moves.
"""

from collections.abc import Iterable
from math import ceil
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.terminal.textual_private import set_height_quietly
from httpresp_tui.widgets.styles import style_of

HEADER = 1
"""Lines of the header."""


def moves(prefix: str, first: str = "The first row", last: str = "The last row") -> list[BindingType]:
    """The keys that move a cursor; `prefix` begins their ids."""
    return bindings(
        prefix,
        Groups.MOVE,
        ("down", "j,down", "move(1)", "Down", "Next row", False),
        ("up", "k,up", "move(-1)", "Up", "Previous row", False),
        ("page-down", "pagedown", "page(1.0)", "Page down", "One screen down", False),
        ("page-up", "pageup", "page(-1.0)", "Page up", "One screen up", False),
        ("half-page-down", "ctrl+d", "page(0.5)", "Half page down", "Half a screen down", False),
        ("half-page-up", "ctrl+u", "page(-0.5)", "Half page up", "Half a screen up", False),
        ("first", "g,home", "edge(-1)", "First", first, False),
        ("last", "G,end", "edge(1)", "Last", last, False),
    )


def component_classes(prefix: str, styles: Iterable[str]) -> set[str]:
    """The names in the style sheet of what such a widget draws."""
    return {
        f"{prefix}--{style_named}" for style_named in ("row", "header", "cursor", "cursor-blurred", "hint", *styles)
    }


class RowScroller(ScrollView, can_focus=True):
    """A cursor over rows; keys, wheel and scrollbar."""

    STYLE_PREFIX: ClassVar[str] = "rows"
    """What its component classes begin with."""
    DEFAULT_CSS = """
    RowScroller { overflow-x: hidden; overflow-y: scroll; height: 1fr; scrollbar-size-vertical: 1; }
    """

    hint: reactive[Content] = reactive(Content(""))
    """Said while there are no rows."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = -1
        """The row of the cursor; -1 without rows."""
        self._drawn_thumb = (0, 0)
        self._styles: dict[str, Style] = {}

    # What whoever extends it says

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def move_to(self, index: int) -> None:
        """Put the cursor on the row nearest to an index."""
        raise NotImplementedError

    # Keys

    def action_move(self, step: int) -> None:
        """By rows."""
        self.move_to(self.cursor + step)

    def action_page(self, pages: float) -> None:
        """By screens, or by half ones."""
        step = max(1, round((self.page - 1) * abs(pages)))
        self.move_to(self.cursor + (step if pages > 0 else -step))

    def action_edge(self, way: int) -> None:
        """To the first or the last."""
        self.move_to(0 if way < 0 else self.row_count - 1)

    # The window

    @property
    def page(self) -> int:
        """Rows in the window."""
        return max(1, self.size.height - HEADER)

    @property
    def row_width(self) -> int:
        """Cells of a row; the scrollbar stands beside it."""
        return max(1, self.size.width - self.styles.scrollbar_size_vertical)

    @property
    def cursor_style(self) -> str:
        """The name of the cursor's style."""
        return "cursor" if self.has_focus else "cursor-blurred"

    @property
    def line_of_cursor(self) -> int:
        """The line of the widget in which the cursor is."""
        return self.cursor - self.scroll_offset.y + HEADER

    def reveal(self) -> None:
        """Bring the cursor into the window, by the shortest way."""
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to_row(self.cursor)
        elif self.cursor >= top + self.page:
            self.scroll_to_row(self.cursor - self.page + 1)

    def scroll_to_row(self, row: int) -> None:
        """This one at the top, or as near as may be."""
        self.scroll_to(y=max(0, min(row, self.max_scroll_y)), animate=False)

    def fit_window(self) -> None:
        """There are so many rows now, or the widget has another size."""
        size = Size(self.row_width, self.row_count + HEADER)
        if size == self.virtual_size:
            return
        grown = size.width == self.virtual_size.width and size.height > self.virtual_size.height
        thumb = self._thumb(size)
        thumb_moves = not grown or thumb != self._drawn_thumb
        self._drawn_thumb = thumb
        set_height_quietly(self, size, thumb_moves=thumb_moves)

    def _thumb(self, size: Size) -> tuple[int, int]:
        """Where the scrollbar's thumb begins and how long it is, in eighths of a cell: most rows do not move it."""
        rows, window = size.height, self.size.height
        if rows <= window:
            return 0, 0
        length = max(1.0, window * window / rows)
        return int((window - length) * self.scroll_y / (rows - window) * 8), ceil(length * 8)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The window moved: by us, by the wheel or by the scrollbar."""
        thumb = self._thumb(self.virtual_size)
        if thumb != self._drawn_thumb:
            self._drawn_thumb = thumb
            self.vertical_scrollbar.position = new_value
        else:
            self.vertical_scrollbar.set_reactive(ScrollBar.position, new_value)
        if round(old_value) != round(new_value):
            self.window_moved()

    def window_moved(self) -> None:
        """Other rows are in sight."""
        self.refresh()

    def row_under(self, event: events.Click) -> int | None:
        """The row that was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < HEADER:
            return None
        index = self.scroll_offset.y + offset.y - HEADER
        return index if index < self.row_count else None

    # Drawing

    def notify_style_update(self) -> None:
        """Another theme, focus or pseudo class."""
        super().notify_style_update()
        self._styles.clear()

    def style_named(self, name: str) -> Style:
        """The style of a name."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = style_of(self, f"{self.STYLE_PREFIX}--{name}").rich_style
        return style

    def blank_line(self) -> Strip:
        """Below the last row."""
        return Strip.blank(self.row_width, self.style_named("row"))

    def hint_line(self, line: int) -> Strip:
        """A line of the window while there are no rows."""
        width = self.row_width
        lines = self.hint.wrap(max(1, width - 4)) if self.hint else []
        first = max(0, (self.page - len(lines)) // 3)
        if not first <= line < first + len(lines):
            return self.blank_line()
        pad = " " * ((width - lines[line - first].cell_length) // 2)
        style = self.style_named("hint")
        return Strip([Segment(pad + lines[line - first].plain, style)]).adjust_cell_length(width, style)
