"""One direction of a TLS connection: its records, its keys, and what waits for keys."""

from collections import deque
from dataclasses import replace
from typing import Final

from httpresp_capture.records.record import record
from httpresp_capture.records.secrets import CLIENT_HANDSHAKE, CLIENT_TRAFFIC, SERVER_HANDSHAKE, SERVER_TRAFFIC
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tls.handshake import Messages
from httpresp_capture.tls.protected import Protection
from httpresp_capture.tls.records import Records

CLEAR: Final = 0
HANDSHAKE_KEYS: Final = 1
"""Of TLS 1.3."""
OPEN: Final = 2
"""Its records are application data, and of TLS 1.2 all else that follows ChangeCipherSpec."""
LABELS: Final = {
    (HANDSHAKE_KEYS, True): CLIENT_HANDSHAKE,
    (HANDSHAKE_KEYS, False): SERVER_HANDSHAKE,
    (OPEN, True): CLIENT_TRAFFIC,
    (OPEN, False): SERVER_TRAFFIC,
}
"""What the secret of TLS 1.3 is called: in which phase, and whether it is the client's."""
MARKS: Final = 10_000
"""Records whose acknowledgement may still be told; of older ones it is taken for granted."""

COST: Final = 512
"""What it costs to keep a record beside its bytes, about."""


@record
class Came:
    """What came of a direction: a record, or bytes behind a gap, or the gap itself."""

    data: bytes
    """Empty for a gap."""
    missing: int
    """Bytes of a gap; 0 for what came, -1 for bytes that begin anywhere."""
    snapped: bool
    at: int
    ack: int
    """What its sender had of the other direction, as a number of the TCP stream; 0 where that is not known."""
    end: int
    """The number behind it in its own TCP stream."""
    packet_len: int


class Side:
    """One direction. `outer` is its stream of protected bytes."""

    __slots__ = (
        "ack",
        "acked",
        "ciphered",
        "dead",
        "early",
        "failures",
        "inner",
        "joining",
        "lost",
        "lost_from",
        "lost_handshake",
        "lost_snapped",
        "marks",
        "messages",
        "next_protection",
        "outer",
        "overdue",
        "packet_len",
        "parked",
        "parked_bytes",
        "phase",
        "protection",
        "reads",
        "records",
        "searched",
        "searching",
        "told_lost",
    )

    def __init__(self, outer: ByteStream) -> None:
        self.outer = outer
        self.inner: ByteStream | None = None
        """The stream of what it carries, once something came of it."""
        self.records = Records()
        self.messages = Messages()
        self.phase = CLEAR
        self.protection: Protection | None = None
        self.next_protection: Protection | None = None
        """What holds from the next ChangeCipherSpec on (RFC 5246 §7.1)."""
        self.early: bool | None = None
        """True while the client may send early data; None before that is known."""
        self.reads = False
        """True once bytes that it carries were handed on: no row stands for the connection."""
        self.dead = False
        """True when nothing more is read."""
        self.ciphered = False
        """True when it began to protect, and the server's hello, which says how, was not seen."""
        self.failures = 0
        self.parked: deque[Came] = deque()
        """What waits for keys."""
        self.parked_bytes = 0
        """With what it costs beside its bytes."""
        self.joining = False
        """True while its keys are sought, since its beginning was not captured: all that comes waits."""
        self.ack = 0
        """What its sender had of the other direction when the record began that is not whole."""
        self.packet_len = 0
        self.searching = False
        """True behind a gap, until a record is found again."""
        self.lost = 0
        """Bytes of TLS that are missing since the last record, those that were passed over with them."""
        self.lost_snapped = False
        self.lost_from = 0
        """Where in its TCP stream that began."""
        self.lost_handshake = False
        """True while the end of the handshake is among that."""
        self.told_lost = 0
        """Bytes of what was carried that were told to be missing already, on a guess."""
        self.overdue = 0
        """Bytes that come and were told to be missing: the guess was too high."""
        self.searched = 0
        """Bytes that were looked through since."""
        self.marks: deque[tuple[int, int, int]] = deque(maxlen=MARKS)
        """Of records that were opened, and of gaps: the number behind it in TCP, that behind what it carried, and of a
        gap how many bytes of TCP it was, else 0."""
        self.acked = 0
        """What the other end was known to have of the inner stream."""

    def inner_ack(self, ack: int) -> int:
        """A number of this direction's TCP stream that the other end has acknowledged, as one of what it carries."""
        marks = self.marks
        if not (ack and marks):
            return self.acked
        if ack == marks[-1][0]:
            self.acked = marks[-1][1]
            marks.clear()
            return self.acked
        while marks and distance(ack, marks[0][0]) >= 0:
            self.acked = marks.popleft()[1]
        if marks:
            end, inner_end, missing = marks[0]
            part = missing + distance(ack, end)
            if part > 0:
                # Inside a gap: it is known about how much of that.
                return (self.acked + max(1, part * distance(inner_end, self.acked) // missing)) & MASK
        return self.acked

    def park(self, came: Came) -> None:
        """Keep it until keys come."""
        self.parked.append(came)
        self.parked_bytes += len(came.data) + COST

    def park_first(self, several: list[Came]) -> None:
        """Put these before all that waits."""
        self.parked.extendleft(reversed(several))
        self.parked_bytes += sum([len(came.data) + COST for came in several])

    def begin_join(self) -> None:
        """Let all that came wait, as bytes."""
        self.joining = True
        self.phase = OPEN
        self.searching = False
        self.lost = self.told_lost = 0
        if self.records.malformed:
            self.records = Records()

    def settle(self) -> None:
        """What was taken for the beginning of a record waits, too."""
        rest = self.records.drain()
        if rest:
            at = self.parked[-1].at if self.parked else 0
            self.park(Came(rest, -1, False, at, 0, self.outer.next_seq, 0))

    def cut_front(self, length: int) -> None:
        """Let so many of the bytes go that wait first; the rest are bytes, and no records."""
        self.parked = deque([replace(came, missing=came.missing or -1) for came in self.parked])
        while length:
            came = self.parked[0]
            self.unpark()
            if length < len(came.data):
                self.park_first([replace(came, data=came.data[length:])])
                return
            length -= len(came.data)

    def unpark(self) -> None:
        """The first that waited was read."""
        self.parked_bytes -= len(self.parked.popleft().data) + COST

    def die(self) -> int:
        """Read nothing more of it; how many bytes waited."""
        self.dead = True
        self.joining = False
        freed = self.parked_bytes
        self.parked.clear()
        self.parked_bytes = 0
        self.records.clear()
        self.messages.clear()
        return freed
