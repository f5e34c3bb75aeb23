"""IP datagrams in pieces: fragments in any order in, whole datagrams out; bounded and timed out.

Overlaps: the piece that came first wins, byte by byte; which policy the receiver has cannot be known. A piece that the
snap length cut stands for all of it, and the datagram is whole up to there. What is given up is counted.
"""

from collections import OrderedDict
from typing import Final

_DATAGRAMS: Final = 1_024
_BYTES: Final = 8 << 20
_LARGEST: Final = 65_535
_WAIT_NS: Final = 30_000_000_000
"""RFC 791 §3.2 suggests 15 s at least, RFC 8200 §4.5 says 60 s; Linux waits 30 s."""


class _Datagram:
    __slots__ = ("announced", "at", "header", "pieces", "size", "total")

    def __init__(self, at: int) -> None:
        self.at = at
        self.header = b""
        self.pieces: dict[int, tuple[bytes, int]] = {}
        """By offset: what was captured, and the length on the wire."""
        self.size = 0
        self.announced = 0
        self.total = -1


class Fragments:
    """Datagrams that are not whole yet."""

    __slots__ = ("_bytes", "_waiting", "lost")

    def __init__(self) -> None:
        self._waiting: OrderedDict[bytes, _Datagram] = OrderedDict()
        self._bytes = 0
        self.lost = 0
        """Datagrams given up with pieces missing."""

    def add(
        self, key: bytes, header: bytes, offset: int, data: bytes, cut: int, more: bool, at: int
    ) -> tuple[bytes, int] | None:
        """Take a piece; when this was the last one missing, the whole datagram, its first header in front, and its
        length on the wire, which is more where the snap length has `cut` bytes off a piece.

        `header` is the one to stand before the payload; that of the piece at offset 0 is used.
        """
        self._expire(at)
        length = len(data) + cut
        if offset + length > _LARGEST or not length:
            return None
        datagram = self._waiting.get(key)
        if datagram is None:
            datagram = self._waiting[key] = _Datagram(at)
        if offset == 0 and not datagram.header:
            datagram.header = header
        if not more and datagram.total < 0:
            datagram.total = offset + length
        if offset not in datagram.pieces:
            datagram.pieces[offset] = data, length
            datagram.size += len(data)
            datagram.announced += length
            self._bytes += len(data) + 128
        if datagram.total < 0 or not datagram.header or datagram.announced < datagram.total:
            return None
        whole = bytearray()
        reached = 0
        for start in sorted(datagram.pieces):
            if start > reached:
                return None
            piece, size = datagram.pieces[start]
            # Behind bytes that were cut, nothing can stand in its place.
            if start <= len(whole):
                whole += piece[len(whole) - start :]
            reached = max(reached, start + size)
        if reached < datagram.total:
            return None
        del self._waiting[key]
        self._bytes -= datagram.size + 128 * len(datagram.pieces)
        return datagram.header + bytes(whole[: datagram.total]), len(datagram.header) + datagram.total

    def _expire(self, at: int) -> None:
        while self._waiting:
            key, oldest = next(iter(self._waiting.items()))
            if len(self._waiting) < _DATAGRAMS and self._bytes < _BYTES and at - oldest.at < _WAIT_NS:
                return
            del self._waiting[key]
            self._bytes -= oldest.size + 128 * len(oldest.pieces)
            self.lost += 1

    def close(self) -> None:
        """The capture is over: what waits is given up."""
        self.lost += len(self._waiting)
        self._waiting.clear()
        self._bytes = 0
