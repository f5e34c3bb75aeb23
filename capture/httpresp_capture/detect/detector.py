"""What a connection speaks, from the first bytes of its directions; and what stands before that.

A verdict can be taken back: an answer in clear HTTP shows that what looked like something else was spoken to HTTP.
"""

from httpresp_capture.detect.preamble import Preamble, may_begin
from httpresp_capture.detect.recognise import Protocol, recognise, recognise_within
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.http.heads import STRANGE_REQUEST
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.tcp.connection import Connection, Direction
from httpresp_capture.tcp.receiver import IGNORED, Ignored, Receiver

_UNKNOWN_KEPT = 4_096
"""Bytes of a direction kept while it is not clear what it speaks."""


class Detector(Detection):
    """Of one connection. `read` is left to who reads HTTP."""

    __slots__ = ("connection", "overruled", "preamble", "protocol", "sink")

    def __init__(self, sink: Sink, connection: Connection) -> None:
        self.sink = sink
        self.connection = connection
        self.protocol: Protocol = Protocol.MORE
        self.overruled: Protocol = Protocol.MORE
        """What the client speaks, where it is not HTTP and was answered in HTTP."""
        self.preamble: Preamble | None = None

    def read(self, side: Direction, recognised: Direction) -> list[tuple[bytes, int]]:
        """Give a direction the reader of its kind; the bytes that it has to be told first."""
        raise NotImplementedError

    def listen(self, direction: Direction) -> Receiver:
        """Its first bytes tell what it speaks."""
        return Undetected(self, direction)

    def asks_unknown(self) -> bool:
        """See `Application`."""
        return self.protocol is Protocol.MORE

    def may_answer(self) -> bool:
        """True when what the server says may answer what its client was heard to say."""
        return self.speaks_http or (self.protocol is Protocol.MORE and not self.connection.midstream)

    @property
    def speaks_http(self) -> bool:
        """True once a head was recognised, and with it who asks."""
        return self.protocol in (Protocol.REQUEST, Protocol.RESPONSE)

    def detect(self, undetected: Undetected, at: int) -> None:
        """New bytes in an undecided direction."""
        data = undetected.bytes()
        if (self.preamble is not None or may_begin(data)) and undetected.at_beginning:
            if self._preamble_goes_on(undetected):
                return
            data = undetected.bytes()
        if self.protocol is not Protocol.MORE:
            self._judge_late(undetected, data)
            return
        if self.connection.midstream or undetected.gapped:
            protocol, start = (recognise(data), 0) if undetected.total == undetected.size else (Protocol.OTHER, 0)
            if protocol is Protocol.OTHER:
                protocol, start = recognise_within(data)
                if protocol is Protocol.OTHER:
                    # A head may have begun: its first line is kept from "HTTP/1." or from the last line end.
                    begun = b"HTTP/1." in data[-_UNKNOWN_KEPT:]
                    if undetected.size > (4 * _UNKNOWN_KEPT if begun else _UNKNOWN_KEPT):
                        undetected.drop_front(512)
                    return
            elif protocol is Protocol.REQUEST:
                # The end of a body may stand before it, and look like a part of its method.
                inside, begins = recognise_within(data)
                start = begins if inside is Protocol.REQUEST and 0 < begins < data.find(b"\n") else 0
            if start:
                undetected.kept = [(data[start:], at)]
        else:
            protocol = recognise(data)
            if protocol is Protocol.OTHER and undetected.total <= _UNKNOWN_KEPT and not self._both_unknown():
                return
        if protocol is not Protocol.MORE:
            self._decide(undetected, protocol)

    def _has_spoken(self) -> bool:
        """True when payload came that was not enough to tell what it is."""
        for direction in (self.connection.client, self.connection.server):
            if (
                direction is not None
                and isinstance(direction.reader, Undetected)
                and (direction.reader.total or direction.reader.gapped)
            ):
                return True
        return False

    def _both_unknown(self) -> bool:
        """True when the other direction has spoken too, and is no clearer."""
        for direction in (self.connection.client, self.connection.server):
            if direction is None or not isinstance(direction.reader, Undetected) or not direction.reader.total:
                return False
        return True

    def _decide(self, undetected: Undetected, protocol: Protocol) -> None:
        direction = undetected.direction
        self.protocol = protocol
        sink = self.sink
        if protocol in (Protocol.TLS, Protocol.HTTP2, Protocol.OTHER):
            if protocol is Protocol.TLS:
                sink.flows_encrypted += 1
            else:
                sink.flows_other += 1
                if protocol is Protocol.HTTP2:
                    sink.unread.add_connection(Kind.HTTP2)
            self._ignore(direction)
            return
        asks = direction if protocol is Protocol.REQUEST else direction.other
        if asks is self.connection.server:
            self.connection.turn()
        client, server = self.connection.client, self.connection.server
        if client is None or server is None:
            return
        server.answers, client.answers = True, False
        client.drop_recent()
        if server.recent is None:
            server.recent = []
        waits = direction is server and self._leaves_client(client)
        # What the server says answers what the client said before, whichever of them was recognised.
        parts = [] if waits else self.read(client, direction)
        answers = self.read(server, direction)
        for data, at in parts:
            if client.reader is not None:
                client.reader.data(data, at)
        for data, at in answers:
            if server.reader is not None:
                server.reader.data(data, at)

    def _leaves_client(self, client: Direction) -> bool:
        """True when an answer came whose client is not to be read: not yet, since it is not clear what it speaks; or
        not at all, since that is no HTTP."""
        old = client.reader
        if isinstance(old, Ignored):
            return self.overruled is not Protocol.OTHER
        if isinstance(old, Undetected) and old.at_beginning and STRANGE_REQUEST.match(old.bytes()):
            # RTSP, SIP and their like, answered by a server that knows HTTP alone.
            self.overruled = Protocol.OTHER
            client.reader = IGNORED
            return True
        if self.connection.midstream:
            return False
        if old is None:
            client.reader = Undetected(self, client)
            return True
        if not isinstance(old, Undetected) or not old.at_beginning:
            return False
        return not old.size or self._preamble_goes_on(old) or recognise(old.bytes()) is Protocol.MORE

    def _judge_late(self, undetected: Undetected, data: bytes) -> None:
        """The first bytes of a direction, when the other one has told what the connection speaks."""
        protocol = recognise(data) if undetected.at_beginning else Protocol.OTHER
        direction = undetected.direction
        if protocol is Protocol.MORE:
            return
        if self.speaks_http:
            if protocol is Protocol.TLS or protocol is Protocol.HTTP2:
                self.overruled = protocol
                direction.reader = IGNORED
            else:
                self.read_late(undetected)
        elif protocol is Protocol.RESPONSE or protocol is Protocol.REQUEST:
            # A server of clear HTTP answers TLS, or HTTP/2 that it does not know, with a 400 in clear.
            self.overruled = self.protocol
            if self.protocol is Protocol.TLS:
                self.sink.flows_encrypted -= 1
            else:
                self.sink.flows_other -= 1
                if self.protocol is Protocol.HTTP2:
                    self.sink.unread.add_connection(Kind.HTTP2, -1)
            self._decide(undetected, protocol)
        else:
            direction.reader = IGNORED

    def read_late(self, undetected: Undetected) -> None:
        """Read the requests of a client whose answers are being read already."""
        direction = undetected.direction
        for data, at in self.read(direction, direction):
            if direction.reader is not None:
                direction.reader.data(data, at)

    def _preamble_goes_on(self, undetected: Undetected) -> bool:
        """Take off what stands before the protocol; True when nothing stands behind it yet, or when what does was
        judged."""
        preamble = self.preamble
        if preamble is None:
            if not may_begin(undetected.bytes()):
                return False
            preamble = self.preamble = Preamble()
        anyone = self.connection.midstream and self.protocol is Protocol.MORE
        if anyone or undetected.direction is self.connection.client:
            found = preamble.header(undetected)
            while found:
                self._opened_by(undetected.direction)
                found = preamble.header(undetected)
            if found is None or not undetected.size:
                return True
        for direction in (self.connection.client, self.connection.server):
            if direction is None or direction.other is None or not (anyone or direction is self.connection.client):
                continue
            asks, answers = direction.reader, direction.other.reader
            if not isinstance(asks, Undetected) or not asks.at_beginning:
                continue
            if answers is not None and not (isinstance(answers, Undetected) and answers.at_beginning):
                continue
            found = preamble.handshake(asks, answers)
            if found is None:
                return True
            if found:
                self._opened_by(direction)
                for each in (self.connection.client, self.connection.server):
                    reader = each.reader if each is not None else None
                    if isinstance(reader, Undetected) and reader.size:
                        self.detect(reader, reader.kept[-1][1])
                return True
        return False

    def _opened_by(self, direction: Direction) -> None:
        """Who sent a PROXY header or asked a SOCKS proxy is the client."""
        if direction is self.connection.server:
            self.connection.turn()
        self.connection.proxied = self.preamble.proxied if self.preamble is not None else None
        self.connection.made = None

    def _ignore(self, recognised: Direction) -> None:
        """Read nothing more of this connection, but for the first bytes of a direction that has not spoken yet: an
        answer in clear HTTP takes the verdict back."""
        for direction in (self.connection.client, self.connection.server):
            if direction is None:
                continue
            direction.drop_recent()
            reader = direction.reader
            if direction is recognised or (isinstance(reader, Undetected) and reader.total):
                direction.reader = IGNORED
