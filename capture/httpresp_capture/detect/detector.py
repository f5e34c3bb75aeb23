"""What a connection speaks, from the first bytes of its directions; and what stands before that.

A verdict can be taken back: an answer in clear HTTP shows that what looked like something else was spoken to HTTP.
"""

from httpresp_capture.detect.preamble import Preamble, may_begin
from httpresp_capture.detect.recognise import Spoken, recognise, recognise_within
from httpresp_capture.detect.undecided import Judge, Undecided
from httpresp_capture.http.heads import STRANGE_REQUEST
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.tcp.connection import Connection, Direction
from httpresp_capture.tcp.receiver import IGNORED, Ignored, Receiver

_UNKNOWN_KEPT = 4_096
"""Bytes of a direction kept while it is not clear what it speaks."""


class Detector(Judge):
    """Of one connection. `read` is left to who reads HTTP."""

    __slots__ = ("connection", "overruled", "preamble", "sink", "spoken")

    def __init__(self, sink: Sink, connection: Connection) -> None:
        self.sink = sink
        self.connection = connection
        self.spoken: Spoken = Spoken.MORE
        self.overruled: Spoken = Spoken.MORE
        """What the client speaks, where it is not HTTP and was answered in HTTP."""
        self.preamble: Preamble | None = None

    def read(self, side: Direction, recognised: Direction) -> list[tuple[bytes, int]]:
        """Give a direction the reader of its kind; the bytes that it has to be told first."""
        raise NotImplementedError

    def listen(self, half: Direction) -> Receiver:
        """Its first bytes tell what it speaks."""
        return Undecided(self, half)

    def asks_unknown(self) -> bool:
        """See `Application`."""
        return self.spoken is Spoken.MORE

    def may_answer(self) -> bool:
        """True when what the server says may answer what its client was heard to say."""
        return self.speaks_http or (self.spoken is Spoken.MORE and not self.connection.midstream)

    @property
    def speaks_http(self) -> bool:
        """True once a head was recognised, and with it who asks."""
        return self.spoken in (Spoken.REQUEST, Spoken.RESPONSE)

    def hear(self, direction: Undecided, at: int) -> None:
        """New bytes in an undecided direction."""
        data = direction.bytes()
        if (self.preamble is not None or may_begin(data)) and direction.at_beginning:
            if self._preamble_goes_on(direction):
                return
            data = direction.bytes()
        if self.spoken is not Spoken.MORE:
            self._judge_late(direction, data)
            return
        if self.connection.midstream or direction.gapped:
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

    def _has_spoken(self) -> bool:
        """True when payload came that was not enough to tell what it is."""
        for half in (self.connection.client, self.connection.server):
            if half is not None and isinstance(half.reader, Undecided) and (half.reader.total or half.reader.gapped):
                return True
        return False

    def _both_unknown(self) -> bool:
        """True when the other direction has spoken too, and is no clearer."""
        for half in (self.connection.client, self.connection.server):
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
        if asks is self.connection.server:
            self.connection.turn()
        client, server = self.connection.client, self.connection.server
        if client is None or server is None:
            return
        server.answers, client.answers = True, False
        client.drop_recent()
        if server.recent is None:
            server.recent = []
        waits = half is server and self._leaves_client(client)
        # What the server says answers what the client said before, whichever of them was recognised.
        parts = [] if waits else self.read(client, half)
        answers = self.read(server, half)
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
            return self.overruled is not Spoken.OTHER
        if isinstance(old, Undecided) and old.at_beginning and STRANGE_REQUEST.match(old.bytes()):
            # RTSP, SIP and their like, answered by a server that knows HTTP alone.
            self.overruled = Spoken.OTHER
            client.reader = IGNORED
            return True
        if self.connection.midstream:
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
                half.reader = IGNORED
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
            half.reader = IGNORED

    def read_late(self, direction: Undecided) -> None:
        """Read the requests of a client whose answers are being read already."""
        half = direction.half
        for data, at in self.read(half, half):
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
        anyone = self.connection.midstream and self.spoken is Spoken.MORE
        if anyone or direction.half is self.connection.client:
            found = preamble.header(direction)
            while found:
                self._opened_by(direction.half)
                found = preamble.header(direction)
            if found is None or not direction.size:
                return True
        for half in (self.connection.client, self.connection.server):
            if half is None or half.other is None or not (anyone or half is self.connection.client):
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
                for each in (self.connection.client, self.connection.server):
                    reader = each.reader if each is not None else None
                    if isinstance(reader, Undecided) and reader.size:
                        self.hear(reader, reader.kept[-1][1])
                return True
        return False

    def _opened_by(self, half: Direction) -> None:
        """Who sent a PROXY header or asked a SOCKS proxy is the client."""
        if half is self.connection.server:
            self.connection.turn()
        self.connection.proxied = self.preamble.proxied if self.preamble is not None else None
        self.connection.made = None

    def _ignore(self, recognised: Direction) -> None:
        """Read nothing more of this connection, but for the first bytes of a direction that has not spoken yet: an
        answer in clear HTTP takes the verdict back."""
        for half in (self.connection.client, self.connection.server):
            if half is None:
                continue
            half.drop_recent()
            reader = half.reader
            if half is recognised or (isinstance(reader, Undecided) and reader.total):
                half.reader = IGNORED
