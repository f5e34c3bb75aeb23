"""What whoever reads a connection sees of it: two streams of bytes, one each way, and which end asks.

A TCP connection is one such pair (`tcp.connection`); what is found inside of another one, such as TLS, may be one too.
Who makes a pair feeds the `Receiver` of each stream and keeps the numbers of the stream up to date, before each call:
`next_seq` is then the number behind the bytes that are handed over, and `ack` what the sender of these bytes had of the
other stream. Numbers count bytes and wrap at 2^32; they may begin anywhere, so only `position.distance` compares them.
"""

from httpresp_capture.records.exchange import Request
from httpresp_capture.records.flow import Flow, Proxied
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.record import compiled
from httpresp_capture.records.tls import Tls
from httpresp_capture.streams.receiver import Receiver


@compiled(allow_interpreted_subclasses=True)
class ByteStream:
    """One direction, from its first byte to its end."""

    __slots__ = ("ack", "first_seq", "next_seq", "packet_len", "reader")

    def __init__(self) -> None:
        self.reader: Receiver | None = None
        """Who is handed its bytes; None before the first. A reader may put another one in its place."""
        self.next_seq = -1
        """Number of the first byte not yet handed over; -1 until that is known."""
        self.first_seq = -1
        """Number of the first byte; -1 like `next_seq`."""
        self.ack = 0
        """What the sender of the newest bytes had of the other stream: the number behind that. 0 where it is not
        known."""
        self.packet_len = 0
        """Length of the packet that brought the newest bytes, as `Response.packet_len` counts it."""

    @property
    def waiting(self) -> bool:
        """True while something is missing before what is known to follow."""
        return False

    def drop_recent(self) -> None:
        """Its bytes are not read: repeats need not be compared with them any more."""


@compiled(allow_interpreted_subclasses=True)
class Application:
    """What stands above two streams. Whoever feeds them asks; what it tells of them is all in these calls."""

    __slots__ = ()

    def listen(self, stream: ByteStream) -> Receiver:
        """Who takes the first bytes of a direction."""
        raise NotImplementedError

    def opened(self) -> None:
        """The beginning of both streams was captured after all: `Streams.midstream` is False from now on."""

    def asks_unknown(self) -> bool:
        """True until it is clear what is spoken, and with it which end asks."""
        return False

    def may_answer(self) -> bool:
        """True when what the server says may answer what its client was heard to say."""
        return False

    def under_way(self) -> bool:
        """True while a request waits for its answer or a message has not ended, so that silence is no end."""
        return False

    def waiting(self) -> list[Request]:
        """The requests that have no answer yet, the oldest first."""
        return []

    def give_up_oldest(self, at: int) -> None:
        """Wait no longer for the answer to the oldest request."""

    def restart(self) -> None:
        """Forget what was said: both ends go on, after what looked like the end."""

    def closed(self, reason: EndReason, at: int) -> None:
        """Nothing more is said; the readers of both directions were told so."""

    def forget(self) -> None:
        """It is asked for nothing any more: end its cycles, so that reference counts free it without the collector."""


@compiled(allow_interpreted_subclasses=True)
class Streams:
    """Both directions of a connection; `client` and `server` may change places until it is clear who asks."""

    __slots__ = ("application", "client", "exchanges", "made", "midstream", "proxied", "server", "tls")

    def __init__(self, application: Application) -> None:
        self.application = application
        """What is spoken on them; set by whoever opens them."""
        self.client: ByteStream | None = None
        self.server: ByteStream | None = None
        """Both None once the connection is forgotten."""
        self.midstream = True
        """True when the capture began after the connection did."""
        self.proxied: Proxied | None = None
        """The connection beyond this one, which a PROXY header or a SOCKS handshake told of."""
        self.tls: Tls | None = None
        """What is known of its TLS; None where none is spoken."""
        self.exchanges = 0
        """Exchanges that were read of them before what is spoken now."""
        self.made: Flow | None = None
        """The newest record of the connection; None where it must be made anew."""

    def flow(self) -> Flow:
        """The record of the connection that carries them; the same object until something about it changes."""
        raise NotImplementedError

    def turn(self) -> None:
        """Client and server change places: it is the other end that asks."""
        self.client, self.server = self.server, self.client
        self.made = None

    def other(self, stream: ByteStream) -> ByteStream | None:
        """The other direction."""
        return self.server if stream is self.client else self.client

    def used_at(self) -> int:
        """Time of its newest packet, ns."""
        raise NotImplementedError

    def begins_at(self, stream: ByteStream) -> int:
        """Number of the first byte of a direction as its sender told it, before any byte of it; -1 where that was not
        captured."""
        return -1

    def asked_by_client(self) -> None:
        """It is clear now that `client` asks and `server` answers, in messages that are read."""
