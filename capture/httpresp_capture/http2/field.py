"""One field of a header section, as HPACK hands it over: made once, told many times (RFC 9113 §8.2)."""

import re
from typing import Final

PLAIN: Final = 0
"""A field that follows the rules, and that nobody has to look at."""
PSEUDO: Final = 1
NAMED: Final = 2
"""A field that has to be looked at for its name."""
ODD: Final = 3
"""A field that breaks the rules for names and values."""
UNKNOWN: Final = 4
"""A field of which at least the name is not known: it stands in bytes that were not captured."""

_KINDS: Final[dict[bytes, int]] = dict.fromkeys(
    (b"connection", b"content-encoding", b"content-length", b"cookie", b"host", b"keep-alive", b"proxy-connection",
     b"te", b"transfer-encoding", b"upgrade"),
    NAMED,
)  # fmt: skip
_CLEAN: Final = re.compile(
    rb"[!#$%&'*+\-.^_`|~0-9a-z]++: (?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?\r\n"
)
_NO_TOKEN: Final = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_NO_TEXT: Final = bytes.maketrans(b"\r\n\0", b"   ")
"""RFC 9110 §5.5: whoever does not reject CR, LF and NUL in a value puts SP in their place."""


class Field:
    """A name and its value. `line` says the same as a field line of HTTP/1.1; empty for a pseudo-header field."""

    __slots__ = ("kind", "line", "name", "size", "value")

    def __init__(self, name: bytes, value: bytes) -> None:
        self.name = name
        self.value = value
        self.size = len(name) + len(value) + 32
        """RFC 7541 §4.1."""
        line = b"%b: %b\r\n" % (name, value)
        if name[:1] == b":":
            kind, line = PSEUDO, b""
        elif _CLEAN.fullmatch(line) is not None:
            kind = _KINDS.get(name, PLAIN)
        else:
            kind = ODD
            line = b"%b: %b\r\n" % (_NO_TOKEN.sub(b"?", name), value.translate(_NO_TEXT))
        self.kind: int = kind
        self.line: bytes = line


def unknown(value: bytes = b"") -> Field:
    """A field whose name is not known, and whose value may be."""
    field = Field(b"?", value)
    field.kind = UNKNOWN
    field.line = b""
    return field
