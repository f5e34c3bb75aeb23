"""What the detail pane is made of: lines of styled text, and how a line breaks into rows of a width.

A line's text is printable already: it is put together from `own`, our own words, and `untrusted`, which is the door for
everybody else's. Rows are offsets into the text; a row becomes a strip only when it is on the screen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len

from httpresp_tui.text.printable import decoded, printable_text

WHOLE_VALUE = 1_048_576
"""Characters of a value shown: more than a head can hold, so that nothing of it is cut here."""


class TextStyle(StrEnum):
    """What a text is; how that is drawn is said by the style sheet."""

    PLAIN = "plain"
    NAME = "name"
    DIM = "dim"
    STRONG = "strong"
    HEADING = "heading"
    NOTE = "note"
    """An explanation: ours, not the wire's."""
    PROBLEM = "problem"
    LOST = "lost"
    """Something is missing."""
    STRING = "string"
    NUMBER = "number"
    WORD = "word"
    MARK = "mark"
    """Braces, commas, offsets: what holds the text together."""
    HANDSHAKE = "handshake"
    WAIT = "wait"
    TRANSFER = "transfer"
    FROM_CLIENT = "from-client"
    FROM_SERVER = "from-server"
    NONE = "none"
    """A status of no class; the others follow."""
    INFORMATIONAL = "informational"
    SUCCESS = "success"
    REDIRECT = "redirect"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    FINDING_HIGH = "finding-high"
    FINDING_MEDIUM = "finding-medium"
    FINDING_LOW = "finding-low"
    FINDING_INFO = "finding-info"
    CHANGED = "changed"
    """Two sides of a comparison differ."""
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class TextRun:
    """Printable text in one style."""

    text: str
    style: TextStyle = TextStyle.PLAIN


@dataclass(frozen=True, slots=True)
class StyledSpan:
    """A style over part of a line."""

    start: int
    end: int
    style: TextStyle


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a line that fits the width."""

    line: int
    start: int
    end: int
    first: bool


Highlighter = Callable[[str], Iterator[StyledSpan]]
"""Finds the styles of a line when it is drawn; for long texts, of which few lines ever are."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the pane, before it is wrapped."""

    text: str = ""
    spans: tuple[StyledSpan, ...] = ()
    hang: int = 0
    """Cells by which its further rows are indented."""
    highlighter: Highlighter | None = None


def own(text: str, style: TextStyle = TextStyle.PLAIN) -> TextRun:
    """Our own words."""
    return TextRun(text, style)


def untrusted(text: str | bytes, style: TextStyle = TextStyle.PLAIN, limit: int = WHOLE_VALUE) -> TextRun:
    """Somebody else's text. Of a head, it is Latin-1 and read as UTF-8 where it is that."""
    return TextRun(printable_text(decoded(text) if isinstance(text, str) else text, limit), style)


def line(*runs: TextRun, hang: int = 0) -> Line:
    """Pieces side by side."""
    spans: list[StyledSpan] = []
    at = 0
    for run in runs:
        if run.style is not TextStyle.PLAIN and run.text:
            spans.append(StyledSpan(at, at + len(run.text), run.style))
        at += len(run.text)
    return Line("".join(run.text for run in runs), tuple(spans), hang)


def heading(text: str) -> Line:
    """The title of a section."""
    return line(own(text, TextStyle.HEADING))


KEY_WIDTH = 14


def pair(key: str, *runs: TextRun) -> Line:
    """A name of ours and what belongs to it, in two columns."""
    return line(own(f"  {key:<{KEY_WIDTH}} ", TextStyle.DIM), *runs, hang=KEY_WIDTH + 3)


def note(text: str, indent: int = 2) -> Line:
    """An explanation of ours, which may quote the wire."""
    return line(own(" " * indent), own("↳ ", TextStyle.MARK), untrusted(text, TextStyle.NOTE), hang=indent + 2)


def rows_of(lines: Sequence[Line], width: int) -> list[Row]:
    """Every row of every line, in order."""
    rows: list[Row] = []
    for number, each in enumerate(lines):
        if len(each.text) <= width and (each.text.isascii() or cell_len(each.text) <= width):
            rows.append(Row(number, 0, len(each.text), True))
            continue
        for start, end in breaks(each.text, width, each.hang):
            rows.append(Row(number, start, end, start == 0))
    return rows


def breaks(text: str, width: int, hang: int) -> Iterator[tuple[int, int]]:
    """Where the rows of a text start and end: at a blank where one is near, else wherever the width is full."""
    at = 0
    room = max(1, width)
    plain = text.isascii()
    while True:
        end = at + room if plain else fitting(text, at, room)
        if end >= len(text):
            yield at, len(text)
            return
        # A blank in the last third is worth breaking at; further back it would leave holes.
        blank = text.rfind(" ", at + (end - at) * 2 // 3, end)
        if text[end] != " " and blank > at:
            end = blank + 1
        yield at, end
        at = end
        room = max(1, width - hang)


def fitting(text: str, at: int, room: int) -> int:
    """Where a row that starts at `at` must end for its characters to fill no more than `room` cells."""
    end = min(len(text), at + room)
    while end > at + 1 and cell_len(text[at:end]) > room:
        over = cell_len(text[at:end]) - room
        end = max(at + 1, end - max(1, over // 2))
    # Marks that take no cell belong to the letter before them.
    while end < len(text) and cell_len(text[at : end + 1]) <= room:
        end += 1
    return end
