"""How the first line of a message is known where nobody can say beforehand that one begins: in the middle of unknown
bytes, among the fields of a head or a trailer section, and behind what has no line end of its own.

Two grammars, one for each direction; neither keeps anything.
"""

import re
from typing import Final

from httpresp_capture.http.heads import (
    GLUED_REQUEST_LINE,
    GLUED_STATUS_LINE,
    PROVABLE_LINE,
    PROVABLE_REQUEST_LINE,
    REQUEST_LINE,
)

_METHOD: Final = re.compile(rb"[A-Z]{1,16}(?: |$)")


class FirstLines:
    """What the first lines of a direction look like."""

    __slots__ = ()

    def candidate(self, data: bytearray, start: int) -> int:
        """Where the next one may begin; -1 for nowhere."""
        raise NotImplementedError

    def proved(self, data: bytearray, start: int) -> int:
        """Where the one that begins at `start` ends, if it is beyond doubt that of a message; 0 if not."""
        raise NotImplementedError

    def among_fields(self, line: bytes) -> int:
        """Where in a line among fields the first one of the next message begins; -1 for nowhere."""
        raise NotImplementedError

    def glued(self, line: bytes) -> int:
        """The same, behind what has no line end of its own."""
        raise NotImplementedError

    def in_section(self, section: bytearray, known: int, end: int, *, in_head: bool) -> int:
        """Where in a trailer section or a head, of which `known` bytes were looked at, the next message begins; -1 for
        nowhere.

        A field has its colon before its first blank, and a first line has not: so it shows where the last empty line,
        or a part of it, was left out. In a head it has a version, and a line that is folded is none.
        """
        newline = section.find(b"\n", known)
        start = section.rfind(b"\n", 0, newline) + 1
        while newline >= 0 and (end < 0 or newline < end):
            line = bytes(section[start : newline + 1])
            if not in_head or (line[:1] not in b" \t" and b"HTTP/" in line):
                offset = self.among_fields(line)
                if offset >= 0:
                    return start + offset
            start = newline + 1
            newline = section.find(b"\n", start)
        return -1


class StatusLines(FirstLines):
    """Of responses."""

    __slots__ = ()

    def candidate(self, data: bytearray, start: int) -> int:
        """See `FirstLines`."""
        return data.find(b"HTTP/1.", start)

    def proved(self, data: bytearray, start: int) -> int:
        """See `FirstLines`."""
        match = PROVABLE_LINE.match(data, start)
        return match.end() if match is not None else 0

    def among_fields(self, line: bytes) -> int:
        """See `FirstLines`."""
        text = line.lstrip(b"\r \t")
        return len(line) - len(text) if text[:5].lower() == b"http/" else self.glued(line)

    def glued(self, line: bytes) -> int:
        """See `FirstLines`."""
        glued = GLUED_STATUS_LINE.search(line)
        return glued.start() if glued is not None else -1


class RequestLines(FirstLines):
    """Of requests."""

    __slots__ = ()

    def candidate(self, data: bytearray, start: int) -> int:
        """See `FirstLines`."""
        version = data.find(b" HTTP/1.", start)
        if version < 0:
            # The line may yet be coming: keep its part that is here.
            line = max(data.rfind(b"\n", start) + 1, start)
            return line if line < len(data) and _METHOD.match(data, line) else -1
        blank = data.rfind(b" ", start, version)
        method = blank
        while method > start and blank - method < 16 and 0x41 <= data[method - 1] <= 0x5A:
            method -= 1
        return method if blank >= 0 else version

    def proved(self, data: bytearray, start: int) -> int:
        """See `FirstLines`."""
        match = PROVABLE_REQUEST_LINE.match(data, start)
        return match.end() if match is not None else 0

    def among_fields(self, line: bytes) -> int:
        """See `FirstLines`."""
        text = line.lstrip(b"\r \t")
        return len(line) - len(text) if REQUEST_LINE.match(text) is not None else self.glued(line)

    def glued(self, line: bytes) -> int:
        """See `FirstLines`."""
        glued = GLUED_REQUEST_LINE.search(line)
        return glued.start() if glued is not None else -1


STATUS_LINES: Final = StatusLines()
REQUEST_LINES: Final = RequestLines()
