"""The hand-over from the capture's thread to the screen's loop.

`put` never blocks and never grows without end: over its capacity it drops and counts, so that the loss stands on the
screen. New rows go first (a row that is not there is said by one number); what completes a row that is shown already
is taken up to twice the capacity, since a row that seems open for ever would be a lie. Where the capture stands is
one slot that the newest takes, and a failure is always kept. There is a bound in bytes, too: over it a response comes
without its body, and over twice as much it is dropped.

A file can wait, a network cannot: `put_waiting` is for sources that may be held back, and loses nothing.
"""

from collections import deque
from dataclasses import dataclass, replace
from threading import Condition

from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    LateEvidence,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
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

    def __init__(self, capacity: int = 262_144, max_bytes: int = 67_108_864) -> None:
        self.capacity = capacity
        """Events; some seconds of a busy link, should the screen stall."""
        self.max_bytes = max_bytes
        """Of heads and bodies."""
        self._events: deque[CaptureEvent] = deque()
        self._bytes = 0
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
                self._bytes = 0
            else:
                taken = [events.popleft() for _ in range(limit)]
                self._bytes -= sum(map(_size, taken))
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
        return len(self._events) >= self.capacity or self._bytes >= self.max_bytes

    def _has_space(self, event: CaptureEvent) -> bool:
        held = len(self._events)
        if held < self.capacity and self._bytes < 2 * self.max_bytes:
            return True
        match event:
            case ResponseSeen():
                self._responses += 1
                return False
            case ResponseGrew():
                return False  # It is told again.
            case ResponseChanged():
                if held < 2 * self.capacity and self._bytes < 4 * self.max_bytes:
                    return True
                self._changes += 1
                return False
            case FlowEnded():
                self._flows += 1
                return False
            case CaptureStatus() | CaptureFailed():
                return True

    def _take(self, event: CaptureEvent, *, whole: bool) -> None:
        if isinstance(event, CaptureStatus):
            self._status = event
            return
        size = _size(event)
        if not whole and self._bytes + size > self.max_bytes:
            if isinstance(event, ResponseGrew):
                return
            bare = _without_body(event)
            if bare is not event:
                event, size = bare, _size(bare)
                self._stripped += 1
        self._bytes += size
        self._events.append(event)


def _size(event: CaptureEvent) -> int:
    if not isinstance(event, ResponseSeen | ResponseChanged):
        return 0
    response = event.response
    request = response.request
    size = len(response.head) + len(response.body)
    return size if request is None else size + len(request.head) + len(request.body)


def _without_body(event: CaptureEvent) -> CaptureEvent:
    if not isinstance(event, ResponseSeen | ResponseChanged) or not event.response.body:
        return event
    response = replace(event.response, body=b"")
    if isinstance(event, LateEvidence):
        return LateEvidence(response, replace(event.before, body=b""))
    return type(event)(response)
