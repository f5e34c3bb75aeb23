"""The row of a connection whose content is not read: it stands in the list like a response, and says what it is."""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.events import ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.tls import Tls
from httpresp_capture.sink import Sink, Timed
from httpresp_capture.streams.byte_streams import Streams
from httpresp_capture.tls.traffic import Traffic

_BOTH: Final = 3


class EncryptedRow(Timed):
    """One connection. Nothing is told of it before `tell`."""

    __slots__ = ("_id", "_sink", "_told_at", "began_at", "last_at")

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._id = 0
        """0 until it is told."""
        self.began_at = 0
        """When its first record or packet came, ns."""
        self.last_at = 0
        self._told_at = 0

    def flow(self) -> Flow:
        """The record of the connection."""
        raise NotImplementedError

    def facts(self) -> Encrypted:
        """All that can be said of it so far."""
        raise NotImplementedError

    @property
    def told(self) -> bool:
        """True once the row is there."""
        return bool(self._id)

    def tell(self, at: int) -> None:
        """It is known that the content is not read."""
        sink = self._sink
        self._id = sink.next_id()
        if not self.began_at:
            self.began_at = self.last_at = at  # Nothing of it was a record.
        self._told_at = at
        sink.encrypted += 1
        sink.emit(ResponseSeen(self._row(None)))

    def grow(self) -> None:
        """There is more to say of it: it will be asked, where somebody wants to know."""
        if self._id and self._sink.limits.progress_ns:
            self._sink.growing[self] = None

    def tell_again(self) -> None:
        """More is known of the connection."""
        self._sink.emit(ResponseChanged(self._row(None)))

    def is_due(self, at: int) -> bool:
        """True when what was told last is old enough."""
        return not 0 <= at - self._told_at < self._sink.limits.progress_ns

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Timed`."""
        if not (quiet or self.is_due(at)):
            return False
        self._told_at = at
        self.forget()  # Until more comes: of very many connections most say nothing.
        self._sink.emit(ResponseGrew(self._row(None)))
        return True

    def end(self, reason: EndReason) -> None:
        """The connection is over."""
        self.forget()
        self._sink.emit(ResponseChanged(self._row(reason)))

    def forget(self) -> None:
        """Nothing more is told."""
        self._sink.growing.pop(self, None)

    def _row(self, end: EndReason | None) -> Response:
        facts = self.facts()
        return Response(
            self._id,
            self.flow(),
            0,
            self.began_at,
            self.began_at,
            self.last_at if end is not None else None,
            b"",
            0,
            "",
            0,
            Framing.NONE,
            -1,
            None,
            facts.client_bytes + facts.server_bytes,
            facts.server_bytes,
            end=end,
            encrypted=facts,
        )


class TlsRow(EncryptedRow):
    """Of TLS on a stream."""

    __slots__ = ("_count", "_heard", "_streams", "_told_bytes", "traffic")

    def __init__(self, sink: Sink, streams: Streams, count: Callable[[], None]) -> None:
        super().__init__(sink)
        self._streams = streams
        self._count = count
        """Has `unframed` called for what was passed over since."""
        self._told_bytes = 0
        self.traffic = Traffic()
        self._heard = 0
        """1 for a record of the client, and 2 for one of the server; joined midstream, it may be the other way."""

    @property
    def answered(self) -> bool:
        """True once both ends sent a record: until then the other one may speak in clear."""
        return self._heard == _BOTH

    def flow(self) -> Flow:
        """See `EncryptedRow`."""
        return self._streams.flow()

    def facts(self) -> Encrypted:
        """See `EncryptedRow`."""
        return self.traffic.facts()

    def record(self, tls: Tls, from_client: bool, kind: int, size: int, at: int) -> None:
        """The next record's header."""
        # What is seen late, or of one direction first, does not come in the order of time.
        self.began_at = min(self.began_at, at) if self.began_at else at
        self.last_at = max(self.last_at, at)
        self._heard |= 1 if from_client else 2
        self.traffic.record(tls, from_client, kind, size, at)
        self.grow()

    def unframed(self, from_client: bool, size: int, at: int) -> None:
        """So many bytes came, the last at `at`, in which no record was found."""
        self.last_at = max(self.last_at, at)
        self.traffic.unframed(from_client, size)
        self.grow()

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Timed`. Where records are lost nobody says that more has come, so it goes on asking."""
        traffic = self.traffic
        if traffic.unframed_bytes and (quiet or self.is_due(at)):
            self._count()
            came = traffic.client_bytes + traffic.server_bytes
            if came == self._told_bytes:
                return False
            self._told_bytes = came
        told = super().tell_growth(at, quiet)
        if told and traffic.unframed_bytes:
            self.grow()
        return told
