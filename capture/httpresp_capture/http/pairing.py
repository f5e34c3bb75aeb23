"""Which response answers which request: by order, and after a loss by what TCP's own numbers prove.

Responses come in the order of their requests (RFC 9112 §9.3), so as long as nothing was lost they are counted. After a
loss a request and a response are still numbers apart, and each bounds what the other can be:

- A request acknowledges what its client had of the server's bytes, so it asked for nothing that begins before that.
- A response acknowledges what its server had of the client's bytes, so it answers nothing that begins behind that.
- Lost bytes held no more requests than the shortest ones that fit in, and perhaps none: what stands before a request (a
  PROXY header, blank lines) can be lost alone.
- Of the responses since the newest proved pair so many were seen; how many were lost is bounded by the requests.

What is left are the *candidates* of a response. Where it is one, the pair is proved. Where there are more, one more
thing may be known: a client that waits for each answer has acknowledged all before it when it asks, so the answer is
that of the newest request. Nearly all clients wait; one that was seen not to (*pipelining*) is never taken for one that
does, and a pair that leaves a doubt is held until what follows has had its chance to refute it. What is proved neither
way stands without a request: that is honest, and another's request is not.
"""

from typing import Final, NamedTuple

from httpresp_capture.records.exchange import Request
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Timed
from httpresp_capture.tcp.seqnum import MASK, distance

SHORTEST_REQUEST: Final = 18
"""Bytes of `GET / HTTP/1.1` with its blank line; no registered method is shorter."""
SHORTEST_RESPONSE: Final = 17
"""Bytes of `HTTP/1.1 200 ` with its blank line."""
_MANY: Final = 1 << 30
_TRUSTED: Final = 4
"""So many pairs in a row as a client that waits makes them, and the connection is counted again."""

Waiting = tuple[Request | None, int, int]
"""A request, the acknowledgement it was sent with, and the sequence number at which it begins. Or None for lost
requests: 1 where one seems to have begun there, else 0, and the number at which the bytes begin that held them."""


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


class Pairing:
    """The requests of one connection that wait for their responses."""

    __slots__ = (
        "_answered_stream",
        "_answered_with",
        "_asked_with",
        "_early",
        "_followed",
        "_informed",
        "_least",
        "_limit",
        "_most",
        "_pipelines",
        "_proved",
        "_slipped",
        "_turn",
        "_turn_stream",
        "_unread",
        "_unread_at",
        "_unseen",
        "begun",
        "careful",
        "midstream",
        "pending",
        "presumed",
        "presumed_end",
        "presumed_final",
        "requests",
        "stream",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.pending: list[Waiting] = []
        self.requests = 0
        self.stream = 0
        """Number of the newest exchange."""
        self.midstream = True
        """True when the capture began inside the connection."""
        self.careful = True
        """True while pairing needs more than the order of things."""
        self._asked_with = -1
        """Acknowledgement of the newest request."""
        self._pipelines = False
        """True once a request was sent before the one before it was answered."""
        self._informed: Request | None = None
        """The request that the newest interim response surely belongs to; so does the next final one."""
        self._slipped = False
        """True while responses may have been lost since the newest that is paired."""
        self._unseen = True
        """True while requests may be open that nobody saw, from before the capture or from before all that is sure."""
        self._least = 0
        """Final responses since the newest that is paired, which have taken a request of `pending` each: at least, and
        at most."""
        self._most = _MANY
        self.presumed: Timed | None = None
        """Who has read a response whose request is presumed, which what follows may refute."""
        self.presumed_final = False
        """True when that response is no interim one."""
        self.presumed_end = 0
        """The sequence number behind it."""
        self.begun = -1
        """Sequence number at which a request begins that is not whole yet; -1 for none. It may have been answered."""
        self._proved = True
        """False once a pair rests on the client's habit of waiting."""
        self._early: list[tuple[int, int]] = []
        """Final responses in a row that came when no request was there: where each begins, and its acknowledgement."""
        self._followed = 0
        """Pairs in a row that were made by that habit."""
        self._answered_with = 0
        """Acknowledgement of the newest final response that did not take the short way, that of exchange
        `_answered_stream`."""
        self._answered_stream = -1
        self._unread_at = 0
        self._unread = ""
        """What the client sent last that was no request, and where it begins."""
        self._turn = 0
        """Where the first interim response of exchange `_turn_stream` begins."""
        self._turn_stream = -1

    def opened(self) -> None:
        """A SYN was seen: nothing was asked before it."""
        self.midstream = False
        self.careful = False
        self._unseen = False
        self._most = 0

    def answers_begin(self, start: int) -> None:
        """What the server says begins at sequence number `start`: as if a request had been answered right before."""
        self._asked_with = (start - SHORTEST_RESPONSE) & MASK

    def asks(self, request: Request, ack: int, start: int) -> bool:
        """A request is complete, or its head is. True when so many wait that the oldest is to be given up."""
        pending = self.pending
        self.requests += 1
        before = self._asked_with
        self._asked_with = ack
        if ack == before:
            self.not_waiting()
        if self.careful:
            presumed = self.presumed
            if presumed is not None:
                if self.presumed_final:
                    # That it fits is said by the next response: more requests may come before that.
                    if self._pipelines or not self.fits_request(ack, self.presumed_end):
                        presumed.settle(False)
                elif distance(ack, self.presumed_end) <= 0:
                    self.not_waiting()  # It asked before the final response was there.
                    presumed.settle(False)
            # Each request between needs an answer of its own.
            answers = 1 + (pending[-1][1] if pending and pending[-1][0] is None else 0)
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
            pending[0] = (None, 1, pending[0][2])
        elif len(pending) > 1:
            request = pending.pop(1)[0]
        else:
            return None
        if len(pending) > 1 and pending[1][0] is None:
            del pending[1]
        if self._informed is request:
            self._informed = None
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
            pending.append((None, int(surely), start))
            self.careful = True

    def unread(self, start: int, text: str) -> None:
        """Bytes of the client from `start` on were no request that can be read.

        A server that cannot read it either says so and closes, since it does not know where it ends: nobody else's
        answer depends on it.
        """
        self._unread_at = start
        self._unread = text

    def fits(self, end: int, acked: int, *, lost: bool) -> bool:
        """True when nothing refutes that the client waits, where another response, which acknowledges `acked`, follows
        one that ends at sequence number `end`: it asked for it when it had all of that one, and no more but what was
        `lost`."""
        for request, ack, begin in self.pending:
            if distance(begin, acked) >= 0:
                break
            if request is None or ack == end or (lost and distance(ack, end) > 0):
                return True
        self.not_waiting()
        return False

    def fits_request(self, ack: int, end: int) -> bool:
        """The same, where a request follows that acknowledges `ack`."""
        if ack == end or (self.pending and self.pending[-1][0] is None and distance(ack, end) > 0):
            return True
        if any(request is not None and known == end for request, known, _ in self.pending):
            return True  # That one was asked when it should, and came before this response was whole here.
        self.not_waiting()
        return False

    def lost_responses(self) -> None:
        """Bytes of the server are missing in which responses may have been."""
        self._slipped = True
        self._informed = None
        self._most = _MANY
        self.careful = True

    def nothing_begins(self, start: int, end: int) -> None:
        """No response begins from sequence number `start` up to `end`: whoever asked there did not wait for one."""
        for request, ack, _ in self.pending:
            if request is not None and distance(ack, start) >= 0 and distance(ack, end) < 0:
                self.not_waiting()

    def answer(self, start: int, acked: int, *, informational: bool) -> Match:
        """A response whose head begins at sequence number `start`, in a segment that acknowledges up to `acked`."""
        skipped: tuple[tuple[Request, int], ...] = ()
        if self.careful and self.pending:
            found = self._find(start, acked)
            if found < 0:
                return self._unpaired(acked, informational=informational)
            skipped = self._skip(found)
            if informational:
                self._informed = self.pending[0][0]
        stream = self.stream + 1
        if informational and self._turn_stream != self.stream:
            self._turn, self._turn_stream = start, self.stream
        request = self.pending[0][0] if self.pending else None
        if not informational:
            self._final(stream, acked)
        if request is None:
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
                self._slipped = self._unseen = False
                self._least = self._most = 0
                self._early.clear()
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
        most = self._least + len(self._early) if self._unseen and not self._slipped else self._most
        before = 0
        for request, ack, _ in self.pending:
            if request is None:
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

    def not_waiting(self) -> None:
        """The client does not wait for each answer; what was believed because it does is so no more."""
        if not self._pipelines:
            self._pipelines = True
            if not self._proved:
                self.careful = self._unseen = self._slipped = True
                self._most = _MANY

    def _find(self, start: int, acked: int) -> int:
        """Index in `pending` of the request that the response at `start` surely answers; -1 where none is sure."""
        pending = self.pending
        if pending[0][0] is not None and pending[0][0] is self._informed:
            return 0
        waited = not self._pipelines
        turn = self._turn if self._turn_stream == self.stream else start
        if self._answered_stream == self.stream and distance(acked, self._answered_with) < SHORTEST_REQUEST:
            self.not_waiting()  # Nothing was asked since the answer before.
        low = 0
        high = _MANY if self._unseen else 0
        candidates = 1 if self._unseen else 0
        only = newest = -1
        newest_fits = False
        lost_behind = asked_behind = False
        for index, (request, ack, begin) in enumerate(pending):
            if distance(begin, acked) >= 0:
                if request is not None and distance(ack, start) <= 0:
                    self.not_waiting()  # It asked without having this response, which is not its own.
                break
            if request is not None:
                if distance(ack, start) > 0:
                    break
                newest = index
                lost_behind = asked_behind = False
                newest_fits = low <= self._most and high >= self._least
                if newest_fits:
                    candidates += 1
                    only = index
                elif low > self._most:
                    self.not_waiting()  # It asked without having this response, which one before it gets.
                low += 1
                high += 1
            else:
                most = self._fitting(index, acked)
                lost_behind = most > 0
                asked_behind = lost_behind and ack > 0
                if most and low <= self._most and high + most > self._least:
                    candidates += 1
                    only = -1
                high += most
        if self.begun >= 0 and distance(self.begun, acked) < 0:
            lost_behind = asked_behind = True
            only = -1
            candidates += 1
            high += 1 + distance(acked, self.begun) // SHORTEST_REQUEST
        self._most = min(self._most, max(high - 1, self._least))
        if waited and self._pipelines and not self._proved:
            return -1
        if newest >= 0 and not self._pipelines:
            since = distance(pending[newest][1], turn)
            if since < 0 and not self._slipped and not self._unseen and not lost_behind:
                self.not_waiting()  # The answer before was not there yet when it asked.
            elif since == 0 and asked_behind:
                self.not_waiting()  # It asked again before this answer.
            elif newest_fits and (since == 0 or not lost_behind):
                if candidates > 1:
                    self._proved = False
                    self._followed = 0
                if not self._proved:
                    self._followed += 1
                return newest
        return only if candidates == 1 else -1

    def _fitting(self, index: int, acked: int) -> int:
        """How many requests the lost bytes at `index` of `pending` held at most, before what the server had."""
        begin = self.pending[index][2]
        if index + 1 < len(self.pending):
            request, _, end = self.pending[index + 1]
            return max(0, distance(end, begin)) // _shortest_like(request)
        return (max(0, distance(acked, begin)) + SHORTEST_REQUEST - 1) // SHORTEST_REQUEST

    def _final(self, stream: int, acked: int) -> None:
        self.stream = self._answered_stream = stream
        self._answered_with = acked

    def _unpaired(self, acked: int, *, informational: bool) -> Match:
        """Nobody can say what the response answers."""
        stream = self.stream + 1
        if not informational:
            self._final(stream, acked)
            self._least += 1
            self._most += 1
            if self._pipelines:
                self._let_go()
        problem = self._unless_first(Problem("no-request", 0, LOST_IN_GAP))
        return Match(None, stream, problem, not informational)

    def _let_go(self) -> None:
        """Forget the requests that have certainly been answered, nobody knows by which response."""
        pending = self.pending
        while pending and not self._unseen:
            request, _, begin = pending[0]
            most = 1 if request is not None else self._fitting(0, begin) if len(pending) > 1 else _MANY
            if most > self._least:
                return
            self._least -= most
            self._most -= request is not None
            pending.pop(0)

    def _skip(self, found: int) -> tuple[tuple[Request, int], ...]:
        """Bring the request at index `found` to the front; those before it that were answered in a gap."""
        skipped: list[tuple[Request, int]] = []
        named = (self._slipped or self._unseen) and not (self._pipelines and self._least)
        for _ in range(found):
            request = self.pending.pop(0)[0]
            if request is not None and named:
                self.stream += 1
                skipped.append((request, self.stream))
        return tuple(skipped)

    def _settle(self) -> None:
        """A pair was made with care: count again, if nothing is missing any more and the client may be trusted."""
        if any(request is None for request, _, _ in self.pending):
            return
        self.careful = not self._proved and self._followed < _TRUSTED


def _shortest_like(request: Request | None) -> int:
    """Bytes of the shortest request of a client that also sent this one: to a server it names the same host each time
    (RFC 9112 §3.2), through a proxy perhaps another."""
    host = Headers.first_in(request.head, b"host") if request is not None and request.target[:1] == "/" else ""
    return SHORTEST_REQUEST + (len("Host:\r\n") + len(host) if host else 0)
