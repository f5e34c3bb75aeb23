"""One connection: recognises what it speaks, pairs responses with requests, and hands responses on.

Who answers whom is left to `pairing`.
"""

from ipaddress import ip_address
from typing import Final

from httpresp_capture.detect.preamble import Preamble, may_begin
from httpresp_capture.detect.recognise import Spoken, recognise, recognise_within
from httpresp_capture.detect.undecided import PASSED, Passed, Undecided
from httpresp_capture.http.heads import STRANGE_REQUEST
from httpresp_capture.http.pairing import REQUEST_COST, Pairing
from httpresp_capture.http1.message import HEAD, SEARCH
from httpresp_capture.http1.parser import Reader
from httpresp_capture.http1.request_reader import RequestReader
from httpresp_capture.http1.response_reader import ResponseReader
from httpresp_capture.net.way import Way
from httpresp_capture.records.events import (
    EndReason,
    Flow,
    FlowEnded,
    Framing,
    OtherPath,
    Request,
    Response,
    ResponseAmended,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.former import KEPT, Span
from httpresp_capture.tcp.networks import OtherWay
from httpresp_capture.tcp.receiver import Receiver
from httpresp_capture.tcp.reopening import Reopening
from httpresp_capture.tcp.resets import Reset
from httpresp_capture.tcp.wire import MASK, distance

_UNKNOWN_KEPT = 4_096
"""Bytes of a direction kept while it is not clear what it speaks."""


_ASKED_IN: Final = {
    Spoken.TLS: "the client sent TLS",
    Spoken.HTTP2: "the client sent HTTP/2",
    Spoken.OTHER: "what the client sent is no HTTP",
}


class Dialogue:
    """A connection and what is said on it. `client` and `server` may change places until it is clear who asks."""

    __slots__ = (
        "addresses",
        "challenged",
        "checked_at",
        "client",
        "client_ended",
        "closed",
        "first",
        "formers",
        "handshake_ns",
        "id",
        "isn",
        "keys",
        "made",
        "other_ways",
        "overruled",
        "pairing",
        "preamble",
        "reopening",
        "reset",
        "second",
        "server",
        "server_ended",
        "sink",
        "sockets",
        "spoken",
        "syn_at",
        "syn_half",
        "syn_ip_id",
        "syn_seq",
        "way",
    )

    def __init__(
        self,
        sink: Sink,
        flow_id: int,
        addresses: bytes,
        way: Way,
    ) -> None:
        self.sink = sink
        self.id = flow_id
        self.addresses = addresses
        """Addresses and ports as in the first packet, its source first."""
        self.way = way
        """How its first packet came."""
        self.other_ways: tuple[OtherWay, ...] = ()
        self.sockets = b""
        """Addresses and ports, the same from either end; only of one behind tags or in a tunnel."""
        self.formers: tuple[Span, ...] = ()
        """Connections that were between the same sockets before, the newest first."""
        self.checked_at = way.at
        self.syn_at = 0
        self.syn_seq = -1
        self.syn_ip_id = -1
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
        self.pairing = Pairing(sink.limits.pending_requests)
        self.made: Flow | None = None
        self.spoken: Spoken = Spoken.MORE
        self.reset: Reset | None = None
        """A reset that may end the connection, or that ended it."""
        self.reopening: Reopening | None = None
        """A SYN that came while it stood, and that may be the first of another connection."""
        self.challenged = False
        """True once a reset came beyond the next number. It was believed where bytes before it are missing here alone;
        then nothing follows."""
        self.overruled: Spoken = Spoken.MORE
        """What the client speaks, where it is not HTTP and was answered in HTTP."""
        self.preamble: Preamble | None = None
        self.closed = False
        self.client_ended = False
        self.server_ended = False

    # The connection

    @property
    def midstream(self) -> bool:
        """True when the capture began after the connection did."""
        return self.pairing.midstream

    def used_at(self) -> int:
        """Time of its newest packet."""
        first, second = self.first, self.second
        return max(first.last_at if first is not None else 0, second.last_at if second is not None else 0)

    def crossed(self, half: Assembler) -> bool:
        """True when a SYN of this direction would meet one of the other: both ends open at once."""
        return self.syn_half is not None and self.syn_half is not half and half.next_seq < 0 and not self.closed

    def ends_of(self, half: Assembler) -> bytes:
        """Addresses and ports of a direction, its sender's first."""
        return self.keys[0 if half is self.first else 1][: len(self.addresses)]

    def spans(self) -> tuple[Span, ...]:
        """The numbers of this connection and of those before it."""
        both = (self.first, self.second)
        ended = tuple([Span(self.ends_of(half), half) for half in both if half is not None])
        return (ended + self.formers)[: 2 * KEPT]

    def synchronise(self, half: Assembler, seq: int, ack: int, at: int) -> None:
        """A SYN (RFC 9293 §3.5), which acknowledges the other end's where `ack` is not -1."""
        following = (seq + 1) & MASK
        other = half.other
        # What was captured before it is not all that was said, unless it begins where this says.
        if self.midstream and (other is None or other.next_seq < 0 or ack == other.first_seq):
            self.pairing.opened()
        if ack >= 0:
            if half is self.client and self.spoken is Spoken.MORE:
                self._turn()
            if self.syn_at and self.handshake_ns is None and at >= self.syn_at:
                self.handshake_ns = at - self.syn_at
            if half.next_seq < 0:
                half.begin(following)
            elif half.next_seq != following and (half.reader is None or isinstance(half.reader, Undecided)):
                self.isn = following
            return
        if self.syn_half is None:
            self.syn_half = half
            self.syn_seq = seq
            self.syn_at = at
            if half is self.server and self.spoken is Spoken.MORE:
                self._turn()
        if half.next_seq < 0:
            half.begin(following)

    def acknowledged_syn(self, half: Assembler, ack: int) -> None:
        """A SYN-ACK tells where a direction begins whose SYN is late, or was missed: what it says is waited for. Its
        time (`syn_at`) is not known."""
        self.syn_half = half
        self.syn_seq = (ack - 1) & MASK
        half.begin(ack)

    def chosen(self, half: Assembler, ack: int) -> None:
        """Of two SYN-ACKs with different numbers, the one that the client acknowledges is the connection's."""
        server = self.server
        if self.isn >= 0 and half is self.client and server is not None:
            if ack == self.isn and (server.reader is None or isinstance(server.reader, Undecided)):
                server.begin_at(self.isn)
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

    @property
    def over(self) -> bool:
        """True when it is closed, or a reset ends it that nothing has contradicted."""
        return self.closed or (self.reset is not None and not self.reset.contradicted)

    @property
    def under_way(self) -> bool:
        """True while a request waits for its answer or a message has begun and not ended, so that silence is no end."""
        server = self.server
        if self.server_ended or self.challenged or server is None:
            return False
        if not self.speaks_http:
            return self.spoken is Spoken.MORE and not self.midstream and self._has_spoken()
        for half in (server, server.other):
            reader = half.reader if half is not None else None
            if isinstance(reader, Reader) and (reader.opened or (reader.state == HEAD and reader.partial is not None)):
                return True
        return any(waiting[0] is not None for waiting in self.pairing.pending)

    def revive(self) -> None:
        """Both ends go on, long after a reset that nothing had contradicted. What they say is read from here on."""
        exchanges = self.pairing.stream
        self.pairing = Pairing(self.sink.limits.pending_requests)
        self.pairing.stream = exchanges
        self.spoken = self.overruled = Spoken.MORE
        self.preamble = None
        self.reset = self.reopening = None
        self.closed = self.client_ended = self.server_ended = False
        for half in (self.client, self.server):
            if half is not None:
                half.reader = None
                half.fin_seq = -1
                half.answers = False

    # What it speaks

    def listen(self, half: Assembler) -> Receiver:
        """Who takes the first bytes of a direction: they tell what it speaks."""
        return Undecided(self, half)

    def _has_spoken(self) -> bool:
        """True when payload came that was not enough to tell what it is."""
        for half in (self.client, self.server):
            if half is not None and isinstance(half.reader, Undecided) and (half.reader.total or half.reader.gapped):
                return True
        return False

    def judge(self, direction: Undecided, at: int) -> None:
        """New bytes in an undecided direction."""
        data = direction.bytes()
        if (self.preamble is not None or may_begin(data)) and direction.at_beginning:
            if self._preamble_goes_on(direction):
                return
            data = direction.bytes()
        if self.spoken is not Spoken.MORE:
            self._judge_late(direction, data)
            return
        if self.midstream or direction.gapped:
            spoken, start = (recognise(data), 0) if direction.total == direction.size else (Spoken.OTHER, 0)
            if spoken is Spoken.OTHER:
                spoken, start = recognise_within(data)
                if spoken is Spoken.OTHER:
                    # A head may have begun: its first line is kept from "HTTP/1." or from the last line end.
                    begun = b"HTTP/1." in data[-_UNKNOWN_KEPT:]
                    if direction.size > (4 * _UNKNOWN_KEPT if begun else _UNKNOWN_KEPT):
                        direction.drop_front(512)
                    return
            elif spoken is Spoken.REQUEST:
                # The end of a body may stand before it, and look like a part of its method.
                inside, begins = recognise_within(data)
                start = begins if inside is Spoken.REQUEST and 0 < begins < data.find(b"\n") else 0
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

    @property
    def may_pair(self) -> bool:
        """True when what the server says may answer what its client was heard to say."""
        return self.speaks_http or (self.spoken is Spoken.MORE and not self.midstream)

    def _both_unknown(self) -> bool:
        """True when the other direction has spoken too, and is no clearer."""
        for half in (self.client, self.server):
            if half is None or not isinstance(half.reader, Undecided) or not half.reader.total:
                return False
        return True

    def _decide(self, direction: Undecided, spoken: Spoken) -> None:
        half = direction.half
        self.spoken = spoken
        sink = self.sink
        if spoken in (Spoken.TLS, Spoken.HTTP2, Spoken.OTHER):
            if spoken is Spoken.TLS:
                sink.flows_encrypted += 1
            else:
                sink.flows_other += 1
                if spoken is Spoken.HTTP2:
                    sink.unread.add_connection(Kind.HTTP2)
            self._ignore(half)
            return
        asks = half if spoken is Spoken.REQUEST else half.other
        if asks is self.server:
            self._turn()
        client, server = self.client, self.server
        if client is None or server is None:
            return
        server.answers, client.answers = True, False
        client.drop_recent()
        if server.recent is None:
            server.recent = []
        waits = half is server and self._leaves_client(client)
        # What the server says answers what the client said before, whichever of them was recognised.
        parts = [] if waits else self._read(client, half)
        answers = self._read(server, half)
        for data, at in parts:
            if client.reader is not None:
                client.reader.data(data, at)
        for data, at in answers:
            if server.reader is not None:
                server.reader.data(data, at)

    def _read(self, side: Assembler, recognised: Assembler) -> list[tuple[bytes, int]]:
        """Give a direction the reader of its kind; the bytes that it has to be told first."""
        old = side.reader
        reader: Reader = RequestReader(self) if side is self.client else ResponseReader(self, self.server or side)
        undecided = old if isinstance(old, Undecided) else None
        gapped = undecided is not None and undecided.gapped
        spoke = undecided is not None and undecided.total > 0
        passed = isinstance(old, Passed)
        if side is not recognised and (passed or ((self.midstream or gapped) and (spoke or side is self.client))):
            # It may begin inside a message.
            reader.state = SEARCH
            reader.lost = True
        elif gapped or (undecided is not None and self.midstream and undecided.total != undecided.size):
            reader.lost = True
        side.reader = reader
        reader.origin = side.next_seq
        if undecided is not None:
            reader.origin -= sum([len(part) for part, _ in undecided.kept])
        if side is self.client and gapped:
            begins = (self.syn_seq + 1) & MASK if self.syn_half is side else reader.seq(0)
            self.lost_requests(begins, surely=True)
        elif side is self.server and side.next_seq >= 0 and not self.midstream:
            reader.begins(reader.origin)
            self.pairing.answers_begin(reader.origin)
        if undecided is not None and undecided.marked:
            reader.urgent()
        return undecided.kept if undecided is not None else []

    def _leaves_client(self, client: Assembler) -> bool:
        """True when an answer came whose client is not to be read: not yet, since it is not clear what it speaks; or
        not at all, since that is no HTTP."""
        old = client.reader
        if isinstance(old, Passed):
            return self.overruled is not Spoken.OTHER
        if isinstance(old, Undecided) and old.at_beginning and STRANGE_REQUEST.match(old.bytes()):
            # RTSP, SIP and their like, answered by a server that knows HTTP alone.
            self.overruled = Spoken.OTHER
            client.reader = PASSED
            return True
        if self.midstream:
            return False
        if old is None:
            client.reader = Undecided(self, client)
            return True
        if not isinstance(old, Undecided) or not old.at_beginning:
            return False
        return not old.size or self._preamble_goes_on(old) or recognise(old.bytes()) is Spoken.MORE

    def _judge_late(self, direction: Undecided, data: bytes) -> None:
        """The first bytes of a direction, when the other one has told what the connection speaks."""
        spoken = recognise(data) if direction.at_beginning else Spoken.OTHER
        half = direction.half
        if spoken is Spoken.MORE:
            return
        if self.speaks_http:
            if spoken is Spoken.TLS or spoken is Spoken.HTTP2:
                self.overruled = spoken
                half.reader = PASSED
            else:
                self.read_late(direction)
        elif spoken is Spoken.RESPONSE or spoken is Spoken.REQUEST:
            # A server of clear HTTP answers TLS, or HTTP/2 that it does not know, with a 400 in clear.
            self.overruled = self.spoken
            if self.spoken is Spoken.TLS:
                self.sink.flows_encrypted -= 1
            else:
                self.sink.flows_other -= 1
                if self.spoken is Spoken.HTTP2:
                    self.sink.unread.add_connection(Kind.HTTP2, -1)
            self._decide(direction, spoken)
        else:
            half.reader = PASSED

    def read_late(self, direction: Undecided) -> None:
        """Read the requests of a client whose answers are being read already."""
        half = direction.half
        for data, at in self._read(half, half):
            if half.reader is not None:
                half.reader.data(data, at)

    def _preamble_goes_on(self, direction: Undecided) -> bool:
        """Take off what stands before the protocol; True when nothing stands behind it yet, or when what does was
        judged."""
        preamble = self.preamble
        if preamble is None:
            if not may_begin(direction.bytes()):
                return False
            preamble = self.preamble = Preamble()
        anyone = self.midstream and self.spoken is Spoken.MORE
        if anyone or direction.half is self.client:
            found = preamble.header(direction)
            while found:
                self._opened_by(direction.half)
                found = preamble.header(direction)
            if found is None or not direction.size:
                return True
        for half in (self.client, self.server):
            if half is None or half.other is None or not (anyone or half is self.client):
                continue
            asks, answers = half.reader, half.other.reader
            if not isinstance(asks, Undecided) or not asks.at_beginning:
                continue
            if answers is not None and not (isinstance(answers, Undecided) and answers.at_beginning):
                continue
            found = preamble.handshake(asks, answers)
            if found is None:
                return True
            if found:
                self._opened_by(half)
                for each in (self.client, self.server):
                    reader = each.reader if each is not None else None
                    if isinstance(reader, Undecided) and reader.size:
                        self.judge(reader, reader.kept[-1][1])
                return True
        return False

    def _opened_by(self, half: Assembler) -> None:
        """Who sent a PROXY header or asked a SOCKS proxy is the client."""
        if half is self.server:
            self._turn()
        self.made = None

    def _turn(self) -> None:
        """Client and server change places."""
        self.client, self.server = self.server, self.client
        self.made = None

    def _ignore(self, recognised: Assembler) -> None:
        """Read nothing more of this connection, but for the first bytes of a direction that has not spoken yet: an
        answer in clear HTTP takes the verdict back."""
        for half in (self.client, self.server):
            if half is None:
                continue
            half.drop_recent()
            reader = half.reader
            if half is recognised or (isinstance(reader, Undecided) and reader.total):
                half.reader = PASSED

    def is_strange(self, answer: str = "") -> bool:
        """Take back that it speaks HTTP, which another protocol only looked like; False when that is too late.

        A request of HTTP that was answered so, with `answer`, got no response; what its client sends from then on is
        looked at anew.
        """
        if self.pairing.stream:
            return False
        self.sink.flows_other += 1
        if answer:
            at = self.used_at()
            for request, stream, _ in self.pairing.unanswered(lost=False):
                self._unanswered(request, stream, at, f"answered in another protocol: {answer}")
        else:
            self.sink.requests -= self.pairing.requests
            self.pairing.pending.clear()
        self.spoken = Spoken.OTHER
        for half in (self.client, self.server):
            if half is not None:
                half.drop_recent()
                reader = half.reader
                if isinstance(reader, Reader):
                    reader.tunnel()
                    if answer != "" if half is self.client else not answer and not reader.base:
                        half.reader = Undecided(self, half)  # It may yet ask, or answer, in HTTP.
                        continue
                half.reader = PASSED
        return True

    def switch(self, response: Response) -> None:
        """After 101 or a CONNECT that succeeded, both directions carry something else (RFC 9110 §9.3.6, §15.2.2)."""
        self.sink.unread.add_connection(_switched_to(response))
        client = self.client
        if client is not None and isinstance(client.reader, RequestReader):
            client.reader.tunnel()
        elif client is not None and isinstance(client.reader, Undecided):
            client.reader = PASSED
        if self.server is not None:
            self.server.drop_recent()

    # Who answers whom

    def asks(self, request: Request, start: int) -> None:
        """A request, which begins at sequence number `start`, is complete, or its head is and its body follows."""
        self.sink.requests += 1
        ack = self.client.ack if self.client is not None else 0
        answers = self.server.reader if self.server is not None else None
        if isinstance(answers, ResponseReader) and answers.opened and answers.goes_on_behind(ack):
            self.pairing.not_waiting()
        begun = self.server.first_seq if self.server is not None and not self.pairing.requests else -1
        if begun >= 0 and ack and distance(begun, ack) > 0:
            self.pairing.lost_responses()  # It had less than the first of the server's bytes that are here.
        if self.pairing.asks(request, ack, start):
            self.give_up_oldest(request.sent_at)
        sink = self.sink
        sink.asked += len(request.head) + REQUEST_COST
        if sink.asked > sink.limits.pending_bytes >> 3:
            sink.bound_pending(request.sent_at)

    def give_up_oldest(self, at: int) -> None:
        """Wait no longer for the answer to the oldest request."""
        oldest = self.pairing.give_up()
        if oldest is not None:
            self.pairing.stream += 1
            self._unanswered(oldest, self.pairing.stream, at, "too many waiting")

    def waiting(self) -> list[Request]:
        """The requests that have no answer yet, the oldest first."""
        return [request for request, _, _ in self.pairing.pending if request is not None]

    def asked(self, before: Request, after: Request) -> None:
        """A request whose head came earlier has ended."""
        if not self.pairing.ended(before, after):
            server = self.server.reader if self.server is not None else None
            if isinstance(server, ResponseReader) and server.request is before:
                server.request = after

    def unread_request(self, start: int, text: str) -> None:
        """The client sent what is no request, from sequence number `start` on."""
        self.pairing.unread(start, text)

    def lost_requests(self, start: int, *, surely: bool) -> None:
        """Bytes of the client are missing from `start` on in which requests may have been; `surely` when one began
        there."""
        self.pairing.lost_requests(start, surely=surely)

    def refuted(self) -> None:
        """The request that was presumed for the newest response is another's."""
        if self.server is not None and isinstance(self.server.reader, ResponseReader):
            self.pairing.not_waiting()
            self.server.reader.settle(False)

    def _begun(self, acked: int) -> int:
        """The sequence number at which a request begins that is not whole here, while the server had up to `acked`."""
        client = self.client
        if client is None or not isinstance(client.reader, RequestReader):
            return -1
        reader = client.reader
        if reader.state == HEAD and reader.partial is not None and reader.record is None:
            return reader.seq(reader.partial_base)
        # One alone may be a FIN.
        return client.next_seq if client.next_seq >= 0 and distance(acked, client.next_seq) > 1 else -1

    def _asked_behind(self, reader: ResponseReader) -> bool:
        """True unless the newest response has a presumed request, and nothing was asked with that response in hand."""
        client = self.client
        if client is None or not (reader.presumed_final and reader.presumed):
            return True
        return self.pairing.fits(reader.presumed_end, client.next_seq, lost=True)

    def answer(self, reader: ResponseReader, informational: bool) -> Request | None:
        """The request that the response at the reader's `start` belongs to; says so among its problems if there is
        none."""
        if reader.presumed_final and reader.presumed:
            reader.settle(self.pairing.fits(reader.presumed_end, reader.acked, lost=reader.lost))
        if reader.lost:
            reader.lost = False
            self.pairing.lost_responses()
            if reader.searched_from >= 0:
                self.pairing.nothing_begins(reader.seq(reader.searched_from), reader.seq(reader.start))
        client = self.client.reader if self.client is not None else None
        if isinstance(client, RequestReader) and not (informational or self.pairing.pending):
            client.answered(reader.acked)
        if self.pairing.careful:
            self.pairing.begun = self._begun(reader.acked)
        match = self.pairing.answer(reader.seq(reader.start), reader.acked, informational=informational)
        reader.stream = match.stream
        for skipped, stream in match.skipped:
            self._unanswered(skipped, stream, reader.first_at, LOST_IN_GAP)
        problem = match.problem if match.request is not None else self._overruled(match.problem)
        if problem is not None:
            reader.problem(problem)
        reader.doubtful = match.doubtful
        reader.tentative = match.presumed
        if reader.presumed and not match.presumed:
            reader.settle(match.request is not None)
        request = match.request
        if (
            request is not None
            and not request.complete
            and not informational
            and isinstance(client, RequestReader)
            and client.record is request
            and client.gaps is None
            and not (self.client is not None and self.client.waiting)
        ):
            reader.problem(Problem("early-response", 0))
        return request

    def _overruled(self, problem: Problem | None) -> Problem | None:
        """Why a response has no request, where the client does not speak HTTP at all."""
        client = self.client.reader if self.client is not None else None
        if self.overruled is not Spoken.MORE:
            return Problem("no-request", 0, _ASKED_IN[self.overruled])
        if (
            problem is not None
            and problem.name == "no-request"
            and isinstance(client, RequestReader)
            and client.base
            and not client.found
            and not client.lost
        ):
            return Problem("no-request", 0, _ASKED_IN[Spoken.OTHER])
        return problem

    def _unanswered(self, request: Request, stream: int, at: int, detail: str) -> None:
        """A request that gets no response is a row as well."""
        sink = self.sink
        sink.last_id += 1
        sink.unanswered += 1
        sink.emit(
            ResponseSeen(
                Response(
                    sink.last_id,
                    self.flow(),
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

    # What goes out

    def flow(self) -> Flow:
        """The record of this connection; made when it is first needed."""
        made = self.made
        if made is None:
            width = (len(self.addresses) - 4) // 2
            ends = [
                (
                    _address(self.addresses[start : start + width]),
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
                tuple(
                    [
                        OtherPath(other.half is self.client, other.way.vlans, other.way.tunnel)
                        for other in self.other_ways
                    ]
                ),
                self.preamble.proxied if self.preamble is not None else None,
            )
        return made

    def seen(self, response: Response) -> None:
        """Hand on a response whose head is complete."""
        self.sink.responses += 1
        self.sink.emit(ResponseSeen(response))

    def changed(self, response: Response) -> None:
        """Hand on the new state of a response."""
        self.sink.emit(ResponseChanged(response))

    def grew(self, response: Response) -> None:
        """Hand on how far a response has come that is still open."""
        self.sink.emit(ResponseGrew(response))

    def amended(self, response: Response, before: Response) -> None:
        """Hand on what came to light about a response that had ended."""
        self.sink.emit(ResponseAmended(response, before))

    def _end_of(self, half: Assembler, reason: EndReason) -> EndReason:
        """Why a direction ended, when its connection ended for `reason`: its own FIN comes first."""
        if half.fin_seq < 0 or half.fin_seq != half.next_seq:
            return reason
        return EndReason.SERVER_FIN if half is self.server else EndReason.CLIENT_FIN

    def close(self, reason: EndReason, at: int) -> None:
        """The connection is over, or given up."""
        if self.closed:
            return
        reset = self.reset
        if reset is not None and not reset.contradicted:
            # Whatever else ended it now: it was over before.
            reason = EndReason.SERVER_RST if reset.half is self.server else EndReason.CLIENT_RST
            at = max(reset.at, self.used_at())
        self.closed = True
        # The client first: what the server still holds may answer it.
        for half in (self.client, self.server):
            if half is None:
                continue
            half.flush(at)
            if half.reader is not None:
                half.reader.end(self._end_of(half, reason), at)
        answers = self.server.reader if self.server is not None else None
        lost = False
        if isinstance(answers, ResponseReader):
            lost = answers.lost
            # Bytes that are lost behind it were the answer to a request, which may not have been there.
            answers.settle(not lost or self._asked_behind(answers))
        heard_from = self.server.first_seq if self.server is not None and self.midstream else -1
        for request, stream, detail in self.pairing.unanswered(lost=lost, heard_from=heard_from):
            self._unanswered(request, stream, at, detail)
        if self.speaks_http:
            self.sink.emit(FlowEnded(self.flow(), at, reason))
        elif self.spoken is Spoken.MORE:
            self.sink.unread.add_connection(Kind.UNRECOGNISED if self._has_spoken() else Kind.SILENT)
        for half in (self.server, self.client):
            if half is not None:
                half.forget()
                half.reader = PASSED
                half.calm = False


def _switched_to(response: Response) -> Kind:
    """What follows a response that ends HTTP on its connection."""
    if response.status != 101:
        return Kind.CONNECT
    protocol = response.header("upgrade").lower()
    if protocol.startswith("h2c"):
        return Kind.HTTP2_UPGRADE
    return Kind.WEBSOCKET if protocol.startswith("websocket") else Kind.SWITCHED


def _address(packed: bytes) -> str:
    """An IP address as text. IPv4 is written here, since every connection has two and the library takes its time."""
    if len(packed) == 4:
        return f"{packed[0]}.{packed[1]}.{packed[2]}.{packed[3]}"
    return str(ip_address(packed))
