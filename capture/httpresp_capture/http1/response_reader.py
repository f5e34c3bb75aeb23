"""The direction that answers: how the heads of its messages are read, and what stands where one should."""

import re
from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Verdict
from httpresp_capture.http.candidates import SHORTEST_RESPONSE
from httpresp_capture.http.heads import (
    LONG_LINE,
    LONG_SEGMENT,
    ODD_BEGUN,
    ODD_STATUS_LINE,
    PROVABLE,
    RESPONSE,
    STRANGER,
    begins_status_line,
    begun_head,
    diagnose,
    is_torn,
    shown,
    status_line,
)
from httpresp_capture.http1.headless import Headless
from httpresp_capture.http1.message import HEAD
from httpresp_capture.http1.response_rows import ResponseRows
from httpresp_capture.http1.resync import Resync
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.streams.position import distance

_STATUS: Final = {b"%d" % status: status for status in range(100, 600)}
_PROTOCOL: Final = {b"1": "HTTP/1.1", b"0": "HTTP/1.0"}
_FRAMES_ITS_ANSWER: Final = frozenset({"HEAD", "CONNECT"})
_NAMED: Final = re.compile(rb"\n(content-(?:length|encoding)|transfer-encoding|connection: close\r)")
"""What of a head in lower case decides how its message ends."""

_ONE_LENGTH: Final = [b"content-length"]
"""What it finds in most."""
_CUT_LINE: Final = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9] ")
"""As much of a status line as says its status."""

_VERSION: Final = b"HTTP/1."
"""Among the fields of a clean head where another answer is due: `GLUED_STATUS_LINE` must be asked."""


def _plain_length(low: bytes, named: list[bytes], status: bytes, room: int) -> int:
    """The body length of a head (in lower case) whose body is just the `room` bytes behind it: its Content-Length, -1
    for a 304 without one; -2 when it is not that simple, and `framing` must say. `named` is what `_NAMED` finds."""
    if status[0] == 0x31 or status == b"204":
        return -2
    if named != _ONE_LENGTH and (
        b"transfer-encoding" in named or b"content-encoding" in named or named.count(b"content-length") > 1
    ):
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


class ResponseReader(ResponseRows):
    """The direction that answers: heads, and what stands where one should."""

    __slots__ = ()

    def data(self, data: bytes, at: int) -> None:
        """The next bytes; a clean response that is all of them, as most are, is read here in one go.

        What `_frame`, `of_response` and `Row.record` do of it, and no more; changed there, it is changed here.
        """
        if self.state != HEAD or self.partial is not None:
            super().data(data, at)
            return
        exchanges = self.exchanges
        pairing = exchanges.pairing
        pending = pairing.pending
        if (
            pending
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
                    sized = length >= 0 and digits != b"304"
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
                        Framing.LENGTH if sized else Framing.NONE,
                        length,
                        request,
                        size,
                        size - cut,
                        data[cut:],
                        b"",
                        EndReason.LENGTH if sized else EndReason.NO_BODY,
                    )
                    sink.emit(ResponseSeen(response))
                    return
                self.matched = match
        super().data(data, at)

    def _fast_head(self, data: bytes, position: int, base: int, at: int) -> int:
        match = self.matched
        self.matched = None
        if match is None or position or match.string is not data:
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

    def _broken_head(self, head: bytes, end: EndReason, at: int) -> None:
        """A head without its blank line is a row all the same, with what could be read of it."""
        self.found = True
        if self.lead is not None:
            self.row.problem(self.lead)
            self.lead = None
        line_is_whole = b"\n" in head
        status, protocol, problems = status_line(head) if line_is_whole or _CUT_LINE.match(head) else (0, "", [])
        if not (status or line_is_whole or end is EndReason.HEAD_LIMIT):
            self.unsure = True  # It may be an interim response.
        if status == 0 or not RESPONSE.match(head.split(b"\n", 1)[0].rstrip(b"\r") + b"\r\n\r\n"):
            self.row.note(problems)
        self.row.note(diagnose(head[: head.rfind(b"\n") + 1]))
        self.row.problem(Problem("head-cut", len(head)))
        self._frame(head, status, protocol, at)
        self.row.framing = Framing.NONE
        self.remaining = 0
        self.opened = self.unsure = False
        self._finished(end, at)

    def _plausible(self, head: bytes) -> bool:
        return True

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
        pending = self.exchanges.pairing.pending
        # Where requests were sent ahead, what else stands here may be more of the body before; a status line is not.
        if not (pending and pending[0][0] is not None and not self.lost):
            return -1
        if begun.find(b"\n") < 0:
            return 0 if ODD_BEGUN.match(begun) else -1
        return 1 if ODD_STATUS_LINE.match(begun) and not STRANGER.match(begun) else -1

    def _takes_more(self, data: bytes, position: int) -> int:
        pairing = self.exchanges.pairing
        torn, self.torn = self.torn, False
        if self.watchful and (pairing.pending or not pairing.requests):
            begins = False if torn else begins_status_line(data, position)
            if begins is None:
                return -1
            if begins:
                return 0
            # Where requests are not seen, nobody knows that another answer is due.
            if pairing.pending:
                head = PROVABLE.search(data, position)
                if head is not None:
                    return head.start() - position
                begun = begun_head(data, position, self.head_limit)
                if begun >= 0:
                    self.torn = True
                    return begun - position
        return len(data) - position

    def _pass_by(self, resync: Resync, data: bytes, position: int, base: int, at: int) -> None:
        headless = self.headless
        if headless is None:
            super()._pass_by(resync, data, position, base, at)
            return
        room = self.body_limit - len(resync.passed)
        if room > 0:
            resync.passed += data[position : position + room]
        headless.passes(base + position, at)

    def _passed(self) -> bytearray:
        """What the search has passed by."""
        return self.resync.passed if self.resync is not None else bytearray()

    def _before_head(self, offset: int, at: int) -> None:
        """What was passed by before a head is an answer of its own when that head answers another request."""
        headless = self.headless
        pairing = self.exchanges.pairing
        if headless is None:
            extra, self.extra_from = self.extra_from, -1
            if extra >= 0 and offset - extra >= SHORTEST_RESPONSE and pairing.pending:
                pairing.may_be_answered()
            return
        self.headless = None
        passed = self._passed()
        pending = pairing.pending
        total = offset - headless.start
        start = self.seq(headless.start)
        asked_since = any(distance(ack, start) > 0 for _, ack, _ in pending[1:])
        text = bytes(passed[:total])
        passed.clear()
        if asked_since or (len(pending) > 1 and total >= SHORTEST_RESPONSE):
            self._answer_with(text, headless.start, offset, EndReason.BROKEN, headless.ended_at(offset, at))
        else:
            self.lead = Problem("leading-junk", 0, shown(text))

    def _search_ends(self, end: EndReason, at: int) -> None:
        headless, resync = self.headless, self.resync
        if headless is None:
            return
        if resync is not None and resync.proved:
            self._before_head(resync.offset, headless.at)
        elif self.last is not None or self.exchanges.midstream:
            self.headless = None
            self._answer_with(bytes(self._passed()), headless.start, self.base, end, headless.at)

    def _answer_with(self, text: bytes, start: int, offset: int, end: EndReason, at: int) -> None:
        """Bytes from stream offset `start` up to `offset` are the whole answer, without a head."""
        here = self.base
        self.base = offset
        self.start = start
        self.found = True
        row = self.row
        row.problem(Problem("bad-status-line", 0, shown(text)))
        self._frame(b"", 0, "", self.first_at)
        row.framing = Framing.CLOSE
        self.may_answer_head = False
        row.body = [text]
        row.body_bytes = offset - start
        self._finished(end, at)
        self.base = here
        self._reset()

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """`length` bytes of the stream are missing here; an answer without a head cannot be told from what follows."""
        self.headless = None
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
            self.headless = Headless(self.start, self.first_at)
            self._passed().clear()
            return True
        last = self.last
        if last is None or self.lost:
            return self.lost or self.exchanges.midstream
        if self.presumed:
            # It answered somebody else, whose answer has a body.
            self.exchanges.refuted()
        self.extra_from = self.base - len(junk)
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
