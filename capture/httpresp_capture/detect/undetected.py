"""A direction of which it is not known what it speaks."""

from typing import Final

from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Application, ByteStream, Streams
from httpresp_capture.streams.receiver import Receiver

_EARLIER_MOST: Final = 65_536
"""Bytes before which earlier ones may still be put."""


class Detection(Application):
    """Who finds out what is spoken on two streams, and what a `Conversation` may ask of that."""

    __slots__ = ("connection", "sink", "tells_end")

    def __init__(self, sink: Sink, connection: Streams) -> None:
        self.sink = sink
        self.connection = connection
        self.tells_end = True
        """False where a `Conversation` around this one tells when the connection has ended."""

    def detect(self, undetected: "Undetected", at: int) -> None:
        """New bytes in an undecided direction."""
        raise NotImplementedError

    def speaks(self) -> bool:
        """True once it is clear what is spoken, and somebody reads that."""
        raise NotImplementedError

    def read_late(self, undetected: "Undetected") -> None:
        """Read a direction when the other one is being read already."""
        raise NotImplementedError

    def overruled(self) -> str | None:
        """The name of what one direction was taken for, or is, where the other one shows what is really spoken; empty
        where that has none, None where all agree."""
        raise NotImplementedError

    def upgraded(self, name: str, request: Request | None) -> bool:
        """From here on both streams speak the protocol of that name, as `request` has asked; False where nobody reads
        that."""
        raise NotImplementedError

    def not_spoken(self, listen: ByteStream | None) -> None:
        """What is being read was not spoken after all. Nothing more is read, but for a direction that may yet show what
        is."""
        raise NotImplementedError

    def anew(self, kind: Kind) -> "Detection":
        """Find out what both directions speak from here on. Until somebody reads that, the connection is counted as one
        of `kind`."""
        raise NotImplementedError

    def inside(self, streams: Streams) -> "Detection":
        """Find out what is spoken on two more streams, which these carry: it is `streams.application` from now on."""
        raise NotImplementedError


class Undetected(Receiver):
    """A direction of which too little was seen to say what it speaks."""

    __slots__ = ("detection", "direction", "gapped", "kept", "marked", "size", "total")

    def __init__(self, detection: Detection, direction: ByteStream) -> None:
        super().__init__()
        self.detection = detection
        self.direction = direction
        self.kept: list[tuple[bytes, int]] = []
        self.size = 0
        self.total = 0
        self.gapped = False
        self.marked = False
        """True once bytes came with an urgent pointer."""

    def data(self, data: bytes, at: int) -> None:
        """Keep it, and judge."""
        self.kept.append((data, at))
        self.size += len(data)
        self.total += len(data)
        if len(self.kept) > 256:
            self.kept = [(b"".join(part for part, _ in self.kept), at)]
        self.detection.detect(self, at)

    def offset(self) -> int:
        """All bytes so far, while they are all kept."""
        return self.total if self.at_beginning and self.size < _EARLIER_MOST else -1

    def prepend(self, data: bytes, at: int) -> bool:
        """Judge anew, with earlier bytes before those that are kept."""
        later = self.bytes()
        self.kept = []
        self.size = self.total = 0
        self.data(data + later, at)
        return True

    def knows(self) -> bool:
        """Not yet."""
        return False

    def urgent(self) -> None:
        """To be told to the reader."""
        self.marked = True

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """What follows is not the beginning any more."""
        if self.detection.speaks():
            # Requests that answers were seen of may have been there.
            self.detection.read_late(self)
            if self.direction.reader is not None:
                self.direction.reader.gap(length, at, snapped)
            return
        self.gapped = True
        self.kept.clear()
        self.size = 0

    def end(self, reason: EndReason, at: int) -> None:
        """It said too little."""

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """There is no message to lay it to."""

    def bytes(self) -> "bytes":
        """All that is kept."""
        return self.kept[0][0] if len(self.kept) == 1 else b"".join([part for part, _ in self.kept])

    @property
    def at_beginning(self) -> bool:
        """True while all that came is kept: what is read begins where the direction does, as far as was seen."""
        return self.total == self.size and not self.gapped

    def take_off(self, length: int) -> None:
        """The first bytes are read: the direction begins behind them."""
        self.size -= length
        self.total -= length
        while length:
            data, at = self.kept[0]
            if len(data) > length:
                self.kept[0] = (data[length:], at)
                break
            length -= len(data)
            self.kept.pop(0)

    def drop_front(self, keep: int) -> None:
        """Let all but the last `keep` bytes go."""
        data = self.bytes()[-keep:]
        at = self.kept[-1][1]
        self.kept = [(data, at)]
        self.size = len(data)
