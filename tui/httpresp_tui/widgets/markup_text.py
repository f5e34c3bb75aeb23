"""HTML and XML as text: laid out anew by their tags, without being understood.

It is read token by token, so nothing is left out but white space between tags, and a text that was cut off in the
middle, or whose tags do not match, is laid out as far as it goes. What an element keeps as it is written (`pre`,
`script`) stays so.
"""

import re
from collections.abc import Iterator

from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.lines import Line, StyledSpan, TextStyle

QUOTED = r'"[^"]*(?:"|\Z)|\'[^\']*(?:\'|\Z)'
TOKEN = re.compile(
    r"(?P<apart><!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*(?:>|\Z))"
    rf"|<(?P<closing>/?)(?P<name>[A-Za-z][^\s/<>\"']*)(?:{QUOTED}|[^<>\"'])*>?"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
"""No alternative begins as another does, so no text makes it go back."""
STYLED = re.compile(
    r"(?P<dim><!.*|<\?.*)|(?P<mark></?|/?>)(?P<name>(?<=[</])[A-Za-z][^\s/<>]*)?|(?P<string>=\s*(?:\"[^\"]*\"?|'[^']*'?))"
)
STYLES = {"dim": TextStyle.DIM, "mark": TextStyle.MARK, "name": TextStyle.NAME, "string": TextStyle.STRING}
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
"""Elements of HTML that hold nothing and are not closed (HTML §13.1.2)."""
AS_WRITTEN = frozenset(["pre", "script", "style", "textarea"])
DEEPEST = 20
"""Indents stop here."""
MOST_OPEN = 200
"""Elements whose end is waited for: those beyond stand at the same depth."""
SHORT = 100
"""Characters of an element that stands on one line."""


def markup_lines(text: str, *, html: bool) -> list[Line]:
    """The lines of a document, two blanks a level, styled when they are drawn."""
    return [_line(each) for each in laid_out(text, html=html)]


def looks_like_markup(text: str) -> bool:
    """True for what begins as a document does."""
    return re.match(r"\s*<(?:[!?]|[A-Za-z][\w:-]*[\s/>])", text) is not None


def laid_out(text: str, *, html: bool) -> list[str]:
    """One tag, or one element that holds but a few words, on a line."""
    lines: list[str] = []
    open_elements: list[str] = []
    leaf = False
    """Whether the last line holds a tag that was just opened, with at most a text behind it."""
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found is not None, "every letter begins a token"
        at = found.end()
        token, name = found[0], found["name"]
        if name is None:
            said = [token] if found["apart"] else _text_lines(token)
            if leaf and len(said) == 1 and not found["apart"] and len(lines[-1]) + len(said[0]) < SHORT:
                lines[-1] += said[0]
                continue
            leaf = False
            lines.extend(_indented(each, len(open_elements)) for each in said)
            continue
        name = name.lower() if html else name
        if found["closing"]:
            was_leaf = leaf and bool(open_elements) and open_elements[-1] == name
            _close(open_elements, name)
            leaf = False
            if was_leaf:
                lines[-1] += token
            else:
                lines.append(_indented(token, len(open_elements)))
            continue
        lines.append(_indented(token, len(open_elements)))
        leaf = False
        if token.endswith("/>") or (html and name in VOID):
            continue
        if html and name in AS_WRITTEN:
            at = _as_written(text, at, name, lines)
            continue
        leaf = True
        if len(open_elements) < MOST_OPEN:
            open_elements.append(name)
    return [part.rstrip("\r").expandtabs(4) for each in lines for part in each.split("\n")]


def _as_written(text: str, at: int, name: str, lines: list[str]) -> int:
    """Everything up to the tag that closes it, as it stands; where that ends."""
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, at)
    stop = end.end() if end else len(text)
    lines[-1] += text[at:stop]
    return stop


def _close(open_elements: list[str], name: str) -> None:
    """Back to where the element began; a tag that closes nothing changes nothing."""
    if name in open_elements:
        while open_elements.pop() != name:
            pass


def _text_lines(text: str) -> list[str]:
    return [each for part in text.split("\n") if (each := part.strip())]


def _indented(token: str, depth: int) -> str:
    return "  " * min(depth, DEEPEST) + token


def _line(text: str) -> Line:
    indent = len(text) - len(text.lstrip(" "))
    return Line(printable_text(text, len(text)), hang=min(indent + 2, 40), highlighter=styled_spans)


def styled_spans(text: str) -> Iterator[StyledSpan]:
    """The marks, names and values of a line."""
    for found in STYLED.finditer(text):
        for kind, style in STYLES.items():
            if found[kind]:
                yield StyledSpan(found.start(kind), found.end(kind), style)
