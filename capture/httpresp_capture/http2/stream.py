"""One stream (RFC 9113 §5): what was seen of the request on it, and of the response."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from httpresp_capture.http.parts import Parts
from httpresp_capture.http.rows import Row
from httpresp_capture.http2.sections import RequestHead
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import Framing
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Sink, Timed

if TYPE_CHECKING:
    from httpresp_capture.websocket.session import Session

BODILESS: Final = frozenset({204, 304})
UNKNOWN: Final = 1 << 63
"""More bytes than any frame of a WebSocket has: behind them none is found again."""


class Message:
    """One direction of a stream."""

    __slots__ = (
        "declared",
        "ended",
        "first_at",
        "head_lost",
        "last_at",
        "lost",
        "parts",
        "seen",
        "wire_bytes",
    )

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.seen = False
        """True once its head came."""
        self.head_lost = False
        """True when its head is known to be missing."""
        self.first_at = 0
        self.last_at = 0
        self.wire_bytes = 0
        """Frames as captured, their headers included."""
        self.declared = -1
        self.ended = False
        """True once END_STREAM came."""
        self.lost = 0
        """Bytes of the connection that went missing while it was open, and may be its."""

    @property
    def begun(self) -> bool:
        """True when there is any sign of it."""
        return self.wire_bytes > 0 or self.head_lost

    def came(self, length: int, first_at: int, at: int) -> None:
        """So many bytes of it came."""
        if not self.wire_bytes:
            self.first_at = first_at
        self.wire_bytes += length
        self.last_at = at

    def problem(self, name: str, detail: str = "") -> None:
        """Something is wrong with it, at the place to which it was read."""
        self.parts.problem(Problem(name, self.wire_bytes + self.parts.missing(), detail))

    def problem_once(self, name: str) -> None:
        """The same of what may be wrong in many frames of it."""
        problems = self.parts.problems
        if problems is None or all(problem.name != name for problem in problems):
            self.problem(name)

    def gap(self, length: int, snapped: bool) -> None:
        """Bytes of its body are missing."""
        self.parts.gap(Gap(self.wire_bytes + self.parts.missing(), length, snapped))


class Stream(Timed):
    """A stream that is open, as far as was seen."""

    __slots__ = ("answer", "asked", "id", "kept", "made", "question", "row", "websocket", "weight")

    def __init__(self, sink: Sink, flow: Callable[[], Flow], id: int) -> None:
        self.id = id
        self.row = Row(sink, flow)
        self.answer = Message(self.row)
        self.question = Message(Parts())
        self.asked: RequestHead | None = None
        self.made: Request | None = None
        """The record of the request, as long as nothing more of it comes."""
        self.kept = 0
        """Bytes of bodies that are kept."""
        self.weight = 0
        """See `Request`."""
        self.websocket: Session | None = None
        """The WebSocket that it carries since its CONNECT was answered (RFC 8441)."""

    def asked_whole(self, request: Request) -> None:
        """All of the request came at once, before anything else."""
        self.made = request
        self.weight = request.weight
        self.asked = RequestHead(request.head, request.method, request.target, request.scheme, request.protocol)
        question = self.question
        question.came(request.wire_bytes, request.first_byte_at, request.sent_at)
        question.seen = question.ended = True

    def request(self) -> Request | None:
        """The record of the request; None where its head is missing."""
        made = self.made
        asked = self.asked
        if made is None and asked is not None:
            question = self.question
            parts = question.parts
            made = self.made = Request(
                asked.head,
                asked.method,
                asked.target,
                question.first_at,
                question.last_at,
                question.wire_bytes,
                parts.body_bytes,
                parts.kept_body(),
                question.ended and not question.lost and parts.gaps is None,
                tuple(parts.problems) if parts.problems is not None else (),
                asked.scheme,
                asked.protocol,
                self.weight,
            )
        return made

    # A WebSocket

    def switch(self, at: int) -> None:
        """What either end sends from now on are frames of WebSocket (RFC 8441 §5), and what the client has sent
        already, without waiting for the answer."""
        from httpresp_capture.websocket.session import Session  # Loaded where it is spoken.

        extensions = Headers.first_in(self.row.head, b"sec-websocket-extensions")
        session = self.websocket = Session(extensions)
        parts = self.question.parts
        early = parts.kept_body()
        if early:
            session.client.data(early, at)
        if parts.body_bytes > len(early) or parts.gaps is not None:
            session.client.gap(UNKNOWN, at, False)

    def carry(self, asks: bool, data: bytes, at: int) -> None:
        """Content of a DATA frame, which is some of a WebSocket."""
        session = self.websocket
        if session is not None:
            (session.client if asks else session.server).data(data, at)

    def carry_gap(self, asks: bool, length: int, at: int, snapped: bool) -> None:
        """The same of what is missing; `UNKNOWN` where nobody knows how much."""
        session = self.websocket
        if session is not None:
            (session.client if asks else session.server).gap(length, at, snapped)

    def bring_up(self) -> None:
        """Give the row what was seen of both messages."""
        row, answer = self.row, self.answer
        row.wire_bytes = answer.wire_bytes
        if self.websocket is not None:
            row.websocket = self.websocket.told()
        request = row.request = self.request()
        if request is not None and request.method == "CONNECT" and 200 <= row.status <= 299:
            row.framing = Framing.TUNNEL
        elif answer.ended and not row.body_bytes and row.gaps is None:
            row.framing = Framing.NONE

    def account(self, midstream: bool) -> None:
        """It is over: hold what came of the response against what was declared (§8.1.1), and against what was lost."""
        row, answer = self.row, self.answer
        request = self.request()
        method = request.method if request is not None else ""
        if row.body_bytes and answer.seen and (method == "HEAD" or row.status in BODILESS):
            answer.problem("body-not-allowed")
        if answer.seen and answer.declared >= 0 and answer.ended:
            came = row.body_bytes + row.missing()
            short = answer.declared - came
            bodiless = not row.body_bytes and (method == "HEAD" or row.status in BODILESS)
            if bodiless or not short:
                answer.lost = 0
            elif short > 0 and answer.lost and method:
                answer.gap(short, False)
                answer.lost = 0
            elif method or row.body_bytes:  # Else it may answer HEAD.
                answer.problem("length-differs", f"{came} bytes, {answer.declared} declared")
        if answer.lost:
            answer.problem("frames-lost", f"some of {answer.lost:,} bytes may be of this stream")
        if answer.seen and request is None and not midstream:
            answer.problem("no-request", LOST_IN_GAP)

    def account_question(self) -> None:
        """The client has ended it: hold what came of the request against what it declared."""
        question = self.question
        came = question.parts.body_bytes
        if came != question.declared >= 0 and not question.lost and question.parts.gaps is None:
            question.problem("length-differs", f"{came} bytes, {question.declared} declared")
            self.made = None

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Timed`."""
        self.bring_up()
        return self.row.grow(at, quiet, 0 if self.websocket is None else self.question.wire_bytes)

    def settle(self, confirmed: bool) -> None:
        """See `Timed`. Who asked is certain: nothing is presumed of a stream."""

    def settle_in_time(self) -> None:
        """See `Timed`."""
