"""Which response answers which request.

Responses come in the order of their requests (RFC 9112 §9.3), so as long as nothing was lost they are counted. After a
loss, and where the capture begins inside the connection, `candidates` says what a response may answer; what is proved
neither way stands without a request: that is honest, and another's request is not.
"""

from typing import Final, NamedTuple

from httpresp_capture.http.candidates import BEGAN, SHORTEST_RESPONSE, SURELY_BEGAN, Candidates
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Timed
from httpresp_capture.streams.position import MASK, distance

_BAREST_RESPONSE: Final = 14
"""Bytes of `HTTP/1.1 200` with bare line ends, which some servers send."""

_TRUSTED: Final = 4
"""So many pairs in a row as a client that waits makes them, and the connection is counted again."""


class Match(NamedTuple):
    """What was found out about a response's request."""

    request: Request | None
    stream: int
    """Number of the exchange."""
    problem: Problem | None = None
    """Why there is none."""
    may_answer_head: bool = False
    """True when the response may answer HEAD, for all that is known."""
    presumed: bool = False
    """True when the pair is the first to rest on the client's habit of waiting, which what follows may refute."""
    skipped: tuple[tuple[Request, int], ...] = ()
    """Requests before it whose responses were lost, each with the number of its exchange."""


class Pairing(Candidates):
    """The requests of one connection that wait for their responses."""

    __slots__ = (
        "_alone",
        "_doubts",
        "_early",
        "_limit",
        "_maybe_answered",
        "_unread",
        "_unread_at",
        "asked_with",
        "midstream",
        "presumed",
        "presumed_cut",
        "presumed_end",
        "presumed_final",
        "requests",
    )

    # Set together with what it belongs to.
    presumed_end: int
    """The position behind the response that is `presumed`, or behind what is known of it."""
    presumed_cut: bool
    """True when that one goes on behind this position, in bytes that are lost."""
    _unread_at: int

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self.requests = 0
        self.midstream = True
        """True when the capture began inside the connection."""
        self.asked_with = -1
        """Acknowledgement of the newest request."""
        self.presumed: Timed | None = None
        """Who has read a response whose request is presumed, which what follows may refute."""
        self.presumed_final = False
        """True when that response is no interim one."""
        self._early: list[tuple[int, int]] = []
        """Final responses in a row that came when no request was there: where each begins, and its acknowledgement."""
        self._alone: dict[int, None] = {}
        """Where responses without a request begin, since the newest that is paired: who waits asked there for one."""
        self._doubts = 0
        """Heads since the newest response that is paired that may be final responses, or none."""
        self._maybe_answered: Request | None = None
        """The request that was shown with what may not have been its response."""
        self._unread = ""
        """What the client sent last that was no request; it begins at `_unread_at`."""

    def opened(self) -> None:
        """A SYN was seen: nothing was asked before it.

        One that is captured late changes nothing about the responses that have come before, which may have answered the
        requests that wait.
        """
        self.midstream = self._unseen = False
        if not self._slipped:
            self._most = self._seen_at_most()
        if not (self.requests or self._answered_stream >= 0):
            self.careful = False

    def answers_begin(self, start: int) -> None:
        """What the server says begins at position `start`: as if a request had been answered right before."""
        self.asked_with = (start - SHORTEST_RESPONSE) & MASK

    def asks(self, request: Request, ack: int, start: int) -> bool:
        """A request is complete, or its head is. True when so many wait that the oldest is to be given up.

        `HTTP1.asks` does the same where none waits and nothing is to be found out.
        """
        pending = self.pending
        self.requests += 1
        before = self.asked_with
        self.asked_with = ack
        if before >= 0 and distance(ack, before) < _BAREST_RESPONSE:
            self.not_waiting()  # There is no room for an answer between.
        if self.careful:
            presumed = self.presumed
            if presumed is not None:
                if self.presumed_final:
                    # That it fits is said by the next response: more requests may come before that.
                    behind = self.presumed_cut and distance(ack, self.presumed_end) > 0
                    if self._pipelines or not (behind or self.fits_request(ack, self.presumed_end)):
                        presumed.settle(False)
                elif distance(ack, self.presumed_end) <= 0:
                    self.not_waiting()  # It asked before the final response was there.
                    presumed.settle(False)
            # Each request between needs an answer of its own.
            answers = 2 if pending and pending[-1][0] is None and pending[-1][1] else 1
            if before >= 0 and distance(ack, before) < answers * SHORTEST_RESPONSE:
                self.not_waiting()
            if self._early and not pending and self._was_answered(ack, start):
                return False
        pending.append((request, ack, start))
        return len(pending) > self._limit

    def give_up(self) -> Request | None:
        """Let the oldest request go, which may yet be answered: it counts as lost, so that the answer takes no other's
        place."""
        pending = self.pending
        request = pending[0][0] if pending else None
        if request is not None:
            pending[0] = (None, SURELY_BEGAN, pending[0][2])
        elif len(pending) > 1:
            request = pending.pop(1)[0]
        else:
            return None
        if len(pending) > 1 and pending[1][0] is None:
            del pending[1]
        self.careful = True
        return request

    def _was_answered(self, ack: int, start: int) -> bool:
        """True when a response for which no request was there answered this one, which came late."""
        early = self._early
        while early and distance(ack, early[0][0]) > 0:
            early.pop(0)  # It asked with some of that response in hand.
        if not early or distance(start, early[0][1]) >= 0:
            return False
        early.pop(0)
        return True

    def ended(self, before: Request, after: Request) -> bool:
        """A request whose head came earlier has ended; False when it waits no longer."""
        pending = self.pending
        for index in range(len(pending) - 1, -1, -1):
            if pending[index][0] is before:
                if self._informed is before:
                    self._informed = after
                pending[index] = (after, pending[index][1], pending[index][2])
                return True
        return False

    def lost_requests(self, start: int, *, surely: bool) -> None:
        """Bytes of the client from `start` on are missing in which requests may have been; `surely` when one began
        there."""
        pending = self.pending
        if not pending or pending[-1][0] is not None:
            if not pending:
                self._most += len(self._early)  # They may have been answered before they were missed.
            began = (SURELY_BEGAN if self.requests else BEGAN) if surely else 0
            pending.append((None, began, start))
            self.careful = True

    def unread(self, start: int, text: str) -> None:
        """Bytes of the client from `start` on were no request that can be read.

        A server that cannot read it either says so and closes, since it does not know where it ends: nobody else's
        answer depends on it.
        """
        self._unread_at = start
        self._unread = text

    def may_be_answered(self) -> None:
        """Behind the newest response comes what is no message: more of that one, or all that the next request gets."""
        self.careful = True
        self._most += 1
        self._doubts += 1

    def doubtful(self, start: int, acked: int) -> Match:
        """The same of what may be an interim response, or a part of a body, for all that can be known: its request may
        be answered by what follows, too."""
        self.careful = True
        found = self._find(start, acked) if self.pending else -1
        if found < 0:
            self._most += 1
            self._doubts += 1
            return self._unpaired(start, acked, informational=True)._replace(may_answer_head=True)
        skipped = self._skip(found)
        request = self._maybe_answered = self.pending[0][0]
        self._informed = None
        self._turn_stream = -1
        self._placed()
        self._slipped = True
        self._most = self._doubts = 1
        believed = not self._proved
        return Match(request, self.stream + 1, None, believed, believed and self._followed == 1, skipped)

    def answer(self, start: int, acked: int, *, informational: bool) -> Match:
        """A response whose head begins at position `start`, in a segment that acknowledges up to `acked`."""
        skipped: tuple[tuple[Request, int], ...] = ()
        if self.careful and self.pending:
            found = self._find(start, acked)
            if found < 0:
                return self._unpaired(start, acked, informational=informational)
            skipped = self._skip(found)
            if informational:
                self._informed = self.pending[0][0]
                self._placed()
        stream = self.stream + 1
        if informational and self._turn_stream != self.stream:
            self._turn, self._turn_stream = start, self.stream
        request = self.pending[0][0] if self.pending else None
        if not informational:
            self._final(stream, acked)
        if request is None:
            self._stands_alone(start)
            if not informational:
                self._early.append((start, acked))
                if len(self._early) > self._limit:
                    self._early.pop(0)
                self.careful = True
            problem = Problem("too-many-responses" if self.requests else "no-request", 0)
            if self._unread and distance(self._unread_at, acked) < 0:
                problem = Problem("no-request", 0, f"what was sent cannot be read: {self._unread}")
                self._unread = ""
            return Match(None, stream, self._unless_first(problem), not informational)
        if not informational:
            self.pending.pop(0)
            if self.careful:
                self._placed()
                self._settle()
        believed = self.careful and not self._proved
        return Match(request, stream, None, believed and not informational, believed and self._followed == 1, skipped)

    def unanswered(self, *, lost: bool, heard_from: int = -1) -> list[tuple[Request, int, str]]:
        """The connection is over: the requests that are left, each with its exchange and why it is so; `lost` when
        responses may have been lost since the newest. `heard_from` is where the capture of the server's bytes begins,
        where that is in the midst of them.

        After a loss it is often not known which were answered; such are not named.
        """
        if lost:
            self.lost_responses()
        left: list[tuple[Request, int, str]] = []
        # Where all responses were seen, each took one request at most.
        most = self._seen_at_most() if self._unseen and not self._slipped else self._most
        before = 0
        for request, ack, _ in self.pending:
            if request is None:
                continue
            if request is self._maybe_answered or (ack in self._alone and not self._pipelines):
                self.stream += 1
                continue
            early = heard_from >= 0 and distance(ack, heard_from) < 0
            if not self._pipelines or before >= most:
                self.stream += 1
                left.append((request, self.stream, LOST_IN_GAP if self._slipped or early else ""))
            before += 1
        self.pending.clear()
        return left

    def _unless_first(self, problem: Problem) -> Problem | None:
        """Where the capture began inside, the first response may well lack its request."""
        return None if self.midstream and self.stream <= 1 else problem

    def _final(self, stream: int, acked: int) -> None:
        self.stream = self._answered_stream = stream
        self._answered_with = acked

    def _stands_alone(self, start: int) -> None:
        alone = self._alone
        alone[start] = None
        if len(alone) > self._limit:
            del alone[next(iter(alone))]

    def _unpaired(self, start: int, acked: int, *, informational: bool) -> Match:
        """Nobody can say what the response answers."""
        stream = self.stream + 1
        self._stands_alone(start)
        if not informational:
            self._final(stream, acked)
            self._least += 1
            self._most += 1
            self._let_go()
        problem = self._unless_first(Problem("no-request", 0, LOST_IN_GAP))
        return Match(None, stream, problem, not informational)

    def _skip(self, found: int) -> tuple[tuple[Request, int], ...]:
        """Bring the request at index `found` to the front; those before it that were answered in a gap."""
        skipped: list[tuple[Request, int]] = []
        named = self._slipped or self._unseen
        for _ in range(found):
            request, ack, _ = self.pending.pop(0)
            if request is None or not named or (ack in self._alone and not self._pipelines):
                continue
            self.stream += 1
            if request is not self._maybe_answered:
                skipped.append((request, self.stream))
        return tuple(skipped)

    def _placed(self) -> None:
        """The oldest request is answered now: whatever came before answered others."""
        self._slipped = self._unseen = False
        self._least = self._most = self._doubts = 0
        self._early.clear()
        self._alone.clear()

    def _seen_at_most(self) -> int:
        """How many final responses have come since the newest that is paired, at most."""
        return self._least + self._doubts + len(self._early)

    def _settle(self) -> None:
        """A pair was made with care: count again, if nothing is missing any more and the client may be trusted."""
        if any(request is None for request, _, _ in self.pending):
            return
        self.careful = not self._proved and self._followed < _TRUSTED
