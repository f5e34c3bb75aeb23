"""The terms of a filter that a row is an example of: its host, route, client, connection, status, cookie. No Textual.

A term that is chosen holds beside the filter that is there, as another line of a search does. Of one field one term is
enough: another host takes the place of the one before, and the very same one goes away again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from httpresp_capture.analysis.finding_hooks import row_query
from httpresp_capture.analysis.routes import route_name
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.text.sanitising import decoded
from httpresp_tui.text.units import duration_text

LONGEST = 300
"""Characters of a value: a longer one is no filter that a person reads."""
SLOW_MS = {"1": 100, "3": 300, "0": 1_000}
"""Digit: milliseconds to first byte."""


@dataclass(frozen=True, slots=True)
class Term:
    """One way to see only what is like a row."""

    key: str
    letter: str
    words: str
    text: str
    """In the filter language; empty where it cannot be said."""
    value: str
    """What it is of the row, or why there is none. From the wire."""


def exact(field: str, value: str) -> str:
    """The whole of a field; nothing for what cannot be written."""
    if not value or len(value) > LONGEST or not value.isprintable():
        return ""
    plain = re.fullmatch(r"[\w.-]+", value, re.ASCII)
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f"{field}={value}" if plain else f'{field}="{quoted}"'


def _term(key: str, letter: str, words: str, value: str, missing: str) -> Term:
    text = exact(key, value)
    return Term(key, letter, words, text, value if text else "cannot be written" if value else missing)


def terms_of(response: Response) -> tuple[Term, ...]:
    """All but the cookies, of a response."""
    who = response.workload
    status = _status(response)
    return (
        _term("host", "h", "host", decoded(response.host), "not known"),
        _term("route", "r", "route", route_name(response), "request not seen"),
        _term("client", "c", "client", response.flow.real_client, "not known"),
        _term("flow", "f", "connection", str(response.flow.id), ""),
        Term("status", "s", "status", status, status.partition("=")[2] or status),
        _term("type", "t", "content type", decoded(response.content_type), "none"),
        _term("process", "p", "process", "" if who is None else who.process_name, "not told"),
        *(_slower(digit, ms) for digit, ms in SLOW_MS.items()),
    )


def _status(response: Response) -> str:
    if response.encrypted is not None:
        return "is:encrypted"
    if response.unanswered:
        return "is:unanswered"
    return f"status={response.status}" if response.status else "class:0"


def _slower(digit: str, ms: int) -> Term:
    shown = duration_text(ms * 1_000_000)
    return Term(f"time-{digit}", digit, f"slower than {ms} ms", f"time>{ms}ms", f"first byte after {shown}")


def cookie_terms(cookies: Iterable[tuple[str, str]]) -> tuple[Term, ...]:
    """Of the host and the name of each cookie that is set or sent; each once."""
    return tuple(
        Term(f"jar-{number}", "", decoded(name), row_query("jar", name, host), decoded(host))
        for number, (host, name) in enumerate(dict.fromkeys(cookies))
    )


LETTERS = {"host": "h", "client": "c", "flow": "f", "status": "s", "type": "t", "process": "p"}
"""Of the kinds of groups that have one."""


def term_of_group(kind: str, title: str, group: GroupRow) -> Term:
    """The only one of a group: what it was grouped by."""
    label = decoded(group.label)
    if kind == "status":
        number = {"encrypted": "", "no status": "0"}.get(label, label)
        text = f"class:{number}" if number else "is:encrypted"
    else:
        text = exact(kind, group.key if kind in ("flow", "client") else decoded(group.key))
    return Term(kind, LETTERS.get(kind, title[:1]), title, text, label)


_INSIDE = re.compile(r'"(?:\\.|[^"\\])*"|\([^()]*\)')
"""What is no structure of the whole: a quoted text, an innermost pair of parentheses."""
_JOINTS = ("or", "and", "not")


def holds(text: str, term: Term) -> bool:
    """Whether all of a filter must match the term already."""
    words = _words(text)
    return words is not None and any(word == term.text for word, _ in words)


def with_term(text: str, term: Term) -> str:
    """The filter with another term, or without it where it has it."""
    words = _words(text)
    if words is None:
        return f"({text.strip()}) {term.text}"
    if holds(text, term):
        return _without(text, [span for word, span in words if word == term.text])
    field = re.match(r"[\w-]+(?:=|:|>)", term.text)
    own = field.group() if field is not None and not term.text.startswith("is:") else term.text
    return f"{_without(text, [span for word, span in words if word.startswith(own)])} {term.text}".strip()


def _words(text: str) -> list[tuple[str, tuple[int, int]]] | None:
    """The terms that all must hold, each with its place; None for a filter that is no such list."""
    masked, before = text, ""
    while masked != before:
        before = masked
        masked = _INSIDE.sub(lambda found: "x" * len(found.group()), masked)
    words = [(text[found.start() : found.end()], found.span(), found.group()) for found in re.finditer(r"\S+", masked)]
    if any(mask.lower() in _JOINTS or any(mark in mask for mark in "|()&") for _, _, mask in words):
        return None
    return [(word, span) for word, span, _ in words]


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start].rstrip()} {text[end:].lstrip()}"
    return text.strip()
