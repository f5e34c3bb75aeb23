"""What a session of TLS tells: the bytes inside go to whoever reads them, what is known goes into the record.

The way up; what the connection tells, the way down, is in `conversation`.
"""

from collections.abc import Callable
from dataclasses import replace

from httpresp_capture.detect.carried import Carried
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.records.tls import Tls
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import ByteStream, Streams
from httpresp_capture.tls.encrypted_row import TlsRow
from httpresp_capture.tls.opening import Carrier
from httpresp_capture.tls.session import Session
from httpresp_capture.tls.side import Came, Side
from httpresp_capture.tls.waiting import Seeker

Seek = Callable[[int, int], int]


class Inside(Carrier):
    """Of one connection. `count` and `seek` are its `TLS`'s."""

    __slots__ = ("_connection", "_seek", "_seeker", "_sink", "carried", "is_unread", "over", "row", "session")

    def __init__(
        self, sink: Sink, connection: Streams, carried: Carried, count: Callable[[], None], seek: Seek
    ) -> None:
        self._sink = sink
        self._connection = connection
        self.carried = carried
        self._seek: Seek | None = seek
        self._seeker: Seeker | None = None
        """Stands in the `Sink` while keys are sought for a connection that was joined midstream."""
        self.session: Session | None = None
        """Set by whoever makes both; None once nothing more comes."""
        self.over = False
        """True when the connection is over, and something of it still waits for keys."""
        self.row: TlsRow | None = TlsRow(sink, carried, count)
        """Stands for all of it while nothing of it is read; None once something is."""
        self.is_unread = True
        """True while nothing of it was read."""
        sink.flows_encrypted += 1

    def joins(self) -> int:
        """See `Carrier`."""
        if self._seek is not None:
            self._seeker = Seeker(self._seek)
            self._sink.seeking[self._seeker] = None
        return self._connection.used_at()

    def end_seeking(self) -> None:
        """No keys are sought any more."""
        if self._seeker is not None:
            self._sink.seeking.pop(self._seeker, None)
            self._seeker = None

    def turn(self) -> None:
        """See `Carrier`."""
        if self.row is not None:
            self.row.traffic.turn()
        if self.over:
            flow = self.carried.flow()
            turned = replace(
                flow,
                client=flow.server,
                client_port=flow.server_port,
                server=flow.client,
                server_port=flow.client_port,
            )
            self.carried.keep_flow(turned)
        else:
            self._connection.turn()

    def plain(self, side: Side, data: bytes, came: Came) -> None:
        """See `Carrier`. `Session.goes_on` does the same once something of the direction was read."""
        session = self.session
        if session is None:
            return
        if self.is_unread:
            self.read()
        inner = side.inner or self._inner(side)
        other = session.server if side is session.client else session.client
        self.carried.data(inner, data, came.at, other.inner_ack(came.ack), came.packet_len)
        side.marks.append((came.end, inner.next_seq, 0))

    def plain_gap(self, side: Side, length: int, at: int, snapped: bool, end: int, outer: int) -> None:
        """See `Carrier`."""
        inner = self._inner(side)
        self.carried.gap(inner, length, at, snapped=snapped)
        side.marks.append((end, inner.next_seq, outer))

    def known(self, tls: Tls) -> None:
        """See `Carrier`."""
        if self.over:
            self.carried.keep_flow(replace(self.carried.flow(), tls=tls))
            return
        self._connection.tls = tls
        self._connection.made = None
        if self.row is not None and self.row.told:
            self.row.tell_again()

    def secrets(self) -> Secrets | None:
        """See `Carrier`."""
        return self._sink.secrets

    def read(self) -> None:
        """It is no connection that cannot be read, and no row stands for it."""
        if self.is_unread:
            self.is_unread = False
            self._sink.flows_encrypted -= 1
        if self.row is not None:
            self.row.forget()
            self.row = None

    def forget(self) -> None:
        """Nothing more comes: end its cycles, so that reference counts free it without the collector."""
        self.carried.forget()
        self.session = self._seek = None

    def _inner(self, side: Side) -> ByteStream:
        if side.inner is None:
            of_client = self.session is not None and side is self.session.client
            inner = self.carried.client if of_client else self.carried.server
            assert inner is not None
            side.inner = inner
            side.acked = inner.first_seq
        return side.inner
