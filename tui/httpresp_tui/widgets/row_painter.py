"""One row of the list as a strip: cells from the columns, wire text through its door, looks by name.

It knows no widget and no store. A style is asked for by its name, of whoever owns the theme.
"""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from httpresp_capture.records.error_responses import is_error
from httpresp_tui.model.columns import (
    CLASS_STYLES,
    COLUMNS,
    DEPTH,
    MARKS_WIDTH,
    Column,
    Placed,
    class_style,
    error_style,
    layout,
)
from httpresp_tui.model.group_columns import GROUP_COLUMNS, GroupColumn, group_layout
from httpresp_tui.model.rows import GroupRow, ResponseRow, Row
from httpresp_tui.text.badges import BADGE_STYLES, MARKED
from httpresp_tui.text.printable import printable_text

Styles = Callable[[str], Style]
"""Name in the style sheet → style."""

CUT = "…"
GLYPH_STYLES = {**BADGE_STYLES, MARKED: "marked"}
"""Of what stands before the marks."""
_SPACES = " " * 512


def fit(text: str, width: int, right: bool = False) -> str:
    """Printable text in exactly so many cells; a cut shows."""
    if text.isascii():
        missing = width - len(text)
        if missing < 0:
            return text[: width - 1] + CUT if width > 0 else ""
    else:
        missing = width - cell_len(text)
        if missing < 0:
            return set_cell_size(text, width - 1) + CUT if width > 0 else ""
    return " " * missing + text if right else text + " " * missing


class RowPainter:
    """Lays the columns out for a width; then rows become strips."""

    def __init__(self, columns: tuple[Column, ...] = COLUMNS) -> None:
        self.columns = columns
        self.width = 0
        self.flat: tuple[Placed[Column], ...] = ()
        self.nested: tuple[Placed[Column], ...] = ()
        self._groups: tuple[Placed[GroupColumn], ...] = ()

    def resize(self, width: int) -> None:
        """The width of a row, in cells."""
        self.width = width
        self.flat = layout(self.columns, width)
        self.nested = tuple(
            Placed(placed.column, DEPTH + placed.start, placed.width) for placed in layout(self.columns, width - DEPTH)
        )
        self._groups = group_layout(width)

    def column_at(self, x: int, nested: bool = False) -> Column | None:
        """The column under a cell."""
        places = self.nested if nested else self.flat
        return next((placed.column for placed in places if placed.start <= x < placed.end), None)

    def header(self, styles: Styles, sorted_by: Column | None, reverse: bool, nested: bool = False) -> Strip:
        """The line of titles; `nested` when the responses stand in groups. At its end a mark when columns have left,
        and before it what the rows are sorted by when that is no title in sight."""
        base = styles("header")
        marked = styles("header-sorted")
        arrow = "▼" if reverse else "▲"
        cells: list[tuple[int, str, Style]] = []
        places = self.nested if nested else self.flat
        for placed in places:
            column = placed.column
            is_sorted = sorted_by is not None and column.key == sorted_by.key
            title = printable_text(column.title)
            if is_sorted:
                title = set_cell_size(title, min(cell_len(title), max(0, placed.width - 1))) + arrow
            cells.append((placed.start, fit(title, placed.width, column.right), marked if is_sorted else base))
        strip = self._strip(cells, base)
        end = [] if self._is_whole(nested) else [Segment(CUT, base)]
        if sorted_by is not None and all(placed.column.key != sorted_by.key for placed in places):
            end.insert(0, Segment(f" {printable_text(sorted_by.title, 20)}{arrow} ", marked))
        if not end:
            return strip
        told = Strip(end)
        return Strip.join([strip.crop(0, self.width - told.cell_length), told])

    def _is_whole(self, nested: bool) -> bool:
        """Whether every column has room."""
        if not nested:
            return len(self.flat) == len(self.columns)
        return len(self.nested) == len(self.columns) and len(self._groups) == len(GROUP_COLUMNS)

    def strip(self, row: Row, styles: Styles, cursor: str | None) -> Strip:
        """A row; `cursor` is the style of the whole line when the cursor is on it."""
        if isinstance(row, GroupRow):
            return self._group(row, styles, cursor)
        return self._response(row, styles, cursor)

    def _response(self, row: ResponseRow, styles: Styles, cursor: str | None) -> Strip:
        response = row.response
        base = styles(cursor or "row")
        coloured = styles(cursor or class_style(response))
        marked = styles(cursor or ("problem" if response.problems else "row"))
        # What an error says should be found by eye; its digits say it without colour too.
        path = styles(cursor or error_style(response)) if is_error(response) else base
        cells: list[tuple[int, str, Style]] = []
        for placed in self.nested if row.depth else self.flat:
            column = placed.column
            style = base
            if column.key == "marks":
                style = marked
            elif column.by_class:
                style = coloured if column.key == "status" else path
            text = printable_text(column.cell(response), placed.width * 4)
            start, width = placed.start, placed.width
            if column.key == "marks":
                for glyph in text[: max(0, width - MARKS_WIDTH)]:
                    cells.append((start, glyph, styles(cursor or GLYPH_STYLES.get(glyph, "row"))))
                    start, width, text = start + 1, width - 1, text[1:]
            cells.append((start, fit(text, width, column.right), style))
        return self._strip(cells, base)

    def _group(self, row: GroupRow, styles: Styles, cursor: str | None) -> Strip:
        base = styles(cursor or "group")
        cells: list[tuple[int, str, Style]] = []
        for placed in self._groups:
            column = placed.column
            style = base
            if column.status_class is not None:
                style = styles(cursor or CLASS_STYLES[column.status_class])
            text = printable_text(column.cell(row), placed.width * 4)
            cells.append((placed.start, fit(text, placed.width, column.right), style))
        return self._strip(cells, base)

    def _strip(self, cells: Sequence[tuple[int, str, Style]], base: Style) -> Strip:
        segments: list[Segment] = []
        at = 0
        for start, text, style in cells:
            if start > at:
                segments.append(Segment(_SPACES[: start - at], base))
            segments.append(Segment(text, style))
            at = start + cell_len(text)
        return Strip(segments, at).adjust_cell_length(self.width, base)
