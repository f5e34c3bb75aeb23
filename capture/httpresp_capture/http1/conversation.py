"""HTTP/1 on one connection: a reader for each direction, and what takes both of them to know."""

from httpresp_capture.detect.undetected import Undetected
from httpresp_capture.http.pairing import Pairing
from httpresp_capture.http1.exchanges import Exchanges
from httpresp_capture.http1.message import HEAD, SEARCH
from httpresp_capture.http1.parser import Reader
from httpresp_capture.http1.request_reader import RequestReader
from httpresp_capture.http1.response_reader import ResponseReader
from httpresp_capture.records.events import FlowEnded
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.unread import Kind
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.streams.receiver import IGNORED, Ignored, Receiver

_NO_HTTP = "what the client sent is no HTTP"


class HTTP1(Exchanges):
    """What stands above a connection of HTTP/1."""

    __slots__ = ()

    def opened(self) -> None:
        """See `Application`."""
        self.pairing.opened()

    def under_way(self) -> bool:
        """See `Application`."""
        if self.behind is not None:
            return self.behind.under_way()
        for direction in (self.connection.server, self.connection.client):
            reader = direction.reader if direction is not None else None
            if isinstance(reader, Reader) and (reader.opened or (reader.state == HEAD and reader.partial is not None)):
                return True
        return any(waiting[0] is not None for waiting in self.pairing.pending)

    def restart(self) -> None:
        """See `Application`."""
        exchanges = self.pairing.stream
        self.pairing = Pairing(self.sink.limits.pending_requests)
        self.pairing.stream = exchanges
        self.behind = None

    def closed(self, reason: EndReason, at: int) -> None:
        """See `Application`."""
        server = self.connection.server
        answers = server.reader if server is not None and self.behind is None else None
        lost = False
        if isinstance(answers, ResponseReader):
            lost = answers.lost
            if answers.is_unsettled():
                # Bytes that are lost behind it were the answer to a request, which may not have been there.
                answers.settle(not lost or self.asked_behind())
        if self.pairing.pending:
            heard_from = server.first_seq if server is not None and self.midstream else -1
            for request, stream, detail in self.pairing.unanswered(lost=lost, heard_from=heard_from):
                self.unanswered(request, stream, at, detail)
        if self.behind is not None:
            self.behind.closed(reason, at)
        if self.detection.tells_end:
            self.sink.emit(FlowEnded(self.connection.flow(), at, reason))

    def forget(self) -> None:
        """See `Application`."""
        if self.behind is not None:
            self.behind.forget()
            self.behind = None

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        """See `Conversation`."""
        connection = self.connection
        client, server = connection.client, connection.server
        reader: Reader = RequestReader(self) if stream is client else ResponseReader(self, stream)
        reader.origin = stream.next_seq
        gapped = spoke = False
        if undetected is not None:
            reader.origin -= len(undetected.bytes())
            gapped = undetected.gapped
            spoke = undetected.total > 0
        midstream = connection.midstream
        if not recognised and (
            ((midstream or gapped) and (spoke or stream is client)) or isinstance(stream.reader, Ignored)
        ):
            # It may begin inside a message.
            reader.state = SEARCH
            reader.lost = True
        elif gapped:
            reader.lost = True
        if stream is client and gapped:
            begins = connection.begins_at(stream)
            self.lost_requests(begins if begins >= 0 else reader.origin & MASK, surely=True)
        elif stream is server and stream.next_seq >= 0 and not midstream:
            reader.begins(reader.origin)
            if connection.begins_at(stream) == reader.origin & MASK:
                self.pairing.answers_begin(reader.origin)
        return reader

    def is_strange(self, answer: str = "") -> bool:
        """Take back that it speaks HTTP, which another protocol only looked like; False when that is too late.

        A request of HTTP that was answered so, with `answer`, got no response; what its client sends from then on is
        looked at anew.
        """
        if self.pairing.stream > self.connection.exchanges:
            return False
        connection = self.connection
        if answer:
            at = connection.used_at()
            for request, stream, _ in self.pairing.unanswered(lost=False):
                self.unanswered(request, stream, at, f"answered in another protocol: {answer}")
        else:
            self.sink.requests -= self.pairing.requests
            self.pairing.pending.clear()
        may_yet = connection.client if answer else connection.server
        for direction in (connection.client, connection.server):
            reader = direction.reader if direction is not None else None
            if isinstance(reader, Reader):
                reader.tunnel()
            if direction is may_yet and not (isinstance(reader, Reader) and (answer or not reader.base)):
                may_yet = None
        self.detection.not_spoken(may_yet)  # It may yet ask, or answer, in HTTP.
        return True

    def switch(self, response: Response) -> None:
        """After 101 or a CONNECT that succeeded, both directions carry something else (RFC 9110 §9.3.6, §15.2.2)."""
        client, server = self.connection.client, self.connection.server
        answers = server.reader if server is not None else None
        if response.status == 101 and response.header("upgrade").lower() == "h2c":
            left = self.pairing.unanswered(lost=False)
            if self.detection.upgraded("HTTP/2", response.request):
                for request, stream, _ in left:
                    self.unanswered(request, stream, response.at, "the connection was switched to HTTP/2")
                if isinstance(answers, ResponseReader) and server is not None:
                    answers.successor = server.reader
                return
        if _switched_to(response) is Kind.WEBSOCKET and isinstance(answers, ResponseReader) and client and server:
            self._follow_websocket(client, server, answers, response)
            return
        if response.status != 101 and isinstance(answers, ResponseReader) and server is not None:
            self._connected(answers, server)
            return
        self.sink.unread.add_connection(_switched_to(response))
        if client is not None and isinstance(client.reader, RequestReader):
            client.reader.tunnel()
        elif client is not None and isinstance(client.reader, Undetected):
            client.reader = IGNORED
        if server is not None:
            server.drop_recent()

    def _follow_websocket(
        self, client: ByteStream, server: ByteStream, answers: ResponseReader, response: Response
    ) -> None:
        """Read the frames of both directions; what they say is told of the 101."""
        from httpresp_capture.http1.after_101 import After101  # Loaded where it is spoken.

        session = After101(self.sink, answers, response).session
        early = client.reader.partial if isinstance(client.reader, RequestReader) else None
        client.reader, server.reader = session.client, session.server
        answers.successor = session.server
        if early:
            session.client.data(bytes(early), response.at)
        server.drop_recent()

    def _connected(self, answers: ResponseReader, server: ByteStream) -> None:
        """Behind a CONNECT that succeeded both ends may speak anything, also HTTP. What the client has said already,
        without waiting for the answer, is what it says there."""
        client = self.connection.client
        asking = client.reader if client is not None else None
        said = self._said_early(asking) if isinstance(asking, RequestReader) else []
        if answers.is_unsettled():
            answers.settle(True)
        self.connection.exchanges = self.pairing.stream
        self.behind = self.detection.anew(Kind.CONNECT)
        if client is not None and said:
            # As it was when the answer ended: more may stand behind it in its packet.
            server_stands, server.next_seq = server.next_seq, answers.seq(answers.base)
            client.next_seq = (client.next_seq - sum([len(data) for data, _ in said])) & MASK
            for data, at in said:
                client.next_seq = (client.next_seq + len(data)) & MASK
                if client.reader is not None:
                    client.reader.data(data, at)
            server.next_seq = server_stands
        answers.successor = server.reader

    def _said_early(self, asking: RequestReader) -> list[tuple[bytes, int]]:
        """What the client has said behind its CONNECT, with the times. Requests among it are asked of whoever is behind
        it, so here they are taken back, where every byte of them is kept."""
        said: list[tuple[bytes, int]] = []
        pending = self.pairing.pending
        for waiting in pending:
            request = waiting[0]
            if request is not None and request is asking.record:
                request = asking.so_far()
            if request is None or request.wire_bytes != len(request.head) + len(request.body):
                return asking.not_understood()
            said.append((request.head + request.body, request.sent_at))
        self.sink.requests -= len(pending)
        pending.clear()
        return said + asking.not_understood()

    def asks(self, request: Request, start: int) -> None:
        """A request, which begins at position `start`, is complete, or its head is and its body follows."""
        pairing, sink = self.pairing, self.sink
        client = self.connection.client
        ack = client.ack if client is not None else 0
        if self.answering or not pairing.requests:
            self._asks_between(ack)
        sink.requests += 1
        if pairing.careful or pairing.asked_with == ack or pairing.pending:
            if pairing.asks(request, ack, start):
                self.give_up_oldest(request.sent_at)
        else:  # The same for nearly all requests, for speed.
            pairing.requests += 1
            pairing.asked_with = ack
            pairing.pending.append((request, ack, start))
        asked = sink.asked = sink.asked + len(request.head) + REQUEST_COST
        if asked > sink.asked_most:
            sink.bound_pending(request.sent_at)

    def _asks_between(self, ack: int) -> None:
        """A request comes that acknowledges `ack`, as the first one here, or while a response is open."""
        pairing, server = self.pairing, self.connection.server
        if server is None:
            return
        answers = server.reader
        if isinstance(answers, ResponseReader) and answers.opened and answers.goes_on_behind(ack):
            pairing.not_waiting()
        if not pairing.requests and ack and server.first_seq >= 0 and distance(server.first_seq, ack) > 0:
            pairing.lost_responses()  # It had less than the first of the server's bytes that are here.

    def give_up_oldest(self, at: int) -> None:
        """Wait no longer for the answer to the oldest request."""
        if self.behind is not None and not self.pairing.pending:
            self.behind.give_up_oldest(at)
            return
        oldest = self.pairing.give_up()
        if oldest is not None:
            self.pairing.stream += 1
            self.unanswered(oldest, self.pairing.stream, at, "too many waiting")

    def waiting(self) -> list[Request]:
        """The requests that have no answer yet, the oldest first."""
        waiting = [request for request, _, _ in self.pairing.pending if request is not None]
        return waiting if self.behind is None else waiting + self.behind.waiting()

    def asked_behind(self) -> bool:
        """True unless the newest response has a presumed request, and nothing was asked with that response in hand."""
        client, server = self.connection.client, self.connection.server
        answers = server.reader if server is not None else None
        if client is None or not (
            self.pairing.presumed_final and isinstance(answers, ResponseReader) and answers.presumed
        ):
            return True
        if self.pairing.presumed_cut:
            return True  # What is lost behind it is its own, for all that is known.
        return self.pairing.fits(self.pairing.presumed_end, client.next_seq, lost=True)

    def is_missing(self) -> bool:
        """True while bytes of either end are missing that may yet come."""
        client, server = self.connection.client, self.connection.server
        return client is not None and server is not None and (client.waiting or server.waiting)

    def asked(self, before: Request, after: Request) -> None:
        """A request whose head came earlier has ended."""
        if not self.pairing.ended(before, after):
            server = self.connection.server.reader if self.connection.server is not None else None
            if isinstance(server, ResponseReader) and server.row.request is before:
                server.row.request = after

    def refuted(self) -> None:
        """The request that was presumed for the newest response is another's."""
        server = self.connection.server
        if server is not None and isinstance(server.reader, ResponseReader):
            self.pairing.not_waiting()
            server.reader.settle(False)

    def begun(self, acked: int) -> int:
        """The position at which a request begins that is not whole here, while the server had up to `acked`."""
        client = self.connection.client
        if client is None or not isinstance(client.reader, RequestReader):
            return -1
        reader = client.reader
        if reader.state == HEAD and reader.partial is not None and reader.record is None:
            return reader.seq(reader.partial_base)
        # One alone may be a FIN.
        return client.next_seq if client.next_seq >= 0 and distance(acked, client.next_seq) > 1 else -1

    def answered(self, acked: int) -> None:
        """A response came with nothing left to answer, while the server had the client's bytes up to `acked`."""
        client = self.connection.client
        if client is not None and isinstance(client.reader, RequestReader):
            client.reader.answered(acked)

    def still_sends(self, request: Request) -> bool:
        """True while the body of this request is on its way, and nothing of it is missing."""
        client = self.connection.client
        if client is None or not isinstance(client.reader, RequestReader):
            return False
        reader = client.reader
        return reader.record is request and reader.parts.gaps is None and not client.waiting

    def why_alone(self, problem: Problem | None) -> Problem | None:
        """Why a response has no request, where the client does not speak HTTP at all."""
        client = self.connection.client.reader if self.connection.client is not None else None
        overruled = self.detection.overruled()
        if overruled is not None:
            return Problem("no-request", 0, f"the client sent {overruled}" if overruled else _NO_HTTP)
        if (
            problem is not None
            and problem.name == "no-request"
            and isinstance(client, RequestReader)
            and client.base
            and not client.found
            and not client.lost
        ):
            return Problem("no-request", 0, _NO_HTTP)
        return problem


def _switched_to(response: Response) -> Kind:
    """What follows a response that ends HTTP on its connection."""
    if response.status != 101:
        return Kind.CONNECT
    protocol = response.header("upgrade").lower()
    return Kind.WEBSOCKET if protocol.startswith("websocket") else Kind.SWITCHED
