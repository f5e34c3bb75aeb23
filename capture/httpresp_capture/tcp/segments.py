"""TCP segments to their connections (RFC 9293 §3.10.7): opening, reuse of ports, midstream, resets.

`pipeline` passes by what continues a connection in order; everything else arrives here.
"""

from collections.abc import Callable
from typing import Final

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carried, Transport
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Application
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tcp.connection import Connection, Direction
from httpresp_capture.tcp.flags import ACK, FIN, NEAR, RST, SYN, URG
from httpresp_capture.tcp.flows import FlowTable
from httpresp_capture.tcp.former import Span, is_copy
from httpresp_capture.tcp.packet import Packet
from httpresp_capture.tcp.reopening import Reopening
from httpresp_capture.tcp.resets import may_be_next

_SYN_ACK: Final = ACK | SYN
_RECENT_NS: Final = 1_000_000_000
"""What comes sooner than this on an open connection is no other's, whatever its number."""
_WINDOW: Final = 1 << 24
"""A sequence number farther away than this from the expected one means another connection, when a SYN was missed."""


class Segments(Transport):
    """What IP carries of TCP."""

    __slots__ = ("_sink", "segments", "table")

    def __init__(self, sink: Sink, serve: Callable[[Connection], Application]) -> None:
        self._sink = sink
        self.table = FlowTable(sink, serve)
        self.segments = 0
        """Segments with payload that arrived here."""

    def packet(
        self,
        buffer: bytes,
        start: int,
        end: int,
        packet_end: int,
        addresses: bytes,
        path: PacketPath,
        carried: Carried,
    ) -> None:
        """A TCP segment at `start`, captured to `end`; as sent it reached to `packet_end`."""
        if end - start < 20:
            self._sink.short(path.cut)
            return
        flags = buffer[start + 13]
        header = (buffer[start + 12] >> 4) << 2
        length = packet_end - start - header
        if header < 20 or length < 0:
            self._sink.malformed += 1
            return
        if length == 0 and not flags & (SYN | FIN | RST) and not self.table.holes:
            return
        seq = int.from_bytes(buffer[start + 4 : start + 8], "big")
        ack = int.from_bytes(buffer[start + 8 : start + 12], "big")
        key = addresses + buffer[start : start + 4] + path.mark
        payload, captured = start + header, min(end, packet_end)
        data = buffer[payload:captured] if captured > payload else b""
        packet = Packet(path.at, carried.ttl, carried.ip_id, ack, carried.length)
        self.arrive(self.table.directions.get(key), key, len(addresses), seq, flags, data, length, packet, None, path)

    def arrive(
        self,
        direction: Direction | None,
        key: bytes,
        width: int,
        seq: int,
        flags: int,
        data: bytes,
        length: int,
        packet: Packet,
        interface: Interface | None,
        path: PacketPath | None,
    ) -> None:
        """A segment of the direction of `key`, `direction` if it is known; opens a connection where one begins."""
        at = packet.at
        networks = self.table.networks
        if direction is None:
            elsewhere = len(key) > width + 4 or bool(networks.known)
        else:
            elsewhere = networks.shared and (
                direction.next_seq < 0 or flags & _SYN_ACK == _SYN_ACK or abs(distance(seq, direction.next_seq)) > NEAR
            )
        if elsewhere:
            # Behind tags or in a tunnel, or bare where others are: the other direction may be carried otherwise.
            path = _came_by(path, interface, at)
            direction = self.table.continued(direction, key, width, seq, flags, length, packet, path)
            if direction is None and flags & _SYN_ACK == _SYN_ACK:
                self._open_beside(key, width, packet.ack)
                direction = self.table.continued(direction, key, width, seq, flags, length, packet, path)
        formers: tuple[Span, ...] = ()
        if direction is not None:
            connection = direction.owner
            if connection is None:
                direction = None
            else:
                if connection.formers and is_copy(
                    connection.formers, key[: width + 4], direction, seq, opening=bool(flags & SYN)
                ):
                    self.table.tally.repeats += 1
                    return
                begun = connection.reopening
                if begun is not None and begun.is_followed(direction, seq, flags, packet.ack):
                    direction = self._reopen(connection, begun, begun.direction is direction)
                elif (
                    flags & SYN or (length and (connection.closed or at - direction.last_at >= _RECENT_NS))
                ) and self._is_another(connection, direction, seq, flags, length):
                    if flags & SYN and not connection.over:
                        path = _came_by(path, interface, at)
                        connection.reopening = Reopening(direction, key, seq, flags, data, length, packet, path)
                        return
                    direction = None
                    formers = self._end_for_another(connection, at)
        if direction is None:
            if flags & RST or (length == 0 and not flags & SYN):
                return
            direction = self.table.open(key, key[:width], _came_by(path, interface, at), formers)
        if length > len(data):
            self._sink.snapped += 1
        self._segment(direction, seq, flags, data, length, packet)

    def _end_for_another(self, connection: Connection, at: int) -> tuple[Span, ...]:
        """Another connection takes its ports; the numbers that were used between them."""
        connection.close(EndReason.PORT_REUSED, at)
        formers = connection.spans()
        self.table.remove(connection)
        return formers

    def _reopen(self, connection: Connection, begun: Reopening, same: bool) -> Direction | None:
        """Open the connection whose SYN came while another stood; the direction of that SYN, or the other one unless
        it is the `same`."""
        formers = self._end_for_another(connection, begun.packet.at)
        client = self.table.open(begun.key, begun.key[: len(connection.addresses) - 4], begun.path, formers)
        self._segment(client, begun.seq, begun.flags, begun.data, begun.length, begun.packet)
        return client if same else client.peer

    def _open_beside(self, key: bytes, width: int, ack: int) -> None:
        """Open the connection of a SYN-ACK that has a path of its own, and whose SYN shared that of another network's
        connection, as if it were one within it."""
        table = self.table
        for connection in table.between(key, width):
            begun = connection.reopening
            if begun is not None and ack == (begun.seq + 1) & MASK:
                connection.reopening = None
                client = table.open(begun.key, begun.key[:width], begun.path)
                for each in (connection, client.owner):
                    if each is not None:
                        table.share(each, begun.key, width)
                self._segment(client, begun.seq, begun.flags, begun.data, begun.length, begun.packet)
                return

    def _is_another(self, connection: Connection, direction: Direction, seq: int, flags: int, length: int) -> bool:
        """True when the segment belongs to a new connection between the same ports: a SYN, or data of a connection that
        is over or that was silent for `_RECENT_NS`."""
        was_reset = connection.closed and connection.reset is not None
        if was_reset and length and seq == direction.next_seq and not flags & (SYN | RST):
            connection.revive()
            return False
        known = direction.next_seq >= 0
        if flags & SYN and not flags & ACK:
            # RFC 9293 §3.6.1: a SYN with the same number is a retransmission, or was captured behind what it opened;
            # with another it opens anew.
            if known and direction.first_seq == (seq + 1) & MASK:
                return False
            if connection.closed:
                return True
            if not known and connection.midstream:
                return False
            return not connection.crossed(direction)  # Both ends open at once (RFC 9293 §3.5, figure 8).
        if not length or not known or direction.waiting:
            return False
        # What it has said itself, however long ago, is a copy.
        return abs(distance(seq, direction.next_seq)) > _WINDOW and not Span(b"", direction).has_said(
            seq, opening=False
        )

    def _segment(self, direction: Direction, seq: int, flags: int, data: bytes, length: int, packet: Packet) -> None:
        table = self.table
        at, ack = packet.at, packet.ack
        connection = direction.owner
        other = direction.peer
        if connection is None:
            return
        if length:
            self.segments += 1
        if length or flags & (SYN | FIN | RST):
            direction.last_at = at  # A bare acknowledgement is not always looked at, so it never counts as use.
        if flags & SYN:
            if not connection.closed:
                connection.synchronise(direction, seq, ack if flags & ACK else -1, at)
            if flags & ACK:
                direction.ack = ack
                if other is not None and other.next_seq < 0 and not connection.closed:
                    connection.acknowledged_syn(other, ack)
            elif connection.syn_ip_id < 0:
                connection.syn_ip_id = packet.ip_id
            seq = (seq + 1) & MASK
        if connection.closed or other is None:
            return
        if flags & ACK:
            if connection.isn >= 0:
                connection.chosen(direction, ack)
            if ack != other.next_seq and other.next_seq >= 0 and distance(ack, other.next_seq) > 0:
                other.acknowledged(ack, at)
                if other.waiting:
                    table.holes[other] = None
                    if other.overdue(at):
                        table.settle(other, at)
        if length and not flags & RST:
            if direction.next_seq < 0:
                begun = other.first_seq >= 0 and not connection.midstream
                if begun and not 0 <= distance(ack, other.first_seq) < _WINDOW:
                    return  # RFC 9293 §3.10.7.3: before its SYN, what does not acknowledge ours is dropped.
                direction.begin(seq)
                if other.held:
                    direction.acknowledged(other.held[0].packet.ack, at)
            elif connection.midstream and self._before_start(direction, seq, data, length, at):
                return
            if direction.reader is None:
                direction.reader = connection.application.listen(direction)
                # An answer comes before anything of the other side: that may only be late.
                direction.answers = direction.unheard = other.next_seq < 0 and data.startswith(b"HTTP/1.")
            if not direction.answers and direction is connection.server and connection.application.may_answer():
                # One of them at most, also when they have changed places: they would wait for each other for ever.
                direction.answers, other.answers = True, False
            if flags & URG:
                packet.urgent = True
            direction.segment(seq, data, length, packet)
        # RFC 9293 §3.10.7.3: a FIN before the SYN of its direction is dropped.
        if (
            flags & FIN
            and not flags & RST
            and not connection.closed
            and (direction.next_seq >= 0 or connection.midstream)
        ):
            direction.finish_at((seq + length) & MASK, at)
        if flags & RST:
            if may_be_next(direction, seq, ack if flags & ACK else -1):
                table.reset(connection, direction, seq, at)
            elif 0 < distance(seq, direction.next_seq) < _WINDOW:
                connection.challenged = True
        holes = table.holes
        if direction.waiting:
            holes[direction] = None
            if table.tally.held > self._sink.limits.held_total:
                table.sweep_holes(at)
        elif holes:
            holes.pop(direction, None)
        if other.waits_for_peer:
            table.unblock(other, at)
        if holes:
            direction.update_in_order()
        else:  # What `update_in_order` does where nothing is missing anywhere, for speed.
            direction.in_order = direction.reader is not None and direction.fin_seq < 0
            other.in_order = other.reader is not None and other.fin_seq < 0
        if direction.fin_seq >= 0:
            table.ended(direction, at)

    def _before_start(self, direction: Direction, seq: int, data: bytes, length: int, at: int) -> bool:
        """The capture began in the middle of two segments that changed places: begin anew with the earlier one."""
        reader = direction.reader
        if reader is None or not 0 < length == len(data):
            return False
        return -(distance(seq, direction.next_seq) + length) == reader.offset() > 0 and reader.prepend(data, at)


def _came_by(path: PacketPath | None, interface: Interface | None, at: int) -> PacketPath:
    """How a packet came; without tags or a tunnel where nobody has said."""
    return path or PacketPath(at, interface.name if interface is not None else "")
