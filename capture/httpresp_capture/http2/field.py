"""One field of a header section, as HPACK hands it over: made once, told many times (RFC 9113 §8.2, §8.3).

What follows from a name alone is worked out once a name, and what follows from a name and its value once a field:
whoever reads sections asks for its `kind`.
"""

import re
from typing import Final

PLAIN: Final = 0
"""A field that follows the rules, and that nobody has to look at."""
METHOD: Final = 1
"""`:method`, except CONNECT, which names no path (§8.5)."""
SCHEME: Final = 2
AUTHORITY: Final = 3
PATH: Final = 4
STATUS: Final = 5
"""`:status` of a final response; `number` is the code."""
PSEUDO: Final = 6
"""Any other pseudo-header field, and one of these of which there is more to say. Those up to here are pseudo-header
fields."""
LENGTH: Final = 7
"""Content-Length; `number` says it."""
CODED: Final = 8
"""Content-Encoding."""
COOKIE: Final = 9
NAMED: Final = 10
"""A field that has to be looked at for its name, or because of what is wrong with its value."""
ODD: Final = 11
"""A field that breaks the rules for names and values."""
UNKNOWN: Final = 12
"""A field of which at least the name is not known: it stands in bytes that were not captured."""

_KINDS: Final[dict[bytes, int]] = {
    b":method": METHOD,
    b":scheme": SCHEME,
    b":authority": AUTHORITY,
    b":path": PATH,
    b":status": STATUS,
    b"content-length": LENGTH,
    b"content-encoding": CODED,
    b"cookie": COOKIE,
    **dict.fromkeys(
        (b"connection", b"host", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade"), NAMED
    ),
}
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]++")
_VALUE: Final = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
NO_TOKEN: Final = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
PATH_RULE: Final = re.compile(rb"/[\x21-\x7e\x80-\xff]*+")
AUTHORITY_RULE: Final = re.compile(rb"[\x21-\x3f\x41-\x7e\x80-\xff]*+")
"""What `:path` and `:authority` may be (§8.3.1); of the latter without user information."""
_FINAL: Final = re.compile(rb"[2-5][0-9][0-9]")
NO_TEXT: Final = bytes.maketrans(b"\r\n\0", b"   ")
"""RFC 9110 §5.5: whoever does not reject CR, LF and NUL in a value puts SP in their place."""


class Name:
    """The name of fields."""

    __slots__ = ("kind", "prefix", "size", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.size = len(text) + 32
        """What a field counts beside its value (RFC 7541 §4.1)."""
        if text[:1] == b":":
            self.kind = _KINDS.get(text, PSEUDO)
            self.prefix = b""
        elif _NAME.fullmatch(text) is not None:
            self.kind = _KINDS.get(text, PLAIN)
            self.prefix = text + b": "
        else:
            self.kind = ODD
            self.prefix = NO_TOKEN.sub(b"?", text) + b": "
        """How a field line of HTTP/1.1 begins that says the same; empty for a pseudo-header field."""


class Field:
    """A name and its value."""

    __slots__ = ("kind", "line", "named", "number", "size", "text", "value")

    kind: int
    line: bytes
    """The field line of HTTP/1.1 that says the same. Empty for a pseudo-header field, except that `STATUS` has the
    status line and `AUTHORITY` the field line of Host."""
    # Set where the kind says so.
    number: int
    text: str
    """The value of a pseudo-header field, Latin-1."""

    def __init__(self, named: Name, value: bytes) -> None:
        self.named = named
        self.value = value
        self.size = named.size + len(value)
        kind = named.kind
        if PLAIN < kind <= PSEUDO:
            self.kind = self._pseudo(kind)
            return
        if not (
            # A common value is plain to see; the expression says what is meant.
            (value.isascii() and value.decode().isprintable() and value.strip() == value)
            or _VALUE.fullmatch(value) is not None
        ):
            kind = ODD
        if kind == LENGTH:
            if _LENGTH.fullmatch(value) is not None:
                self.number = int(value)
            else:
                kind = NAMED
        self.kind = kind
        self.line = named.prefix + (value if kind != ODD else value.translate(NO_TEXT)) + b"\r\n"

    def _pseudo(self, kind: int) -> int:
        """What the value of a pseudo-header field says; `PSEUDO` where it has to be looked at."""
        value = self.value
        self.text = value.decode("latin-1")
        self.line = b""
        if kind == STATUS:
            if _FINAL.fullmatch(value) is None:
                return PSEUDO
            self.number = int(value)
            self.line = b"HTTP/2 %b\r\n" % value
        elif kind == METHOD:
            if not value or value == b"CONNECT" or NO_TOKEN.search(value) is not None:
                return PSEUDO
        elif kind == PATH:
            if PATH_RULE.fullmatch(value) is None:
                return PSEUDO
        elif kind == AUTHORITY:
            if not value or AUTHORITY_RULE.fullmatch(value) is None:
                return PSEUDO
            self.line = b"host: %b\r\n" % value
        return kind

    @property
    def name(self) -> bytes:
        """As on the wire."""
        return self.named.text


def unknown(value: bytes = b"") -> Field:
    """A field whose name is not known, and whose value may be."""
    field = Field(_UNNAMED, value)
    field.kind = UNKNOWN
    field.line = b""
    return field


_UNNAMED: Final = Name(b"?")
