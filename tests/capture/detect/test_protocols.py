"""A protocol more: what it takes to be read, to carry others, and to be taken back.

The one here is as small as can be: four bytes that say which end speaks, then boxes of a length byte and so many bytes.
What is in the boxes may speak anything.
"""

from dataclasses import dataclass

from httpresp_capture.detect.carried import Carried
from httpresp_capture.detect.protocol import Conversation, Protocol, Verdict
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.protocols import PROTOCOLS
from httpresp_capture.records.evidence import Segment as Version
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.receiver import Receiver
from traffic.frames import ETHERNET, Framer, Route
from traffic.values import ACK, FIN, SYN, Ends, Frame, PacketPath, Segment
from traffic.watching import Watcher

ASKS, ANSWERS = b"BOX?", b"BOX!"
ASKED = b"GET /a HTTP/1.1\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
SECOND = 1_000_000_000


def recognise(data: bytes) -> Verdict:
    if data[:4] == ASKS:
        return Verdict.CLIENT
    if data[:4] == ANSWERS:
        return Verdict.SERVER
    return Verdict.MORE if b"BOX".startswith(data[:3]) and len(data) < 4 else Verdict.NO


class Opened(Receiver):
    """Opens the boxes of one direction."""

    def __init__(self, boxes: "Boxes", inner: ByteStream) -> None:
        super().__init__()
        self.boxes = boxes
        self.inner = inner
        self.begun = b""
        self.opened = False

    def data(self, data: bytes, at: int) -> None:
        self.begun += data
        if not self.opened and len(self.begun) >= 4:
            self.opened, self.begun = True, self.begun[4:]
        while self.opened and self.begun and len(self.begun) > self.begun[0]:
            box, self.begun = self.begun[1 : self.begun[0] + 1], self.begun[self.begun[0] + 1 :]
            self.boxes.inner.data(self.inner, box, at, self.boxes.had(self.inner), 0)

    def gap(self, length: int, at: int, snapped: bool) -> None:
        raise NotImplementedError

    def end(self, reason: EndReason, at: int) -> None:
        self.boxes.inner.end(self.inner, reason, at)

    def conflict(self, back: int, length: int, first: Version, second: Version, at: int) -> None:
        raise NotImplementedError


class Boxes(Conversation):
    """Both directions."""

    withdrawals = 0

    def __init__(self, detection: Detection) -> None:
        self.detection = detection
        self.inner = Carried(detection.connection)
        detection.inside(self.inner)

    def had(self, inner: ByteStream) -> int:
        """Here each end speaks with all in hand that the other one said."""
        other = self.inner.other(inner)
        return other.next_seq if other is not None else 0

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        inner = self.inner.client if stream is self.detection.connection.client else self.inner.server
        assert inner is not None
        return Opened(self, inner)

    def under_way(self) -> bool:
        return self.inner.application.under_way()

    def waiting(self) -> list[Request]:
        return self.inner.application.waiting()

    def closed(self, reason: EndReason, at: int) -> None:
        self.inner.application.closed(reason, at)

    def withdrawn(self) -> None:
        Boxes.withdrawals += 1


BOX = Protocol("boxes", recognise, Boxes)


def boxed(data: bytes, size: int = 200) -> bytes:
    return b"".join(
        bytes([len(part)]) + part for part in (data[at : at + size] for at in range(0, len(data), size) if data)
    )


@dataclass
class Seen:
    rows: tuple[Response, ...]
    ended: list[EndReason]
    pipeline: Pipeline


def seen(*said: tuple[PacketPath, bytes], cut: int = 1_000, handshake: bool = True) -> Seen:
    """What comes of a connection in which the ends say this in turn."""
    framer = Framer(Route(Ends("10.0.0.1", 40_000, "10.0.0.2", 80), ETHERNET))
    watcher = Watcher()
    watcher.pipeline = Pipeline(protocols=(*PROTOCOLS, BOX))
    told = {"client": 0, "server": 0}
    at = 0

    def send(way: PacketPath, offset: int, data: bytes, flags: int) -> None:
        nonlocal at
        at += SECOND // 1_000
        frame = framer.frame(Segment(way, offset, data, flags, told["server" if way == "client" else "client"]))
        watcher.feed(Frame(at, ETHERNET, frame, len(frame)))

    if handshake:
        send("client", -1, b"", SYN)
        send("server", -1, b"", SYN | ACK)
    for way, data in said:
        for start in range(0, len(data), cut):
            send(way, told[way], data[start : start + cut], ACK)
            told[way] += len(data[start : start + cut])
    send("server", told["server"], b"", FIN | ACK)
    send("client", told["client"], b"", FIN | ACK)
    done = watcher.finish()
    return Seen(done.responses, [event.reason for event in done.ended], watcher.pipeline)


def pairs(rows: tuple[Response, ...]) -> list[tuple[str | None, int]]:
    return [(row.request.target if row.request is not None else None, row.status) for row in rows]


def test_what_another_protocol_carries_is_read_like_any_other() -> None:
    for cut in (1, 3, 1_000):
        both = seen(
            ("client", ASKS + boxed(ASKED)),
            ("server", ANSWERS + boxed(ANSWERED, 7)),
            ("client", boxed(ASKED.replace(b"/a", b"/b"))),
            ("server", boxed(ANSWERED)),
            cut=cut,
        )
        assert pairs(both.rows) == [("/a", 200), ("/b", 200)]
        assert [row.body for row in both.rows] == [b"abc", b"abc"]
        assert [row.problems for row in both.rows] == [(), ()]
        assert both.rows[0].flow.client_port == 40_000
        assert both.ended == [EndReason.CLIENT_FIN]
        assert both.pipeline.counters().flows_other == 0


def test_the_direction_that_speaks_first_decides_what_the_other_is_looked_at_for() -> None:
    first = seen(("server", ANSWERS), ("client", ASKS + boxed(ASKED)), ("server", boxed(ANSWERED)))
    assert pairs(first.rows) == [("/a", 200)]


def test_who_answers_is_the_server_whoever_was_heard_first() -> None:
    turned = seen(("server", ASKS + boxed(ASKED)), ("client", ANSWERS + boxed(ANSWERED)), handshake=False)
    assert pairs(turned.rows) == [("/a", 200)]
    assert turned.rows[0].flow.server_port == 40_000


def test_an_answer_in_clear_takes_the_verdict_back() -> None:
    before = Boxes.withdrawals
    refused = seen(("client", ASKS + boxed(ASKED)), ("server", REFUSED))
    assert pairs(refused.rows) == [(None, 400)]
    assert [problem.detail for problem in refused.rows[0].problems] == ["the client sent boxes"]
    assert Boxes.withdrawals == before + 1
    assert refused.pipeline.counters().responses == 1


def test_what_is_inside_may_be_unknown() -> None:
    strange = seen(("client", ASKS + boxed(b"\xff\xfe")), ("server", ANSWERS + boxed(b"\xff\xfe")))
    assert strange.rows == ()
    assert strange.pipeline.counters().flows_other == 1


Said = tuple[PacketPath, bytes]
CONNECTED: tuple[Said, Said] = (
    ("client", b"CONNECT a.test:80 HTTP/1.1\r\n\r\n"),
    ("server", b"HTTP/1.1 200 OK\r\n\r\n"),
)
HELLO = b"\x16\x03\x01\x00\x05hello"


def connections_not_read(result: Seen) -> list[tuple[str, int]]:
    return [(each.kind, each.count) for each in result.pipeline.counters().unread]


def test_what_is_read_behind_connect_is_no_connection_that_is_not_read() -> None:
    for cut in (1, 5, 1_000):
        read = seen(*CONNECTED, ("client", ASKED), ("server", ANSWERED), cut=cut)
        assert pairs(read.rows) == [("a.test:80", 200), ("/a", 200)]
        assert [row.stream for row in read.rows] == [1, 2]
        assert connections_not_read(read) == []
        assert read.ended == [EndReason.CLIENT_FIN], "it has ended once"


def test_what_nobody_reads_behind_connect_is_counted_as_that_once() -> None:
    for said in (b"", b"\xff"):
        silent = seen(*CONNECTED, ("client", said), ("server", said))
        assert connections_not_read(silent) == [("inside CONNECT", 1)]
        counters = silent.pipeline.counters()
        assert (counters.flows_other, counters.flows_encrypted) == (0, 0)
        assert len(silent.ended) == 1


def test_tls_behind_connect_is_an_encrypted_connection_like_any_other() -> None:
    hidden = seen(*CONNECTED, ("client", HELLO), ("server", HELLO))
    assert connections_not_read(hidden) == []
    assert hidden.pipeline.counters().flows_encrypted == 1
    assert len(hidden.ended) == 1


def test_a_connection_ends_once_whatever_is_read_behind_connect() -> None:
    settings = b"\0\0\0\4\0\0\0\0\0"
    for before in ((), CONNECTED):
        read = seen(*before, ("client", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings), ("server", settings))
        assert connections_not_read(read) == []
        assert len(read.ended) == 1


def test_a_verdict_behind_connect_is_taken_back_like_any_other() -> None:
    read = seen(*CONNECTED, ("client", HELLO), ("server", REFUSED))
    assert pairs(read.rows) == [("a.test:80", 200), (None, 400)]
    assert connections_not_read(read) == []


def test_who_does_not_wait_for_the_answer_to_connect_is_read_from_there() -> None:
    early = seen(
        ("client", CONNECTED[0][1] + ASKS[:2]),
        CONNECTED[1],
        ("client", ASKS[2:] + boxed(ASKED)),
        ("server", ANSWERS + boxed(ANSWERED)),
    )
    assert pairs(early.rows) == [("a.test:80", 200), ("/a", 200)]
