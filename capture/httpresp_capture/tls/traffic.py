"""What the records of a connection tell whose content is not read: how much each end sent, and when who spoke.

A response is told from what else is protected by rules of thumb, so the exchanges are an estimate: the client's
Finished of TLS 1.3 is known by its size, session tickets that come before the first answer by theirs, and frames of
HTTP/2 that only administer are shorter than any message.
"""

from collections import deque
from typing import Final

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.tls import Tls
from httpresp_capture.tls.records import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HEADER, HEARTBEAT, MOST

WAITS: Final = 255
"""Waits of which the median is taken: the newest."""
FINISHED: Final = frozenset({53, 69})
"""Bytes of a protected Finished of TLS 1.3 (RFC 8446 §4.4.4), with SHA-256 and with SHA-384."""
MOST_BEFORE_FINISHED: Final = 4
"""Records of a client's certificate; behind so many, what comes is taken for data."""
TICKET: Final = range(100, 500)
"""Bytes of a protected NewSessionTicket (RFC 8446 §4.6.1)."""
ALERT_SIZE: Final = 19
"""Bytes of a protected alert of TLS 1.3 (RFC 8446 §6), which is sent as data."""
LEAST_QUESTION: Final = 41
"""Bytes of a protected record that may hold a request of HTTP/2; SETTINGS, WINDOW_UPDATE and PING are shorter."""
LEAST_ANSWER: Final = 60
"""The same of a response."""
SOUGHT: Final = 1 << 20
"""Bytes behind a gap in which a record is looked for."""
_START: Final = b"\x17\x03"


class RecordHeaders:
    """One direction's records by their headers; their bodies may be passed over."""

    __slots__ = ("_begun", "_seeking", "left", "unframed")

    def __init__(self) -> None:
        self.left = 0
        """Bytes of the record's body that are to come."""
        self._begun = b""
        """The beginning of a header."""
        self._seeking = 0
        """Bytes that may still be looked through for a record, behind a gap or what is none; 0 while all is well."""
        self.unframed = 0
        """Bytes since somebody took them from here that stand in no record that was found."""

    @property
    def lost(self) -> bool:
        """True when no record was found again: nothing more comes out."""
        return self._seeking < 0

    def add(self, data: bytes) -> list[tuple[int, int]]:
        """Kind, and size of the body, of each record whose header ends with these bytes."""
        found: list[tuple[int, int]] = []
        if self.left >= len(data):
            self.left -= len(data)
            return found
        if self.lost:
            self.unframed += len(data)
            return found
        at = self.left
        if self._begun:
            data = self._begun + data
            self._begun = b""
        while at + HEADER <= len(data):
            size = data[at + 3] << 8 | data[at + 4]
            good = data[at + 1] == 3 and CHANGE_CIPHER_SPEC <= data[at] <= HEARTBEAT and size <= MOST
            if good:
                self._seeking = 0
                found.append((data[at], size))
                at += HEADER + size
                continue
            self._seeking = self._seeking or SOUGHT
            start = data.find(_START, at + 1)
            gone = (start if start >= 0 else max(at + 1, len(data) - 1)) - at
            self._seeking -= gone
            if self._seeking <= 0:
                self._seeking = -1
                self.left = 0
                self.unframed += len(data) - at
                return found
            self.unframed += gone
            at += gone
        self.left = max(0, at - len(data))
        self._begun = data[at:] if at < len(data) else b""
        return found

    def passed(self, length: int) -> None:
        """So many bytes came without being handed over, of a body or where records are lost."""
        if self.lost:
            self.unframed += length
        else:
            self.left = max(0, self.left - length)

    def take_unframed(self) -> int:
        """The bytes in no record, since this was asked last."""
        taken, self.unframed = self.unframed, 0
        return taken

    def gap(self, length: int) -> None:
        """So many bytes are missing."""
        if length <= self.left:
            self.left -= length
        elif not self.lost:
            self.left = 0
            self.unframed += len(self._begun)
            self._begun = b""
            self._seeking = self._seeking or SOUGHT


class Traffic:
    """Both directions."""

    __slots__ = (
        "_answered",
        "_asked_at",
        "_before_finished",
        "_finished",
        "_maybe_ticket",
        "_questions",
        "_ticket",
        "_waits",
        "client_bytes",
        "exchanges",
        "missing_bytes",
        "overlapping",
        "server_bytes",
        "unframed_bytes",
    )

    def __init__(self) -> None:
        self.client_bytes = self.server_bytes = self.missing_bytes = self.unframed_bytes = 0
        self.exchanges = 0
        self.overlapping = False
        self._waits: deque[int] = deque(maxlen=WAITS)
        self._finished = False
        self._before_finished = 0
        self._asked_at = 0
        """When the client's last question came; 0 before the first."""
        self._answered = True
        self._ticket = 0
        """Bytes of a ticket that came before the first question; 0 where none did."""
        self._questions = 0
        """Records of the client since the last answer."""
        self._maybe_ticket = (0, 0)
        """When the first record of the first answer came and its size, while that may be a ticket; 0 once it is
        none."""

    def record(self, tls: Tls, from_client: bool, kind: int, size: int, at: int) -> None:
        """A record's header came at `at`; `tls` is what is known of the connection."""
        if kind != APPLICATION_DATA:
            return
        framed = "h2" in tls.alpn
        alert = size == ALERT_SIZE and tls.version == "TLS 1.3"
        if from_client:
            self.client_bytes += size
            if alert:
                return
            if tls.version == "TLS 1.3" and not self._finished:
                self._before_finished += 1
                self._finished = size in FINISHED or self._before_finished > MOST_BEFORE_FINISHED
            elif not framed or size >= LEAST_QUESTION:
                self._question(framed, at)
        else:
            self.server_bytes += size
            if not self._asked_at and self._finished and size in TICKET:
                self._ticket = size  # The others of that connection are as long.
            if self._asked_at and not (self._answered or alert) and not (framed and size < LEAST_ANSWER):
                self._answer(tls, size, at)

    def turn(self) -> None:
        """It was the other end that asks: the bytes are the other one's, and the waits were not for answers."""
        self.client_bytes, self.server_bytes = self.server_bytes, self.client_bytes
        self._waits.clear()

    def unframed(self, from_client: bool, size: int) -> None:
        """So many bytes came in which no record was found."""
        self.unframed_bytes += size
        if from_client:
            self.client_bytes += size
        else:
            self.server_bytes += size

    def _question(self, framed: bool, at: int) -> None:
        if self._maybe_ticket[0]:
            self._count(self._maybe_ticket[0])  # Nothing else came: it was the answer.
        if self._answered:
            self._answered = False
            # The first of HTTP/2 are the preface and the settings (RFC 9113 §3.4).
            self._questions = 0 if self._asked_at or not framed else -1
        self._questions += 1
        if framed and self._questions > 1:
            self.overlapping = True
        self._asked_at = at

    def _answer(self, tls: Tls, size: int, at: int) -> None:
        first_at, first_size = self._maybe_ticket
        if first_at:
            self._maybe_ticket = (0, 0)
            if size == first_size:
                return  # Both are tickets.
            self._count(at)
        elif not self.exchanges and size == self._ticket:
            return
        elif not self.exchanges and tls.version == "TLS 1.3" and size in TICKET and first_size == 0:
            self._maybe_ticket = (at, size)
        else:
            self._count(at)

    def _count(self, at: int) -> None:
        self.exchanges += 1
        self._answered = True
        self._maybe_ticket = (0, -1)
        if at >= self._asked_at:
            self._waits.append(at - self._asked_at)

    def facts(self) -> Encrypted:
        """All of it so far."""
        waits = self._waits
        pending = self._maybe_ticket[0]
        if pending and not waits:
            waits = deque([max(0, pending - self._asked_at)])
        return Encrypted(
            self.client_bytes,
            self.server_bytes,
            self.missing_bytes,
            self.exchanges + (1 if pending else 0),
            sorted(waits)[(len(waits) - 1) // 2] if waits else None,
            self.overlapping,
            self.unframed_bytes,
        )
