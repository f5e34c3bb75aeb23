"""The direction that answers, from the framing of its messages to rows: who each answers, what is told of it and when.

`ResponseReader` adds how heads are read.
"""

from dataclasses import replace
from re import Match as Matched
from typing import Final

from httpresp_capture.http.framing import of_response
from httpresp_capture.http.heads import LONG_LINE
from httpresp_capture.http.pairing import Match
from httpresp_capture.http.rows import CONFLICTS_KEPT, Row, tell_held, tell_late, with_evidence
from httpresp_capture.http1.exchanges import Exchanges
from httpresp_capture.http1.first_lines import STATUS_LINES
from httpresp_capture.http1.headless import Headless
from httpresp_capture.http1.message import CHUNK_DATA, LENGTH, SEARCH, STATE_OF
from httpresp_capture.http1.parser import Reader
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.position import distance

_WHOLE_ENDS: Final = frozenset({EndReason.LENGTH, EndReason.LAST_CHUNK})
_KNOWN_ENDS: Final = frozenset({EndReason.NO_BODY, EndReason.LENGTH, EndReason.LAST_CHUNK})
"""Ends that say where the next message begins."""
_UNDER_WAY: Final = Problem("no-request", 0, "several were under way")


class ResponseRows(Reader):
    """The rows of one direction, one after another."""

    __slots__ = (
        "acked",
        "closing",
        "direction",
        "early",
        "exchanges",
        "extra_from",
        "headless",
        "last",
        "last_start",
        "matched",
        "presumed",
        "row",
        "short_head",
    )

    prefix = b"http/"

    def __init__(self, exchanges: Exchanges, direction: ByteStream) -> None:
        limits = exchanges.sink.limits
        self.row = row = Row(exchanges.sink, exchanges.connection.flow)
        """The response that is open, or that comes next; its `parts`."""
        super().__init__(limits.head_bytes, limits.body_bytes, row, STATUS_LINES)
        self.short_head = min(LONG_LINE, limits.head_bytes)
        self.exchanges = exchanges
        self.direction = direction
        self.acked = 0
        """What the server had of the client's bytes when the head began, as a position."""
        self.presumed: list[Response] | None = None
        """A response that has ended, and interim ones before it, with a request that what follows may refute."""
        self.extra_from = -1
        """Stream offset from which on there was what is said of the message before; -1 for nowhere."""
        self.closing = False
        """True after `Connection: close`: no response should follow."""
        self.early: list[tuple[int, Conflict]] | None = None
        """Conflicts in bytes that are held and not read yet, each with its stream offset."""
        self.last: Response | None = None
        """The newest finished response, to which late evidence belongs."""
        self.last_start = 0
        self.matched: Matched[bytes] | None = None
        """A clean head at the beginning of bytes that go on behind it: what looks first leaves it to what comes next,
        since to match it takes as long as all the rest."""
        self.headless: Headless | None = None
        """What came where a head should be and may be all of an answer; it is kept as what the search passes by."""

    def begins(self, seq: int) -> None:
        """The position of its first byte. Bytes before it are missing where the oldest request had less."""
        super().begins(seq)
        pending = self.exchanges.pairing.pending
        if pending and pending[0][0] is not None and pending[0][1] and distance(seq, pending[0][1]) > 0:
            self.lost = True

    def _frame(self, head: bytes, status: int, protocol: str, at: int) -> int:
        self.watchful = False
        row = self.row
        row.told = True  # Until its framing is known it is not told, whatever comes to be told before it.
        informational = 100 <= status < 200 and status != 101
        match = self._pair(informational)
        request = match.request
        low = head.lower()
        minor = 0 if protocol == "HTTP/1.0" else 1
        framing, declared, row.problems = of_response(
            low, status, request.method if request is not None else "", minor, row.problems
        )
        row.opened(match.stream, at, self.first_at, head, status, protocol, row.packet_len, framing, declared, request)
        row.presumed = match.presumed
        if framing is Framing.LENGTH:
            self.remaining = declared
        elif framing is Framing.CLOSE and low.find(b"\ncontent-length") >= 0:
            self.watchful = True  # It has a length that nobody can read, and need not last until close.
        if self.closing:
            row.problem(Problem("data-after-close", 0))
        self.closing = not informational and low.find(b"\nconnection: close\r") >= 0
        row.coded = low.find(b"\ncontent-encoding") >= 0 or (
            (framing is Framing.CHUNKED or framing is Framing.CLOSE)
            and low.find(b"\ntransfer-encoding: chunked\r") < 0
            and low.find(b"\ntransfer-encoding") >= 0
        )
        return STATE_OF[framing]

    def _pair(self, informational: bool) -> Match:
        """Which request the response belongs to; says so among its problems if there is none."""
        exchanges = self.exchanges
        pairing = exchanges.pairing
        if pairing.presumed_final and self.presumed:
            self.settle(pairing.fits(pairing.presumed_end, self.acked, lost=self.lost))
        if self.lost:
            self.lost = False
            pairing.lost_responses()
            if self.searched_from >= 0:
                pairing.nothing_begins(self.seq(self.searched_from), self.seq(self.start))
        if not (informational or pairing.pending):
            exchanges.answered(self.acked)
        if pairing.careful:
            pairing.begun = exchanges.begun(self.acked)
        if self.unsure:
            match = pairing.doubtful(self.seq(self.start), self.acked)
        else:
            match = pairing.answer(self.seq(self.start), self.acked, informational=informational)
        for skipped, stream in match.skipped:
            exchanges.unanswered(skipped, stream, self.first_at, LOST_IN_GAP)
        problem = match.problem if match.request is not None else exchanges.why_alone(match.problem)
        if problem is not None:
            self.row.problem(problem)
        self.may_answer_head = match.may_answer_head
        if self.presumed and not match.presumed:
            self.settle(match.request is not None)
        request = match.request
        if request is not None and not (request.complete or informational) and exchanges.still_sends(request):
            self.row.problem(Problem("early-response", 0))
        return match

    def _idle(self) -> None:
        row = self.row
        if row.told or not self.opened:
            return
        self.exchanges.answering = True
        if self.presumed is None:  # Those before it are told first.
            row.wire_bytes = self.wire_bytes()
            row.tell(self, self.last_at)
            if row.presumed:
                self.exchanges.sink.presumed[self] = self.last_at

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Row.grow`."""
        if not self.opened:
            return False
        if self.skip_budget:
            # What the packet loop passed over is counted, and it goes on passing over.
            self._settle()
            self._pass_over()
        self.row.wire_bytes = self.wire_bytes()
        return self.row.grow(at, quiet)

    def goes_on_behind(self, seq: int) -> bool:
        """True when the open response begins before position `seq`, and surely ends behind it."""
        return (
            self.state in (LENGTH, CHUNK_DATA)
            and not self.may_answer_head
            and distance(seq, self.seq(self.start)) > 0
            and distance(seq, self.seq(self.base + self.remaining)) < 0
        )

    def _finished(self, end: EndReason, at: int) -> None:
        if self.early is not None:
            self._take_early(self.early)
        row, exchanges = self.row, self.exchanges
        exchanges.answering = False
        if row.coded and row.body is not None:
            row.decode(whole=end in _WHOLE_ENDS or (end is EndReason.SERVER_FIN and row.framing is Framing.CLOSE))
        known_to = 0
        if row.presumed or exchanges.pairing.pending:
            gaps = row.gaps if end not in _KNOWN_ENDS else None
            known_to = self.seq(self.start + gaps[0].offset if gaps else self.base)
            if not self.lost:
                exchanges.pairing.nothing_begins(self.seq(self.start + 1), known_to)
            if row.presumed and exchanges.pairing.pipelines():
                self.settle(False)
        if row.presumed and end not in _KNOWN_ENDS and end is not EndReason.GAP:
            # Nothing follows that would refute it.
            row.presumed = False
            exchanges.sink.presumed.pop(self, None)
        row.wire_bytes = self.wire_bytes()
        record = self.last = row.ended(self, end, at, self.last_at, hold=row.presumed)
        self.last_start = self.start
        if row.presumed:
            if self.presumed is None:
                self.presumed = []
            self.presumed.append(record)
            exchanges.pairing.presumed_final = not 100 <= record.status < 200 or record.status == 101
            exchanges.pairing.presumed_end = known_to
            exchanges.pairing.presumed_cut = end is EndReason.GAP
            exchanges.pairing.presumed = self
            exchanges.sink.presumed[self] = self.last_at
        if end is EndReason.SWITCHED:
            exchanges.switch(record)

    def is_unsettled(self) -> bool:
        """True while the request of a response is only presumed."""
        return self.presumed is not None or self.row.presumed

    def settle_in_time(self) -> None:
        """See `Timed`. What has begun behind it, and is not whole yet, is the answer to a request too."""
        exchanges = self.exchanges
        if exchanges.is_missing():
            return  # That ends by itself.
        if self.partial is not None and self.presumed and exchanges.pairing.presumed_final:
            self.settle(exchanges.pairing.fits(exchanges.pairing.presumed_end, self.acked, lost=False))
        else:
            self.settle(self.state != SEARCH or exchanges.asked_behind())

    def settle(self, confirmed: bool) -> None:
        """What followed a response has shown whether the request that was presumed for it is its own."""
        sink, row = self.exchanges.sink, self.row
        sink.presumed.pop(self, None)
        self.exchanges.pairing.presumed = None
        records = self.presumed
        self.presumed = None
        for record in records or ():
            if not confirmed:
                record = replace(record, request=None, problems=(*record.problems, _UNDER_WAY))
            self.last = tell_held(sink, record)
        if row.presumed and not (confirmed and records):
            row.presumed = False
            if not confirmed:
                row.request = None
                row.problem(_UNDER_WAY)
            row.wire_bytes = self.wire_bytes()
            row.tell_again()
        if records:
            self._idle()

    def _bodiless(self) -> bool:
        """It is taken for an answer to HEAD, which is a guess where its request was not seen; one that was presumed is
        another's."""
        row = self.row
        request = row.request
        if (request is not None and request.method == "HEAD") or row.head[:5].lower() != self.prefix:
            return False
        if request is not None:
            self.exchanges.pairing.not_waiting()
            self.exchanges.sink.presumed.pop(self, None)
            row.presumed = False
            row.request = None
        row.problems = [problem for problem in row.problems or () if problem.name != "no-request"]
        row.problem(Problem("no-request", 0, "taken for an answer to HEAD: the next response follows its head"))
        return bool(self.exchanges.pairing.pending)

    def _amend(self, problem: Problem | None = None, conflict: Conflict | None = None) -> None:
        """Add what came to light later to the newest finished response."""
        before = self.last
        if before is None:
            return
        last = with_evidence(before, problem, conflict)
        if last is not before:
            self.last = last
            if self.presumed:
                self.presumed[-1] = last
            else:
                tell_late(self.exchanges.sink, last, before)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """The same bytes came twice and differ: evidence of injection (or of a broken middlebox)."""
        where = self.offset() - back
        if back <= 0:
            if self.early is None:
                self.early = []
            if len(self.early) < CONFLICTS_KEPT:
                self.early.append((where, Conflict(0, length, first, second)))
        elif (self.opened or self.partial is not None or self.state == SEARCH) and where >= self.start:
            self.row.conflict(Conflict(where - self.start, length, first, second))
        elif self.last is not None and where >= self.last_start:
            self._amend(conflict=Conflict(where - self.last_start, length, first, second))

    def _take_early(self, early: list[tuple[int, Conflict]]) -> None:
        for where, conflict in early:
            if self.start <= where < self.base:
                self.row.conflict(replace(conflict, offset=where - self.start))
        self.early = [entry for entry in early if entry[0] >= self.base] or None
