"""The list of responses: a scrolling window over a row model, drawn line by line.

It takes a row model and is told when that has changed; it posts what the person did. Three things hold at any rate
of traffic. Only lines whose row differs from what was drawn are drawn again, so rows that come below the window cost
nothing but the scrollbar. The cursor belongs to a row's key, not to a line: it stays on its response, and on its line
of the screen, whatever comes or leaves around it. The end is followed until a move away from it.

The first line is the header; it covers a line of the window and scrolls with nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from httpresp_capture.records.exchange import Response
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.columns import CLASS_STYLES, COLUMNS, Column
from httpresp_tui.model.rows import GroupRow, ResponseRow, Row, RowKey, Rows
from httpresp_tui.text.badges import BADGE_STYLES
from httpresp_tui.widgets.drawn_lines import DrawnLines
from httpresp_tui.widgets.grouped_scroller import GroupedScroller
from httpresp_tui.widgets.row_painter import RowPainter
from httpresp_tui.widgets.row_scroller import HEADER, component_classes, moves


class ResponseList(GroupedScroller):
    """Rows of responses and of groups."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(
            "list",
            Groups.MOVE,
            ("open", "enter", "open", "Open", "Open the response; fold or unfold a group", True),
            ("follow", "F", "follow", "Follow", "Stay at the newest response", True),
            ("next-error", "n", "next_error(1)", "Next error", "Next response that is an error", True),
            ("previous-error", "N", "next_error(-1)", "Previous error", "Previous response that is an error", False),
            ("fold", "left", "fold", "Fold", "Fold the group", False),
            ("unfold", "right", "unfold", "Unfold", "Unfold the group", False),
        ),
        *moves("list", "The oldest row", "The newest row; follows what comes"),
    ]

    STYLE_PREFIX = "response-list"
    COMPONENT_CLASSES: ClassVar[set[str]] = component_classes(
        STYLE_PREFIX, ("group", "header-sorted", "marked", "problem", *CLASS_STYLES, *BADGE_STYLES.values())
    )

    follow: reactive[bool] = reactive(True, repaint=False)
    """Stay at the end as rows come."""

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
        is_other: bool
        """There is one on the other side, to which it went."""

    def __init__(
        self,
        rows: Rows,
        columns: tuple[Column, ...] = COLUMNS,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(rows, id=id, classes=classes)
        self._painter = RowPainter(columns)
        self._cursor_key: RowKey | None = None
        self._top_key: RowKey | None = None
        """Of the first row in the window."""
        self._drawn = DrawnLines()
        self._announced: object = None
        self._is_torn = False
        self._strips: LRUCache[tuple[RowKey, bool], tuple[object, Strip]] = LRUCache(1024)
        self._sorted_by: Column | None = None
        self._reverse = False

    # The row model

    def show(self, rows: Rows) -> None:
        """Draw another row model; the cursor stays on its response."""
        self._rows = rows
        self._redraw()
        self.sync()

    def sync(self) -> None:
        """The row model has changed: draw what differs, and keep the position."""
        rows = self._rows
        count = len(rows)
        top = self.scroll_offset.y
        line = self.cursor - top
        self._place_cursor(count)
        self.fit_window()
        if self.follow:
            self.scroll_to_row(count)
        elif 0 <= line < self.page:
            self.scroll_to_row(self.cursor - line)
            self.uncover_group()
        elif self._top_key is not None:
            self.scroll_to_row(self._index(self._top_key, top))
        self._draw_changed()
        self._tell_cursor()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these columns."""
        self._painter = RowPainter(columns)
        self._painter.resize(self.row_width)
        self._redraw()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All that are shown where there is room."""
        return self._painter.columns

    def freshen(self, ids: Collection[int]) -> None:
        """What a column says of these is another thing now, though their records are the same."""
        for id in ids:
            for is_cursor in (True, False):
                self._strips.discard((id, is_cursor))
        for line, response in enumerate(self._window()):
            if response is not None and response.id in ids:
                self.refresh(Region(0, line + HEADER, self.row_width, 1))

    def mark_sorted(self, column: Column | None, reverse: bool) -> None:
        """Point at the column by which the rows are sorted."""
        self._sorted_by = column
        self._reverse = reverse
        self.refresh(Region(0, 0, self.row_width, HEADER))

    # The cursor

    @property
    def current_key(self) -> RowKey | None:
        """Of the row under the cursor, or of the one that a filter has taken away from there."""
        return self._cursor_key

    @property
    def current_row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows.row_at(self.cursor) if 0 <= self.cursor < len(self._rows) else None

    @property
    def current(self) -> Response | None:
        """The response under the cursor; None on a group."""
        return row.response if isinstance(row := self.current_row, ResponseRow) else None

    def select(self, id: int) -> bool:
        """Move the cursor to a response; False when it is not visible."""
        index = self._rows.index_of(id)
        if index is None:
            return False
        self.move_to(index)
        return True

    def action_edge(self, way: int) -> None:
        """To the first row; or to the last, and stay at the end."""
        if way < 0:
            self.move_to(0)
        else:
            self.follow = True

    def action_follow(self) -> None:
        """Stay at the end, or stay here."""
        self.follow = not self.follow

    def action_next_error(self, step: int) -> None:
        """To the next error in a direction; behind the last the first again."""
        here = self._cursor_key if self.cursor >= 0 else None
        key = self._rows.next_error(here, step)
        if key is None:
            key = self._rows.next_error(None, step)
            is_other = key is not None and key != here
            self.post_message(self.NoMoreErrors(step, is_other))
            if not is_other:
                return
        # The group of the error may have been unfolded.
        self.follow = False
        self.sync()
        if key is not None and (index := self._rows.index_of(key)) is not None:
            self.move_to(index)

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
        self.reveal()

    def _fold(self, key: RowKey, open: bool) -> None:
        group = self._rows.fold(key, open)
        if group is None:
            return
        self.follow = False
        self._cursor_key = group
        self.sync()
        self.reveal()

    def move_to(self, index: int) -> None:
        """Put the cursor on the row nearest to an index; following ends but at the last."""
        count = len(self._rows)
        if not count:
            return
        index = max(0, min(index, count - 1))
        if index < count - 1:
            self.follow = False
        self.cursor = index
        self._cursor_key = self._rows.key_at(index)
        self.reveal()
        self._draw_changed()
        self._tell_cursor()

    def _place_cursor(self, count: int) -> None:
        if not count:
            self.cursor = -1
        elif self.follow or self._cursor_key is None:
            self.cursor = count - 1 if self.follow else 0
            self._cursor_key = self._rows.key_at(self.cursor)
        else:
            # A key that a filter hides is kept: when the filter goes, the cursor is where it was.
            self.cursor = min(self._index(self._cursor_key, max(0, self.cursor)), count - 1)

    def _index(self, key: RowKey, otherwise: int) -> int:
        """Where a row is, or would be."""
        index = self._rows.index_of(key)
        if index is None:
            index = self._rows.near(key)
        return otherwise if index is None else index

    def _tell_cursor(self) -> None:
        row = self.current_row
        response = row.response if isinstance(row, ResponseRow) else None
        announced = response or row
        if announced is not self._announced:
            self._announced = announced
            self.post_message(self.Chosen(response, row))

    # Following

    def watch_follow(self, follow: bool) -> None:
        """Go to the end."""
        if self.is_mounted:
            self.post_message(self.FollowChanged(follow))
            if follow:
                self.sync()

    # The window

    def window_moved(self) -> None:
        """A move away from the end releases following."""
        if self.follow and round(self.scroll_y) < self.max_scroll_y:
            self.follow = False
        self._draw_changed()

    def on_resize(self) -> None:
        """Columns follow from the width."""
        self._painter.resize(self.row_width)
        self._redraw()
        self.sync()
        self.reveal()

    def notify_style_update(self) -> None:
        """Another theme, focus or pseudo class."""
        super().notify_style_update()
        self._strips.clear()

    def _redraw(self) -> None:
        self._strips.clear()
        self._drawn.forget()
        self.refresh()

    def _line(self, index: int, count: int) -> tuple[bool, object] | None:
        """What a line shows, for comparison."""
        if index >= count:
            return None
        index = self.drawn_at(index)
        row = self._rows.row_at(index)
        return index == self.cursor, row.response if isinstance(row, ResponseRow) else row

    def _draw_changed(self) -> None:
        top = self.scroll_offset.y
        count = len(self._rows)
        changed = self._drawn.changed([self._line(top + line, count) for line in range(self.size.height - HEADER)])
        self._top_key = self._rows.key_at(top) if top < count else None
        if changed is None or not count or self._is_torn:
            self._is_torn = False
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, line + HEADER, self.row_width, 1) for line in changed))

    def render_line(self, y: int) -> Strip:
        """One line of the window; the first is the header."""
        if self._painter.width != self.row_width:
            self._painter.resize(self.row_width)
            self._strips.clear()
        if y < HEADER:
            return self._painter.header(self.style_named, self._sorted_by, self._reverse, self._is_grouped)
        count = len(self._rows)
        index = self.drawn_at(self.scroll_offset.y + y - HEADER)
        # Drawn for another reason before it was told of a change: these may be the wrong rows.
        self._is_torn = self._is_torn or count != self.virtual_size.height - HEADER
        if not count:
            return self.hint_line(y - HEADER)
        row = self._rows.row_at(index) if index < count else None
        if row is None:
            return self.blank_line()
        return self._row_strip(self._rows.key_at(index), row, index == self.cursor)

    def _row_strip(self, key: RowKey, row: Row, is_cursor: bool) -> Strip:
        token = row.response if isinstance(row, ResponseRow) else row
        known = self._strips.get((key, is_cursor))
        if known is not None and known[0] is token:
            return known[1]
        strip = self._painter.strip(row, self.style_named, self.cursor_style if is_cursor else None)
        self._strips[(key, is_cursor)] = (token, strip)
        return strip

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
        if offset.y < HEADER:
            column = self._painter.column_at(offset.x, self._is_grouped)
            if column is not None:
                self.post_message(self.SortRequested(column))
        elif (index := self.row_under(event)) is not None:
            self.move_to(index)
            if event.chain == 2 or (isinstance(self.current_row, GroupRow) and offset.x < 2):
                self.action_open()
