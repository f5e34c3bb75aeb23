"""Where frames begin in bytes of unknown beginning: behind a gap, or where the capture began (RFC 9113 §4.1).

The first place is taken at which a header may stand, and from it three headers must stand where each other's lengths
say; fewer will do if the last frame ends just where the bytes do. Bytes at random pass for one header about once in
2^40 places; what is most like a header is one that is read a byte too late, so streams that cannot be yet, and lengths
that nobody allowed, are not believed, nor is a first frame whose payload is frames itself, to its end. Other frames
inside of a payload are not looked at while the outer one may be true.
"""

import re
from struct import Struct
from typing import Final

HEADER: Final = 9
"""Bytes of a frame header (§4.1)."""
_UNPACK: Final = Struct(">HBBBI").unpack_from
LONGEST: Final = 65_536
"""Bytes; where the SETTINGS of the other end were not seen, a longer frame is not believed."""
HIGHEST: Final = 0x7FFFFFFF
"""The last stream that a connection can have (§5.1.1)."""
_CHAIN: Final = 3
_STEPS: Final = 65_536
"""Headers that are looked at, at most, to find the first of several frames inside each other."""
_KEPT: Final = 262_144
"""Bytes that are searched at once; the older half of more is let go."""
_BORDERS: Final = 1_024
_FIXED_LENGTH: Final = (-1, -1, 5, 4, -1, -1, 8, -1, 4, -1)
"""By type of frame; -1 where it varies (§6)."""
_ON_STREAM: Final = (1, 1, 1, 1, 0, 1, 0, 0, 2, 1)
"""By type: 1 where it belongs to a stream, 0 where to the connection, 2 for either (§6)."""

_STREAM: Final = rb"(?!\0{4})[\x00-\x7f].{3}"
_BEGINNING: Final = re.compile(
    rb"(?s:[\x00-\x0f]..(?!\0{6})(?:"
    rb"\x00[\x00\x01\x08\x09]" + _STREAM  # DATA
    + rb"|\x01[\x00\x01\x04\x05\x08\x09\x0c\x0d\x20\x21\x24\x25\x28\x29\x2c\x2d]" + _STREAM  # HEADERS
    + rb"|[\x02\x03]\x00" + _STREAM  # PRIORITY, RST_STREAM
    + rb"|[\x04\x06][\x00\x01]\0{4}"  # SETTINGS, PING
    + rb"|\x05[\x00\x04\x08\x0c]" + _STREAM  # PUSH_PROMISE
    + rb"|\x07\x00\0{4}"  # GOAWAY
    + rb"|\x08\x00[\x00-\x7f].{3}"  # WINDOW_UPDATE
    + rb"|\x09[\x00\x04]" + _STREAM + rb"))"  # CONTINUATION
)  # fmt: skip
"""A header of each type, with the flags that it may have and a stream where it must have one. Each begins with a length
that may be believed at all: most places fail there."""


def is_sound(kind: int, length: int, stream: int) -> bool:
    """False for a header of a known type that is a connection error, whatever follows it."""
    fixed = _FIXED_LENGTH[kind]
    if fixed >= 0 and length != fixed:
        return False
    on_stream = _ON_STREAM[kind]
    return on_stream == 2 or (on_stream == 1) == (stream > 0)


def frame_length(data: bytes | bytearray, at: int, longest: int, highest: int, pushed: bool) -> int:
    """Length of the frame whose header may stand here, that included; -1 where none does."""
    if _BEGINNING.match(data, at) is None:
        return -1
    high, low, kind, flags, stream = _UNPACK(data, at)
    length: int = high << 8 | low
    fixed = _FIXED_LENGTH[kind]
    if fixed >= 0 and length != fixed:
        return -1
    if length > longest or stream > highest or not (stream & 1 or pushed or not stream):
        return -1
    # Of DATA without content or END_STREAM there is no use, and zeros look like it.
    least = 8 if kind == 7 else 4 if kind == 5 else 1 if kind == 1 or (kind == 0 and not flags & 1) else 0
    if length < least or (kind == 4 and (length % 6 or (flags and length))):
        return -1
    return HEADER + length


class Search:
    """Bytes in which frames have not been found yet."""

    __slots__ = ("_behind", "_borders", "_count", "_highest", "_kept", "_longest", "_place", "_pushed")

    def __init__(self, longest: int = LONGEST, highest: int = HIGHEST, *, pushed: bool = False) -> None:
        self._longest = longest
        self._highest = highest
        """The last stream that may be there."""
        self._pushed = pushed
        """True where there may be even ones, which are the server's."""
        self._kept = bytearray()
        self._borders: list[int] = []
        """Where in them segments begin."""
        self._place = 0
        """The first place at which frames may begin."""
        self._behind = 0
        """Where the next header would stand, of those that began there."""
        self._count = 0

    def expect(self, highest: int, *, pushed: bool) -> None:
        """No stream beyond `highest` can be there, and even ones only where the server has `pushed`."""
        self._highest = highest
        self._pushed = pushed

    def take(self, data: bytes) -> bytes | None:
        """The next bytes; all from where frames begin, once that is found."""
        kept = self._kept
        self._borders.append(len(kept))
        kept += data
        while True:
            if self._follow():
                return self._found()
            if self._behind >= 0:
                break
            candidate = _BEGINNING.search(kept, self._place + 1)
            # The last bytes may be the first of a header.
            self._place = self._behind = candidate.start() if candidate is not None else max(0, len(kept) - HEADER + 1)
            self._count = 0
            if candidate is None:
                break
        cut = self._place if len(kept) - self._place <= _KEPT else len(kept) - _KEPT // 2
        if cut > self._place:
            self._count = 0
            self._place = self._behind = cut
        if cut or len(self._borders) > _BORDERS:
            del kept[:cut]
            self._borders = [border - cut for border in self._borders[-_BORDERS // 2 :] if border >= cut]
            self._place -= cut
            self._behind -= cut
        return None

    def cut(self) -> bytes | None:
        """Nothing follows those so far: all from where frames begin, if fewer of them will do."""
        candidate = _BEGINNING.search(self._kept)
        while candidate is not None:
            self._place = self._behind = candidate.start()
            self._count = 0
            if self._follow() or (self._behind >= 0 and self._count >= self._least()):
                return self._found()
            candidate = _BEGINNING.search(self._kept, self._place + 1)
        self._forget()
        return None

    def _found(self) -> bytes:
        found = bytes(self._kept[self._first() :])
        self._forget()
        return found

    def _forget(self) -> None:
        self._kept = bytearray()
        self._borders.clear()
        self._place = self._behind = self._count = 0

    def _follow(self) -> bool:
        """True when the frames from `_place` on are believed; `_behind` is -1 when they are none."""
        end = len(self._kept)
        while end - self._behind >= HEADER:
            length = self._length(self._behind)
            if length < 0:
                self._behind = -1
                return False
            self._behind += length
            self._count += 1
            if self._count >= _CHAIN:
                return True
        return self._behind == end and self._count >= self._least()

    def _least(self) -> int:
        """How many headers will do where no more may come: one that begins a segment, as senders write whole frames;
        else two."""
        return 1 if self._place in self._borders else 2

    def _length(self, at: int) -> int:
        return frame_length(self._kept, at, self._longest, self._highest, self._pushed)

    def _first(self) -> int:
        """Where the first frame begins, now that the place of a later one is believed: inside of that, frames may stand
        that go on to its end. What does not lead there from one place does not from those before, either."""
        place = self._place
        end = place + self._length(place)
        astray: set[int] = set()
        steps = 0
        while steps < _STEPS:
            candidate = _BEGINNING.search(self._kept, place + 1, end)
            if candidate is None:
                break
            place = behind = candidate.start()
            while end - behind >= HEADER and behind not in astray:
                astray.add(behind)
                steps += 1
                length = self._length(behind)
                if length < 0:
                    break
                behind += length
            if behind == end:
                self._place = place
                end = place + self._length(place)
                astray.clear()
        return self._place
