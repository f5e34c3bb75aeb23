"""The shape of a head: the names of its fields in wire order, and what can be made of them before any value is known.

A server says other values in every response, and the same names: Date, ETag and Set-Cookie never come back, their
sequence always does. So the JSON of a head is a template, made once for a shape, filled with the values of each head.

`Headers` says what the fields of a head are. A plain head (printable ASCII, CRLF alone as line end) is taken apart by a
compiled expression instead, in one call: one for each number of lines, and a faster one for a shape that is frequent.
They match only where `Headers` would find the same. Values are given as JSON texts without their quotes.
"""

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from httpresp_capture.records.headers import Headers
from httpresp_capture.tracee.golang import TOKEN
from httpresp_capture.tracee.jsontext import quoted_latin

REMEMBERED_SHAPES: Final = 512
REMEMBERED_NAMES: Final = 4096
"""Characters of the names of a shape that is remembered; its templates and its expression hold them four times."""
MOST_LINES: Final = 100
"""Lines of a plain head, its first and the blank one with them; an expression takes 20 µs a line to compile."""
FREQUENT: Final = 256
"""Heads of a shape before it gets an expression of its own, which pays for itself in about as many."""

_PRINTABLE: Final = bytes(range(0x20, 0x7F))

Values = tuple[str, ...]
Reader = Callable[[str], re.Match[str] | None]


def _unread(_text: str) -> re.Match[str] | None:
    return None


class Shape:
    """Two templates with one place a field, and where the fields stand."""

    __slots__ = ("_members", "_names", "_order", "_pairs", "codings", "reader", "seen")

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        shown = [quoted_latin(name).replace("%", "%%") for name in names]
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            places.setdefault(name.lower(), []).append(place)
        order = [place for same in places.values() for place in same]
        lists = [(shown[same[0]], ",".join(['"%s"'] * len(same))) for same in places.values()]
        self._members = ",".join([f"{name}:[{values}]" for name, values in lists])
        self._pairs = ",".join([f'[{name},"%s"]' for name in shown])
        self._order: Callable[[Values], Values] | None = None if order == sorted(order) else itemgetter(*order)
        self.codings = places.get("content-encoding", []) + places.get("transfer-encoding", [])
        """Where the values of Content-Encoding and Transfer-Encoding are."""
        self.reader: Reader = _unread
        """Takes most plain heads of this shape apart, once the shape is frequent."""
        self.seen = 0

    def members(self, values: Values) -> str:
        """The inside of a JSON object: name → list of values. Names that differ only in case are one."""
        return self._members % (values if self._order is None else self._order(values))

    def pairs(self, values: Values) -> str:
        """The inside of a JSON array: one `["Name","value"]` a line of the wire."""
        return self._pairs % values

    def count(self) -> None:
        """One more head of this shape was read the longer way."""
        self.seen += 1
        if self.seen == FREQUENT:
            # A value that ends with a blank, or is nothing but one, is left to the longer way.
            lines = [rf"\r\n{re.escape(name)}: *+([^\r]*+)(?<! )" for name in self._names]
            self.reader = re.compile(rf"[^\r]*+{''.join(lines)}\r\n\r\n").fullmatch


class _Plain:
    """Plain heads of one number of lines."""

    __slots__ = ("latest", "reader")

    def __init__(self, lines: int) -> None:
        self.reader: Reader = re.compile(r"[^\r]*+" + r"\r\n([^:]++):([^\r]*+)" * (lines - 2) + r"\r\n\r\n").fullmatch
        self.latest = Shape(())
        """The shape that the next one most likely has."""


class Shapes:
    """Head → its shape and its values; keeps the shapes that were seen."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Shape] = {}
        self._plain: dict[bytes, _Plain] = {}
        """By all that such a head holds beside printable ASCII: a CRLF for each of its lines."""

    def of(self, head: bytes) -> tuple[Shape, Values]:
        """The fields of a head block in wire order; its first line is passed over.

        In a plain head there are as many CR and LF as its expression has, so each stands where the expression says, and
        no group runs over a line end, a bare CR or a bare LF.
        """
        ends = head.translate(None, _PRINTABLE)
        plain = self._plain.get(ends) or self._learned_plain(ends)
        if plain is not None:
            text = head.decode("ascii")
            if "\\" in text:
                text = text.replace("\\", "\\\\")
            if '"' in text:
                text = text.replace('"', '\\"')
            found = plain.latest.reader(text)
            if found is not None:
                return plain.latest, found.groups()
            found = plain.reader(text)
            if found is not None:
                groups = found.groups()
                names = groups[::2]
                shape = self._known.get(names) or self._learned(names)
                if shape is not None:
                    shape.count()
                    plain.latest = shape
                    return shape, tuple(map(str.strip, groups[1::2]))
        items = Headers.from_head(head).items
        values = tuple([quoted_latin(value)[1:-1] for _, value in items])
        names = tuple([name for name, _ in items])
        return self._known.get(names) or self._learned(names) or Shape(names), values

    def _learned(self, names: tuple[str, ...]) -> Shape | None:
        """A new shape that may be remembered.

        Its names are tokens (RFC 9110 §5.6.2), which are the same on the wire, in `Headers` and in JSON. Of others an
        expression knows too little: a blank in front makes a folded line, one behind is no part of the name.
        """
        text = "".join(names)
        if len(text) + len(names) > REMEMBERED_NAMES or not TOKEN.issuperset(text):
            return None
        if len(self._known) >= REMEMBERED_SHAPES:
            self._known.clear()
        made = self._known[names] = Shape(names)
        return made

    def _learned_plain(self, ends: bytes) -> _Plain | None:
        lines = len(ends) // 2
        if not 2 <= lines <= MOST_LINES or ends != b"\r\n" * lines:
            return None
        made = self._plain[ends] = _Plain(lines)
        return made
