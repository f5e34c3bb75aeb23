"""JSON as text: laid out anew without being understood, and styled by its tokens.

It is read token by token, so numbers keep their digits, objects their order and their repeated keys, and a text that
was cut off in the middle is laid out as far as it goes.
"""

import re
from collections.abc import Iterator

from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.lines import Line, StyledSpan, TextStyle

STRING = r'"[^"\\]*(?:\\.[^"\\]*)*'
"""Without its last quote, which a text that was cut may lack."""
TOKEN = re.compile(
    rf'\s*(?:(?P<string>{STRING}(?:"|$))|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<mark>[{{}}\[\],:]))',
    re.DOTALL,
)
STYLED = re.compile(
    rf'(?P<key>{STRING}"(?=\s*:))|(?P<string>{STRING}"?)'
    r"|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\b\d[\d.eE+-]*)|(?P<mark>[{}\[\],:]+)"
)
STYLES = {
    "key": TextStyle.NAME,
    "string": TextStyle.STRING,
    "word": TextStyle.WORD,
    "number": TextStyle.NUMBER,
    "mark": TextStyle.MARK,
}
OPENING, CLOSING = ("{", "["), ("}", "]")
DEEPEST = 60
"""Indents stop here; the nesting of a hostile text does not."""


def json_line(text: str) -> Line:
    """One line of JSON, styled when it is drawn."""
    indent = len(text) - len(text.lstrip(" "))
    return Line(printable_text(text, len(text)), hang=min(indent + 2, 40), highlighter=styled_spans)


def styled_spans(text: str) -> Iterator[StyledSpan]:
    """The tokens of a line."""
    for found in STYLED.finditer(text):
        yield StyledSpan(found.start(), found.end(), STYLES[found.lastgroup or "mark"])


def laid_out(text: str) -> list[str] | None:
    """The lines of a JSON text, or of several in a row, two blanks a level; None when it is none."""
    lines: list[str] = []
    current: list[str] = []
    depth = 0
    opened = False
    at = 0
    end = len(text.rstrip())

    def broken() -> None:
        lines.append("".join(current))
        current[:] = ["  " * min(depth, DEEPEST)]

    while at < end:
        found = TOKEN.match(text, at)
        if found is None:
            # The last word of a text that was cut; anything longer is no JSON.
            if not lines or end - at > 8:
                return None
            current.append(text[at:end].strip())
            break
        token = found[found.lastgroup or 0]
        at = found.end()
        if token in CLOSING:
            depth = max(0, depth - 1)
            if not opened:
                broken()
        elif opened or (depth == 0 and current and token not in ",:"):
            broken()
        current.append(token)
        opened = token in OPENING
        depth += opened
        if token == ",":
            broken()
        elif token == ":":
            current.append(" ")
    lines.append("".join(current))
    return lines
