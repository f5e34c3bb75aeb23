"""Text from the wire, spelled so that nothing in it can act, hide or upset the width of a line.

Control bytes become their pictures (`␛`), everything else that is not plainly visible its code point (`‹U+202E›`).
That is C0, C1 and DEL, bidi and zero-width marks, line separators, blanks that are no blank, lone surrogates, private
and unassigned code points, and those on whose width terminals disagree. Combining marks are kept in the number that
languages use; a flood of them is cut and counted. No Textual in here: the lines of a plain terminal use it too.
"""

import re
from unicodedata import category

from httpresp_capture.records.escaping import escaped

DEFAULT_LIMIT = 4096
"""Characters of one value that a person may want to read; the rest is for the export."""
MOST_MARKS = 4
"""Combining marks on one letter: Vietnamese has two, pointed Hebrew three."""
TAB = 4

MARK = ""
"""In the table: this character is a combining mark."""


class _Spellings(dict[str, str]):
    """Character → what stands for it; filled as characters come, since most never do."""

    def __missing__(self, char: str) -> str:
        if len(self) >= 8192:
            self.clear()
        self[char] = spelling = _spell(char)
        return spelling


def _spell(char: str) -> str:
    point = ord(char)
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "␡"
    kind = category(char)
    if kind in ("Mn", "Me") and not _is_selector(point):
        return MARK
    if char == " " or not (kind[0] in "CZ" or _is_selector(point) or _is_unsure(point)):
        return char
    return f"‹U+{point:04X}›"


def _is_selector(point: int) -> bool:
    """Variation selectors: invisible, and some change the width of what they follow."""
    return 0xFE00 <= point <= 0xFE0F or 0x180B <= point <= 0x180F or 0xE0100 <= point <= 0xE01EF or point == 0x34F


def _is_unsure(point: int) -> bool:
    """Blank letters, joining jamo, flag letters and skin tones: not seen, or not of one width everywhere."""
    return (
        0x115F <= point <= 0x11FF
        or 0xD7B0 <= point <= 0xD7FF
        or point in (0x2800, 0x3164, 0xFFA0, 0xFFFC)
        or 0x1F1E6 <= point <= 0x1F1FF
        or 0x1F3FB <= point <= 0x1F3FF
    )


SPELLINGS = _Spellings()


def printable_text(text: str | bytes, limit: int = DEFAULT_LIMIT, *, lines: bool = False) -> str:
    """Wire text with everything spelled out that is not plainly visible, cut after `limit` characters.

    Bytes are read as UTF-8 where they are valid, as Latin-1 where not. With `lines`, LF and CRLF end lines and tabs
    move on; without, all three are shown as what they are.
    """
    if isinstance(text, bytes):
        text = _read(text)
    more = len(text) - limit
    if more > 0:
        text = text[:limit]
    if not (text.isascii() and text.isprintable()):
        if lines:
            text = "\n".join(_spelled(line.expandtabs(TAB)) for line in text.replace("\r\n", "\n").split("\n"))
        else:
            text = _spelled(text)
    return f"{text}‹… {more:,} more characters›" if more > 0 else text


def decoded(text: str) -> str:
    """Latin-1 text from a head, read as UTF-8 where its bytes are that. It is not printable yet."""
    if text.isascii():
        return text
    try:
        return _read(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


def _read(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _spelled(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks = 0
    for char in text:
        spelling = SPELLINGS[char]
        if spelling is MARK:
            marks += 1
            if marks <= MOST_MARKS:
                # A mark with nothing before it would join what stands left of this text on the screen.
                out.append(char if out else f"◌{char}")
            continue
        if marks > MOST_MARKS:
            out.append(f"‹+{marks - MOST_MARKS} marks›")
        marks = 0
        out.append(spelling)
    if marks > MOST_MARKS:
        out.append(f"‹+{marks - MOST_MARKS} marks›")
    return "".join(out)


_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def pasteable(text: str) -> str:
    """For the clipboard: as it is, but that control and direction characters other than tab and line feed are escapes,
    so that nothing acts where it is pasted."""
    return _ACTING.sub(lambda found: escaped(found[0]), text.replace("\r\n", "\n"))
