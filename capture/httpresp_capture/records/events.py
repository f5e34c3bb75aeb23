"""What leaves this package: what happened to a response, and the few things that can be said of a capture.

A response goes out when its head is complete (`ResponseSeen`) and again, with the same `id`, when it ends
(`ResponseChanged`); one that ends in the packet that completed its head goes out once.
"""

from typing import Final

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.record import compiled, own_record, record


@compiled(acyclic=True)
@own_record
class ResponseSeen:
    """A response's head is complete."""

    response: Final[Response]

    def __init__(
        self,
        response: Response,
    ) -> None:
        self.response = response


@compiled(acyclic=True)
@own_record
class ResponseChanged:
    """A response seen before has ended; the record replaces the one with the same id."""

    response: Final[Response]

    def __init__(
        self,
        response: Response,
    ) -> None:
        self.response = response


@compiled(acyclic=True)
@own_record
class LateEvidence(ResponseChanged):
    """Late evidence about a response that had ended: bytes behind it that belong to nothing, or another version of its
    own. Only problems and conflicts are added, and to a 101 what went over the WebSocket that it opened."""

    before: Final[Response]
    """The record that this one replaces: what of it is new need not be remembered by whoever has counted that."""

    def __init__(
        self,
        response: Response,
        before: Response,
    ) -> None:
        ResponseChanged.__init__(self, response)
        self.before = before


@compiled(acyclic=True)
class ResponseGrew(ResponseChanged):
    """More has come of a response that is still open, or over the WebSocket that a 101 opened. Told now and then
    (`Limits.progress_ns`), and only where it was asked for: what is told later replaces it, and a place that is full
    may leave it out."""

    __slots__ = ()


@record
class FlowEnded:
    """A connection that held HTTP is over, or was given up."""

    flow: Flow
    at: int
    reason: EndReason


@record
class CaptureStatus:
    """Where the capture stands; sent a few times a second, and once at its end."""

    counters: Counters
    at: int
    """Timestamp of the newest packet, 0 before the first."""
    fraction: float | None = None
    """How much of a file was read, 0 to 1; None where that cannot be known."""
    ended: bool = False
    """True in the last one: nothing follows."""


@record
class CaptureFailed:
    """The capture cannot go on, its input was cut off, or what goes with it (a key log, a recording) is not what it
    should be. What came before stands."""

    message: str
    """One sentence for the person, which names the thing, the place and the way on."""


CaptureEvent = ResponseSeen | ResponseChanged | LateEvidence | ResponseGrew | FlowEnded | CaptureStatus | CaptureFailed
