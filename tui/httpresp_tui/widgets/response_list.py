"""The list of responses: a scrolling window over a row model, drawn line by line.

It takes a row model and is told when that has changed; it posts what the person did. Three things hold at any rate
of traffic. Only lines whose row differs from what was drawn are drawn again, so rows that come below the window cost
nothing but the scrollbar. The cursor belongs to a row's key, not to a line: it stays on its response, and on its line
of the screen, whatever comes or leaves around it. The end is followed until a move away from it.

The first line is the header; it covers a line of the window and scrolls with nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from httpresp_capture.records.exchange import Response
from httpresp_tui.keys.bindings import Groups
from httpresp_tui.model.columns import COLUMNS, LOOKS, Column
from httpresp_tui.model.rows import GroupRow, ResponseRow, Row, RowKey, Rows
from httpresp_tui.terminal.textual_private import set_height_quietly
from httpresp_tui.text.badges import BADGE_LOOKS
from httpresp_tui.widgets.row_painter import RowPainter

_HEADER = 1
"""Lines of the header."""


def _bind(id: str, keys: str, action: str, words: str, tooltip: str, shown: bool = False) -> Binding:
    return Binding(keys, action, words, id=f"list.{id}", tooltip=tooltip, group=Groups.MOVE, show=shown)


class ResponseList(ScrollView, can_focus=True):
    """Rows of responses and of groups."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _bind("open", "enter", "open", "Open", "Open the response; fold or unfold a group", True),
        _bind("follow", "F", "follow", "Follow", "Stay at the newest response", True),
        _bind("next-error", "n", "next_error(1)", "Next error", "Next response that is an error", True),
        _bind("previous-error", "N", "next_error(-1)", "Previous error", "Previous response that is an error"),
        _bind("down", "j,down", "move(1)", "Down", "Next row"),
        _bind("up", "k,up", "move(-1)", "Up", "Previous row"),
        _bind("page-down", "pagedown", "page(1)", "Page down", "One screen down"),
        _bind("page-up", "pageup", "page(-1)", "Page up", "One screen up"),
        _bind("half-page-down", "ctrl+d", "half_page(1)", "Half page down", "Half a screen down"),
        _bind("half-page-up", "ctrl+u", "half_page(-1)", "Half page up", "Half a screen up"),
        _bind("first", "g,home", "first", "First", "The oldest row"),
        _bind("last", "G,end", "last", "Last", "The newest row; follows what comes"),
        _bind("fold", "left", "fold", "Fold", "Fold the group"),
        _bind("unfold", "right", "unfold", "Unfold", "Unfold the group"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"response-list--{name}"
        for name in (
            *("row", "group", "header", "header-sorted", "cursor", "cursor-blurred", "problem", "hint"),
            *LOOKS,
            *BADGE_LOOKS.values(),
        )
    }

    DEFAULT_CSS = """
    ResponseList {
        overflow-x: hidden;
        overflow-y: scroll;
        height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    follow: reactive[bool] = reactive(True, repaint=False)
    """Stay at the end as rows come."""
    hint: reactive[Content] = reactive(Content(""))
    """Said while there are no rows."""

    @dataclass
    class Chosen(Message):
        """The cursor is on another row, or the record of its row was replaced."""

        response: Response | None
        """None on a group."""
        row: Row | None

    @dataclass
    class Opened(Message):
        """A response is to be shown in full."""

        response: Response

    @dataclass
    class FollowChanged(Message):
        """Following was armed or released."""

        follow: bool

    @dataclass
    class SortRequested(Message):
        """The title of a column was clicked."""

        column: Column

    @dataclass
    class NoMoreErrors(Message):
        """There is no error further down (1) or up (-1)."""

        step: int

    def __init__(
        self,
        rows: Rows,
        columns: tuple[Column, ...] = COLUMNS,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = rows
        self._painter = RowPainter(columns)
        self._cursor = -1
        """Line of the cursor in the model; -1 without rows."""
        self._cursor_key: RowKey | None = None
        self._top_key: RowKey | None = None
        """Of the first row in the window."""
        self._drawn: list[object] = []
        """What stands in each line of the window."""
        self._told: object = None
        self._is_torn = False
        self._drawn_thumb = (0, 0)
        self._strips: LRUCache[tuple[RowKey, bool], tuple[object, Strip]] = LRUCache(1024)
        self._styles: dict[str, Style] = {}
        self._sorted_by: str | None = None
        self._reverse = False

    # The row model

    def show(self, rows: Rows) -> None:
        """Draw another row model; the cursor stays on its response."""
        self._rows = rows
        self._redraw()
        self.sync()

    def sync(self) -> None:
        """The row model has changed: draw what differs, and keep the place."""
        rows = self._rows
        count = len(rows)
        top = self.scroll_offset.y
        line = self._cursor - top
        self._place_cursor(count)
        self._fit_window(count)
        if self.follow:
            self._scroll_to_line(count)
        elif 0 <= line < self._page:
            self._scroll_to_line(self._cursor - line)
        elif self._top_key is not None:
            self._scroll_to_line(self._index(self._top_key, top))
        self._draw_changed()
        self._tell_cursor()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these columns."""
        self._painter = RowPainter(columns)
        self._painter.resize(self._width)
        self._redraw()

    @property
    def in_window(self) -> list[Response]:
        """The responses in sight, from the top."""
        return [response for response in self._window() if response is not None]

    def freshen(self, ids: Collection[int]) -> None:
        """What a column says of these is another thing now, though their records are the same."""
        for id in ids:
            for is_cursor in (True, False):
                self._strips.discard((id, is_cursor))
        for line, response in enumerate(self._window()):
            if response is not None and response.id in ids:
                self.refresh(Region(0, line + _HEADER, self._width, 1))

    def _window(self) -> list[Response | None]:
        """What stands in each line with a row; None for a group."""
        top = self.scroll_offset.y
        rows = (self._rows.row_at(index) for index in range(top, min(top + self._page, len(self._rows))))
        return [row.response if isinstance(row, ResponseRow) else None for row in rows]

    def mark_sorted(self, key: str | None, reverse: bool) -> None:
        """Point at the column by which the rows are sorted."""
        self._sorted_by = key
        self._reverse = reverse
        self.refresh(Region(0, 0, self._width, _HEADER))

    # The cursor

    @property
    def current_row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows.row_at(self._cursor) if 0 <= self._cursor < len(self._rows) else None

    @property
    def current(self) -> Response | None:
        """The response under the cursor; None on a group."""
        row = self.current_row
        return row.response if isinstance(row, ResponseRow) else None

    def select(self, id: int) -> bool:
        """Move the cursor to a response; False when it is not visible."""
        index = self._rows.index_of(id)
        if index is None:
            return False
        self._move_to(index)
        return True

    def go(self, step: int) -> None:
        """Move the cursor by rows."""
        self._move_to(self._cursor + step)

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self.go(step)

    def action_page(self, step: int) -> None:
        """Move the cursor by screens."""
        self.go(step * max(1, self._page - 1))

    def action_half_page(self, step: int) -> None:
        """Move the cursor by half screens."""
        self.go(step * max(1, self._page // 2))

    def action_first(self) -> None:
        """To the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """To the last row, and stay at the end."""
        self.follow = True

    def action_follow(self) -> None:
        """Stay at the end, or stay here."""
        self.follow = not self.follow

    def action_next_error(self, step: int) -> None:
        """To the next error in a direction."""
        key = self._rows.next_error(self._cursor_key if self._cursor >= 0 else None, step)
        if key is None:
            self.post_message(self.NoMoreErrors(step))
            return
        # The group of the error may have been unfolded.
        self.follow = False
        self.sync()
        if (index := self._rows.index_of(key)) is not None:
            self._move_to(index)

    def action_open(self) -> None:
        """Show the response in full; fold or unfold a group."""
        match self.current_row:
            case ResponseRow(response):
                # It is read now: what comes does not take its place.
                self.follow = False
                self.post_message(self.Opened(response))
            case GroupRow(key=key, open=open):
                self._fold(key, not open)
            case None:
                pass

    def action_fold(self) -> None:
        """Fold the group that the cursor is in."""
        if self._cursor_key is not None:
            self._fold(self._cursor_key, False)

    def action_unfold(self) -> None:
        """Unfold the group that the cursor is on."""
        if self._cursor_key is not None:
            self._fold(self._cursor_key, True)

    def action_fold_all(self) -> None:
        """Fold every group, or unfold them all."""
        self._rows.fold_all()
        self.sync()
        self._reveal()

    def _fold(self, key: RowKey, open: bool) -> None:
        group = self._rows.fold(key, open)
        if group is None:
            return
        self.follow = False
        self._cursor_key = group
        self.sync()
        self._reveal()

    def _move_to(self, index: int) -> None:
        count = len(self._rows)
        if not count:
            return
        index = max(0, min(index, count - 1))
        if index < count - 1:
            self.follow = False
        self._cursor = index
        self._cursor_key = self._rows.key_at(index)
        self._reveal()
        self._draw_changed()
        self._tell_cursor()

    def _reveal(self) -> None:
        """Bring the cursor into the window, by the shortest way."""
        top = self.scroll_offset.y
        if self._cursor < top:
            self._scroll_to_line(self._cursor)
        elif self._cursor >= top + self._page:
            self._scroll_to_line(self._cursor - self._page + 1)

    def _place_cursor(self, count: int) -> None:
        if not count:
            self._cursor = -1
        elif self.follow or self._cursor_key is None:
            self._cursor = count - 1 if self.follow else 0
            self._cursor_key = self._rows.key_at(self._cursor)
        else:
            # A key that a filter hides is kept: when the filter goes, the cursor is where it was.
            self._cursor = min(self._index(self._cursor_key, max(0, self._cursor)), count - 1)

    def _index(self, key: RowKey, otherwise: int) -> int:
        """Where a row is, or would be."""
        index = self._rows.index_of(key)
        if index is None:
            index = self._rows.near(key)
        return otherwise if index is None else index

    def _tell_cursor(self) -> None:
        row = self.current_row
        response = row.response if isinstance(row, ResponseRow) else None
        told = response or row
        if told is not self._told:
            self._told = told
            self.post_message(self.Chosen(response, row))

    # Following

    def watch_follow(self, follow: bool) -> None:
        """Go to the end."""
        if self.is_mounted:
            self.post_message(self.FollowChanged(follow))
            if follow:
                self.sync()

    # The window

    @property
    def _page(self) -> int:
        """Rows in the window."""
        return max(1, self.size.height - _HEADER)

    @property
    def _width(self) -> int:
        """Cells of a row; the scrollbar stands beside it."""
        return self.size.width - self.styles.scrollbar_size_vertical

    @property
    def _is_grouped(self) -> bool:
        return len(self._rows) > 0 and isinstance(self._rows.key_at(0), str)

    def _fit_window(self, count: int) -> None:
        size = Size(self._width, count + _HEADER)
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

    def _scroll_to_line(self, line: int) -> None:
        self.scroll_to(y=max(0, min(line, self.max_scroll_y)), animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The window moved: by us, by the wheel or by the scrollbar."""
        thumb = self._thumb(self.virtual_size)
        if thumb != self._drawn_thumb:
            self._drawn_thumb = thumb
            self.vertical_scrollbar.position = new_value
        else:
            self.vertical_scrollbar.set_reactive(ScrollBar.position, new_value)
        if round(old_value) == round(new_value):
            return
        if self.follow and round(new_value) < self.max_scroll_y:
            self.follow = False
        self._draw_changed()

    def on_resize(self) -> None:
        """Columns follow from the width."""
        self._painter.resize(self._width)
        self._redraw()
        self.sync()
        self._reveal()

    def notify_style_update(self) -> None:
        """Another theme, focus or pseudo class."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def _redraw(self) -> None:
        self._strips.clear()
        self._drawn = []
        self.refresh()

    def _standing(self, index: int, count: int) -> object:
        """What a line shows, for comparison: a record is replaced, never changed."""
        if index >= count:
            return None
        row = self._rows.row_at(index)
        shown = row.response if isinstance(row, ResponseRow) else row
        return (index == self._cursor, shown)

    def _draw_changed(self) -> None:
        top = self.scroll_offset.y
        count = len(self._rows)
        standing = [self._standing(top + line, count) for line in range(self.size.height - _HEADER)]
        drawn = self._drawn
        self._drawn = standing
        self._top_key = self._rows.key_at(top) if top < count else None
        if len(drawn) != len(standing) or not count or self._is_torn:
            self._is_torn = False
            self.refresh()
            return
        width = self._width
        changed = [
            Region(0, line + _HEADER, width, 1)
            for line, (was, now) in enumerate(zip(drawn, standing, strict=True))
            if not _same(was, now)
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One line of the window; the first is the header."""
        if self._painter.width != self._width:
            self._painter.resize(self._width)
            self._strips.clear()
        if y < _HEADER:
            return self._painter.header(self._look, self._sorted_by, self._reverse, self._is_grouped)
        count = len(self._rows)
        index = self.scroll_offset.y + y - _HEADER
        # Drawn for another reason before it was told of a change: these may be the wrong rows.
        self._is_torn = self._is_torn or count != self.virtual_size.height - _HEADER
        if not count:
            return self._hint_line(y - _HEADER)
        row = self._rows.row_at(index) if index < count else None
        if row is None:
            return Strip.blank(self._width, self._look("row"))
        return self._row_strip(self._rows.key_at(index), row, index == self._cursor)

    def _row_strip(self, key: RowKey, row: Row, is_cursor: bool) -> Strip:
        token = row.response if isinstance(row, ResponseRow) else row
        known = self._strips.get((key, is_cursor))
        if known is not None and known[0] is token:
            return known[1]
        cursor = ("cursor" if self.has_focus else "cursor-blurred") if is_cursor else None
        strip = self._painter.strip(row, self._look, cursor)
        self._strips[(key, is_cursor)] = (token, strip)
        return strip

    def _hint_line(self, line: int) -> Strip:
        width = self._width
        lines = self.hint.wrap(max(1, width - 4)) if self.hint else []
        first = max(0, (self._page - len(lines)) // 3)
        if not first <= line < first + len(lines):
            return Strip.blank(width, self._look("row"))
        pad = " " * ((width - lines[line - first].cell_length) // 2)
        style = self._look("hint")
        return Strip([Segment(pad + lines[line - first].plain, style)]).adjust_cell_length(width, style)

    def _look(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"response-list--{name}")
        return style

    # The mouse

    def on_mouse_scroll_up(self) -> None:
        """Away from the end."""
        if self.max_scroll_y:
            self.follow = False

    def on_click(self, event: events.Click) -> None:
        """A title sorts, a row is chosen, twice opens it; the triangle of a group folds it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < _HEADER:
            column = self._painter.column_at(offset.x, self._is_grouped)
            if column is not None:
                self.post_message(self.SortRequested(column))
            return
        index = self.scroll_offset.y + offset.y - _HEADER
        if index >= len(self._rows):
            return
        self._move_to(index)
        row = self.current_row
        if event.chain == 2 or (isinstance(row, GroupRow) and offset.x < 2):
            self.action_open()


def _same(was: object, now: object) -> bool:
    """Whether two lines show the same: by identity, since comparing records byte by byte costs more than drawing."""
    if was is None or now is None:
        return was is now
    assert isinstance(was, tuple)
    assert isinstance(now, tuple)
    return was[0] == now[0] and was[1] is now[1]
