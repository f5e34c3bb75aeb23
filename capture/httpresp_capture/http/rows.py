"""From what is read of a response, in any version of HTTP, to its record and to what is told of it.

A reader of a version cuts its bytes into messages and has a `Row` for each response that is open: HTTP/1 one at a time,
HTTP/2 one a stream. It calls, in this order:

1. `problem`, `gap` and `conflict` from the first byte on, whenever one shows; `keep` for bytes of the body;
2. `opened` when the head is complete, or when it is known that no more of it comes; then `framing`, `trailers` and the
   rest may still be set right;
3. `tell`, if the response goes on when all that came with its head was read: its row is there now. What comes later is
   told by `grow`, where somebody asked for progress;
4. `ended`, which makes the last record and tells it, as a row of its own where nothing was told yet. `clear` makes the
   object ready for the next response.

Evidence that comes later still is put on the record that was made (`with_evidence`) and told by `tell_late`. A request
that gets no response is a row as well: `tell_unanswered`.

A field of `Response` is written in five places: `records.exchange`, the event codec, `Row.record`, and
`http1.response_reader` and `http2.whole`, whose short ways make the record of a clean response that came in one piece
without a `Row`.
What is read from an event, not from packets, is `tracee.restore`'s.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from httpresp_capture.http.parts import Parts
from httpresp_capture.records.events import LateEvidence, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.evidence import Conflict
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.record import compiled
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.sink import Sink, Timed

CONFLICTS_KEPT: Final = 8
_LATE_PROBLEMS: Final = 64
_ONLY_SIZE: Final = 4
"""How much more seldom it is told that only the size has grown: the body that is kept goes along each time."""
_LATE_ENDS: Final = frozenset(
    {EndReason.IDLE, EndReason.CAPTURE_END, EndReason.EVICTED, EndReason.PORT_REUSED, EndReason.GAP}
)
"""Ends that we learn of long after: the message's own time is that of its last byte."""


@compiled(allow_interpreted_subclasses=True)
class Row(Parts):
    """One response while it is read."""

    __slots__ = (
        "at",
        "coded",
        "conflicts",
        "declared",
        "first_at",
        "flow",
        "framing",
        "head",
        "id",
        "midstream",
        "packet_len",
        "presumed",
        "protocol",
        "request",
        "sink",
        "status",
        "stream",
        "told",
        "told_at",
        "told_bytes",
        "websocket",
        "wire_bytes",
    )

    # What `opened` and `tell` set is not there before: most connections of HTTP/1 never need it.
    id: int
    """0 until it was told."""
    stream: int
    at: int
    first_at: int
    head: bytes
    status: int
    protocol: str
    packet_len: int
    """May be set before, by who knows it when the head begins."""
    framing: Framing
    declared: int
    told_at: int
    """When it was told, last."""
    told_bytes: int
    """How far it had come then."""

    def __init__(self, sink: Sink, flow: Callable[[], Flow]) -> None:
        super().__init__()
        self.sink = sink
        self.flow = flow
        """Gives the connection's record as it is now."""
        self.told = False
        self.request: Request | None = None
        self.presumed = False
        """True while its request is only presumed: that is not told before the response has ended."""
        self.wire_bytes = 0
        """Bytes of it that were captured, framing included; kept up by who reads it, before it is told anything."""
        self.coded = False
        """True when what is kept of the body is to be decoded at its end, to say what is wrong with its codings."""
        self.conflicts: tuple[Conflict, ...] = ()
        self.midstream = False
        """True when the capture began inside it."""
        self.websocket: WebSocket | None = None
        """What went over the WebSocket that it opened on a stream of its own, as far as it has come."""

    def opened(
        self,
        stream: int,
        at: int,
        first_at: int,
        head: bytes,
        status: int,
        protocol: str,
        packet_len: int,
        framing: Framing,
        declared: int,
        request: Request | None,
    ) -> None:
        """Its head is complete, or no more of it comes. See `Response` for what these are."""
        self.id = 0
        self.told = False
        self.stream = stream
        self.at = at
        self.first_at = first_at
        self.head = head
        self.status = status
        self.protocol = protocol
        self.packet_len = packet_len
        self.framing = framing
        self.declared = declared
        self.request = request

    def clear(self) -> None:
        """Make it ready for another response."""
        super().clear()
        self.presumed = self.coded = False
        self.conflicts = ()

    def conflict(self, conflict: Conflict) -> None:
        """Some of its bytes came in two versions."""
        if len(self.conflicts) < CONFLICTS_KEPT:
            self.conflicts = (*self.conflicts, conflict)
            self.problem(Problem("overlap-conflict", conflict.offset))

    def record(self, end: EndReason | None, ended_at: int | None) -> Response:
        """It as far as it has come. `ResponseReader.data` and `WholeMessages` make the same where it is clean and came
        whole."""
        gaps, problems = self.gaps, self.problems
        return Response(
            self.id,
            self.flow(),
            self.stream,
            self.at,
            self.first_at,
            ended_at,
            self.head,
            self.status,
            self.protocol,
            self.packet_len,
            self.framing,
            self.declared,
            None if end is None and self.presumed else self.request,
            self.wire_bytes,
            self.body_bytes,
            self.kept_body(),
            self.trailers,
            end,
            tuple(gaps) if gaps is not None else (),
            tuple(problems) if problems is not None else (),
            self.conflicts,
            self.midstream,
            None,
            self.websocket,
        )

    def tell(self, reader: Timed, at: int) -> None:
        """It goes on; `reader` will be asked how far it has come, where somebody wants to know."""
        sink = self.sink
        self.told = True
        self.id = sink.next_id()
        tell_seen(sink, self.record(None, None))
        if sink.limits.progress_ns:
            sink.growing[reader] = None
            self.told_at = at
            self.told_bytes = self.wire_bytes + self.missing()

    def tell_again(self) -> None:
        """What was told of it has changed, and it goes on."""
        if self.told:
            tell_changed(self.sink, self.record(None, None))

    def grow(self, at: int, quiet: bool, beside: int = 0) -> bool:
        """Tell how far it has come, if that is more than was told, and long enough ago or `quiet`; True when it was
        told. `beside` are bytes that count with its own."""
        came = self.wire_bytes + self.missing() + beside
        interval = self.sink.limits.progress_ns
        if self.body_full:
            interval *= _ONLY_SIZE
        if came == self.told_bytes or (0 <= at - self.told_at < interval and not quiet):
            return False
        self.told_at = at
        self.told_bytes = came
        self.sink.emit(ResponseGrew(self.record(None, None)))
        return True

    def ended(self, reader: Timed, end: EndReason, at: int, last_at: int, *, hold: bool = False) -> Response:
        """It has ended at `at`, its last byte came at `last_at`. The record is told, or, with `hold`, left to who asks:
        `tell_held` is for it."""
        sink = self.sink
        if not (self.told or hold):
            self.id = sink.next_id()
        record = self.record(end, last_at if end in _LATE_ENDS else at)
        if self.body_bytes > len(record.body):
            sink.bodies_cut += 1
        if self.told:
            sink.growing.pop(reader, None)
            if not hold:
                tell_changed(sink, record)
        elif not hold:
            tell_seen(sink, record)
        return record

    def decode(self, *, whole: bool) -> None:
        """Undo the codings of what is kept of the body, to say what is wrong with them (RFC 9110 §8.4); `whole` when
        the body is known to end where it does."""
        from httpresp_capture.content.representation import decoded_body  # Loaded where a body is coded.

        body = self.kept_body()
        whole = whole and self.gaps is None and len(body) == self.body_bytes
        decoded = decoded_body(body, self.head, self.status, whole=whole)
        if decoded.problem:
            self.problem(Problem(decoded.problem, len(self.head), decoded.detail[:80]))
        elif decoded.after:
            self.problem(Problem("coding-extra", len(self.head), decoded.detail[:80]))


def tell_seen(sink: Sink, response: Response) -> None:
    """A row is there."""
    sink.responses += 1
    sink.emit(ResponseSeen(response))


def tell_changed(sink: Sink, response: Response) -> None:
    """There is more to say of one."""
    sink.emit(ResponseChanged(response))


def tell_held(sink: Sink, response: Response) -> Response:
    """What `Row.ended` has held back is told now; the record as it is told."""
    if response.id:
        tell_changed(sink, response)
        return response
    response = replace(response, id=sink.next_id())
    tell_seen(sink, response)
    return response


def with_evidence(response: Response, problem: Problem | None, conflict: Conflict | None) -> Response:
    """A response that has ended, with what came to light since; itself where it has as many problems as are kept."""
    if problem is not None and len(response.problems) < _LATE_PROBLEMS:
        response = replace(response, problems=(*response.problems, problem))
    if conflict is not None and len(response.conflicts) < CONFLICTS_KEPT:
        response = replace(
            response,
            conflicts=(*response.conflicts, conflict),
            problems=(*response.problems, Problem("overlap-conflict", conflict.offset)),
        )
    return response


def tell_late(sink: Sink, response: Response, before: Response) -> None:
    """A response that had ended and was told as `before` is known better."""
    sink.emit(LateEvidence(response, before))


def tell_unanswered(sink: Sink, flow: Flow, request: Request, stream: int, at: int, detail: str) -> None:
    """A request got no response, which is known at `at`; `detail` says why, where that is known."""
    sink.unanswered += 1
    sink.emit(
        ResponseSeen(
            Response(
                sink.next_id(),
                flow,
                stream,
                at,
                at,
                at,
                b"",
                0,
                "",
                0,
                Framing.NONE,
                -1,
                request,
                end=EndReason.UNANSWERED,
                problems=(Problem("no-response", 0, detail),),
            )
        )
    )
