"""What one end of a connection sends: its frames, its header blocks, and what they say of streams (RFC 9113 §4.3, §6).

Nothing is asked of TCP: bytes, gaps and the end come as to any `Receiver`. What the two endpoints must know of each
other is in SETTINGS: how large the other's header table, and its frames, may be.
"""

from struct import Struct
from typing import Final

from httpresp_capture.detect import http2_frames
from httpresp_capture.http2 import frames
from httpresp_capture.http2.exchanges import Exchanges
from httpresp_capture.http2.names import HEADER_TABLE_SIZE, MAX_FRAME_SIZE
from httpresp_capture.http2.stream import Message, Stream
from httpresp_capture.http2.whole import WholeMessages
from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.byte_streams import ByteStream

_SETTING: Final = Struct(">HI").iter_unpack
_AHEAD: Final = 2_000
"""How far beyond the last known stream another may lie that began in lost bytes; ids rise by two."""
_LARGEST_FRAME: Final = (1 << 24) - 1


class Endpoint(WholeMessages):
    """One direction of a connection that speaks HTTP/2."""

    __slots__ = (
        "began_in",
        "block",
        "block_ends",
        "block_first_at",
        "block_kind",
        "block_packet_len",
        "block_stream",
        "block_weight",
        "block_wire",
        "frame_size",
        "message",
        "peer",
        "preface",
        "promised",
        "received",
        "receiving",
        "table_size",
    )

    def __init__(self, exchanges: Exchanges, direction: ByteStream | None, *, asks: bool) -> None:
        super().__init__(exchanges, direction, asks=asks)
        self.peer: Endpoint | None = None
        self.table_size = 0
        """The largest header table, and longest frame, that it allowed the other; 0 before it did."""
        self.frame_size = 0
        self.preface = 0
        """How many bytes of the connection preface are still to come."""
        self.receiving: Stream | None = None
        """The stream of the DATA frame that is being read; None where it is over."""
        self.message: Message | None = None
        self.block: list[bytes] | None = None
        """Fragments of a header block that CONTINUATION goes on."""
        self.block_kind = 0
        self.block_stream = 0
        self.block_weight = 0
        self.block_ends = False
        self.block_wire = 0
        self.block_first_at = 0
        self.block_packet_len = 0
        self.promised = 0
        self.received = 0
        """`passed` before the newest bytes."""
        self.began_in = 0
        """Size of the packet in which the frame began that is not whole yet."""

    def begin_midstream(self) -> None:
        """What comes first may be anything: what was said before is not here."""
        self.exchanges.cut = True
        self.decoder.lose()
        self._settings_lost()
        self.seek()

    def search(self) -> http2_frames.Search:
        """How frames are found again: of streams that are known, or that may have begun since."""
        exchanges = self.exchanges
        if exchanges.midstream and not exchanges.highest:
            return http2_frames.Search()
        return http2_frames.Search(self.longest, exchanges.highest + _AHEAD, pushed=exchanges.pushed)

    def narrow_search(self, searching: http2_frames.Search) -> None:
        """What the other direction has shown since of the streams that there are."""
        exchanges = self.exchanges
        if exchanges.highest:
            searching.expect(exchanges.highest + _AHEAD, pushed=exchanges.pushed)

    # Frames

    def data(self, data: bytes, at: int) -> None:
        """The next bytes; the client's first are the connection preface."""
        exchanges = self.exchanges
        if self.preface:
            cut = min(self.preface, len(data))
            self.preface -= cut
            data = data[cut:]
            self.last_at = at
            if not data:
                return
        self.last_at = at
        size = len(data)
        begins = self.received = self.passed
        self.passed = begins + size
        if self.begun is None and not (self.left or exchanges.fresh) and self.block is None and self.searching is None:
            whole = self.read_whole(data, at, begins)
            if whole < size:
                self._read(data[whole:] if whole else data, at)
        else:
            self._read(data, at)
        if exchanges.fresh:
            exchanges.caught_up()
        if self.overlaps.waiting:
            self.overlaps.tell(self.passed)
        if self.begun is not None and self.frame_start >= begins:
            self.began_in = self.packet_len()

    def most(self, kind: int) -> int:
        """Header blocks may be as long as a head."""
        if kind in (frames.HEADERS, frames.PUSH_PROMISE, frames.CONTINUATION):
            return self.most_of_head
        return super().most(kind)

    def frame(self, kind: int, flags: int, stream: int, payload: bytes, at: int) -> None:
        """A whole frame that is not DATA. `WholeMessages` does the same of most HEADERS, and passes over the same."""
        if self.block is not None and (kind != frames.CONTINUATION or stream != self.block_stream):
            self._block_lost(at, "its header block is not continued")  # §6.10
        if kind == frames.HEADERS:
            block = _unpadded(payload, flags, 5 if flags & frames.PRIORITISED else 0)
            if flags & frames.END_HEADERS:
                ends = flags & frames.END_STREAM > 0
                self._section(kind, stream, block, ends, len(payload) + 9, self.begun_at, at, self._began_in())
            else:
                self._begin_block(kind, flags, stream, block, len(payload) + 9)
            if flags & frames.PRIORITISED and self.asks:
                self._weigh(stream, payload[1:] if flags & frames.PADDED else payload)
        elif kind == frames.PRIORITY:
            if self.asks:
                self._weigh(stream, payload)
        elif kind == frames.CONTINUATION:
            self._continue(flags, stream, payload, at)
        elif kind == frames.RST_STREAM:
            self.exchanges.reset(self.asks, stream, int.from_bytes(payload, "big"), at)
        elif kind == frames.SETTINGS:
            if not flags & frames.ACK:
                self.settings(payload)
        elif kind == frames.GOAWAY:
            if len(payload) >= 8:
                last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
                self.exchanges.go_away(self.asks, last, int.from_bytes(payload[4:8], "big"), at)
        elif kind == frames.PUSH_PROMISE:
            block = _unpadded(payload, flags, 4)
            skipped = 1 if flags & frames.PADDED else 0
            self.promised = int.from_bytes(payload[skipped : skipped + 4], "big") & 0x7FFFFFFF
            if flags & frames.END_HEADERS:
                self._section(kind, stream, block, False, len(payload) + 9, self.begun_at, at, 0)
            else:
                self._begin_block(kind, flags, stream, block, len(payload) + 9)

    def _weigh(self, stream: int, priority: bytes) -> None:
        """What stands in HEADERS or PRIORITY: another stream, and how much this one weighs beside it (§5.3.2)."""
        if len(priority) < 5:
            return
        if self.block is not None and self.block_stream == stream:
            self.block_weight = priority[4] + 1  # The stream begins with the rest of its header block.
        else:
            self.exchanges.weigh(stream, priority[4] + 1)

    def settings(self, payload: bytes) -> None:
        """SETTINGS (§6.5) of this end say what the other may send; a value is never taken back, since the other may
        learn of it later."""
        for name, value in _SETTING(payload[: len(payload) // 6 * 6]):
            if name == HEADER_TABLE_SIZE:
                self.table_size = max(self.table_size, value)
            elif name == MAX_FRAME_SIZE:
                self.frame_size = max(self.frame_size, min(value, _LARGEST_FRAME))
        self._allow()

    def meet(self, peer: "Endpoint") -> None:
        """The other end has come, too; it may have spoken later."""
        self.peer = peer
        self._allow()

    def _allow(self) -> None:
        peer = self.peer
        if peer is not None:
            peer.decoder.allow(self.table_size)
            peer.longest = max(peer.longest, self.frame_size)

    # Header blocks

    def _begin_block(self, kind: int, flags: int, stream: int, block: bytes, wire: int) -> None:
        self.block = [block]
        self.block_kind = kind
        self.block_stream = stream
        self.block_weight = 0
        self.block_ends = flags & frames.END_STREAM > 0
        self.block_wire = wire
        self.block_first_at = self.begun_at
        self.block_packet_len = self._began_in()

    def _continue(self, flags: int, stream: int, payload: bytes, at: int) -> None:
        """CONTINUATION (§6.10). A block without end is bounded, and read to its end all the same."""
        block = self.block
        if block is None:
            self.decoder.lose()  # Its beginning is not here.
            if flags & frames.END_HEADERS:
                self.exchanges.head_lost(self.asks, stream, False, at, "a header block")
            return
        self.block_wire += len(payload) + 9
        if self.block_wire <= self.most_of_head:
            if payload:
                block.append(payload)
        else:
            block.clear()
        if not flags & frames.END_HEADERS:
            return
        if self.block_wire > self.most_of_head:
            self._block_lost(at, "its header block is over the limit")
            return
        self.block = None
        self._section(
            self.block_kind,
            stream,
            b"".join(block),
            self.block_ends,
            self.block_wire,
            self.block_first_at,
            at,
            self.block_packet_len,
        )
        if self.block_weight:
            self.exchanges.weigh(stream, self.block_weight)

    def _block_lost(self, at: int, why: str) -> None:
        self.block = None
        self.decoder.lose()
        if self.block_kind == frames.HEADERS:
            self.exchanges.head_lost(self.asks, self.block_stream, self.block_ends, at, why)

    def _section(
        self, kind: int, stream: int, block: bytes, ends: bool, wire: int, first_at: int, at: int, packet_len: int
    ) -> None:
        """A header block is whole."""
        if not self.asks:
            self.overlaps.frame(self.frame_start, stream)
        section = self.section(self.decoder.decode(block))
        if kind == frames.PUSH_PROMISE:
            self.exchanges.promised(self.promised, section, wire, first_at, at)
        else:
            self.exchanges.section(self.asks, stream, section, ends, wire, first_at, at, packet_len)

    def _began_in(self) -> int:
        """Size of the packet in which the newest frame began; of the newest packet where that is not known."""
        return self.began_in if self.began_in and self.frame_start < self.received else self.packet_len()

    # DATA

    def data_begins(self, stream: int, length: int, at: int) -> None:
        """A DATA frame begins."""
        if self.block is not None:
            self._block_lost(at, "its header block is not continued")
        if not self.asks:
            self.overlaps.frame(self.frame_start, stream)
        found = self.receiving = self.exchanges.data_frame(self.asks, stream, self.begun_at, at, http2_frames.HEADER)
        self.message = None if found is None else found.question if self.asks else found.answer

    def data_part(self, stream: int, data: bytes, start: int, end: int, at: int) -> None:
        """Content of a DATA frame."""
        receiving, message = self.receiving, self.message
        if receiving is not None and message is not None:
            message.wire_bytes += end - start
            message.last_at = at
            if receiving.websocket is None:
                self.exchanges.keep(receiving, message, data, start, end)
            else:
                receiving.carry(self.asks, data[start:end], at)

    def data_gap(self, stream: int, length: int, at: int, snapped: bool) -> None:
        """Content of a DATA frame is missing."""
        if self.message is not None:
            self.message.gap(length, snapped)
            if self.receiving is not None:
                self.receiving.carry_gap(self.asks, length, at, snapped)

    def data_ends(self, stream: int, flags: int, at: int) -> None:
        """A DATA frame is whole."""
        receiving = self.receiving
        if receiving is not None:
            self.receiving = self.message = None
            self.exchanges.data_ended(self.asks, receiving, flags & frames.END_STREAM > 0, at)

    # What is missing

    def frame_lost(self, kind: int, flags: int, stream: int, at: int) -> None:
        """A frame that cannot be read."""
        if kind == frames.RST_STREAM:
            self.exchanges.reset(self.asks, stream, -1, at)
        elif kind == frames.SETTINGS:
            self._settings_lost()
        elif kind == frames.HEADERS:
            self.decoder.lose()
            self.exchanges.head_lost(self.asks, stream, flags & frames.END_STREAM > 0, at, "a header block")
        elif kind in (frames.PUSH_PROMISE, frames.CONTINUATION):
            if self.block is not None:
                self._block_lost(at, "a part of its header block")
            self.decoder.lose()

    def lost(self, length: int, at: int, snapped: bool) -> None:
        """Bytes are missing, nobody knows of what."""
        if self.block is not None:
            self._block_lost(at, "a part of its header block")
        self.decoder.lose()
        self._settings_lost()
        self.began_in = 0
        self.receiving = self.message = None
        self.exchanges.lost(self.asks, length, at)

    def _settings_lost(self) -> None:
        """What this end allows the other may have been among what is missing."""
        self.frame_size = max(self.frame_size, frames.LONGEST_UNTOLD)
        self._allow()

    def end(self, reason: EndReason, at: int) -> None:
        """Nothing follows."""
        self.settle_search(at)
        if not self.asks:
            self.exchanges.answers_end(reason, at)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """The same bytes came twice and differ; it is told once it is clear whose they are."""
        if not self.asks:
            self.overlaps.add(self.passed - back, length, first, second)
            self.overlaps.tell(self.passed)


def _unpadded(payload: bytes, flags: int, skipped: int) -> bytes:
    """A header block without what may stand before it, and without padding (§6.2). Padding that leaves nothing is a
    connection error; then there is no block."""
    if not flags & frames.PADDED:
        return payload[skipped:] if skipped else payload
    start = 1 + skipped
    end = len(payload) - payload[0] if payload else 0
    return payload[start:end] if start <= end else b""
