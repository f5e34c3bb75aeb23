"""One connection: recognises what it speaks, pairs responses with requests, and hands responses on.

Pairing is first in, first out, as RFC 9112 §9.3 wants it, as long as nothing was lost. After a loss the count can no
longer be trusted, but TCP's own can: a request carries in its acknowledgement how much of the server's bytes its
client had when it asked. A client that waits for each answer has acknowledged all of the one before, so the request of
a response is the newest one that acknowledges no byte of it; of several sent at once (pipelining) the first.
"""

from collections import deque
from ipaddress import ip_address
from typing import TYPE_CHECKING

from httpresp_capture.assembler import Assembler, Receiver
from httpresp_capture.events import (
    EndReason,
    Flow,
    FlowEnded,
    Framing,
    Request,
    Response,
    ResponseChanged,
    ResponseSeen,
    Segment,
)
from httpresp_capture.exchange import RequestReader, ResponseReader
from httpresp_capture.http1 import FOREVER, SEARCH
from httpresp_capture.problems import Problem
from httpresp_capture.recognise import Spoken, recognise, recognise_within
from httpresp_capture.way import Way
from httpresp_capture.wire import MASK, distance

if TYPE_CHECKING:
    from httpresp_capture.pipeline import Pipeline

_UNKNOWN_KEPT = 4_096
"""Bytes of a direction kept while it is not clear what it speaks."""


class Passed(Receiver):
    """A direction that is not read."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.passing = self.passed = FOREVER

    def data(self, data: bytes, at: int) -> None:
        """Nobody reads it."""
        self.passing = self.passed = FOREVER

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """Nobody misses it."""

    def end(self, reason: EndReason, at: int) -> None:
        """Nobody waits for it."""

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """Nobody compares it."""


class Undecided(Receiver):
    """A direction of which too little was seen to say what it speaks."""

    __slots__ = ("dialogue", "gapped", "half", "kept", "size", "total")

    def __init__(self, dialogue: "Dialogue", half: Assembler) -> None:
        super().__init__()
        self.dialogue = dialogue
        self.half = half
        self.kept: list[tuple[bytes, int]] = []
        self.size = 0
        self.total = 0
        self.gapped = False

    def data(self, data: bytes, at: int) -> None:
        """Keep it, and judge."""
        self.kept.append((data, at))
        self.size += len(data)
        self.total += len(data)
        if len(self.kept) > 256:
            self.kept = [(b"".join(part for part, _ in self.kept), at)]
        self.dialogue.judge(self, at)

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """What follows is not the beginning any more."""
        self.gapped = True
        self.kept.clear()
        self.size = 0

    def end(self, reason: EndReason, at: int) -> None:
        """It said too little."""

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """There is no message to lay it to."""

    def bytes(self) -> "bytes":
        """All that is kept."""
        return self.kept[0][0] if len(self.kept) == 1 else b"".join(part for part, _ in self.kept)

    def drop_front(self, keep: int) -> None:
        """Let all but the last `keep` bytes go."""
        data = self.bytes()[-keep:]
        at = self.kept[-1][1]
        self.kept = [(data, at)]
        self.size = len(data)


class Dialogue:
    """A connection and what is said on it. `client` and `server` may change places until it is clear who asks."""

    __slots__ = (
        "addresses",
        "answered_lost",
        "checked_at",
        "client",
        "client_ended",
        "closed",
        "engine",
        "first",
        "handshake_ns",
        "id",
        "informed",
        "isn",
        "keys",
        "made",
        "midstream",
        "pending",
        "pipelines",
        "requests",
        "second",
        "server",
        "server_ended",
        "slipped",
        "spoken",
        "stream",
        "syn_at",
        "syn_half",
        "syn_seq",
        "uncertain",
        "unpaired",
        "way",
    )

    def __init__(
        self,
        engine: "Pipeline",
        flow_id: int,
        addresses: bytes,
        way: Way,
    ) -> None:
        self.engine = engine
        self.id = flow_id
        self.addresses = addresses
        """Addresses and ports as in the first packet, its source first."""
        self.way = way
        """How its first packet came."""
        self.checked_at = way.at
        self.midstream = True
        self.syn_at = 0
        self.syn_seq = -1
        self.syn_half: Assembler | None = None
        self.handshake_ns: int | None = None
        self.first: Assembler | None = None
        """The direction of its first packet; `keys` are those of the first and the second direction."""
        self.second: Assembler | None = None
        self.client: Assembler | None = None
        self.server: Assembler | None = None
        self.keys: tuple[bytes, bytes] = (b"", b"")
        self.isn = -1
        """First data sequence number of the server, of a second SYN-ACK that the client has yet to choose."""
        self.pending: deque[tuple[Request | None, int]] | None = None
        """Requests that wait for their response, each with the acknowledgement it was sent with. None stands for any
        number of requests that were lost."""
        self.pipelines = False
        """True once a request was sent before the one before it was answered."""
        self.informed: Request | None = None
        """The request that the newest interim response surely belongs to; so does the next final one."""
        self.uncertain = False
        """True while lost requests may stand among `pending`."""
        self.unpaired = False
        """True once a response came for which no request was there."""
        self.answered_lost = False
        """True once a response came that a lost request may have asked for."""
        self.slipped = False
        """True while responses may have been lost since the newest that is surely paired."""
        self.requests = 0
        self.stream = 0
        self.made: Flow | None = None
        self.spoken: Spoken = Spoken.MORE
        self.closed = False
        self.client_ended = False
        self.server_ended = False

    # The connection

    def used_at(self) -> int:
        """Time of its newest packet."""
        first, second = self.first, self.second
        return max(first.last_at if first is not None else 0, second.last_at if second is not None else 0)

    def crossed(self, half: Assembler) -> bool:
        """True when a SYN of this direction would meet one of the other: both ends open at once."""
        return self.syn_half is not None and self.syn_half is not half and half.next_seq < 0 and not self.closed

    def synchronise(self, half: Assembler, seq: int, acknowledges: bool, at: int) -> None:
        """A SYN (RFC 9293 §3.5)."""
        following = (seq + 1) & MASK
        self.midstream = False
        if acknowledges:
            if half is self.client and self.spoken is Spoken.MORE:
                self._turn()
            if self.syn_at and self.handshake_ns is None and at >= self.syn_at:
                self.handshake_ns = at - self.syn_at
            if half.next_seq < 0:
                half.next_seq = following
            elif half.next_seq != following and half.reader is None:
                self.isn = following
            return
        if self.syn_half is None:
            self.syn_half = half
            self.syn_seq = seq
            self.syn_at = at
            if half is self.server and self.spoken is Spoken.MORE:
                self._turn()
        if half.next_seq < 0:
            half.next_seq = following

    def chosen(self, half: Assembler, ack: int) -> None:
        """Of two SYN-ACKs with different numbers, the one that the client acknowledges is the connection's."""
        if self.isn >= 0 and half is self.client and self.server is not None:
            if ack == self.isn and self.server.reader is None:
                self.server.next_seq = self.isn
            self.isn = -1

    def finished(self, half: Assembler, at: int) -> None:
        """All bytes before the FIN of a direction are here."""
        if half is self.server:
            if self.server_ended:
                return
            self.server_ended = True
            reason = EndReason.SERVER_FIN
        else:
            if self.client_ended:
                return
            self.client_ended = True
            reason = EndReason.CLIENT_FIN
        if half.reader is not None:
            half.reader.end(reason, at)
        if self.server_ended and self.client_ended:
            self.close(reason, at)

    def reset(self, half: Assembler, at: int) -> None:
        """A RST in the window ends both directions (RFC 9293 §3.10.7.4)."""
        self.close(EndReason.SERVER_RST if half is self.server else EndReason.CLIENT_RST, at)

    # What it speaks

    def judge(self, direction: Undecided, at: int) -> None:
        """New bytes in an undecided direction."""
        data = direction.bytes()
        if self.midstream or direction.gapped:
            spoken, start = (recognise(data), 0) if direction.total == direction.size else (Spoken.OTHER, 0)
            if spoken is Spoken.OTHER:
                spoken, start = recognise_within(data)
                if spoken is Spoken.OTHER:
                    # A head may have begun: its first line is kept from "HTTP/1." or from the last line end.
                    if (
                        direction.size > _UNKNOWN_KEPT and b"HTTP/1." not in data[-_UNKNOWN_KEPT:]
                    ) or direction.size > self.engine.limits.head_bytes:
                        direction.drop_front(512)
                    return
            if start:
                direction.kept = [(data[start:], at)]
        else:
            spoken = recognise(data)
            if spoken is Spoken.OTHER and direction.total <= _UNKNOWN_KEPT and not self._both_unknown():
                return
        if spoken is not Spoken.MORE:
            self._decide(direction, spoken)

    @property
    def speaks_http(self) -> bool:
        """True once a head was recognised, and with it who asks."""
        return self.spoken in (Spoken.REQUEST, Spoken.RESPONSE)

    def _both_unknown(self) -> bool:
        """True when the other direction has spoken too, and is no clearer."""
        for half in (self.client, self.server):
            if half is None or not isinstance(half.reader, Undecided) or not half.reader.total:
                return False
        return True

    def _decide(self, direction: Undecided, spoken: Spoken) -> None:
        half = direction.half
        self.spoken = spoken
        engine = self.engine
        if spoken in (Spoken.TLS, Spoken.HTTP2, Spoken.OTHER):
            if spoken is Spoken.TLS:
                engine.flows_encrypted += 1
            else:
                engine.flows_other += 1
            self.ignore()
            return
        asks = half if spoken is Spoken.REQUEST else half.other
        if asks is self.server:
            self._turn()
        client, server = self.client, self.server
        if client is None or server is None:
            return
        request_reader, response_reader = RequestReader(self), ResponseReader(self, server)
        first, second = (client, server) if half is client else (server, client)
        kept: list[tuple[Assembler, list[tuple[bytes, int]]]] = []
        gaps_of_client = False
        for side in (first, second):
            old = side.reader
            reader = request_reader if side is client else response_reader
            spoke = isinstance(old, Undecided) and old.total > 0
            gapped = isinstance(old, Undecided) and old.gapped
            if side is second and (self.midstream or gapped) and (spoke or side is client):
                # It may begin inside a message.
                reader.state = SEARCH
                reader.lost = True
            elif gapped or (isinstance(old, Undecided) and self.midstream and old.total != old.size):
                reader.lost = True
            if isinstance(old, Undecided):
                kept.append((side, old.kept))
            gaps_of_client = gaps_of_client or (gapped and side is client)
            side.reader = reader
        client.drop_recent()
        if server.recent is None:
            server.recent = deque()
        if gaps_of_client:
            self.lost_requests(surely=True)
        for side, parts in kept:
            for data, at in parts:
                if side.reader is not None:
                    side.reader.data(data, at)

    def _turn(self) -> None:
        """Client and server change places."""
        self.client, self.server = self.server, self.client
        self.made = None

    def ignore(self) -> None:
        """Read nothing more of this connection."""
        for half in (self.client, self.server):
            if half is not None:
                half.reader = Passed()
                half.drop_recent()

    def switch(self) -> None:
        """After 101 or a CONNECT that succeeded, both directions carry something else (RFC 9110 §9.3.6, §15.2.2)."""
        client = self.client
        if client is not None and isinstance(client.reader, RequestReader):
            client.reader.tunnel()
        if self.server is not None:
            self.server.drop_recent()

    # Who answers whom

    def asks(self, request: Request) -> None:
        """A request is complete, or its head is and its body follows."""
        pending = self.pending
        if pending is None:
            pending = self.pending = deque()
        engine = self.engine
        engine.requests += 1
        self.requests += 1
        ack = self.client.ack if self.client is not None else 0
        if pending and pending[-1][1] == ack:
            self.pipelines = True
        pending.append((request, ack))
        if len(pending) > engine.limits.pending_requests:
            oldest = pending.popleft()[0]
            if oldest is not None:
                self._unanswered(oldest, request.sent_at, "too many waiting")

    def asked(self, before: Request, after: Request) -> None:
        """A request whose head came earlier has ended."""
        pending = self.pending
        for index in range(len(pending or ()) - 1, -1, -1):
            if pending is not None and pending[index][0] is before:
                pending[index] = (after, pending[index][1])
                return
        server = self.server.reader if self.server is not None else None
        if isinstance(server, ResponseReader) and server.request is before:
            server.request = after

    def lost_requests(self, *, surely: bool) -> None:
        """Bytes of the client are missing in which requests may have been; `surely` when one began there."""
        if self.pending is None:
            self.pending = deque()
        if not self.pending or self.pending[-1][0] is not None:
            self.pending.append((None, 0))
            self.uncertain = True
            self.answered_lost = not surely or self.unpaired
            self.unpaired = False

    def answer(self, reader: ResponseReader, informational: bool) -> Request | None:
        """The request that the response at the reader's `start` belongs to; says so among its problems if there is
        none."""
        pending = self.pending
        server = self.server
        if reader.lost:
            reader.lost = False
            self.slipped = True
        if pending and server is not None and self.careful:
            start = (server.next_seq - (reader.base - reader.start)) & MASK
            if not self._find_anew(pending, start, reader.first_at):
                self.stream += not informational
                self.answered_lost = self.answered_lost or not informational
                reader.doubtful = not informational
                if not (self.midstream and self.stream <= 1):
                    reader.problem(Problem("no-request", 0, "lost in a gap"))
                return None
            if informational:
                self.informed = pending[0][0]
            else:
                self.slipped = False
        request = pending[0][0] if pending else None
        if request is None or pending is None:
            self.stream += not informational
            self.unpaired = self.unpaired or not informational
            if not (self.midstream and self.stream <= 1):
                reader.problem(Problem("too-many-responses" if self.requests else "no-request", 0))
            return None
        if informational:
            self.stream = self.stream or 1
            return request
        pending.popleft()
        self.stream += 1
        client = self.client.reader if self.client is not None else None
        if not request.complete and isinstance(client, RequestReader) and client.record is request:
            reader.problem(Problem("early-response", 0))
        return request

    def _find_anew(self, pending: deque[tuple[Request | None, int]], start: int, at: int) -> bool:
        """After a loss: bring the request that is surely answered at sequence number `start` to the front.

        Of a client that never sends two at once, it is the newest one sent with nothing acknowledged behind `start`,
        since its client waited for all other answers; those before it were answered in the gap. False when there is
        none that is sure: where requests are lost right behind it, and always where the client pipelines.
        """
        if pending[0][0] is not None and pending[0][0] is self.informed:
            return True
        self.uncertain = any(request is None for request, _ in pending)
        if not self.slipped and pending[0][0] is not None and (self.pipelines or not self.uncertain):
            # Nothing was lost; in the middle of a connection the first request may be that of the second response.
            return distance(pending[0][1], start) <= 0
        if self.pipelines:
            return False
        found = -1
        for index, (request, ack) in enumerate(pending):
            if request is not None and distance(ack, start) <= 0:
                found = index
        if found < 0:
            return False
        if not self.slipped and not self.answered_lost and found and pending[found - 1][0] is None:
            return False  # It may as well answer what was lost.
        if pending[found][1] != start and found + 1 < len(pending) and pending[found + 1][0] is None:
            return False
        for _ in range(found):
            request = pending.popleft()[0]
            if request is not None and self.slipped:
                self._unanswered(request, at, "lost in a gap")
                self.stream += 1
        return True

    def _unanswered(self, request: Request, at: int, detail: str = "") -> None:
        """A request that gets no response is a row as well."""
        engine = self.engine
        engine.last_id += 1
        engine.unanswered += 1
        engine.emit(
            ResponseSeen(
                Response(
                    engine.last_id,
                    self.flow(),
                    self.stream + 1,
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

    @property
    def careful(self) -> bool:
        """True while pairing needs more than the order of things."""
        return self.slipped or self.midstream or self.uncertain

    # What goes out

    def flow(self) -> Flow:
        """The record of this connection; made when it is first needed."""
        made = self.made
        if made is None:
            width = (len(self.addresses) - 4) // 2
            ends = [
                (
                    str(ip_address(self.addresses[start : start + width])),
                    int.from_bytes(self.addresses[port : port + 2], "big"),
                )
                for start, port in ((0, 2 * width), (width, 2 * width + 2))
            ]
            if self.client is self.second:
                ends.reverse()
            (client, client_port), (server, server_port) = ends
            made = self.made = Flow(
                self.id,
                client,
                client_port,
                server,
                server_port,
                self.way.interface,
                self.way.at,
                self.handshake_ns,
                self.midstream,
                self.way.vlans,
                self.way.tunnel,
            )
        return made

    def seen(self, response: Response) -> None:
        """Hand on a response whose head is complete."""
        self.engine.responses += 1
        self.engine.emit(ResponseSeen(response))

    def changed(self, response: Response) -> None:
        """Hand on the new state of a response."""
        self.engine.emit(ResponseChanged(response))

    def _end_of(self, half: Assembler, reason: EndReason) -> EndReason:
        """Why a direction ended, when its connection ended for `reason`: its own FIN comes first."""
        if half.fin_seq < 0 or half.fin_seq != half.next_seq:
            return reason
        return EndReason.SERVER_FIN if half is self.server else EndReason.CLIENT_FIN

    def close(self, reason: EndReason, at: int) -> None:
        """The connection is over, or given up."""
        if self.closed:
            return
        self.closed = True
        # The client first: what the server still holds may answer it.
        for half in (self.client, self.server):
            if half is None:
                continue
            half.flush(at)
            if half.reader is not None:
                half.reader.end(self._end_of(half, reason), at)
        if self.pending:
            for request, _ in self.pending:
                # Of a client that pipelines it is not known after a loss which of them were answered.
                if request is not None and not (self.slipped and self.pipelines):
                    self._unanswered(request, at, "lost in a gap" if self.slipped else "")
                    self.stream += 1
            self.pending = None
        if self.speaks_http:
            self.engine.emit(FlowEnded(self.flow(), at, reason))
        for half in (self.server, self.client):
            if half is not None:
                half.forget()
                half.reader = Passed()
                half.calm = False
