"""Whether what is read as a key log may be one, judged as it comes.

One line that has the form of a key log is enough, whatever its kind of secret is. Comments alone may grow into one.
"""

import re
from typing import Final

from httpresp_capture.records.secrets import LINE

__all__ = ["KeyLogForm"]

_LINE: Final = re.compile(
    rb"(?m)^[ \t]*(?:RSA |[A-Z][A-Z0-9_]*[ \t]+(?:[0-9A-Fa-f]{2})+[ \t]+(?:[0-9A-Fa-f]{2})+[ \t\r]*$)"
)
"""A kind of secret, and two numbers in hexadecimal."""
_OTHER: Final = re.compile(rb"(?m)^[ \t\r]*[^#\s]")
_BEGUN: Final = re.compile(
    rb"[ \t\r]*(?:#.*|[A-Z][A-Z0-9_]*(?:[ \t]+[0-9A-Fa-f]*(?:[ \t]+[0-9A-Fa-f]*[ \t\r]*)?)?)?", re.DOTALL
)
"""A line that is not whole yet."""
_MARKS: Final = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
"""How text in wide characters begins: the byte order mark (RFC 3629 §6, RFC 2781 §3.2)."""


class KeyLogForm:
    """Sees a file from its beginning, in pieces."""

    def __init__(self) -> None:
        self.fault = ""
        """What it is instead, to stand after a name and a blank; empty while it may be a key log."""
        self._known = False
        self._begun = b""
        """The line that is not whole yet, or its first bytes."""
        self._at_start = True

    def look(self, text: bytes) -> None:
        """More of the file."""
        if self._known or not text:
            return
        if self._at_start:
            self._at_start = False
            encoding = next((name for mark, name in _MARKS if text.startswith(mark)), "")
            if encoding:
                self._known = True
                self.fault = f"is text in {encoding}, and a key log is ASCII: save it as UTF-8 or ASCII."
                return
        text = self._begun + text
        if _LINE.search(text):
            self._known = True
            self.fault = ""
            self._begun = b""
            return
        whole, _, begun = text.rpartition(b"\n")
        self._begun = begun[: LINE + 1]
        too_long = len(begun) > LINE and not begun.lstrip().startswith(b"#")
        if too_long or _OTHER.search(whole) or not _BEGUN.fullmatch(begun):
            self.fault = "holds no line of a key log, such as CLIENT_RANDOM and two numbers in hexadecimal."
