"""The direction that asks: makes `Request` records of its messages."""

import re
from dataclasses import replace
from typing import Final

from httpresp_capture.http.framing import of_request
from httpresp_capture.http.heads import (
    PROVABLE_REQUEST_LINE,
    REQUEST,
    REQUEST_LINE,
    STRANGE_REQUEST,
    diagnose,
    request_line,
    shown,
)
from httpresp_capture.http.parts import Parts
from httpresp_capture.http1.exchanges import Exchanges
from httpresp_capture.http1.first_lines import REQUEST_LINES
from httpresp_capture.http1.message import HEAD, LENGTH, SEARCH, STATE_OF
from httpresp_capture.http1.parser import Reader
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.streams.position import MASK

METHOD_NAMES: Final = {
    name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT")
}
"""One text each for all the requests that are kept."""
_SIMPLE: Final = re.compile(rb"GET [^ \r\n]+\r?\n")
_VERSION: Final = b" HTTP/1."
"""Among the fields of a clean head: `GLUED_REQUEST_LINE` must be asked."""


def _asks(head: bytes) -> bool:
    """True when a head that was cut begins with a request line, of which a whole one may lack its line end."""
    return REQUEST_LINE.match(head) is not None or PROVABLE_REQUEST_LINE.fullmatch(head + b"\n") is not None


class RequestReader(Reader):
    """The direction that asks."""

    __slots__ = ("exchanges", "head", "method", "record", "target")

    def __init__(self, exchanges: Exchanges) -> None:
        limits = exchanges.sink.limits
        # Bodies of requests are kept for one use only, the copy as curl: a smaller part is enough.
        super().__init__(
            limits.head_bytes,
            min(limits.body_bytes, 4_096) if limits.body_bytes >= 0 else 4_096,
            Parts(),
            REQUEST_LINES,
        )
        self.exchanges = exchanges
        self.head = b""
        self.method = ""
        self.target = ""
        self.record: Request | None = None

    def data(self, data: bytes, at: int) -> None:
        """The next bytes; a clean request without a body that is all of them, as most are, is read in one go."""
        if self.state == HEAD and self.partial is None and self.parts.problems is None:
            match = REQUEST.match(data)
            size = len(data)
            if match is not None and match.end() == size <= self.head_limit and data.find(_VERSION, match.end(3)) < 0:
                low = data.lower()
                if low.find(b"\ncontent-length") < 0 and low.find(b"\ntransfer-encoding") < 0:
                    method, target = match.group(1, 2)
                    start = self.base
                    self.base = start + size
                    self.last_at = at
                    self.found = True
                    self.lead = None
                    self.exchanges.asks(
                        Request(
                            data,
                            METHOD_NAMES.get(method) or method.decode("ascii"),
                            target.decode("latin-1"),
                            at,
                            at,
                            size,
                            0,
                            b"",
                            True,
                            (),
                        ),
                        (self.origin + start) & MASK,
                    )
                    return
        super().data(data, at)

    def not_understood(self) -> list[tuple[bytes, int]]:
        """What has begun like no request, or like one that is not whole."""
        return [(bytes(self.partial), self.last_at)] if self.state == HEAD and self.partial is not None else []

    def so_far(self) -> Request:
        """The request whose body is on its way."""
        if self.skip_budget:
            self._settle()
        return self._build(complete=False, at=self.last_at)

    def _fast_head(self, data: bytes, position: int, base: int, at: int) -> int:
        match = REQUEST.match(data, position)
        if match is None:
            return -1
        cut = match.end()
        if cut - position > self.head_limit or data.find(_VERSION, match.end(3), cut) >= 0:
            return -1
        self.start = base + position
        self.first_at = at
        self.found = True
        self.opened = True
        self.lead = None
        method, target, minor = match.group(1, 2, 3)
        state = self._ask(
            data[position:cut],
            METHOD_NAMES.get(method) or method.decode("ascii"),
            target.decode("latin-1"),
            0 if minor == b"0" else 1,
            at,
        )
        self._body_follows(state, base + cut, at)
        return cut

    def _head(self, head: bytes, at: int) -> int:
        match = REQUEST.fullmatch(head)
        if match is not None:
            method, target, minor = match.group(1, 2, 3)
            return self._ask(
                head,
                METHOD_NAMES.get(method) or method.decode("ascii"),
                target.decode("latin-1"),
                0 if minor == b"0" else 1,
                at,
            )
        method_text, target_text, problems = request_line(head)
        self.parts.note(problems)
        self.parts.note(diagnose(head))
        return self._ask(head, method_text, target_text, 1, at)

    def _ask(self, head: bytes, method: str, target: str, minor: int, at: int) -> int:
        parts = self.parts
        framing, declared, parts.problems = of_request(head.lower(), minor, parts.problems)
        self.head = head
        self.method = method
        self.target = target
        self.lost = False
        if framing is Framing.LENGTH:
            self.remaining = declared
        if framing is not Framing.NONE:
            self._tell(self._build(complete=False, at=at))
        return STATE_OF[framing]

    def _tell(self, record: Request) -> None:
        """What is known now of the request that has begun."""
        if self.record is None:
            if self.unsure:
                self.exchanges.lost_requests(self.seq(self.start), surely=False)
            else:
                self.exchanges.asks(record, self.seq(self.start))
        else:
            self.exchanges.asked(self.record, record)
        self.record = record

    def _build(self, *, complete: bool, at: int) -> Request:
        parts = self.parts
        problems = parts.problems
        return Request(
            self.head,
            self.method,
            self.target,
            self.first_at,
            at,
            self.wire_bytes(),
            parts.body_bytes,
            parts.kept_body(),
            complete,
            tuple(problems) if problems is not None else (),
        )

    def _finished(self, end: EndReason, at: int) -> None:
        whole = self.parts.gaps is None and end in (EndReason.NO_BODY, EndReason.LENGTH, EndReason.LAST_CHUNK)
        self._tell(self._build(complete=whole, at=self.last_at))
        self.record = None

    def answered(self, acked: int) -> None:
        """An answer came, whose server had the client's bytes up to `acked`. Where that is all that is here of a head
        without an end, it was enough for it: the head may yet go on, or have lost its blank line."""
        partial = self.partial
        if self.state != HEAD or partial is None or self.record is not None or self.seq(self.base) != acked:
            return
        head = bytes(partial)
        if _asks(head):
            self.head = head
            self.method, self.target, problems = request_line(head)
            record = self._build(complete=False, at=self.last_at)
            self._tell(replace(record, problems=(*problems, Problem("head-cut", len(head)))))

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """Beyond a body of known length it may have held any number of requests."""
        if self.skip_budget:
            self._settle()
        state = self.state
        start = self.base + (self.remaining if state == LENGTH else 0)
        surely = state in (HEAD, LENGTH)
        known = self.exchanges.pairing.requests
        if state == HEAD and self.partial is not None:
            start = self.partial_base
        super().gap(length, at, snapped)
        if self.state == SEARCH:
            # A head that was cut may have been enough for a request: the rest of it is not another.
            surely = surely and self.exchanges.pairing.requests == known
            self.exchanges.lost_requests(self.seq(start), surely=surely)

    def _broken_head(self, head: bytes, end: EndReason, at: int) -> None:
        if not _asks(head):
            return
        method, target, problems = request_line(head)
        self.parts.note(problems)
        self.parts.problem(Problem("head-cut", len(head)))
        self.head, self.method, self.target = head, method, target
        self.found = True
        self._finished(end, at)

    def _slow_head(self, data: bytes, position: int, base: int, at: int, *, torn: bool = False) -> int:
        position = super()._slow_head(data, position, base, at, torn=torn)
        partial = self.partial
        if self.state == HEAD and partial is not None and _SIMPLE.fullmatch(partial):
            # RFC 1945 §4.1: a Simple-Request is one line without a version.
            head = bytes(partial)
            self.partial = None
            self._open(head, base + position, at)
        return position

    def _plausible(self, head: bytes) -> bool:
        if STRANGE_REQUEST.match(head) and self.exchanges.is_strange():
            return False
        return REQUEST_LINE.match(head) is not None

    def _cut_at(self, partial: bytearray, known: int, end: int) -> int:
        if self.record is not None and PROVABLE_REQUEST_LINE.match(partial, known) is not None:
            return known  # What was answered without its blank line has none.
        return super()._cut_at(partial, known, end)

    def _no_head(self, junk: bytes, at: int) -> bool:
        self.exchanges.unread_request(self.seq(self.partial_base), shown(junk))
        return True
