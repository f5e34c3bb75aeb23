"""The frames of one direction (RFC 9113 §4, §6), from any cut of its bytes.

DATA is handed on as it comes, everything else when it is whole. What is longer than its kind may be is passed over
unread. A gap inside a frame is that frame's loss alone: its length says where the next one begins. Behind any other
gap, or a frame that no endpoint would take, frames are found again by `http2_frames`.
"""

from struct import Struct
from typing import Final

from httpresp_capture.detect import http2_frames
from httpresp_capture.detect.http2_frames import HEADER
from httpresp_capture.records.record import compiled
from httpresp_capture.streams.receiver import Receiver

DATA: Final = 0
HEADERS: Final = 1
PRIORITY: Final = 2
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

END_STREAM: Final = 0x01
ACK: Final = 0x01
END_HEADERS: Final = 0x04
PADDED: Final = 0x08
PRIORITISED: Final = 0x20

_UNPACK: Final = Struct(">HBBBI").unpack_from
_CONTROL_MOST: Final = 16_384
"""Longer SETTINGS, GOAWAY and the like are not read: SETTINGS_MAX_FRAME_SIZE unless both ends agree on more (§4.2)."""
LONGEST_UNTOLD: Final = 1 << 20
"""The longest frame that is believed where the SETTINGS of the other end were not seen."""


@compiled(allow_interpreted_subclasses=True)
class FrameReader(Receiver):
    """Cuts one direction into frames; whoever reads them derives from it."""

    __slots__ = (
        "begun",
        "begun_at",
        "flags",
        "frame_start",
        "kind",
        "left",
        "longest",
        "padding",
        "passed",
        "searching",
        "skipping",
        "stream",
        "wanted",
    )

    def __init__(self) -> None:
        super().__init__()
        self.begun: bytearray | None = None
        """A frame, or its header, that is not whole yet."""
        self.wanted = 0
        """How many bytes it takes to go on."""
        self.begun_at = 0
        """When its first byte came."""
        self.passed = 0
        """How many bytes of the direction came so far, those that are missing included."""
        self.frame_start = 0
        """Where in them the newest frame begins."""
        self.kind = 0
        self.flags = 0
        self.stream = 0
        self.left = 0
        """Bytes that follow of a frame which is handed on as it comes, or passed over; its padding included."""
        self.padding = 0
        """The last of them, which are padding; -1 until that was told."""
        self.skipping = False
        """True while it is passed over."""
        self.searching: http2_frames.Search | None = None
        """Where frames are to be found again."""
        self.longest = 16_384
        """SETTINGS_MAX_FRAME_SIZE that the other end allows (§4.2); longer frames are connection errors."""

    # Told to whoever derives from it

    def frame(self, kind: int, flags: int, stream: int, payload: bytes, at: int) -> None:
        """A whole frame that is not DATA."""
        raise NotImplementedError

    def data_begins(self, stream: int, length: int, at: int) -> None:
        """A DATA frame begins; `length` is that of its payload."""
        raise NotImplementedError

    def data_part(self, stream: int, data: bytes, start: int, end: int, at: int) -> None:
        """Content of a DATA frame: `data[start:end]`."""
        raise NotImplementedError

    def data_ends(self, stream: int, flags: int, at: int) -> None:
        """A DATA frame is over."""
        raise NotImplementedError

    def data_gap(self, stream: int, length: int, at: int, snapped: bool) -> None:
        """Content of a DATA frame is missing."""
        raise NotImplementedError

    def frame_lost(self, kind: int, flags: int, stream: int, at: int) -> None:
        """A frame that cannot be read: it is too long, or bytes of it are missing."""
        raise NotImplementedError

    def lost(self, length: int, at: int, snapped: bool) -> None:
        """So many bytes are missing, and nobody knows of what; 0 where what follows is no frame."""
        raise NotImplementedError

    def most(self, kind: int) -> int:
        """The longest payload of a kind that is read."""
        return _CONTROL_MOST

    # The stream of bytes

    def data(self, data: bytes, at: int) -> None:
        """The next bytes."""
        self.last_at = at
        self.passed += len(data)
        self._read(data, at)

    def _read(self, data: bytes, at: int) -> None:
        if self.searching is not None:
            found = self._sought(self.searching, data)
            if found is None:
                return
            data = found
        begun = self.begun
        if begun is not None:
            begun += data
            if len(begun) < self.wanted:
                return
            data = bytes(begun)
            self.begun = None
        elif not self.left:
            self.begun_at = at
        position = 0
        end = len(data)
        begins = self.passed - end
        while position < end:
            if self.left:
                position = self._goes_on(data, position, end, at)
                self.begun_at = at
                continue
            self.frame_start = begins + position
            if end - position < HEADER:
                self.wanted = HEADER
                break
            high, low, kind, flags, stream = _UNPACK(data, position)
            length: int = high << 8 | low
            stream &= 0x7FFFFFFF
            if length > self.longest or (kind < 10 and not http2_frames.is_sound(kind, length, stream)):
                found = self._unsound(data[position + 1 :], at)
                if found is None:
                    return
                data = found
                position = 0
                end = len(data)
                begins = self.passed - end
                self.begun_at = at
                continue
            if 0 < kind < 10 and length <= self.most(kind):
                behind = position + HEADER + length
                if behind > end:
                    self.wanted = HEADER + length
                    break
                self.frame(kind, flags, stream, data[position + HEADER : behind], at)
                position = behind
            else:
                position += HEADER
                self.kind, self.flags, self.stream = kind, flags, stream
                self.left = length
                self.padding = -1 if kind == DATA and flags & PADDED and length else 0
                if kind == DATA:
                    self.data_begins(stream, length, at)
                    if not length:
                        self.data_ends(stream, flags, at)
                else:
                    self.skipping = length > 0
                    if kind < 10:
                        self.frame_lost(kind, flags, stream, at)
            self.begun_at = at
        if position < end:
            self.begun = bytearray(data[position:])

    def _goes_on(self, data: bytes, position: int, end: int, at: int) -> int:
        """More of a frame that is handed on as it comes, or passed over."""
        left = self.left
        if self.skipping:
            behind = min(end, position + left)
            self.left = left - (behind - position)
            self.skipping = self.left > 0
            return behind
        if self.padding < 0:
            # §6.1: padding as long as the payload is an error; then there is no content.
            self.left = left = left - 1
            self.padding = min(data[position], left)
            position += 1
        content = min(end - position, left - self.padding)
        if content > 0:
            self.data_part(self.stream, data, position, position + content, at)
            position += content
            left -= content
        rest = min(end - position, left)
        if rest > 0 and left <= self.padding:
            position += rest
            left -= rest
            self.padding = left
        self.left = left
        if not left:
            self.data_ends(self.stream, self.flags, at)
        return position

    def _unsound(self, rest: bytes, at: int) -> bytes | None:
        """What stands here is no frame: framing is broken, or was lost unnoticed. See `_sought` of the rest."""
        self._search(0, at, False)
        assert self.searching is not None
        return self._sought(self.searching, rest)

    def _sought(self, searching: http2_frames.Search, data: bytes) -> bytes | None:
        """All from where frames begin again, with these bytes; None when more are needed."""
        self.narrow_search(searching)
        found = searching.take(data)
        if found is not None:
            self.searching = None
        return found

    def seek(self) -> None:
        """Frames have to be found."""
        self.searching = self.search()
        self.longest = max(self.longest, LONGEST_UNTOLD)  # What the other end allows may not be here.

    def search(self) -> http2_frames.Search:
        """How they are found."""
        raise NotImplementedError

    def narrow_search(self, searching: http2_frames.Search) -> None:
        """Tell it what has become known since it began, if anything."""

    def settle_search(self, at: int) -> None:
        """Bytes are missing behind those so far, or nothing follows."""
        if self.searching is not None:
            self.narrow_search(self.searching)
            found = self.searching.cut()
            if found is not None:
                self.searching = None
                self._read(found, at)

    def _search(self, length: int, at: int, snapped: bool) -> None:
        self.lost(length, at, snapped)
        self.seek()

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """`length` bytes are missing here."""
        self.settle_search(at)
        self.passed += length
        if self.searching is not None:
            self.lost(length, at, snapped)
        elif self.begun is not None:
            self._gap_in_begun(self.begun, length, at, snapped)
        elif self.left >= length:
            self._gap_within(length, at, snapped)
        else:
            if self.left > max(self.padding, 0) and not self.skipping:
                self.data_gap(self.stream, self.left - max(self.padding, 0), at, snapped)
            self.left = 0
            self.skipping = False
            self._search(length, at, snapped)

    def _gap_within(self, length: int, at: int, snapped: bool) -> None:
        """It lies inside a frame that is handed on as it comes, or passed over."""
        if self.skipping:
            self.left -= length
            self.skipping = self.left > 0
            return
        if self.padding < 0:
            self.padding = 0  # How much of it is padding is lost; if any, it counts as content.
        missing = min(length, self.left - self.padding)
        if missing > 0:
            self.data_gap(self.stream, missing, at, snapped)
        self.left -= length
        self.padding = min(self.padding, self.left)
        if not self.left:
            self.data_ends(self.stream, self.flags, at)

    def _gap_in_begun(self, begun: bytearray, length: int, at: int, snapped: bool) -> None:
        """It lies behind the first bytes of a frame that is read whole."""
        self.begun = None
        if len(begun) >= HEADER:
            high, low, kind, flags, stream = _UNPACK(begun, 0)
            missing = (high << 8 | low) + HEADER - len(begun)
            if length <= missing:
                self.left = missing - length
                self.padding = 0
                self.skipping = self.left > 0
                self.frame_lost(kind, flags, stream & 0x7FFFFFFF, at)
                return
        self._search(length, at, snapped)
