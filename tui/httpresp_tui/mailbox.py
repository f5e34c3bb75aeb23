"""The hand-over from the capture's thread to the screen's loop.

`put` never blocks and never grows without end: over its capacity it drops and counts, so that the loss stands on the
screen. New rows go first (a row that is not there is said by one number); what completes a row that is shown already
is taken up to twice the capacity, since a row that seems open for ever would be a lie. Where the capture stands is
one slot that the newest takes, and a failure is always kept. Bodies have a bound in bytes of their own: over it a
response comes without its body.

A file can wait, a network cannot: `put_waiting` is for sources that may be held back, and loses nothing.
"""

from collections import deque
from dataclasses import dataclass
from threading import Condition

from httpresp_capture.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseAmended,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
    replace,
)


@dataclass(frozen=True, slots=True)
class Lost:
    """What `put` could not keep."""

    responses: int = 0
    """`ResponseSeen`: rows."""
    changes: int = 0
    """`ResponseChanged`: rows that did not learn of their end."""
    flows: int = 0
    """`FlowEnded`."""
    bodies: int = 0
    """Responses that came without their body."""

    @property
    def total(self) -> int:
        """Events lost, bodies aside."""
        return self.responses + self.changes + self.flows


class Mailbox:
    """One thread puts, the loop drains."""

    def __init__(self, capacity: int = 262_144, body_bytes: int = 67_108_864) -> None:
        self.capacity = capacity
        """Events; some seconds of a busy link, should the screen stall."""
        self.body_bytes = body_bytes
        self._events: deque[CaptureEvent] = deque()
        self._bodies = 0
        self._status: CaptureStatus | None = None
        self._responses = self._changes = self._flows = self._stripped = 0
        self._closed = False
        # Held for the time of moving one batch: the capture waits for the loop no longer than that.
        self._space = Condition()

    @property
    def waiting(self) -> int:
        """Events inside."""
        return len(self._events) + (self._status is not None)

    @property
    def lost(self) -> Lost:
        """What could not be kept so far."""
        with self._space:
            return Lost(self._responses, self._changes, self._flows, self._stripped)

    def put(self, batch: list[CaptureEvent]) -> None:
        """Take a batch at once; what there is no space for is dropped and counted."""
        with self._space:
            if self._closed:
                return
            for event in batch:
                if self._has_space(event):
                    self._take(event, whole=False)

    def put_waiting(self, batch: list[CaptureEvent]) -> None:
        """Take a batch whole, as space comes free; nothing is dropped. Returns at once after `close`."""
        with self._space:
            for event in batch:
                while not self._closed and self._is_full():
                    self._space.wait()
                if self._closed:
                    return
                self._take(event, whole=True)

    def drain(self, limit: int = 5_000) -> list[CaptureEvent]:
        """The oldest events, at most `limit` of them, and after them the newest status."""
        with self._space:
            events = self._events
            if len(events) <= limit:
                taken = list(events)
                events.clear()
                self._bodies = 0
            else:
                taken = [events.popleft() for _ in range(limit)]
                self._bodies -= sum(map(_body_size, taken))
            # The last status says that nothing follows, so it waits until that is true.
            if self._status is not None and not (events and self._status.ended):
                taken.append(self._status)
                self._status = None
            self._space.notify_all()
        return taken

    def close(self) -> None:
        """Nobody drains any more: nothing is taken, and nobody waits."""
        with self._space:
            self._closed = True
            self._space.notify_all()

    def _is_full(self) -> bool:
        return len(self._events) >= self.capacity or self._bodies >= self.body_bytes

    def _has_space(self, event: CaptureEvent) -> bool:
        held = len(self._events)
        if held < self.capacity:
            return True
        match event:
            case ResponseSeen():
                self._responses += 1
                return False
            case ResponseGrew():
                return False  # It is told again.
            case ResponseChanged():
                if held < 2 * self.capacity:
                    return True
                self._changes += 1
                return False
            case FlowEnded():
                self._flows += 1
                return False
            case CaptureStatus() | CaptureFailed():
                return True

    def _take(self, event: CaptureEvent, *, whole: bool) -> None:
        match event:
            case CaptureStatus():
                self._status = event
                return
            case ResponseGrew(response) if not whole and self._bodies + len(response.body) > self.body_bytes:
                return
            case ResponseSeen(response) | ResponseChanged(response) if response.body:
                if not whole and self._bodies + len(response.body) > self.body_bytes:
                    event = _without_body(event)
                    self._stripped += 1
                else:
                    self._bodies += len(response.body)
            case _:
                pass
        self._events.append(event)


def _without_body(event: ResponseSeen | ResponseChanged) -> ResponseSeen | ResponseChanged:
    response = replace(event.response, body=b"")
    if isinstance(event, ResponseAmended):
        return ResponseAmended(response, replace(event.before, body=b""))
    return type(event)(response)


def _body_size(event: CaptureEvent) -> int:
    match event:
        case ResponseSeen(response) | ResponseChanged(response):
            return len(response.body)
        case _:
            return 0
