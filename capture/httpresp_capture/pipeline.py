"""Frame in, events out: the rooms of this package, composed."""

from httpresp_capture.events import CaptureEvent, Counters, Interface
from httpresp_capture.limits import Limits


class Pipeline:
    """Feed it frames in the order of capture; take the events."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()

    def feed(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        """One frame: `buffer[start:end]`, captured at `at` ns, `wire_length` bytes long before any snap length.

        `vlans` are ids of tags that the kernel has taken out of the frame, outermost first.
        """
        raise NotImplementedError

    def take(self) -> list[CaptureEvent]:
        """The events since the last call."""
        raise NotImplementedError

    def tick(self, at: int) -> None:
        """Time has passed without a packet: `at` is now, ns. Closes what was idle too long."""
        raise NotImplementedError

    def finish(self) -> None:
        """The capture is over: whatever is open ends here."""
        raise NotImplementedError

    def counters(self) -> Counters:
        """A copy of the totals so far."""
        raise NotImplementedError
