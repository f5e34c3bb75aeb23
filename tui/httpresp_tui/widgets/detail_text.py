"""The scrolling text of the detail pane: lines in, strips out, wrapped when laid out and drawn when seen.

A header of 200 KB or a body of thousands of lines costs an offset a row; a key never waits for more than the rows
that are on the screen.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.content import Content, Span
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.widgets.lines import Line, Row, TextStyle, rows_of
from httpresp_tui.widgets.styles import legible

MOST_MATCHES = 10_000
LONG_ROW = 2_000
"""Without wrapping a line still breaks here: a row is drawn whole before the part in view is cut out of it."""


def in_one_case(text: str) -> str:
    """In lower case, each character where it was: a few become two (`İ`), and stay. Finding words in it is linear."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


class Match(NamedTuple):
    """A place that the search found; they sort as they stand."""

    line: int
    start: int
    end: int


class DetailText(ScrollView, can_focus=True):
    """Lines that scroll, wrap and can be searched."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"detail-text--{style}" for style in TextStyle),
        "detail-text--match",
        "detail-text--current-match",
    }
    DEFAULT_CSS = """
    DetailText {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        &.-no-wrap { overflow-x: auto; scrollbar-size-horizontal: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "detail",
        Groups.MOVE,
        ("down", "j,down", "move(1)", "Down", "Scroll the detail down", False),
        ("up", "k,up", "move(-1)", "Up", "Scroll the detail up", False),
        ("page-down", "pagedown", "page(1.0)", "Page down", "Scroll the detail down by a page", False),
        ("page-up", "pageup", "page(-1.0)", "Page up", "Scroll the detail up by a page", False),
        ("half-page-down", "ctrl+d", "page(0.5)", "Half page down", "Scroll the detail down by half a page", False),
        ("half-page-up", "ctrl+u", "page(-0.5)", "Half page up", "Scroll the detail up by half a page", False),
        ("top", "g,home", "edge(-1)", "Top", "Go to the top of the detail", False),
        ("bottom", "G,end", "edge(1)", "Bottom", "Go to the end of the detail", False),
        ("left", "h,left", "sideways(-1)", "Left", "Scroll the detail left", False),
        ("right", "l,right", "sideways(1)", "Right", "Scroll the detail right", False),
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._rows: list[Row] = []
        self._width = 0
        self._wrap = True
        self._matches: list[Match] = []
        self._match = 0
        self._pattern = ""
        self._strips: LRUCache[tuple[int, int, int], Strip] = LRUCache(256)
        """Rows as they were drawn: Textual has much to do with a strip, and does it once for each."""

    # --- text ---

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    @property
    def wrap(self) -> bool:
        """True while long lines go on in further rows."""
        return self._wrap

    def show_lines(self, lines: Sequence[Line], *, keep: bool) -> None:
        """Other lines; with `keep` the one at the top of the pane stays there."""
        anchor = self._anchor() if keep else (0, 0)
        self._lines = lines
        self._lay_out(anchor)
        if self._pattern:
            self.search(self._pattern, move=False)

    @property
    def has_long_lines(self) -> bool:
        """True where wrapping, or not, makes a difference."""
        return len(self._rows) > len(self._lines) or any(cell_len(each.text) > self._width for each in self._lines)

    @property
    def top_line(self) -> int:
        """The line at the top of the pane."""
        return self._anchor()[0]

    def go_to_line(self, number: int) -> None:
        """Bring a line to the top, or as near as may be."""
        self.scroll_to(y=self._row_at(number, 0), animate=False, immediate=True)

    def toggle_wrap(self) -> None:
        """Wrap long lines, or let them run out of the pane."""
        self._wrap = not self._wrap
        self.set_class(not self._wrap, "-no-wrap")
        self._lay_out(self._anchor())

    def _anchor(self) -> tuple[int, int]:
        """The line at the top, and how far into it."""
        y = self.scroll_offset.y
        row = self._rows[y] if y < len(self._rows) else None
        return (row.line, row.start) if row else (0, 0)

    def _lay_out(self, anchor: tuple[int, int]) -> None:
        self._width = max(1, self.scrollable_content_region.width)
        self._rows = rows_of(self._lines, self._width if self._wrap else LONG_ROW)
        width = self._width if self._wrap else max((len(each.text) for each in self._lines), default=0)
        self.virtual_size = Size(min(width, LONG_ROW), len(self._rows))
        self.scroll_to(y=self._row_at(*anchor), animate=False, immediate=True)
        self._redraw()

    def _row_at(self, number: int, offset: int) -> int:
        """The row in which a place of a line stands."""
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            row = self._rows[middle]
            if (row.line, row.end) <= (number, offset) and (
                row.line < number or row.end < len(self._lines[number].text)
            ):
                low = middle + 1
            else:
                high = middle
        return low

    def on_resize(self) -> None:
        """Another width wraps anew."""
        if self.scrollable_content_region.width != self._width:
            self._lay_out(self._anchor())

    # --- moving ---

    def action_move(self, rows: int) -> None:
        """Up or down. Nothing here is animated: a key should have happened when it is released."""
        self.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: float) -> None:
        """By so many pages, of which one row stays in sight."""
        rows = max(1, round((self.size.height - 1) * abs(pages)))
        self.scroll_relative(y=rows if pages > 0 else -rows, animate=False)

    def action_edge(self, way: int) -> None:
        """To the top or the end."""
        self.scroll_to(y=0 if way < 0 else self.max_scroll_y, animate=False)

    def action_sideways(self, way: int) -> None:
        """Left or right, while lines are not wrapped."""
        self.scroll_relative(x=8 * way, animate=False)

    # --- searching ---

    @property
    def match_count(self) -> int:
        """How many places the search found."""
        return len(self._matches)

    @property
    def match_number(self) -> int:
        """The current one, from 1; 0 for none."""
        return self._match + 1 if self._matches else 0

    def search(self, pattern: str, *, move: bool = True) -> None:
        """Mark every place that holds the words, in any case; go to the first from the top of the pane on."""
        self._pattern = pattern
        self._matches = list(islice(self._found(pattern), MOST_MATCHES)) if pattern else []
        if move:
            number, offset = self._anchor()
            self._match = bisect_left(self._matches, Match(number, offset, 0))
            self.next_match(0)
        self._match = min(self._match, max(0, len(self._matches) - 1))
        self._redraw()

    def _found(self, pattern: str) -> Iterator[Match]:
        words = in_one_case(pattern)
        for number, each in enumerate(self._lines):
            text = in_one_case(each.text)
            at = text.find(words)
            while at >= 0:
                yield Match(number, at, at + len(words))
                at = text.find(words, at + len(words))

    def next_match(self, step: int) -> None:
        """The match after, or before; round and round."""
        if not self._matches:
            return
        self._match = (self._match + step) % len(self._matches)
        match = self._matches[self._match]
        y = self._row_at(match.line, match.start)
        if not self.scroll_offset.y <= y < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, y - self.size.height // 3), animate=False)
        self._redraw()

    # --- drawing ---

    def _redraw(self) -> None:
        """Something that rows are drawn from has changed."""
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme, or the focus."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """The row that stands at height y of the pane."""
        left, top = self.scroll_offset
        width = self.size.width
        at = top + y
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get((at, left, width))
        if strip is None:
            strip = self._strips[at, left, width] = self._draw(at, left, width)
        return strip

    def _draw(self, at: int, left: int, width: int) -> Strip:
        row = self._rows[at]
        each = self._lines[row.line]
        indent = 0 if row.first else min(each.hang, self._width - 1)
        content = Content(" " * indent + each.text[row.start : row.end], self._spans(row, each, indent))
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            start, end = span
            content = content.stylize("screen--selection", start, None if end == -1 else end)
        segments = [
            Segment(text, style.rich_style) for text, style in content.render(self.visual_style, "", self._style_of)
        ]
        return Strip(segments).crop_extend(left, left + width, self.rich_style).apply_offsets(left, at)

    def _spans(self, row: Row, each: Line, indent: int) -> list[Span]:
        """Inks and matches of a row, counted from its own beginning."""
        found = [(span.start, span.end, f"detail-text--{span.style}") for span in each.spans]
        if each.highlighter:
            found += [(span.start, span.end, f"detail-text--{span.style}") for span in each.highlighter(each.text)]
        # Matches stand in the order of the text; one that began in the row before may reach into this one.
        at = max(0, bisect_left(self._matches, Match(row.line, row.start, 0)) - 1)
        for number in range(at, len(self._matches)):
            match = self._matches[number]
            if (match.line, match.start) >= (row.line, row.end):
                break
            if match.line == row.line:
                kind = "current-match" if number == self._match else "match"
                found.append((match.start, match.end, f"detail-text--{kind}"))
        shift = indent - row.start
        return [
            Span(max(start, row.start) + shift, min(end, row.end) + shift, name)
            for start, end, name in found
            if start < row.end and end > row.start
        ]

    def _style_of(self, name: str | Style) -> Style:
        if isinstance(name, Style):
            return name
        if name.startswith("screen"):
            return self.screen.get_visual_style(name, partial=True)
        # Not partial: a muted colour is mixed with the background that it stands on, light or dark.
        return legible(self.get_visual_style(name))

    # --- selecting with the mouse ---

    @property
    def allow_select(self) -> bool:
        """Text can be selected with the mouse."""
        return True

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected now."""
        self._redraw()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, with the line ends of the lines and not of the rows."""
        start = selection.start or Offset(0, 0)
        end = selection.end
        last = len(self._rows) - 1 if end is None else min(end.y, len(self._rows) - 1)
        parts: list[str] = []
        for at in range(start.y, last + 1):
            row = self._rows[at]
            each = self._lines[row.line]
            indent = 0 if row.first else min(each.hang, self._width - 1)
            first = max(0, start.x - indent) if at == start.y else 0
            until = max(0, end.x - indent) if end is not None and at == end.y else row.end - row.start
            if row.first and parts:
                parts.append("\n")
            parts.append(each.text[row.start + first : min(row.start + until, row.end)])
        return "".join(parts), "\n"
