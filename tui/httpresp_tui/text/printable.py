"""The only door for text from the wire: what comes out may reach a terminal.

`printable` makes content for widgets, `printable_text` the same as text; `spelling` says how. `ControlFilter` is the
second wall, over every segment that any widget renders. There the width is settled already, so it takes away what has
no width and puts U+FFFD in place of what has.
"""

from functools import lru_cache
from unicodedata import category

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from httpresp_tui.text.sanitising import DEFAULT_LIMIT, MARK, MOST_MARKS, SPELLINGS, decoded, printable_text

__all__ = ["ControlFilter", "decoded", "printable", "printable_text"]


def printable(text: str | bytes, limit: int = DEFAULT_LIMIT, *, lines: bool = False) -> Content:
    """Wire text as content for any widget. See `printable_text`."""
    return Content(printable_text(text, limit, lines=lines))


class ControlFilter(LineFilter):
    """No segment leaves with a control in it, whichever widget made it and whoever forgot the door."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Segments that are Textual's own controls pass; plain ASCII passes as it is."""
        return [
            segment
            if segment.control or (segment.text.isascii() and segment.text.isprintable() and not _links(segment))
            else _neutral(segment)
            for segment in segments
        ]


def _links(segment: Segment) -> bool:
    return segment.style is not None and segment.style.link is not None


def _neutral(segment: Segment) -> Segment:
    style = segment.style
    if style is not None and style.link is not None and not (style.link.isascii() and style.link.isprintable()):
        style = style.update_link(None)
    return Segment(harmless(segment.text), style)


@lru_cache(4096)
def harmless(text: str) -> str:
    """The same cells without what could act: the width of a line is settled when a filter sees it."""
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks = 0
    for char in text:
        spelling = SPELLINGS[char]
        if spelling is MARK or category(char) == "Mn":
            marks += 1
            if marks <= MOST_MARKS:
                out.append(char)
            continue
        marks = 0
        if spelling == char or _shown_by_widgets(char):
            out.append(char)
        elif cell_len(char):
            out.append("\ufffd" * cell_len(char))
    return "".join(out)


def _shown_by_widgets(char: str) -> bool:
    """Blanks, joined emoji and the like cannot act; Textual's own widgets may draw with them."""
    return category(char) in ("Zs", "So", "Sk", "Lo")
