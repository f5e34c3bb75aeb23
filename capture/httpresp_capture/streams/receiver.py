"""What stands behind an assembler, whatever it reads."""

from typing import Final

from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.record import compiled
from httpresp_capture.sink import Timed

FOREVER: Final = 1 << 60
"""As many bytes as no stream has."""


@compiled(allow_interpreted_subclasses=True)
class Receiver(Timed):
    """Whatever reads the stream of one direction: bytes, gaps and the end of it. It asks nobody about TCP."""

    __slots__ = ("bytes_to_skip", "last_at", "skip_budget")

    def __init__(self) -> None:
        self.bytes_to_skip = 0
        """How many of the next bytes may be counted without being handed over; the packet loop lowers it."""
        self.skip_budget = 0
        """What `bytes_to_skip` was set to; the difference was passed over since."""
        self.last_at = 0
        """When the last byte came, ns, passed over or handed over."""

    def begins(self, seq: int) -> None:
        """The position of its first byte is known only now."""

    def data(self, data: bytes, at: int) -> None:
        """The next bytes of the stream."""
        raise NotImplementedError

    def urgent(self) -> None:
        """The next bytes came with an urgent pointer (RFC 6093 §3.2): most ends take the byte it marks out of the
        stream, some leave it in. Here it stays."""

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """So many bytes are missing here; `snapped` when their packet was captured without them."""
        raise NotImplementedError

    def end(self, reason: EndReason, at: int) -> None:
        """Nothing follows."""
        raise NotImplementedError

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """`length` bytes that lie `back` bytes before the next came again and differ."""
        raise NotImplementedError

    def offset(self) -> int:
        """How many bytes it was given, passed over included; -1 where it is too late to put something before them."""
        return -1

    def prepend(self, data: bytes, at: int) -> bool:
        """Bytes that belong before all that was read; False when it is too late for them."""
        return False

    def knows(self) -> bool:
        """False while it waits to learn what it reads."""
        return True


class Ignored(Receiver):
    """A direction that is not read."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.bytes_to_skip = self.skip_budget = FOREVER

    def data(self, data: bytes, at: int) -> None:
        """Ignored."""
        self.bytes_to_skip = self.skip_budget = FOREVER

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """Ignored."""

    def end(self, reason: EndReason, at: int) -> None:
        """Ignored."""

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """Ignored."""


IGNORED: Final = Ignored()
"""One for all: it knows nothing of whom it does not read."""
