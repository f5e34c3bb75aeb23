"""One TCP connection: its two directions, which end opened it, and how it ends (RFC 9293).

What is spoken on it is the business of its `Application`, which sees it as `Streams`.
"""

from typing import Final

from httpresp_capture.net.addresses import address_text
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.records.flow import Flow, OtherPath
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.byte_streams import Application, ByteStream, Streams
from httpresp_capture.streams.position import MASK
from httpresp_capture.streams.receiver import IGNORED, Receiver
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.former import KEPT, Span
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import Tally
from httpresp_capture.tcp.reopening import Reopening
from httpresp_capture.tcp.resets import Reset


class Direction(Assembler):
    """One direction of a connection that is followed."""

    __slots__ = ("owner", "peer")

    def __init__(self, limit: int, tally: Tally, remembered: Recent) -> None:
        super().__init__(None, limit, tally, remembered)
        self.owner: Connection | None = None
        """The connection whose direction this is; None once it is forgotten."""
        self.peer: Direction | None = None
        """The other direction."""


class AlternatePath:
    """Packets of a connection that came by another path than its first one."""

    __slots__ = ("direction", "key", "path")

    def __init__(self, key: bytes, direction: Direction, path: PacketPath) -> None:
        self.key = key
        self.direction = direction
        self.path = path


_FIRST_REPEAT_NS: Final = 3_000_000_000

NOBODY = Application()
"""Above a connection that is forgotten."""


class Connection(Streams):
    """A connection."""

    __slots__ = (
        "addresses",
        "challenged",
        "checked_at",
        "client_ended",
        "closed",
        "first",
        "formers",
        "handshake_ns",
        "id",
        "isn",
        "keys",
        "other_paths",
        "path",
        "reopening",
        "reset",
        "second",
        "server_ended",
        "sockets",
        "syn_answered",
        "syn_at",
        "syn_direction",
        "syn_ip_id",
        "syn_repeated_at",
        "syn_seq",
    )

    def __init__(self, flow_id: int, addresses: bytes, path: PacketPath) -> None:
        super().__init__(NOBODY)
        self.id = flow_id
        self.addresses = addresses
        """Addresses and ports as in the first packet, its source first."""
        self.path = path
        """How its first packet came."""
        self.other_paths: tuple[AlternatePath, ...] = ()
        self.sockets = b""
        """Addresses and ports, the same from either end; only of one behind tags or in a tunnel."""
        self.formers: tuple[Span, ...] = ()
        """Connections that were between the same sockets before, the newest first."""
        self.checked_at = path.at
        self.syn_direction: Direction | None = None
        """The direction of its SYN; None while that is not known."""
        self.syn_at = 0
        self.syn_repeated_at = 0
        """The newest copy of its SYN; as `syn_at` where there is one alone."""
        self.syn_answered = False
        """True when the other direction begins where its SYN-ACK says."""
        self.syn_seq = -1
        self.syn_ip_id = -1
        self.handshake_ns: int | None = None
        self.first: Direction | None = None
        """The direction of its first packet; `keys` are those of the first and the second direction."""
        self.second: Direction | None = None
        self.keys: tuple[bytes, bytes] = (b"", b"")
        self.isn = -1
        """First data sequence number of the server, of a second SYN-ACK that the client has yet to choose."""
        self.reset: Reset | None = None
        """A reset that may end the connection, or that ended it."""
        self.reopening: Reopening | None = None
        """A SYN that came while it stood, and that may be the first of another connection."""
        self.challenged = False
        """True once a reset came beyond the next number. It was believed where bytes before it are missing here alone;
        then nothing follows."""
        self.closed = False
        self.client_ended = False
        self.server_ended = False

    def used_at(self) -> int:
        """Time of its newest packet."""
        first, second = self.first, self.second
        return max(first.last_at if first is not None else 0, second.last_at if second is not None else 0)

    def crossed(self, direction: Direction) -> bool:
        """True when a SYN of this direction would meet one of the other: both ends open at once."""
        return (
            self.syn_direction is not None
            and self.syn_direction is not direction
            and direction.next_seq < 0
            and not self.closed
        )

    def ends_of(self, direction: Direction) -> bytes:
        """Addresses and ports of a direction, its sender's first."""
        return self.keys[0 if direction is self.first else 1][: len(self.addresses)]

    def spans(self) -> tuple[Span, ...]:
        """The numbers of this connection and of those before it."""
        both = (self.first, self.second)
        ended = tuple([Span(self.ends_of(direction), direction) for direction in both if direction is not None])
        return (ended + self.formers)[: 2 * KEPT]

    @property
    def over(self) -> bool:
        """True when it is closed, or a reset ends it that nothing has contradicted."""
        return self.closed or (self.reset is not None and not self.reset.contradicted)

    @property
    def under_way(self) -> bool:
        """True while silence is no end of it."""
        return not (self.server_ended or self.challenged) and self.application.under_way()

    def flow(self) -> Flow:
        """The record of this connection; made when it is first needed."""
        made = self.made
        if made is None:
            ends, path = self.addresses, self.path
            ports = len(ends) - 4
            client, server = address_text(ends[: ports >> 1]), address_text(ends[ports >> 1 : ports])
            client_port, server_port = ends[ports] << 8 | ends[ports + 1], ends[ports + 2] << 8 | ends[ports + 3]
            if self.client is self.second:
                client, client_port, server, server_port = server, server_port, client, client_port
            made = self.made = Flow(
                self.id,
                client,
                client_port,
                server,
                server_port,
                path.interface,
                path.at,
                self.handshake_ns,
                self.midstream,
                path.vlans,
                path.tunnel,
                self._told_paths() if self.other_paths else (),
                self.proxied,
                "TCP",
                self.tls,
            )
        return made

    def _told_paths(self) -> tuple[OtherPath, ...]:
        return tuple(
            [
                OtherPath(other.direction is self.client, other.path.vlans, other.path.tunnel)
                for other in self.other_paths
            ]
        )

    def both(self) -> tuple["Direction | None", "Direction | None"]:
        """The direction that asks, and the one that answers."""
        return (self.first, self.second) if self.client is self.first else (self.second, self.first)

    def begins_at(self, stream: ByteStream) -> int:
        """See `Streams`: the number behind that of its SYN."""
        if self.syn_direction is stream:
            return (self.syn_seq + 1) & MASK
        return stream.first_seq if self.syn_answered else -1

    def asked_by_client(self) -> None:
        """Only what answers waits for what it answers, and only its repeats are compared."""
        client, server = self.both()
        if client is not None and server is not None:
            server.answers, client.answers = True, False
            client.drop_recent()
            server.compare_repeats()

    def synchronise(self, direction: Direction, seq: int, ack: int, at: int) -> None:
        """A SYN (RFC 9293 §3.5), which acknowledges the other end's where `ack` is not -1."""
        following = (seq + 1) & MASK
        other = direction.other
        # What was captured before it is not all that was said, unless it begins where this says.
        if self.midstream and (other is None or other.next_seq < 0 or ack == other.first_seq):
            self.midstream = False
            self.application.opened()
        if ack >= 0:
            if direction is self.client and self.application.asks_unknown():
                self.turn()
            if self.syn_at and self.handshake_ns is None and at >= self.syn_at and self._answers_in_time(at):
                self.handshake_ns = at - self.syn_at
            if direction.next_seq < 0:
                direction.begin(following)
            elif direction.first_seq != following and (direction.reader is None or not direction.reader.knows()):
                self.isn = following
            if direction.first_seq == following:
                self.syn_answered = True
            return
        if self.syn_direction is None:
            self.syn_direction = direction
            self.syn_seq = seq
            self.syn_at = self.syn_repeated_at = at
            if direction is self.server and self.application.asks_unknown():
                self.turn()
        elif direction is self.syn_direction:
            self.syn_repeated_at = max(self.syn_repeated_at, at)
        if direction.next_seq < 0:
            direction.begin(following)

    def _answers_in_time(self, at: int) -> bool:
        """True unless the next copy of the SYN was due long before: then the clock was set in between, or copies are
        missing, and how long it took is not known.

        RFC 6298 §5.5: each waits twice as long as the one before it, and the first (§2.1; RFC 2988 §2.1) up to 3 s.
        """
        return at - self.syn_at <= 2 * (self.syn_repeated_at - self.syn_at + _FIRST_REPEAT_NS)

    def acknowledged_syn(self, direction: Direction, ack: int) -> None:
        """A SYN-ACK tells where a direction begins whose SYN is late, or was missed: what it says is waited for. Its
        time (`syn_at`) is not known."""
        self.syn_direction = direction
        self.syn_seq = (ack - 1) & MASK
        direction.begin(ack)

    def chosen(self, direction: Direction, ack: int) -> None:
        """Of two SYN-ACKs with different numbers, the one that the client acknowledges is the connection's."""
        if self.isn >= 0 and direction is self.client:
            server = self.both()[1]
            if server is not None and ack == self.isn and (server.reader is None or not server.reader.knows()):
                server.begin_at(self.isn)
                self.syn_answered = True
            self.isn = -1

    def finished(self, direction: Direction, at: int) -> None:
        """All bytes before the FIN of a direction are here."""
        if direction is self.server:
            if self.server_ended:
                return
            self.server_ended = True
            reason = EndReason.SERVER_FIN
        else:
            if self.client_ended:
                return
            self.client_ended = True
            reason = EndReason.CLIENT_FIN
        if direction.reader is not None:
            direction.reader.end(reason, at)
        if self.server_ended and self.client_ended:
            self.close(reason, at)

    def revive(self) -> None:
        """Both ends go on, long after a reset that nothing had contradicted. What they say is read from here on."""
        self.midstream = True
        self.application.restart()
        self.reset = self.reopening = None
        self.closed = self.client_ended = self.server_ended = False
        for direction in (self.first, self.second):
            if direction is not None:
                direction.reader = None
                direction.fin_seq = -1
                direction.answers = False

    def close(self, reason: EndReason, at: int) -> None:
        """The connection is over, or given up."""
        if self.closed:
            return
        reset = self.reset
        if reset is not None and not reset.contradicted:
            # Whatever else ended it now: it was over before.
            reason = EndReason.SERVER_RST if reset.direction is self.server else EndReason.CLIENT_RST
            at = max(reset.at, self.used_at())
        self.closed = True
        # The client first: what the server still holds may answer it.
        client, server = self.both()
        told = self._flush(client, reason, at)
        self._flush(server, reason, at)
        if client is not None and client.reader is not told:
            # What the server held told at last what they speak: what the client had said went to another reader.
            self._flush(client, reason, at)
        self.application.closed(reason, at)
        if reset is None:  # Who was reset may yet go on: see `revive`. Of all others the numbers are enough.
            self.application.forget()
            self.application = NOBODY
        for direction in (self.first, self.second):
            if direction is not None:
                direction.forget()
                direction.reader = IGNORED
                direction.in_order = False

    def _flush(self, direction: Direction | None, reason: EndReason, at: int) -> Receiver | None:
        """Deliver all that a direction holds, and its end; the reader that has it then."""
        if direction is None:
            return None
        direction.flush(at)
        if direction.reader is not None:
            direction.reader.end(self._end_of(direction, reason), at)
        return direction.reader

    def _end_of(self, direction: Direction, reason: EndReason) -> EndReason:
        """Why a direction ended, when its connection ended for `reason`: its own FIN comes first."""
        if direction.fin_seq < 0:
            return reason
        return EndReason.SERVER_FIN if direction is self.server else EndReason.CLIENT_FIN
