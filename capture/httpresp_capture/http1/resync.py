"""Resynchronisation: the search for the next message in bytes of which nobody knows where one begins.

No byte is looked at more than a few times, whatever they are: `_searched` is where the next candidate may begin, and
once one has a first line, it is moved to the front of the window and `proved` is how far it is well-formed. What fails
there disproves every candidate before it as well, since their fields end there too.
"""

from typing import Final

from httpresp_capture.http.heads import COMMON_METHOD, FIELDS
from httpresp_capture.http1.first_lines import FirstLines

NOTHING: Final = 0
FOUND: Final = 1
"""A head that is well-formed to its blank line stands at the front of the window."""
TOO_LONG: Final = 2
"""One that is longer than heads may be does."""

_FIRST_LINE: Final = 9_000
"""Longest first line that is searched for."""
_BEGINNING: Final = 2_048
"""Bytes kept of a direction that begins in the middle, for earlier ones that may yet come."""
_TAIL: Final = 32
"""Bytes at the end in which a first line may begin."""
_PASSED_KEPT: Final = 1_024
_EDGES: Final = 64
"""Segments that a first line may be cut into and is still known to begin one."""


class Resync:
    """One for all searches of a direction, which come one after another."""

    __slots__ = ("_edges", "_lines", "_searched", "begins_segment", "offset", "passed", "proved", "window")

    # Set by `begin`.
    offset: int
    """Stream offset of the first byte of the window."""
    _searched: int

    def __init__(self, lines: FirstLines) -> None:
        self._lines = lines
        self.window: bytearray | None = None
        """What may yet be a head, or the beginning of one; None while nothing is searched."""
        self.proved = 0
        self._edges: list[int] = []
        """Stream offsets at which the newest segments begin."""
        self.begins_segment = False
        """True when what may be a head at the front of the window begins a segment, as nearly all do."""
        self.passed = bytearray()
        """The first of all bytes that were passed by, before any message was found."""

    def begin(self, offset: int) -> bytearray:
        """Search from this stream offset on; the window, which is empty."""
        self.offset = offset
        self._searched = 0
        self._edges.clear()
        window = self.window = bytearray()
        return window

    def segment(self) -> None:
        """What is put into the window next begins a segment."""
        self._edges.append(self.offset + len(self.window or b""))
        if len(self._edges) > _EDGES:
            self._edges.pop(0)

    def stop(self) -> bytearray:
        """Search no more; what the window held."""
        window = self.window
        self.window = None
        self.proved = 0
        return window if window is not None else bytearray()

    def passes(self, data: bytes, position: int) -> None:
        """Bytes are passed by, and nothing was found yet."""
        room = _PASSED_KEPT - len(self.passed)
        if room > 0:
            self.passed += data[position : position + room]

    def look(self, window: bytearray, head_limit: int, *, found: bool) -> int:
        """Go on with what is in the window now; `found` once a message was found in this direction."""
        while self.proved or self._next_candidate(window, _TAIL if found else _BEGINNING):
            match = FIELDS.match(window, self.proved)
            self.proved = proved = match.end() if match is not None else self.proved
            if window.startswith((b"\r\n", b"\n"), proved):
                return FOUND
            if window.find(b"\n", proved) < 0:
                return TOO_LONG if len(window) > head_limit else NOTHING
            self._searched = proved
            self.proved = 0
        return NOTHING

    def _next_candidate(self, window: bytearray, keep: int) -> bool:
        """Bring the next whole first line to the front of the window; False when there is none yet."""
        lines = self._lines
        start = self._searched
        while True:
            start = lines.candidate(window, start)
            if start < 0:
                self._drop(window, len(window) - min(len(window), keep))
                # What begins before is disproved, but for the beginning of a head at the very end.
                self._searched = max(0, len(window) - _TAIL)
                return False
            end = lines.proved(window, start)
            if end:
                for edge in self._edges:
                    # Capitals that end a body do not belong to the method behind it.
                    begins = edge - self.offset
                    if start < begins < end and COMMON_METHOD.match(window, begins) and lines.proved(window, begins):
                        start = begins
                self._drop(window, start)
                self.begins_segment = self.offset in self._edges
                self.proved = end - start
                return True
            if len(window) - start < _FIRST_LINE and window.find(b"\n", start) < 0:
                self._drop(window, start)
                self._searched = 0
                return False
            start += 1

    def _drop(self, window: bytearray, length: int) -> None:
        self.offset += length
        del window[:length]
