"""Between a connection and what TLS carries: the bytes that come out are looked at like those of any connection."""

from typing import Final

from httpresp_capture.detect.carried import Carried
from httpresp_capture.detect.protocol import Conversation
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.records.events import FlowEnded
from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.unread import OF_TLS
from httpresp_capture.sink import NEVER
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.receiver import FOREVER, IGNORED, Receiver
from httpresp_capture.tls.inside import Inside
from httpresp_capture.tls.roles import looks_turned
from httpresp_capture.tls.session import Session
from httpresp_capture.tls.side import Side
from httpresp_capture.tls.traffic import RecordHeaders
from httpresp_capture.tls.waiting import Waiter

MOST_PARKED: Final = 64 << 20
"""Bytes of all connections that wait for keys."""


class Reader(Receiver):
    """One direction of protected bytes."""

    __slots__ = ("_session", "_side", "_tls", "headers")

    def __init__(self, tls: "TLS", session: Session, side: Side) -> None:
        super().__init__()
        self._tls = tls
        self._session = session
        self._side = side
        self.headers = RecordHeaders()

    def _settle(self) -> None:
        """What was passed over came."""
        passed = self.skip_budget - self.bytes_to_skip
        self.skip_budget = self.bytes_to_skip = 0
        if passed:
            self.headers.passed(passed)
            self._tls.count_unframed(self._side, self.headers, self.last_at)

    def count(self) -> None:
        """Count what was passed over, and go on passing over."""
        left = self.bytes_to_skip
        self._settle()
        self.bytes_to_skip = self.skip_budget = left

    def data(self, data: bytes, at: int) -> None:
        """See `Receiver`."""
        data = self._session.goes_on(self._side, data, at)
        if not data:
            return
        if self.skip_budget:
            self._settle()
        self.last_at = at
        left = self._tls.data(self._side, self.headers, data, at)
        if self._side.dead:
            # What is not read is passed over, but for the headers of records.
            self.bytes_to_skip = self.skip_budget = left
            if left == FOREVER and self._side.inner is None and not self._tls.has_row:
                self._side.outer.reader = IGNORED

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """See `Receiver`."""
        self._settle()
        self._tls.gap(self._side, self.headers, length, at, snapped)

    def end(self, reason: EndReason, at: int) -> None:
        """See `Receiver`."""
        self._settle()
        self._tls.end(self._side, reason, at)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """The first version was read; a record that does not open says which one it was."""


class TLS(Conversation):
    """TLS on one connection."""

    __slots__ = (
        "_carried", "_closed", "_connection", "_detection", "_ends", "_inside", "_session", "_sink", "_waiter",
    )  # fmt: skip

    def __init__(self, detection: Detection) -> None:
        self._detection = detection
        self._sink = detection.sink
        self._connection = connection = detection.connection
        if looks_turned(connection):
            connection.turn()
        self._carried = Carried(connection)
        detection.inside(self._carried)
        client, server = connection.client, connection.server
        assert client is not None
        assert server is not None
        self._inside = inside = Inside(self._sink, connection, self._carried, self._count, self.seek)
        self._session = inside.session = Session(inside, Side(client), Side(server), connection.midstream)
        self._ends: list[tuple[Side, EndReason, int]] = []
        """Directions that have ended while something of the connection waited for keys."""
        self._closed: tuple[EndReason, int] | None = None
        """The same of the connection."""
        self._waiter: Waiter | None = None
        """Stands in the `Sink` while something waits for keys."""

    # What the connection says

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        """See `Conversation`."""
        session = self._session
        stream.drop_recent()
        reader = Reader(self, session, session.client if stream is session.client.outer else session.server)
        if undetected is not None and undetected.gapped:
            reader.gap(1, undetected.kept[0][1] if undetected.kept else self._connection.used_at(), False)
            if self._inside.row is not None:
                # It stands for a loss of which nobody knows how much it was.
                self._inside.row.traffic.missing_bytes -= 1
        return reader

    def withdrawn(self) -> None:
        """See `Conversation`."""
        self._inside.read()

    def data(self, side: Side, headers: RecordHeaders, data: bytes, at: int) -> int:
        """The next protected bytes; how many of those behind them need not come."""
        session = self._session
        if not side.dead:
            self._park(session.data(side, data, at, side.outer.ack, side.outer.packet_len))
        row = self._inside.row
        if row is None:
            return FOREVER
        for kind, size in headers.add(data):
            row.record(session.tls, side is session.client, kind, size, at)
        self.count_unframed(side, headers, at)
        self._tell_row(at)
        return FOREVER if headers.lost else headers.left

    @property
    def has_row(self) -> bool:
        """True while a row stands for all of it, of which the bytes are counted."""
        return self._inside.row is not None

    def count_unframed(self, side: Side, headers: RecordHeaders, at: int) -> None:
        """Tell the row of bytes that came in no record."""
        size = headers.take_unframed()
        if size and self._inside.row is not None:
            self._inside.row.unframed(side is self._session.client, size, at)

    def _count(self) -> None:
        for side in (self._session.client, self._session.server):
            reader = side.outer.reader
            if isinstance(reader, Reader):
                reader.count()

    def gap(self, side: Side, headers: RecordHeaders, length: int, at: int, snapped: bool) -> None:
        """Protected bytes are missing."""
        if not side.dead:
            self._park(self._session.gap(side, length, at, snapped))
        if self._inside.row is not None:
            headers.gap(length)
            self._inside.row.traffic.missing_bytes += length
            self._tell_row(at)

    def _tell_row(self, at: int) -> None:
        """A row is there as soon as it is clear that nothing will be read."""
        row = self._inside.row
        if row is not None and row.answered and not row.told and self._session.over and not self._session.tls.is_read:
            row.tell(at)

    def end(self, side: Side, reason: EndReason, at: int) -> None:
        """A direction has ended."""
        if self._session.waits:
            self._ends.append((side, reason, at))
        elif side.inner is not None:
            if side.lost > side.told_lost:
                end = side.outer.next_seq
                self._inside.plain_gap(side, side.lost - side.told_lost, at, side.lost_snapped, end, side.lost)
            side.lost = side.told_lost = 0
            self._carried.end(side.inner, reason, at)

    def forget(self) -> None:
        """See `Application`; what waits for keys is not forgotten yet."""
        if self._closed is None:
            self._inside.forget()
            self._session.forget()

    def opened(self) -> None:
        """See `Application`."""
        self._carried.midstream = False
        self._carried.application.opened()

    def under_way(self) -> bool:
        """See `Application`."""
        return self._carried.application.under_way()

    def waiting(self) -> list[Request]:
        """See `Application`."""
        return self._carried.application.waiting()

    def give_up_oldest(self, at: int) -> None:
        """See `Application`."""
        self._carried.application.give_up_oldest(at)

    def closed(self, reason: EndReason, at: int) -> None:
        """See `Application`; what waits for keys does so a while longer."""
        if reason is EndReason.CAPTURE_END and self._session.joins:
            self._sink.last_trials = self.seek(NEVER, self._sink.last_trials)
        self._flush()
        if self._session.waits and reason is not EndReason.CAPTURE_END:
            self._carried.keep_flow(self._connection.flow())
            self._closed = reason, at
            self._inside.over = True
            if self._waiter is not None:
                self._sink.closed_waiting[self._waiter] = at
            return
        self._end_waiting()
        self._close_carried(reason, at)

    def _close_carried(self, reason: EndReason, at: int) -> None:
        inside = self._inside
        inside.end_seeking()
        tls = self._session.tls
        if inside.is_unread and self._sink.secrets is not None and tls.state in OF_TLS:
            self._sink.unread.add_connection(OF_TLS[tls.state])
        if inside.row is not None:
            if not inside.row.told:
                inside.row.tell(at)
            inside.row.end(reason)
            inside.row = None
        if self._session.client.inner is not None or self._session.server.inner is not None:
            self._carried.application.closed(reason, at)
        elif self._detection.tells_end:
            self._sink.emit(FlowEnded(self._carried.flow(), at, reason))

    # Keys

    def secret_came(self) -> None:
        """See `WaitsForSecrets`."""
        self._park(self._session.retry())
        if not self._session.waits:
            self._end_late()

    def give_up_secrets(self) -> None:
        """See `WaitsForSecrets`."""
        self._end_waiting()
        self._end_late()

    def _flush(self) -> None:
        before = self._session.parked_bytes
        self._session.flush()
        self._park(self._session.parked_bytes - before)
        if not self._session.waits:
            self._end_late()

    def _end_late(self) -> None:
        """The ends that were held back."""
        ends, self._ends = self._ends, []
        for side, reason, at in ends:
            self.end(side, reason, at)
        if self._closed is not None:
            reason, at = self._closed
            self._end_waiting()
            self._close_carried(reason, at)
            self._inside.forget()
            self._session.forget()

    def _end_waiting(self) -> None:
        before = self._session.parked_bytes
        self._session.end()
        self._park(self._session.parked_bytes - before)

    def _park(self, more: int) -> None:
        sink, random = self._sink, self._session.client_random
        sink.parked_bytes += more
        waiter = self._waiter
        if waiter is not None and not (self._session.waits and waiter.random == random):
            self._waiter = None
            sink.closed_waiting.pop(waiter, None)
            same = sink.waiting_for_secrets[waiter.random]
            same.remove(waiter)
            if not same:
                del sink.waiting_for_secrets[waiter.random]
        if self._session.waits:
            if self._waiter is None:
                self._waiter = Waiter(random, self.secret_came, self.give_up_secrets)
                sink.waiting_for_secrets.setdefault(random, []).append(self._waiter)
            if sink.parked_bytes > MOST_PARKED:
                next(iter(sink.waiting_for_secrets.values()))[0].give_up_secrets()

    def seek(self, at: int, trials: int) -> int:
        """See `Seeks`."""
        before = self._session.parked_bytes
        left = self._session.seek(at, trials)
        if not self._session.joins:
            self._inside.end_seeking()
        self._park(self._session.parked_bytes - before)
        if not self._session.waits:
            self._end_late()
        return left
