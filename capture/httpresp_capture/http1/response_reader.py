"""The direction that answers: makes `Response` records of its messages."""

import re
from dataclasses import replace
from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Verdict
from httpresp_capture.http.framing import of_response
from httpresp_capture.http.heads import (
    GLUED_STATUS_LINE,
    LONG_LINE,
    LONG_SEGMENT,
    ODD_BEGUN,
    ODD_STATUS_LINE,
    PROVABLE,
    PROVABLE_LINE,
    RESPONSE,
    STRANGER,
    begins_status_line,
    diagnose,
    is_torn,
    shown,
    status_line,
)
from httpresp_capture.http.pairing import SHORTEST_RESPONSE, Match
from httpresp_capture.http.rows import CONFLICTS_KEPT, Row, tell_held, tell_late, with_evidence
from httpresp_capture.http1.exchanges import Exchanges
from httpresp_capture.http1.message import CHUNK_DATA, HEAD, LENGTH, STATE_OF
from httpresp_capture.http1.parser import Reader
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.tcp.seqnum import distance
from httpresp_capture.tcp.streams import ByteStream

_STATUS: Final = {b"%d" % status: status for status in range(100, 600)}
_PROTOCOL: Final = {b"1": "HTTP/1.1", b"0": "HTTP/1.0"}
_FRAMES_ITS_ANSWER: Final = frozenset({"HEAD", "CONNECT"})
_WHOLE_ENDS: Final = frozenset({EndReason.LENGTH, EndReason.LAST_CHUNK})
_KNOWN_ENDS: Final = frozenset({EndReason.NO_BODY, EndReason.LENGTH, EndReason.LAST_CHUNK})
"""Ends that say where the next message begins."""
_NAMED: Final = re.compile(rb"\n(content-(?:length|encoding)|transfer-encoding|connection: close\r)")
"""What of a head in lower case decides how its message ends."""

_VERSION: Final = b"HTTP/1."
"""Among the fields of a clean head where another answer is due: `GLUED_STATUS_LINE` must be asked."""


def _plain_length(low: bytes, named: list[bytes], status: bytes, room: int) -> int:
    """The body length of a head (in lower case) whose body is just the `room` bytes behind it: its Content-Length, -1
    for a 304 without one; -2 when it is not that simple, and `framing` must say. `named` is what `_NAMED` finds."""
    if status[0] == 0x31 or status == b"204":
        return -2
    if b"transfer-encoding" in named or b"content-encoding" in named or named.count(b"content-length") > 1:
        return -2
    at = low.find(b"\ncontent-length:")
    if at < 0:
        return -1 if status == b"304" and room == 0 and b"content-length" not in named else -2
    end = low.find(b"\r", at)
    value = low[at + 16 : end].strip(b" \t")
    if not value.isdigit() or len(value) > 18:
        return -2
    length = int(value)
    return length if room == (0 if status == b"304" else length) else -2


class ResponseReader(Reader):
    """The direction that answers."""

    __slots__ = (
        "acked",
        "closing",
        "direction",
        "early",
        "exchanges",
        "junk_at",
        "junk_before",
        "junk_edge",
        "junk_start",
        "last",
        "last_start",
        "presumed",
        "row",
        "short_head",
    )

    prefix = b"http/"

    def __init__(self, exchanges: Exchanges, direction: ByteStream) -> None:
        limits = exchanges.sink.limits
        self.row = row = Row(exchanges.sink, exchanges.connection.flow)
        """The response that is open, or that comes next; its `parts`."""
        super().__init__(limits.head_bytes, limits.body_bytes, row)
        self.short_head = min(LONG_LINE, limits.head_bytes)
        self.exchanges = exchanges
        self.direction = direction
        self.acked = 0
        """What the server had of the client's bytes when the head began, as a sequence number."""
        self.presumed: list[Response] | None = None
        """A response that has ended, and interim ones before it, with a request that what follows may refute."""
        self.closing = False
        """True after `Connection: close`: no response should follow."""
        self.early: list[tuple[int, Conflict]] | None = None
        """Conflicts in bytes that are held and not read yet, each with its stream offset."""
        self.last: Response | None = None
        """The newest finished response, to which late evidence belongs."""
        self.last_start = 0
        self.junk_start = -1
        """Stream offset of bytes that are no message and may be an answer; -1 for none."""
        self.junk_edge = 0
        """Stream offset of the newest of them that came together."""
        self.junk_at = 0
        self.junk_before = 0
        """When these came, and those before them."""

    def begins(self, seq: int) -> None:
        """The sequence number of its first byte. Bytes before it are missing where the oldest request had less."""
        super().begins(seq)
        pending = self.exchanges.pairing.pending
        if pending and pending[0][0] is not None and pending[0][1] and distance(seq, pending[0][1]) > 0:
            self.lost = True

    def data(self, data: bytes, at: int) -> None:
        """The next bytes; a clean response that is all of them, as most are, is read here in one go.

        What `_frame`, `of_response` and `Row.record` do of it, and no more; changed there, it is changed here.
        """
        exchanges = self.exchanges
        pairing = exchanges.pairing
        pending = pairing.pending
        if (
            self.state == HEAD
            and self.partial is None
            and pending
            and not (pairing.careful or self.lost or self.closing or self.lead or self.early)
            and self.row.problems is None
        ):
            if len(data) >= LONG_SEGMENT and is_torn(data):
                self._take_torn(data, at)
                return
            match = RESPONSE.match(data)
            if match is not None:
                cut = match.end()
                size = len(data)
                head = data if cut == size else data[:cut]
                low = head.lower()
                request = pending[0][0]
                minor, digits = match.group(1, 2)
                named = _NAMED.findall(low)
                length = _plain_length(low, named, digits, size - cut)
                if (
                    request is not None
                    and request.complete
                    and (len(pending) == 1 or head.find(_VERSION, len(_VERSION)) < 0)
                    and cut <= self.short_head
                    and length >= -1
                    and request.method not in _FRAMES_ITS_ANSWER
                    and size <= self.body_limit
                ):
                    pending.pop(0)
                    pairing.stream += 1
                    sink = exchanges.sink
                    sink.last_id += 1
                    sink.responses += 1
                    base = self.base
                    self.base = base + size
                    self.last_at = at
                    self.last_start = base
                    self.found = True
                    if b"connection: close\r" in named:
                        self.closing = True
                    self.last = response = Response(
                        sink.last_id,
                        exchanges.connection.made or exchanges.connection.flow(),
                        pairing.stream,
                        at,
                        at,
                        at,
                        head,
                        _STATUS[digits],
                        _PROTOCOL[minor],
                        self.direction.packet_len,
                        Framing.LENGTH if length >= 0 and digits != b"304" else Framing.NONE,
                        length,
                        request,
                        size,
                        size - cut,
                        data[cut:],
                        b"",
                        EndReason.LENGTH if length >= 0 and digits != b"304" else EndReason.NO_BODY,
                    )
                    sink.emit(ResponseSeen(response))
                    return
        super().data(data, at)

    def _fast_head(self, data: bytes, position: int, base: int, at: int) -> int:
        torn = len(data) - position >= LONG_SEGMENT and is_torn(data, position)
        match = None if torn else RESPONSE.match(data, position)
        if match is None:
            return -1
        cut = match.end()
        head = data[position:cut]
        if cut - position > self.head_limit:
            return -1
        if len(self.exchanges.pairing.pending) > 1 and head.find(_VERSION, len(_VERSION)) >= 0:
            return -1
        self.start = base + position
        self.first_at = at
        self.row.packet_len = self.direction.packet_len
        self.acked = self.direction.ack
        self.found = True
        self.opened = True
        if self.lead is not None:
            self.row.problem(self.lead)
            self.lead = None
        if cut - position > LONG_LINE:
            for problem in diagnose(head):
                self.row.problem(problem)
        minor, status = match.group(1, 2)
        state = self._frame(head, _STATUS[status], _PROTOCOL[minor], at)
        self._body_follows(state, base + cut, at)
        return cut

    def _begin(self) -> None:
        self.row.packet_len = self.direction.packet_len
        self.acked = self.direction.ack

    def _head(self, head: bytes, at: int) -> int:
        match = RESPONSE.fullmatch(head)
        if match is not None:
            if len(head) > LONG_LINE:
                self.row.note(diagnose(head))
            minor, status = match.group(1, 2)
            return self._frame(head, _STATUS[status], _PROTOCOL[minor], at)
        status, protocol, problems = status_line(head)
        self.row.note(problems)
        self.row.note(diagnose(head))
        state = self._frame(head, status, protocol, at)
        if head[:5].lower() != self.prefix:
            # What it says of its body may be as wrong as its first line.
            self.may_answer_head = self.watchful = True
        return state

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
        self.exchanges.answering = self.opened
        # Those before it are told first.
        if self.opened and not (self.row.told or self.presumed):
            self.row.wire_bytes = self.wire_bytes()
            self.row.tell(self, self.last_at)
            if self.row.presumed:
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
        """True when the open response surely ends behind sequence number `seq`."""
        return (
            self.state in (LENGTH, CHUNK_DATA)
            and not self.may_answer_head
            and distance(seq, self.seq(self.base + self.remaining)) < 0
        )

    def _finished(self, end: EndReason, at: int) -> None:
        if self.early is not None:
            self._take_early(self.early)
        row, exchanges = self.row, self.exchanges
        exchanges.answering = False
        if row.coded and row.body is not None:
            row.decode(whole=end in _WHOLE_ENDS or (end is EndReason.SERVER_FIN and row.framing is Framing.CLOSE))
        if row.presumed and end not in _KNOWN_ENDS:
            # What follows begins nobody knows where, so it refutes nothing.
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
            exchanges.pairing.presumed_end = self.seq(self.base)
            exchanges.pairing.presumed = self
            exchanges.sink.presumed[self] = self.last_at
        if end is EndReason.SWITCHED:
            exchanges.switch(record)

    def settle(self, confirmed: bool) -> None:
        """What followed a response has shown whether the request that was presumed for it is its own."""
        sink, row = self.exchanges.sink, self.row
        sink.presumed.pop(self, None)
        self.exchanges.pairing.presumed = None
        records = self.presumed
        if records is not None:
            self.presumed = None
            for record in records:
                if not confirmed:
                    why = Problem("no-request", 0, "several were under way")
                    record = replace(record, request=None, problems=(*record.problems, why))
                self.last = tell_held(sink, record)
            self._idle()
        elif row.presumed:
            row.presumed = False
            if not confirmed:
                row.request = None
            row.wire_bytes = self.wire_bytes()
            row.tell_again()

    def _broken_head(self, head: bytes, end: EndReason, at: int) -> None:
        """A head without its blank line is a row all the same, with what could be read of it."""
        self.found = True
        if self.lead is not None:
            self.row.problem(self.lead)
            self.lead = None
        line_is_whole = b"\n" in head
        status, protocol, problems = status_line(head) if line_is_whole else (0, "", [])
        if status == 0 or not RESPONSE.match(head.split(b"\n", 1)[0].rstrip(b"\r") + b"\r\n\r\n"):
            self.row.note(problems)
        self.row.note(diagnose(head[: head.rfind(b"\n") + 1]))
        self.row.problem(Problem("head-cut", len(head)))
        self._frame(head, status, protocol, at)
        self.row.framing = Framing.NONE
        self.remaining = 0
        self.opened = False
        self._finished(end, at)

    def _plausible(self, head: bytes) -> bool:
        return True

    def _first_line_in(self, line: bytes) -> int:
        text = line.lstrip(b"\r \t")
        return len(line) - len(text) if text[:5].lower() == self.prefix else self._glued_in(line)

    def _glued_in(self, line: bytes) -> int:
        glued = GLUED_STATUS_LINE.search(line)
        return glued.start() if glued is not None else -1

    def _may_be_cut(self, *, between_segments: bool) -> bool:
        """True where another answer is due. Where none is, it is a status line that a script behind the server wrote
        among its fields; where the requests are not seen, a segment of its own tells them apart."""
        pairing = self.exchanges.pairing
        return len(pairing.pending) > 1 or (between_segments and not pairing.requests)

    # An answer that is none: whatever comes when an answer is due is that answer (RFC 9112 §9.2).

    def _may_answer(self) -> bool:
        """True when what begins at `start` and is no message is all the answer that its request gets."""
        pending = self.exchanges.pairing.pending
        if not pending or pending[0][0] is None or self.lost:
            return False
        if self.last is None and not self.exchanges.midstream:
            return True
        # Who asked with the whole answer before in hand gets no more of that one.
        return pending[0][1] == self.seq(self.start)

    def _odd_head(self, begun: bytearray) -> int:
        if not self._may_answer():
            return -1
        if begun.find(b"\n") < 0:
            return 0 if ODD_BEGUN.match(begun) else -1
        return 1 if ODD_STATUS_LINE.match(begun) and not STRANGER.match(begun) else -1

    def _bodiless(self) -> None:
        """It is taken for an answer to HEAD, which is a guess where its request was not seen; one that was presumed is
        another's."""
        row = self.row
        request = row.request
        if (request is not None and request.method == "HEAD") or row.head[:5].lower() != self.prefix:
            return
        if request is not None:
            self.exchanges.pairing.not_waiting()
            self.exchanges.sink.presumed.pop(self, None)
            row.presumed = False
            row.request = None
        row.problems = [problem for problem in row.problems or () if problem.name != "no-request"]
        row.problem(Problem("no-request", 0, "taken for an answer to HEAD: the next response follows its head"))

    def _takes_more(self, data: bytes, position: int) -> int:
        pairing = self.exchanges.pairing
        if self.watchful and (pairing.pending or not pairing.requests):
            begins = begins_status_line(data, position)
            if begins is None:
                return -1
            # Where requests are not seen, nobody knows that another answer is due.
            head = None if begins or not pairing.pending else PROVABLE.search(data, position)
            if begins or head is not None:
                return head.start() - position if head is not None else 0
        return len(data) - position

    def _pass_by(self, data: bytes, position: int, base: int, at: int) -> None:
        if self.junk_start < 0:
            super()._pass_by(data, position, base, at)
            return
        room = self.body_limit - len(self.junk)
        if room > 0:
            self.junk += data[position : position + room]
        self.junk_before, self.junk_at = self.junk_at, at
        self.junk_edge = base + position

    def _before_head(self, offset: int, at: int) -> None:
        """What was passed by before a head is an answer of its own when that head answers another request."""
        if self.junk_start < 0:
            return
        pending = self.exchanges.pairing.pending
        total = offset - self.junk_start
        start = self.seq(self.junk_start)
        asked_since = any(distance(ack, start) > 0 for _, ack, _ in pending[1:])
        junk = bytes(self.junk[:total])
        if asked_since or (len(pending) > 1 and total >= SHORTEST_RESPONSE):
            self._answer_with(junk, offset, EndReason.BROKEN, at if offset > self.junk_edge else self.junk_before)
        else:
            self.lead = Problem("leading-junk", 0, shown(junk))
        self.junk_start = -1
        self.junk.clear()

    def _search_ends(self, end: EndReason, at: int) -> None:
        if self.junk_start < 0:
            return
        if self.proved:
            self._before_head(self.partial_base, self.junk_at)
        elif self.last is not None or self.exchanges.midstream:
            self._answer_with(bytes(self.junk), self.base, end, self.junk_at)
            self.junk_start = -1

    def _answer_with(self, junk: bytes, offset: int, end: EndReason, at: int) -> None:
        """Bytes up to stream offset `offset` are the whole answer, without a head."""
        here = self.base
        self.base = offset
        self.start = self.junk_start
        self.found = True
        self.row.problem(Problem("bad-status-line", 0, shown(junk)))
        self._frame(b"", 0, "", self.first_at)
        self.row.framing = Framing.CLOSE
        self.may_answer_head = False
        self.row.body = [junk]
        self.row.body_bytes = offset - self.junk_start
        self._finished(end, at)
        self.base = here
        self._reset()

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """`length` bytes of the stream are missing here; an answer without a head cannot be told from what follows."""
        self.junk_start = -1
        super().gap(length, at, snapped)

    def _no_head(self, junk: bytes, at: int) -> bool:
        """RFC 9112 §6.3: what follows the end of a message and is no message belongs to none; it is said of the one
        before, as curl says "excess found"."""
        if (
            not self.found
            and STRANGER.match(junk)
            and self.exchanges.is_strange(shown(junk.split(b"\n", 1)[0].rstrip(b"\r")))
        ):
            return True
        if self._may_answer():
            self.junk_start = self.junk_edge = self.start
            self.junk_at = self.first_at
            self.junk.clear()
            return True
        last = self.last
        if last is None or self.lost:
            return self.lost or self.exchanges.midstream
        if self.presumed:
            # It answered somebody else, whose answer has a body.
            self.exchanges.refuted()
        self._amend(problem=Problem("extra-bytes", self.base - self.last_start - len(junk), shown(junk)))
        return True

    def _nothing_found(self, junk: bytes, end: EndReason, at: int) -> None:
        """RFC 1945 §6: a Simple-Response is a body alone, to the end of the connection."""
        if self.exchanges.midstream or recognise.tls(junk) is Verdict.EITHER:
            return
        if STRANGER.match(junk) and self.exchanges.is_strange(shown(junk.split(b"\n", 1)[0].rstrip(b"\r"))):
            return
        self.lead = None
        self.start = 0
        self.first_at = self.last_at
        self.row.problem(Problem("http-0.9", 0, shown(junk)))
        self._frame(b"", 0, "HTTP/0.9", at)
        self.row.framing = Framing.CLOSE
        self.row.body = [junk]
        self.row.body_bytes = self.base
        self._finished(end, at)
        self._reset()

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
        elif (self.opened or self.partial is not None) and where >= self.start:
            self.row.conflict(Conflict(where - self.start, length, first, second))
        elif self.last is not None and where >= self.last_start:
            self._amend(conflict=Conflict(where - self.last_start, length, first, second))

    def _take_early(self, early: list[tuple[int, Conflict]]) -> None:
        for where, conflict in early:
            if self.start <= where < self.base:
                self.row.conflict(replace(conflict, offset=where - self.start))
        self.early = [entry for entry in early if entry[0] >= self.base] or None

    def _candidate(self, data: bytearray, start: int) -> int:
        return data.find(b"HTTP/1.", start)

    def _first_line(self, data: bytearray, start: int) -> int:
        match = PROVABLE_LINE.match(data, start)
        return match.end() if match is not None else 0
