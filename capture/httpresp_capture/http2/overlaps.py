"""Bytes of the server that came in two versions, laid to the responses whose they are (RFC 9293 §3.10.7.4)."""

from typing import Final

from httpresp_capture.http.rows import CONFLICTS_KEPT
from httpresp_capture.http2.exchanges import Exchanges
from httpresp_capture.records.evidence import Conflict, Segment

_FRAMES_KEPT: Final = 32
"""The newest frames of which it is known where they begin, at least."""


class Overlaps:
    """Of one direction."""

    __slots__ = ("_exchanges", "_frames", "waiting")

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges
        self._frames: list[tuple[int, int, int]] = []
        """Where frames begin in the direction, their stream, and where in its response they stand."""
        self.waiting: list[tuple[int, int, Segment, Segment]] = []
        """Place and length of those in bytes that were not read yet, and both versions."""

    def frame(self, start: int, stream: int) -> None:
        """A frame of a response begins at `start`."""
        self.frame_at(start, stream, self._exchanges.offset(stream))

    def frame_at(self, start: int, stream: int, offset: int) -> None:
        """The same; it stands at `offset` in its response."""
        frames = self._frames
        frames.append((start, stream, offset))
        if len(frames) > 2 * _FRAMES_KEPT:
            del frames[:_FRAMES_KEPT]

    def add(self, place: int, length: int, first: Segment, second: Segment) -> None:
        """The `length` bytes from `place` on differ."""
        if len(self.waiting) < CONFLICTS_KEPT:
            self.waiting.append((place, length, first, second))

    def tell(self, passed: int) -> None:
        """The direction is read up to `passed`."""
        later: list[tuple[int, int, Segment, Segment]] = []
        for place, length, first, second in self.waiting:
            if place >= passed:
                later.append((place, length, first, second))
                continue
            begun = [frame for frame in self._frames if frame[0] <= place]
            if begun:
                start, stream, offset = begun[-1]
                self._exchanges.conflict(stream, Conflict(offset + place - start, length, first, second))
        self.waiting = later
