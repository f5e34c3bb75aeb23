"""Which requests a response may answer, by what TCP's own numbers prove; for where counting is not enough.

After a loss a request and a response are still numbers apart, and each bounds what the other can be:

- A request acknowledges what its client had of the server's bytes, so it asked for nothing that begins before that.
- A response acknowledges what its server had of the client's bytes, so it answers nothing that begins behind that.
- Lost bytes held no more requests than the shortest ones that fit in, and perhaps none: what stands before a request (a
  PROXY header, blank lines) can be lost alone.
- Of the responses since the newest proved pair so many were seen; how many were lost is bounded by the requests.

What is left are the *candidates* of a response. Where it is one, the pair is proved. Where there are more, one more
thing may be known: a client that waits for each answer has acknowledged all before it when it asks, so the answer is
that of the newest request. Nearly all clients wait; one that was seen not to (*pipelining*) is never taken for one that
does, and a pair that leaves a doubt is held until what follows has had its chance to refute it.
"""

from typing import Final

from httpresp_capture.records.exchange import Request
from httpresp_capture.records.headers import Headers
from httpresp_capture.streams.position import distance

SHORTEST_REQUEST: Final = 18
"""Bytes of `GET / HTTP/1.1` with its blank line; no registered method is shorter."""
SHORTEST_RESPONSE: Final = 17
"""Bytes of `HTTP/1.1 200 ` with its blank line."""
MANY: Final = 1 << 30

Waiting = tuple[Request | None, int, int]
"""A request, the acknowledgement it was sent with, and the position at which it begins. Or None for lost
requests: `BEGAN` or `SURELY_BEGAN` where one did, else 0, and the number at which the bytes begin that held them."""

BEGAN: Final = 1
"""A request seems to have begun where bytes are missing; or a PROXY header, which stands before the first one."""
SURELY_BEGAN: Final = 2
"""One has, unless no more than blank lines are missing: there was one before."""


class Candidates:
    """What is known of one connection, and what follows from it."""

    __slots__ = (
        "_answered_stream",
        "_answered_with",
        "_followed",
        "_informed",
        "_least",
        "_most",
        "_pipelines",
        "_proved",
        "_slipped",
        "_turn",
        "_turn_stream",
        "_unseen",
        "begun",
        "careful",
        "pending",
        "stream",
    )

    # Set together with what says whether they count.
    _followed: int
    """Pairs in a row that were made by the client's habit of waiting, since one rested on that; see `_proved`."""
    _answered_with: int
    """Acknowledgement of the newest final response that did not take the short way, that of exchange
    `_answered_stream`."""
    _turn: int
    """Where the first interim response of exchange `_turn_stream` begins."""

    def __init__(self) -> None:
        self.pending: list[Waiting] = []
        self.stream = 0
        """Number of the newest exchange."""
        self.careful = True
        """True while pairing needs more than the order of things."""
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
        self._most = MANY
        self.begun = -1
        """Position at which a request begins that is not whole yet; -1 for none. It may have been answered."""
        self._proved = True
        """False once a pair rests on the client's habit of waiting."""
        self._answered_stream = -1
        self._turn_stream = -1

    def fits(self, end: int, acked: int, *, lost: bool) -> bool:
        """True when nothing refutes that the client waits, where another response, which acknowledges `acked`, follows
        one that ends at position `end`: it asked for it when it had all of that one, and no more but what was
        `lost`."""
        for index, (request, ack, begin) in enumerate(self.pending):
            if distance(begin, acked) >= 0:
                break
            if (ack == end or (lost and distance(ack, end) > 0)) if request is not None else self._lost_at(index, end):
                return True
        self.not_waiting()
        return False

    def fits_request(self, ack: int, end: int) -> bool:
        """The same, where a request follows that acknowledges `ack`."""
        if ack == end:
            return True
        pending = self.pending
        for index, (request, known, _) in enumerate(pending):
            if request is not None:
                if known == end:
                    return True  # That one was asked when it should, and came before this response was whole here.
            elif index + 1 < len(pending):
                if self._lost_at(index, end):
                    return True
            elif distance(ack, end) >= SHORTEST_RESPONSE:
                return True
        self.not_waiting()
        return False

    def _lost_at(self, index: int, end: int) -> bool:
        """True when the lost bytes at `index` of `pending` may have asked when all was there that ends at `end`: what
        was asked there was answered before the next asked."""
        pending = self.pending
        return index + 1 == len(pending) or distance(pending[index + 1][1], end) >= SHORTEST_RESPONSE

    def lost_responses(self) -> None:
        """Bytes of the server are missing in which responses may have been."""
        self._slipped = True
        self._informed = None
        self._turn_stream = -1
        self._most = MANY
        self.careful = True

    def nothing_begins(self, start: int, end: int) -> None:
        """No response begins from position `start` up to `end`: whoever asked there did not wait for one."""
        for request, ack, _ in self.pending:
            if request is not None and distance(ack, start) >= 0:
                if distance(ack, end) < 0:
                    self.not_waiting()
                return

    def pipelines(self) -> bool:
        """True once a request was sent before the one before it was answered."""
        return self._pipelines

    def not_waiting(self) -> None:
        """The client does not wait for each answer; what was believed because it does is so no more."""
        if not self._pipelines:
            self._pipelines = True
            if not self._proved:
                self.careful = self._unseen = self._slipped = True
                self._most = MANY

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
        high = MANY if self._unseen else 0
        candidates = 1 if self._unseen else 0
        only = newest = -1
        newest_fits = lost_behind = asked_behind = False
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
                high += most
                low += self._surely_held(index)
        if self.begun >= 0 and distance(self.begun, acked) < 0:
            lost_behind = asked_behind = True
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
        return (distance(acked, begin) + SHORTEST_REQUEST - 1) // SHORTEST_REQUEST

    def _surely_held(self, index: int) -> bool:
        """True when the lost bytes at `index` of `pending`, with a request behind them, held one or more."""
        _, began, begin = self.pending[index]
        return (
            began == SURELY_BEGAN
            and index + 1 < len(self.pending)
            and distance(self.pending[index + 1][2], begin) >= SHORTEST_REQUEST
        )

    def _let_go(self) -> None:
        """Forget the requests that have certainly been answered, nobody knows by which response."""
        pending = self.pending
        while pending and not self._unseen:
            request, _, begin = pending[0]
            most = 1 if request is not None else self._fitting(0, begin) if len(pending) > 1 else MANY
            if most > self._least:
                return
            self._least -= most
            self._most -= request is not None
            pending.pop(0)


def _shortest_like(request: Request | None) -> int:
    """Bytes of the shortest request of a client that also sent this one: to a server it names the same host each time
    (RFC 9112 §3.2), through a proxy perhaps another."""
    host = Headers.first_in(request.head, b"host") if request is not None and request.target[:1] == "/" else ""
    return SHORTEST_REQUEST + (len("Host:\r\n") + len(host) if host else 0)
