"""What a connection speaks, from the first bytes of its directions; and what stands before that.

A verdict can be taken back: an answer in clear HTTP/1 shows that what looked like something else was spoken to that.
"""

from collections.abc import Sequence
from typing import Final

from httpresp_capture.detect.preamble import Preamble, may_begin
from httpresp_capture.detect.protocol import UNKNOWN, Conversation, Protocol, Verdict, find, recognise
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.http.heads import STRANGE_REQUEST
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.unread import Kind
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import ByteStream, Streams
from httpresp_capture.streams.receiver import IGNORED, Ignored, Receiver

_UNKNOWN_KEPT: Final = 4_096
"""Bytes of a direction kept while it is not clear what it speaks."""


class Detector(Detection):
    """Of one connection, or of the streams that another one carries."""

    __slots__ = (
        "_conversation",
        "_conversing",
        "_counted",
        "_former",
        "_overruled",
        "_preamble",
        "_protocol",
        "_protocols",
    )

    def __init__(self, sink: Sink, protocols: Sequence[Protocol], connection: Streams) -> None:
        super().__init__(sink, connection)
        self._protocols = protocols
        self._protocol: Protocol | None = None
        """What is spoken; None until that is clear."""
        self._conversation: Conversation | None = None
        """Who reads that; None where nobody does."""
        self._former: Conversation | None = None
        self._conversing: Protocol | None = None
        """Who read it before it was found out not to be spoken, and what it is that was read: it may be once more."""
        self._overruled: Protocol | None = None
        """What one direction was taken for, or is, where the other one shows what is really spoken."""
        self._preamble: Preamble | None = None
        self._counted: Kind | None = None
        """What the connection was counted as before this looks at it, and is as long as nobody reads it."""

    def inside(self, streams: Streams) -> "Detector":
        """See `Detection`."""
        detector = Detector(self.sink, self._protocols, streams)
        detector.tells_end = self.tells_end
        streams.application = detector
        return detector

    def anew(self, kind: Kind) -> "Detector":
        """See `Detection`."""
        detector = Detector(self.sink, self._protocols, self.connection)
        detector.tells_end = False
        detector._counted = kind
        detector._count(1)
        for stream in (self.connection.client, self.connection.server):
            if stream is not None:
                stream.drop_recent()
                stream.reader = Undetected(detector, stream)
        return detector

    def listen(self, stream: ByteStream) -> Receiver:
        """Its first bytes tell what it speaks."""
        return Undetected(self, stream)

    def opened(self) -> None:
        """See `Application`."""
        conversation = self._conversation or self._former
        if conversation is not None:
            conversation.opened()

    def asks_unknown(self) -> bool:
        """See `Application`."""
        return self._protocol is None

    def may_answer(self) -> bool:
        """See `Application`."""
        return self.speaks() or (self._protocol is None and not self.connection.midstream)

    def under_way(self) -> bool:
        """See `Application`."""
        if self._conversation is None:
            return self._protocol is None and not self.connection.midstream and self._has_spoken()
        return self._conversation.under_way()

    def waiting(self) -> list[Request]:
        """See `Application`."""
        return self._conversation.waiting() if self._conversation is not None else []

    def give_up_oldest(self, at: int) -> None:
        """See `Application`."""
        if self._conversation is not None:
            self._conversation.give_up_oldest(at)

    def restart(self) -> None:
        """See `Application`."""
        former = self._former = self._conversation or self._former
        if former is not None:
            former.restart()
        self._conversation = None
        self._protocol = self._overruled = None
        self._preamble = None

    def closed(self, reason: EndReason, at: int) -> None:
        """See `Application`."""
        if self._conversation is not None:
            self._conversation.closed(reason, at)
        elif self._protocol is None and self._counted is None:
            self.sink.unread.add_connection(Kind.UNRECOGNISED if self._has_spoken() else Kind.SILENT)

    def forget(self) -> None:
        """See `Application`."""
        for conversation in (self._conversation, self._former):
            if conversation is not None:
                conversation.forget()
        self._conversation = self._former = None

    def speaks(self) -> bool:
        """See `Detection`."""
        return self._conversation is not None

    def overruled(self) -> str | None:
        """See `Detection`."""
        return self._overruled.name if self._overruled is not None else None

    def detect(self, undetected: Undetected, at: int) -> None:
        """New bytes in an undecided direction."""
        data = undetected.bytes()
        if may_begin(data) and undetected.at_beginning:
            if self._preamble_goes_on(undetected):
                return
            data = undetected.bytes()
        if self._protocol is not None:
            self._detect_late(undetected, data)
            return
        if self.connection.midstream or undetected.gapped:
            whole = undetected.total == undetected.size
            protocol, verdict = recognise(self._protocols, data) if whole else (UNKNOWN, Verdict.NO)
            start = 0
            if verdict is Verdict.NO:
                protocol, verdict, start = find(self._protocols, data, len(data) - len(undetected.kept[-1][0]))
                if verdict is Verdict.NO:
                    # A head may have begun: its first line is kept from "HTTP/1." or from the last line end.
                    begun = b"HTTP/1." in data[-_UNKNOWN_KEPT:]
                    if undetected.size > (4 * _UNKNOWN_KEPT if begun else _UNKNOWN_KEPT):
                        undetected.drop_front(512)
                    return
            elif verdict is Verdict.CLIENT and protocol.find is not None:
                # The end of a body may stand before it, and look like a part of its method.
                inside, begins = protocol.find(data, 0)
                start = begins if inside is verdict and 0 < begins < data.find(b"\n") else 0
            if start:
                undetected.kept = [(data[start:], at)]
        else:
            protocol, verdict = recognise(self._protocols, data)
            if verdict is Verdict.NO and undetected.total <= _UNKNOWN_KEPT and not self._both_unknown():
                return
        if verdict is not Verdict.MORE:
            self._decide(undetected, protocol, verdict)

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

    def _decide(self, undetected: Undetected, protocol: Protocol, verdict: Verdict) -> None:
        stream, connection = undetected.direction, self.connection
        self._protocol = protocol
        if protocol.converse is None:
            if self._counted is None:
                self._count(1)
            self._ignore(stream)
            return
        other = connection.other(stream)
        if verdict is not Verdict.EITHER and (stream if verdict is Verdict.CLIENT else other) is connection.server:
            connection.turn()
        client, server = connection.client, connection.server
        if client is None or server is None or other is None:
            return
        former = self._former if self._conversing is protocol else None
        self._conversation = former or protocol.converse(self)
        self._conversing = protocol
        if self._counted is not None:
            self._count(-1)
        connection.asked_by_client()
        if not protocol.prevails:
            self._feed(stream, self._give_reader(stream, recognised=True))
            if isinstance(other.reader, Undetected) and other.reader.size:
                self.detect(other.reader, other.reader.kept[-1][1])
            return
        waits = stream is server and self._leaves_client(client)
        # What the server says answers what the client said before, whichever of them was recognised.
        parts = [] if waits else self._give_reader(client, recognised=client is stream)
        answers = self._give_reader(server, recognised=server is stream)
        self._feed(client, parts)
        self._feed(server, answers)

    def _give_reader(self, stream: ByteStream, *, recognised: bool) -> list[tuple[bytes, int]]:
        """Give a direction the reader of what is spoken; what is to be told to that first."""
        before = stream.reader
        undetected = before if isinstance(before, Undetected) else None
        if self._conversation is None:
            return []
        reader = stream.reader = self._conversation.reader(stream, undetected, recognised=recognised)
        if undetected is None:
            return []
        if undetected.marked:
            reader.urgent()
        return undetected.kept

    def _feed(self, stream: ByteStream, parts: list[tuple[bytes, int]]) -> None:
        for data, at in parts:
            if stream.reader is not None:
                stream.reader.data(data, at)

    def _leaves_client(self, client: ByteStream) -> bool:
        """True when an answer came whose client is not to be read: not yet, since it is not clear what it speaks; or
        not at all, since that is no HTTP."""
        old = client.reader
        if isinstance(old, Ignored):
            return self._overruled is not UNKNOWN
        if isinstance(old, Undetected) and old.at_beginning and STRANGE_REQUEST.match(old.bytes()):
            # RTSP, SIP and their like, answered by a server that knows HTTP alone.
            self._overruled = UNKNOWN
            client.reader = IGNORED
            return True
        if self.connection.midstream:
            return False
        if old is None:
            client.reader = Undetected(self, client)
            return True
        if not isinstance(old, Undetected) or not old.at_beginning:
            return False
        return not old.size or self._preamble_goes_on(old) or recognise(self._protocols, old.bytes())[1] is Verdict.MORE

    def _detect_late(self, undetected: Undetected, data: bytes) -> None:
        """The first bytes of a direction, when the other one has told what the connection speaks."""
        spoken = self._protocol
        protocol, verdict = recognise(self._protocols, data) if undetected.at_beginning else (UNKNOWN, Verdict.NO)
        if verdict is Verdict.MORE or spoken is None:
            return
        if protocol.prevails and protocol is not spoken:
            self._take_back()
            self._decide(undetected, protocol, verdict)
        elif not self.speaks():
            undetected.direction.reader = IGNORED
        elif spoken.prevails and protocol is not spoken and protocol is not UNKNOWN:
            self._overruled = protocol
            undetected.direction.reader = IGNORED
        else:
            self.read_late(undetected)

    def read_late(self, undetected: Undetected) -> None:
        """See `Detection`."""
        stream = undetected.direction
        self._feed(stream, self._give_reader(stream, recognised=True))

    def _take_back(self) -> None:
        """What a direction was taken for is not spoken."""
        self._overruled = self._protocol
        conversation, self._conversation = self._conversation, None
        if conversation is None:
            if self._counted is None:
                self._count(-1)
            return
        conversation.withdrawn()
        if self._counted is not None:
            self._count(1)
        for stream in (self.connection.client, self.connection.server):
            if stream is not None and not isinstance(stream.reader, Undetected):
                stream.reader = IGNORED

    def _count(self, more: int) -> None:
        """One connection more, or less, of what nobody reads."""
        sink, protocol = self.sink, self._protocol
        if self._counted is not None:
            sink.unread.add_connection(self._counted, more)
            return
        if protocol is None:
            return
        if protocol.encrypted:
            sink.flows_encrypted += more
        else:
            sink.flows_other += more
        if protocol.kind is not None:
            sink.unread.add_connection(protocol.kind, more)

    def upgraded(self, name: str, request: Request | None) -> bool:
        """See `Detection`."""
        for protocol in self._protocols:
            if protocol.name == name and protocol.converse is not None:
                self._protocol = self._conversing = protocol
                self._conversation = protocol.converse(self)
                self._conversation.upgraded(request)
                for stream in (self.connection.client, self.connection.server):
                    if stream is not None:
                        stream.reader = self._conversation.reader(stream, None, recognised=False)
                return True
        return False

    def not_spoken(self, listen: ByteStream | None) -> None:
        """See `Detection`."""
        self._former, self._conversation = self._conversation, None
        self._protocol = UNKNOWN
        self._count(1)
        for stream in (self.connection.client, self.connection.server):
            if stream is not None:
                stream.drop_recent()
                stream.reader = Undetected(self, stream) if stream is listen else IGNORED

    def _preamble_goes_on(self, undetected: Undetected) -> bool:
        """Take off what stands before the protocol; True when nothing stands behind it yet, or when what does was
        judged."""
        preamble = self._preamble
        if preamble is None:
            preamble = self._preamble = Preamble()
        anyone = self.connection.midstream and self._protocol is None
        if anyone or undetected.direction is self.connection.client:
            found = preamble.header(undetected)
            while found:
                self._opened_by(undetected.direction)
                found = preamble.header(undetected)
            if found is None or not undetected.size:
                return True
        for direction in (self.connection.client, self.connection.server):
            other = self.connection.other(direction) if direction is not None else None
            if direction is None or other is None or not (anyone or direction is self.connection.client):
                continue
            asks, answers = direction.reader, other.reader
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

    def _opened_by(self, direction: ByteStream) -> None:
        """Who sent a PROXY header or asked a SOCKS proxy is the client."""
        if direction is self.connection.server:
            self.connection.turn()
        self.connection.proxied = self._preamble.proxied if self._preamble is not None else None
        self.connection.made = None

    def _ignore(self, recognised: ByteStream) -> None:
        """Read nothing more of this connection, but for the first bytes of a direction that has not spoken yet: an
        answer in clear HTTP takes the verdict back."""
        for direction in (self.connection.client, self.connection.server):
            if direction is None:
                continue
            direction.drop_recent()
            reader = direction.reader
            if direction is recognised or (isinstance(reader, Undetected) and reader.total):
                direction.reader = IGNORED
