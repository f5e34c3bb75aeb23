"""Which response answers which request.

First in, first out, as RFC 9112 §9.3 wants it, as long as nothing was lost. After a loss the count can no longer be
trusted, but TCP's own can: a request carries in its acknowledgement how much of the server's bytes its client had when
it asked. A client that waits for each answer has acknowledged all of the one before, so the request of a response is
the newest one that acknowledges no byte of it. Of a client that sends several at once (pipelining) nothing can be
proved after a loss, and nothing is claimed: a response without a request is honest, one with another's is not.
"""

from typing import NamedTuple

from httpresp_capture.events import Request
from httpresp_capture.problems import Problem
from httpresp_capture.wire import distance


class Match(NamedTuple):
    """What was found out about a response's request."""

    request: Request | None
    problem: Problem | None = None
    """Why there is none."""
    doubtful: bool = False
    """True when the response may answer HEAD, for all that is known."""
    skipped: tuple[tuple[Request, int], ...] = ()
    """Requests before it whose responses were lost, each with the number of its exchange."""


class Pairing:
    """The requests of one connection that wait for their responses."""

    __slots__ = (
        "_answered_lost",
        "_informed",
        "_limit",
        "_pipelines",
        "_slipped",
        "_uncertain",
        "_unpaired",
        "midstream",
        "pending",
        "requests",
        "stream",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.pending: list[tuple[Request | None, int]] = []
        """Each with the acknowledgement it was sent with. None stands for any number of requests that were lost."""
        self.requests = 0
        self.stream = 0
        """Number of the newest exchange."""
        self.midstream = True
        """True when the capture began inside the connection."""
        self._pipelines = False
        """True once a request was sent before the one before it was answered."""
        self._unpaired = False
        """True once a response came for which no request was there."""
        self._answered_lost = False
        """True once a response came that a lost request may have asked for."""
        self._informed: Request | None = None
        """The request that the newest interim response surely belongs to; so does the next final one."""
        self._uncertain = False
        """True while lost requests may stand among `pending`."""
        self._slipped = False
        """True while responses may have been lost since the newest that is surely paired."""

    @property
    def careful(self) -> bool:
        """True while pairing needs more than the order of things."""
        return self._slipped or self.midstream or self._uncertain

    def asks(self, request: Request, ack: int) -> Request | None:
        """A request is complete, or its head is. What comes back is one that has waited too long to be kept."""
        pending = self.pending
        self.requests += 1
        if pending and pending[-1][1] == ack:
            self._pipelines = True
        pending.append((request, ack))
        return pending.pop(0)[0] if len(pending) > self._limit else None

    def ended(self, before: Request, after: Request) -> bool:
        """A request whose head came earlier has ended; False when it waits no longer."""
        pending = self.pending
        for index in range(len(pending) - 1, -1, -1):
            if pending[index][0] is before:
                pending[index] = (after, pending[index][1])
                return True
        return False

    def lost_requests(self, *, surely: bool) -> None:
        """Bytes of the client are missing in which requests may have been; `surely` when one began there."""
        if not self.pending or self.pending[-1][0] is not None:
            self.pending.append((None, 0))
            self._uncertain = True
            self._answered_lost = not surely or self._unpaired
            self._unpaired = False

    def lost_responses(self) -> None:
        """Bytes of the server are missing in which responses may have been."""
        self._slipped = True

    def answer(self, start: int, *, informational: bool) -> Match:
        """A response whose head begins at sequence number `start`."""
        pending = self.pending
        skipped: tuple[tuple[Request, int], ...] = ()
        if pending and self.careful:
            found = self._find_anew(start)
            if found is None:
                self.stream += not informational
                self._answered_lost = self._answered_lost or not informational
                return Match(None, self._unless_first(Problem("no-request", 0, "lost in a gap")), not informational)
            skipped = found
            if informational:
                self._informed = pending[0][0]
            else:
                self._slipped = False
        request = pending[0][0] if pending else None
        if request is None:
            self.stream += not informational
            self._unpaired = self._unpaired or not informational
            name = "too-many-responses" if self.requests else "no-request"
            return Match(None, self._unless_first(Problem(name, 0)))
        if informational:
            self.stream = self.stream or 1
        else:
            pending.pop(0)
            self.stream += 1
        return Match(request, None, False, skipped)

    def unanswered(self) -> list[tuple[Request, int, str]]:
        """The connection is over: the requests that are left, each with its exchange and why it is so.

        Of a client that pipelines it is not known after a loss which of them were answered, so none is named.
        """
        left: list[tuple[Request, int, str]] = []
        if not (self._slipped and self._pipelines):
            for request, _ in self.pending:
                if request is not None:
                    self.stream += 1
                    left.append((request, self.stream, "lost in a gap" if self._slipped else ""))
        self.pending.clear()
        return left

    def _unless_first(self, problem: Problem) -> Problem | None:
        """Where the capture began inside, the first response may well lack its request."""
        return None if self.midstream and self.stream <= 1 else problem

    def _find_anew(self, start: int) -> tuple[tuple[Request, int], ...] | None:
        """Bring the request that is surely answered at `start` to the front; what was skipped for it, or None when
        there is none that is sure.

        It is the newest one sent with nothing acknowledged behind `start`; those before it were answered in the gap.
        """
        pending = self.pending
        first = pending[0]
        if first[0] is not None and first[0] is self._informed:
            return ()
        self._uncertain = any(request is None for request, _ in pending)
        if not self._slipped and first[0] is not None and (self._pipelines or not self._uncertain):
            # Nothing was lost; in the middle of a connection the first request may be that of the second response.
            return () if distance(first[1], start) <= 0 else None
        if self._pipelines:
            return None
        found = -1
        for index, (request, ack) in enumerate(pending):
            if request is not None and distance(ack, start) <= 0:
                found = index
        if found < 0:
            return None
        if not self._slipped and not self._answered_lost and found and pending[found - 1][0] is None:
            return None  # It may as well answer what was lost.
        if pending[found][1] != start and found + 1 < len(pending) and pending[found + 1][0] is None:
            return None
        skipped: list[tuple[Request, int]] = []
        for _ in range(found):
            request = pending.pop(0)[0]
            if request is not None and self._slipped:
                self.stream += 1
                skipped.append((request, self.stream))
        return tuple(skipped)
