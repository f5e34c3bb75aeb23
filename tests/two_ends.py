"""HTTP/2 between two endpoints (the library `h2`), kept as the bytes that crossed; and read again without TCP."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event

from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.http2.endpoint import Endpoint
from httpresp_capture.http2.exchanges import Exchanges
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Application, Streams
from samples import FLOW

Fields = list[tuple[str, str]]
Crossed = tuple[bool, bytes]
"""Whether the client sent it, and the bytes."""
MSS = 1_448


def asking(path: str = "/", method: str = "GET", more: Fields | None = None) -> Fields:
    pseudo = [(":method", method), (":scheme", "http"), (":authority", "a.test"), (":path", path)]
    return pseudo + (more or [])


@dataclass
class TwoEnds:
    """A client and a server, and what they have sent each other."""

    crossed: list[Crossed] = field(default_factory=list[Crossed])

    def __post_init__(self) -> None:
        # What a peer may not send is sent in some tests: nobody looks at it on the way out.
        self.client = H2Connection(
            H2Configuration(True, validate_outbound_headers=False, normalize_outbound_headers=False)
        )
        self.server = H2Connection(
            H2Configuration(
                False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                validate_inbound_headers=False,
            )
        )
        self.client.config.validate_inbound_headers = False
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.heard: list[Event] = []
        """What the client has heard."""
        self.cross()

    def cross(self) -> None:
        """Hand over what either has to say, until neither has."""
        while True:
            asked, answered = self.client.data_to_send(), self.server.data_to_send()
            if not asked and not answered:
                return
            if asked:
                self.crossed.append((True, asked))
                self.server.receive_data(asked)
            if answered:
                self.crossed.append((False, answered))
                self.heard += self.client.receive_data(answered)

    def ask(self, fields: Fields | None = None, body: bytes | None = None, *, ends: bool = True) -> int:
        """A request; the id of its stream."""
        stream = self.client.get_next_available_stream_id()
        self.client.send_headers(stream, fields or asking(), end_stream=ends and body is None)
        if body is not None:
            self.client.send_data(stream, body, end_stream=ends)
        self.cross()
        if body:
            self.server.acknowledge_received_data(len(body), stream)
            self.cross()
        return stream

    def answer(
        self,
        stream: int,
        fields: Fields,
        body: bytes | None = None,
        trailers: Fields | None = None,
        *,
        ends: bool = True,
    ) -> None:
        """A response, or an interim one."""
        self.server.send_headers(stream, fields, end_stream=ends and body is None and trailers is None)
        self.cross()
        if body is not None:
            self.send(stream, body, ends=ends and trailers is None)
        if trailers is not None:
            self.server.send_headers(stream, trailers, end_stream=True)
            self.cross()

    def send(self, stream: int, body: bytes, *, ends: bool = True) -> None:
        """Content from the server, in as many frames as its size takes."""
        for start in range(0, max(len(body), 1), 16_384):
            part = body[start : start + 16_384]
            self.server.send_data(stream, part, end_stream=ends and start + len(part) == len(body))
            self.cross()
            if part:
                self.client.acknowledge_received_data(len(part), stream)
                self.cross()


class Known(Streams):
    """A connection of which all is known."""

    def __init__(self) -> None:
        super().__init__(Application())
        self.midstream = False

    def flow(self) -> Flow:
        return FLOW


class Listener:
    """What reads both directions, without TCP below."""

    def __init__(self, limits: Limits | None = None, *, midstream: bool = False) -> None:
        self.sink = Sink(limits or Limits())
        self.exchanges = Exchanges(self.sink, Known(), midstream=midstream)
        self.client = Endpoint(self.exchanges, None, asks=True)
        self.server = Endpoint(self.exchanges, None, asks=False)
        self.client.meet(self.server)
        self.server.meet(self.client)
        if midstream:
            self.client.begin_midstream()
            self.server.begin_midstream()
        else:
            self.client.preface = len(HTTP2_PREFACE)
        self.rows: dict[int, Response] = {}
        self.kinds: list[type[CaptureEvent]] = []
        """Of what was told."""
        self.at = 0

    def hear(self, asks: bool, data: bytes) -> None:
        self.at += 1_000
        (self.client if asks else self.server).data(data, self.at)
        self._keep(self.sink.take())

    def miss(self, asks: bool, length: int) -> None:
        self.at += 1_000
        (self.client if asks else self.server).gap(length, self.at, False)
        self._keep(self.sink.take())

    def finish(self, reason: EndReason = EndReason.CAPTURE_END) -> list[Response]:
        self.client.end(reason, self.at)
        self.server.end(reason, self.at)
        self.exchanges.closed(reason, self.at)
        self._keep(self.sink.take())
        assert not self.exchanges.open
        assert all(row.end is not None for row in self.rows.values())
        return list(self.rows.values())

    def _keep(self, events: Iterable[CaptureEvent]) -> None:
        for event in events:
            self.kinds.append(type(event))
            if isinstance(event, ResponseSeen):
                assert event.response.id == len(self.rows) + 1
                self.rows[event.response.id] = event.response
            elif isinstance(event, ResponseChanged):
                before = self.rows[event.response.id]
                assert before.end is None
                assert before.head == event.response.head
                self.rows[event.response.id] = event.response


def heard(crossed: Iterable[Crossed], reason: EndReason = EndReason.CAPTURE_END) -> list[Response]:
    """All rows of a connection."""
    listener = Listener()
    for asks, data in crossed:
        listener.hear(asks, data)
    return listener.finish(reason)


def split(crossed: Iterable[Crossed], rng: Random, longest: int = MSS) -> Iterator[Crossed]:
    """The same in other packets."""
    for asks, data in crossed:
        start = 0
        while start < len(data):
            end = start + rng.randrange(1, longest + 1)
            yield asks, data[start:end]
            start = end


STATUSES = ("200", "204", "206", "302", "304", "404", "418", "500", "503")


@dataclass
class Sent:
    """What a stream carried."""

    status: int
    fields: Fields
    body: bytes
    path: str


@dataclass
class Told:
    """A connection, and the truth about it."""

    crossed: list[Crossed]
    sent: dict[int, Sent] = field(default_factory=dict[int, Sent])


def talk(rng: Random, count: int, *, at_once: int = 8, most: int = 6_000) -> Told:
    """Streams that are open together, their frames mixed."""
    ends = TwoEnds()
    told = Told(ends.crossed)
    open_streams: dict[int, bytes] = {}
    begun = 0
    while begun < count or open_streams:
        if begun < count and len(open_streams) < at_once:
            path = f"/{begun}/{rng.randrange(9)}"
            body = rng.randbytes(rng.choice([0, 10, 3_000])) if rng.random() < 0.2 else None
            method = "GET" if body is None else "POST"
            stream = ends.ask(asking(path, method, [("user-agent", "test"), ("x-of", str(begun % 7))]), body)
            begun += 1
            status = rng.choice(STATUSES)
            size = 0 if status in ("204", "304") else rng.choice([0, 1, 200, rng.randrange(most)])
            fields = [(":status", status), ("server", "a"), ("x-number", str(stream)), ("x-of", str(begun % 5))]
            if rng.random() < 0.5 and status not in ("204", "304"):
                fields.append(("content-length", str(size)))
            sent = told.sent[stream] = Sent(int(status), fields, rng.randbytes(size), path)
            ends.answer(stream, fields, None, ends=size == 0)
            if size:
                open_streams[stream] = sent.body
        elif open_streams:
            stream = rng.choice(list(open_streams))
            cut = rng.randrange(1, 2_000)
            part, rest = open_streams[stream][:cut], open_streams[stream][cut:]
            trailers = not rest and rng.random() < 0.2
            ends.send(stream, part, ends=not rest and not trailers)
            if trailers:
                ends.server.send_headers(stream, [("x-end", "1")], end_stream=True)
                ends.cross()
            if rest:
                open_streams[stream] = rest
            else:
                del open_streams[stream]
    return told
