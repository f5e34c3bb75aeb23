"""The chunked coding of a body (RFC 9112 §7.1): its size lines, what stands behind each chunk, and the trailer section.

The reader takes the data of a chunk itself, as it takes any body of known length. For what stands between it calls
`size_line`, `data_end` and `trailer_section`, which say where in `data` reading goes on; `found` then says what came.
"""

from typing import Final

from httpresp_capture.http.framing import chunk_size
from httpresp_capture.http.heads import head_end, shown
from httpresp_capture.http.parts import Parts
from httpresp_capture.http1.first_lines import FirstLines
from httpresp_capture.records.problems import Problem
from httpresp_capture.streams.receiver import FOREVER

MORE: Final = 0
"""It goes on behind what is here."""
READ: Final = 1
BAD: Final = 2
"""It is nonsense, from `begins` on; `problem` says why."""
NEXT: Final = 3
"""The next message begins in the trailer section, which lacks its empty line."""

LINE_LIMIT: Final = 16_384
"""Longest chunk line: curl takes 16 KiB of it, Node 16 KiB of extensions in all."""


class Chunks:
    """One for all chunked bodies of a direction, which come one after another."""

    __slots__ = (
        "ahead",
        "begins",
        "found",
        "head_limit",
        "lines",
        "partial",
        "parts",
        "problem",
        "rest",
        "size",
        "tail_at",
    )

    # What a call finds out is not there before.
    found: int
    begins: int
    """Stream offset of the line that is being read."""
    size: int
    """Bytes of the chunk whose size line was read."""
    problem: Problem
    rest: bytes
    """Of what was read, bytes that may belong to the next message; `ahead` is how far they begin behind where this call
    began in `data`, negative in bytes that came earlier."""
    ahead: int
    tail_at: int
    """When the last byte of the trailer section so far came; to be set where the last chunk's size came."""

    def __init__(self, parts: Parts, lines: FirstLines, head_limit: int) -> None:
        self.parts = parts
        self.lines = lines
        self.head_limit = head_limit
        self.partial: bytearray | None = None
        """A line or section that is not whole yet."""

    def clear(self) -> None:
        """The body ends here, whatever was expected."""
        self.partial = None

    def size_line(self, data: bytes, position: int, base: int, start: int) -> int:
        """`chunk-size [ chunk-ext ] CRLF`; `start` is the stream offset of the message."""
        partial = self.partial
        if partial is None:
            self.begins = base + position
        end = data.find(b"\n", position)
        if end < 0:
            self.found = MORE
            if partial is None:
                partial = self.partial = bytearray()
            partial += data[position:]
            if len(partial) > LINE_LIMIT:
                self._is_bad("bad-chunk-size", start, shown(bytes(partial)))
            return len(data)
        whole = data[position : end + 1]
        if partial is not None:
            whole = bytes(partial) + whole
            self.partial = None
        if len(whole) > LINE_LIMIT + 1:
            self._is_bad("bad-chunk-size", start, shown(whole))
            return end + 1
        if whole.endswith(b"\r\n"):
            line = whole[:-2]
        else:
            line = whole[:-1]
            self.parts.problem(Problem("bare-lf", self.begins - start + len(line)))
        self.found = READ
        size = self.size = chunk_size(line)
        if size == -1:
            self._is_bad("bad-chunk-size", start, shown(line))
            self.rest = whole  # It may be the first line of the next head.
        elif size < 0:
            self.parts.problem(Problem("chunk-overflow", self.begins - start, shown(line)))
            self.size = FOREVER
        return end + 1

    def data_end(self, data: bytes, position: int, base: int, start: int) -> int:
        """The CRLF behind the data of a chunk."""
        self.found = READ
        if self.partial is None and data.startswith(b"\r\n", position):
            return position + 2
        self.begins = base + position
        found = data[position : position + 16]
        if self.partial is not None:  # A CR has come alone.
            self.begins -= 1
            found = b"\r" + found[:15]
            self.partial = None
            if data[position] == 0x0A:
                return position + 1
        elif data[position] == 0x0D and position + 1 == len(data):
            self.partial = bytearray(b"\r")
            self.found = MORE
            return len(data)
        elif data[position] == 0x0A:
            self.parts.problem(Problem("bare-lf", self.begins - start))
            return position + 1
        self._is_bad("bad-chunk-end", start, shown(found))
        return position

    def trailer_section(self, data: bytes, position: int, base: int, start: int) -> int:
        """RFC 9112 §7.1.2: fields, then an empty line."""
        self.found = READ
        if self.partial is None and data.startswith(b"\r\n", position):
            return position + 2
        if self.partial is None:
            self.partial = bytearray(b"\n")  # So that an empty section ends like any other.
        section = self.partial
        known = len(section)
        section += data[position:]
        end = head_end(section, 0, max(0, known - 2))
        begun = self.lines.in_section(section, known, end, in_head=False)
        limit = 1 + self.head_limit
        if (begun if begun >= 0 else end if end >= 0 else len(section)) > limit:
            # It ends at the limit, wherever segments cut it, and the rest is looked at anew.
            self.begins = base + position + limit - known
            self._is_bad("head-limit", start, "")
            self.rest = bytes(section[limit:])
            return len(data)
        if begun >= 0:
            self.found = NEXT
            self.ahead = begun - known
            self.begins = base + position + self.ahead
            self.rest = bytes(section[begun:])
            self._ends_with(bytes(section[1:begun]))
            self.parts.problem(Problem("no-last-line", self.begins - start))
            return position
        if end < 0:
            self.found = MORE
            return len(data)
        self._ends_with(bytes(section[1:end]))
        return position + end - known

    def _ends_with(self, section: bytes) -> None:
        self.parts.trailers = section if section.strip(b"\r\n") else b""
        self.partial = None

    def _is_bad(self, name: str, start: int, detail: str) -> None:
        self.found = BAD
        self.problem = Problem(name, self.begins - start, detail)
        self.rest = b""
        self.partial = None
