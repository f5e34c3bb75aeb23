"""Streams inside of the streams of a connection, as what TLS carries: what they speak is found out like any other.

Who carries them makes one `Carried`, has `Detection.inside` look at it, and hands over what each direction says, in the
order of the wire. From its `Conversation` it passes on `opened`, `under_way`, `waiting`, `give_up_oldest` and `closed`
to `application`.
"""

from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.byte_streams import Application, ByteStream, Streams
from httpresp_capture.streams.position import MASK

_NOTHING = Application()
FIRST = 1
"""Number of the first byte of each direction: 0 as an acknowledgement means that none is known."""


class Carried(Streams):
    """Both directions, with numbers of their own; the record of the connection is that of the carrier."""

    __slots__ = ("_kept", "carrier")

    def __init__(self, carrier: Streams) -> None:
        super().__init__(_NOTHING)
        self.carrier = carrier
        self._kept: Flow | None = None
        self.midstream = carrier.midstream
        self.exchanges = carrier.exchanges
        self.client, self.server = _stream(), _stream()

    def flow(self) -> Flow:
        """See `Streams`."""
        return self._kept or self.carrier.flow()

    def keep_flow(self, flow: Flow) -> None:
        """The carrier is over, and something more may be told of what it carried: this is its record."""
        self._kept = flow

    def turn(self) -> None:
        """See `Streams`; the carrier has its client at the same end."""
        super().turn()
        self.carrier.turn()

    def used_at(self) -> int:
        """See `Streams`."""
        return self.carrier.used_at()

    def begins_at(self, stream: ByteStream) -> int:
        """See `Streams`."""
        return -1 if self.midstream else stream.first_seq

    def forget(self) -> None:
        """Nothing more comes: see `Application.forget`."""
        self.application.forget()
        self.application = _NOTHING
        for stream in (self.client, self.server):
            if stream is not None:
                stream.reader = None

    def data(self, stream: ByteStream, data: bytes, at: int, ack: int, packet_len: int) -> None:
        """The next bytes of a direction, whose sender had the other one up to number `ack`.

        `tls.session.Session.goes_on` does the same where the direction has its reader.
        """
        reader = stream.reader
        if reader is None:
            reader = stream.reader = self.application.listen(stream)
        stream.next_seq = (stream.next_seq + len(data)) & MASK
        stream.ack = ack
        stream.packet_len = packet_len
        reader.data(data, at)

    def gap(self, stream: ByteStream, length: int, at: int, *, snapped: bool) -> None:
        """`length` bytes of a direction are missing here."""
        if stream.reader is None:
            stream.reader = self.application.listen(stream)
        stream.next_seq = (stream.next_seq + length) & MASK
        stream.reader.gap(length, at, snapped)

    def end(self, stream: ByteStream, reason: EndReason, at: int) -> None:
        """Nothing of a direction follows."""
        if stream.reader is not None:
            stream.reader.end(reason, at)


def _stream() -> ByteStream:
    stream = ByteStream()
    stream.next_seq = stream.first_seq = FIRST
    return stream
