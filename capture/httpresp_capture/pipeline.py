"""Frame in, events out: the rooms of this package, composed.

`feed` is the packet loop, and the one place where speed comes before form. A packet that continues a connection in
order, which nearly all do, costs one unpacking, one look-up by a slice of its own bytes, a few comparisons and the
slice of its payload; not even that where its bytes belong to a body that nobody keeps. Everything else goes the long
way through `link`, `ip` and `tcp`.
"""

from struct import Struct
from typing import Final

from httpresp_capture.detect.undecided import Undecided
from httpresp_capture.http1.parser import Reader
from httpresp_capture.http1.response_reader import ResponseReader
from httpresp_capture.net.ip import Network
from httpresp_capture.net.link import DECODERS
from httpresp_capture.net.link.found import IPV4, IPV6
from httpresp_capture.net.way import Way
from httpresp_capture.records.events import CaptureEvent, Counters, EndReason, Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import compiled
from httpresp_capture.records.unread import Kind, Tally, number_of
from httpresp_capture.tcp.assembler import Assembler, Packet
from httpresp_capture.tcp.dialogue import Dialogue
from httpresp_capture.tcp.flows import FlowTable
from httpresp_capture.tcp.former import Span, is_copy
from httpresp_capture.tcp.networks import NEAR
from httpresp_capture.tcp.reopening import Reopening
from httpresp_capture.tcp.resets import may_be_next
from httpresp_capture.tcp.wire import ACK, FIN, MASK, RST, SYN, URG, distance

_IPV4: Final = Struct(">B x H H H B B xx 8x 4x I I H").unpack_from
"""IPv4 without options, and TCP: version and length, total length, identification, fragment field, TTL, protocol;
sequence number, acknowledgement, offset and flags."""
_IPV6: Final = Struct(">4x H B B 32x 4x I I H").unpack_from
"""IPv6 and TCP: payload length, next header, hop limit; sequence number, acknowledgement, offset and flags."""
_TCP: Final = 6
_SPECIAL: Final = FIN | SYN | RST | URG
_TICK_NS: Final = 100_000_000
_HOLE_TICK_NS: Final = 25_000_000
"""While something is missing: what waits behind it should not wait much longer than it has to."""
_ETHERNET: Final = 1
_RAW: Final = 101
_SYN_ACK: Final = ACK | SYN
_GROWN_AT_ONCE: Final = 64
"""Open responses of which more is told in one go: each may bring all that is kept of its body."""
_WINDOW: Final = 1 << 24
"""A sequence number farther away than this from the expected one means another connection, when a SYN was missed."""


@compiled(allow_interpreted_subclasses=True)
class Pipeline:
    """Feed it frames in the order of capture; take the events."""

    __slots__ = (
        "_bytes",
        "_events",
        "_halves",
        "_holes",
        "_next_sweep",
        "_packets",
        "_segments",
        "bodies_cut",
        "cut",
        "emit",
        "flows_encrypted",
        "flows_other",
        "fragments",
        "growing",
        "last_id",
        "limits",
        "malformed",
        "network",
        "now",
        "packet_len",
        "requests",
        "responses",
        "snapped",
        "table",
        "unanswered",
        "unread",
    )

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._events: list[CaptureEvent] = []
        self.emit = self._events.append
        self.table = FlowTable(self)
        # For the packet loop, which cannot afford to look them up: the table never replaces them.
        self._halves = self.table.halves
        self._holes = self.table.holes
        self.network = Network(self)
        self.now = 0
        """Time of the newest packet, or of one at most a tenth of a second older."""
        self.packet_len = 0
        """Of the packet being opened; see `Response.packet_len`."""
        self.cut = 0
        """Bytes of the frame being opened that the snap length has cut off its end."""
        self.last_id = 0
        self.growing: dict[ResponseReader, None] = {}
        """Directions whose response was told and goes on; the one of which more was told last stands last."""
        self._next_sweep = 0
        self._packets = 0
        self._bytes = 0
        self._segments = 0
        self.unread = Tally()
        """What is no TCP, or a connection that is not read."""
        self.malformed = 0
        self.snapped = 0
        self.fragments = 0
        self.flows_encrypted = 0
        self.flows_other = 0
        self.responses = 0
        self.requests = 0
        self.unanswered = 0
        self.bodies_cut = 0

    def feed(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        """One frame: `buffer[start:end]`, captured at `at` ns, `wire_length` bytes long before any snap length.

        `vlans` are ids of tags that the kernel has taken out of the frame, outermost first.
        """
        self._packets += 1
        self._bytes += end - start
        if at > self._next_sweep:
            self._sweep(at)
        link_type = interface.link_type
        ip = start + 14 if link_type == _ETHERNET else start
        if vlans or end - ip < 40:
            kind = 0
        elif link_type == _ETHERNET:
            kind = buffer[start + 12] << 8 | buffer[start + 13]
        elif link_type == _RAW:
            kind = IPV4 if buffer[ip] == 0x45 else IPV6
        else:
            kind = 0
        if kind == IPV4:
            version, size, ip_id, fragment, ttl, protocol, seq, ack, flags = _IPV4(buffer, ip)
            if version != 0x45 or protocol != _TCP or fragment & 0x3FFF:
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            key_start = ip + 12
            segment = ip + 20
            packet_end = ip + size
        elif kind == IPV6 and end - ip >= 60 and buffer[ip] >> 4 == 6:
            size, protocol, ttl, seq, ack, flags = _IPV6(buffer, ip)
            if protocol != _TCP:
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            ip_id = 0
            key_start = ip + 8
            segment = ip + 40
            packet_end = segment + size
        else:
            self._decode(at, buffer, start, end, wire_length, interface, vlans)
            return
        payload = segment + ((flags >> 10) & 0x3C)
        length = packet_end - payload
        if length < 0 or packet_end > end or flags < 0x5000:
            self._decode(at, buffer, start, end, wire_length, interface, vlans)
            return
        bare = not length and not flags & 7
        if bare and not self._holes:
            return  # A bare acknowledgement tells nothing that a capture without holes needs.
        key = buffer[key_start : segment + 4]
        half = self._halves.get(key)
        if half is not None and half.calm and not flags & _SPECIAL:
            other = half.other
            if other is not None and (ack == other.next_seq or distance(ack, other.next_seq) <= 0):
                if bare:
                    return
                if seq == half.next_seq:
                    half.last_at = at
                    half.next_seq = (seq + length) & MASK
                    self._segments += 1
                    reader = half.reader
                    if reader is None:
                        return
                    if reader.passing > length:
                        reader.passing -= length
                        reader.last_at = at
                        return
                    data = buffer[payload:packet_end]
                    half.packet_len = size
                    half.ack = ack
                    if half.recent is not None:
                        half.remember(seq, data, at, ttl, ip_id)
                    reader.data(data, at)
                    return
        self._arrive(
            half,
            key,
            segment - key_start,
            seq,
            flags & 0xFF,
            buffer[payload:packet_end],
            length,
            Packet(at, ttl, ip_id, ack, size),
            interface,
            None,
        )

    def _decode(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...],
    ) -> None:
        """The long way, through every layer."""
        self.cut = max(wire_length - (end - start), 0)
        decode = DECODERS.get(interface.link_type)
        if decode is None:
            self.unread.add(number_of(Kind.LINK_TYPE, interface.link_type))
            return
        kind, ip, inner = decode(buffer, start, end)
        self.network.carry(buffer, ip, end, kind, Way(at, interface.name, vlans + inner))

    def tcp(
        self,
        buffer: bytes,
        start: int,
        end: int,
        packet_end: int,
        addresses: bytes,
        way: Way,
        ttl: int,
        ip_id: int,
    ) -> None:
        """A TCP segment at `start`, captured to `end`; as sent it reached to `packet_end`."""
        if end - start < 20:
            self.short()
            return
        flags = buffer[start + 13]
        header = (buffer[start + 12] >> 4) << 2
        length = packet_end - start - header
        if header < 20 or length < 0:
            self.malformed += 1
            return
        if length == 0 and not flags & (SYN | FIN | RST) and not self._holes:
            return
        seq = int.from_bytes(buffer[start + 4 : start + 8], "big")
        ack = int.from_bytes(buffer[start + 8 : start + 12], "big")
        key = addresses + buffer[start : start + 4] + way.mark
        captured = min(end, packet_end)
        data = buffer[start + header : captured] if captured > start + header else b""
        packet = Packet(way.at, ttl, ip_id, ack, self.packet_len)
        self._arrive(self._halves.get(key), key, len(addresses), seq, flags, data, length, packet, None, way)

    def short(self) -> None:
        """A header ends before its time: cut by the snap length, or sent so."""
        if self.cut:
            self.snapped += 1
        else:
            self.malformed += 1

    def _arrive(
        self,
        half: Assembler | None,
        key: bytes,
        width: int,
        seq: int,
        flags: int,
        data: bytes,
        length: int,
        packet: Packet,
        interface: Interface | None,
        way: Way | None,
    ) -> None:
        """A segment of the direction `key`, which is `half` if it is known; opens a connection where one begins."""
        at = packet.at
        networks = self.table.networks
        if (half is None and (len(key) > width + 4 or networks.known)) or (
            half is not None
            and networks.shared
            and (half.next_seq < 0 or flags & _SYN_ACK == _SYN_ACK or abs(distance(seq, half.next_seq)) > NEAR)
        ):
            # Behind tags or in a tunnel, or bare where others are: the other direction may be carried otherwise.
            way = way or Way(at, interface.name if interface is not None else "")
            half = self.table.continued(half, key, width, seq, flags, length, packet, way)
            if half is None and flags & _SYN_ACK == _SYN_ACK and self._opened_beside(key, width, packet.ack):
                half = self.table.continued(half, key, width, seq, flags, length, packet, way)
        formers: tuple[Span, ...] = ()
        if half is not None:
            dialogue = half.owner
            if dialogue is None:
                half = None
            else:
                opening = bool(flags & SYN)
                if dialogue.formers and is_copy(dialogue.formers, key[: width + 4], half, seq, opening=opening):
                    self.table.tally.repeats += 1
                    return
                begun = dialogue.reopening
                if begun is not None and begun.is_followed(half, seq, flags, packet.ack):
                    half = self._reopen(dialogue, begun, begun.half is half)
                elif self._is_another(dialogue, half, seq, flags, length, at):
                    if flags & SYN and not dialogue.over:
                        way = way or Way(at, interface.name if interface is not None else "")
                        dialogue.reopening = Reopening(half, key, seq, flags, data, length, packet, way)
                        return
                    half = None
                    formers = self._end_for_another(dialogue, at)
        if half is None:
            if flags & RST or (length == 0 and not flags & SYN):
                return
            way = way or Way(at, interface.name if interface is not None else "")
            half = self.table.open(key, key[:width], way)
            if formers and half.owner is not None:
                half.owner.formers = formers
        if length > len(data):
            self.snapped += 1
        self._segment(half, seq, flags, data, length, packet)

    def _end_for_another(self, dialogue: Dialogue, at: int) -> tuple[Span, ...]:
        """Another connection takes its ports; the numbers that were used between them."""
        dialogue.close(EndReason.PORT_REUSED, at)
        formers = dialogue.spans()
        self.table.remove(dialogue)
        return formers

    def _reopen(self, dialogue: Dialogue, begun: Reopening, same: bool) -> Assembler | None:
        """Open the connection whose SYN came while another stood; the direction of that SYN, or the other one unless
        it is the `same`."""
        formers = self._end_for_another(dialogue, begun.packet.at)
        client = self.table.open(begun.key, begun.key[: len(dialogue.addresses) - 4], begun.way)
        if client.owner is not None:
            client.owner.formers = formers
        self._segment(client, begun.seq, begun.flags, begun.data, begun.length, begun.packet)
        return client if same else client.other

    def _opened_beside(self, key: bytes, width: int, ack: int) -> bool:
        """Open the connection of a SYN-ACK that has a path of its own, and whose SYN shared that of another network's
        connection, as if it were one within it."""
        table = self.table
        for dialogue in table.between(key, width):
            begun = dialogue.reopening
            if begun is not None and ack == (begun.seq + 1) & MASK and begun.key[: width + 4] != key[: width + 4]:
                dialogue.reopening = None
                client = table.open(begun.key, begun.key[:width], begun.way)
                for each in (dialogue, client.owner):
                    if each is not None:
                        table.share(each, begun.key, width)
                self._segment(client, begun.seq, begun.flags, begun.data, begun.length, begun.packet)
                return True
        return False

    def _is_another(self, dialogue: Dialogue, half: Assembler, seq: int, flags: int, length: int, at: int) -> bool:
        """True when the segment belongs to a new connection between the same ports."""
        was_reset = dialogue.closed and dialogue.reset is not None
        if was_reset and length and seq == half.next_seq and not flags & (SYN | RST):
            dialogue.revive()
            return False
        known = half.next_seq >= 0
        if flags & SYN and not flags & ACK:
            # RFC 9293 §3.6.1: a SYN with the same number is a retransmission; with another it opens anew.
            if dialogue.syn_seq == seq and dialogue.syn_half is half:
                return False
            if dialogue.closed:
                return True
            if not known and (dialogue.midstream or dialogue.syn_seq < 0):
                return False
            return not dialogue.crossed(half)  # Both ends open at once (RFC 9293 §3.5, figure 8).
        if not length or not known or half.waiting or (not dialogue.closed and at - half.last_at < 1_000_000_000):
            return False
        # What it has said itself, however long ago, is a copy.
        return abs(distance(seq, half.next_seq)) > _WINDOW and not Span(b"", half).has_said(seq, opening=False)

    def _segment(self, half: Assembler, seq: int, flags: int, data: bytes, length: int, packet: Packet) -> None:
        table = self.table
        at, ack = packet.at, packet.ack
        dialogue = half.owner
        other = half.other
        if dialogue is None:
            return
        if length:
            self._segments += 1
        if length or flags & (SYN | FIN | RST):
            half.last_at = at  # A bare acknowledgement is not always looked at, so it never counts as use.
        if flags & SYN:
            if not dialogue.closed:
                dialogue.synchronise(half, seq, ack if flags & ACK else -1, at)
            if flags & ACK:
                half.ack = ack
                if other is not None and other.next_seq < 0 and not dialogue.closed:
                    dialogue.acknowledged_syn(other, ack)
            elif dialogue.syn_ip_id < 0:
                dialogue.syn_ip_id = packet.ip_id
            seq = (seq + 1) & MASK
        if dialogue.closed or other is None:
            return
        if flags & ACK:
            dialogue.chosen(half, ack)
            if other.next_seq >= 0 and distance(ack, other.next_seq) > 0:
                other.acknowledged(ack, at)
                if other.waiting:
                    table.holes[other] = None
                    if other.overdue(at):
                        table.settle(other, at)
        if length and not flags & RST:
            if half.next_seq < 0:
                begun = other.first_seq >= 0 and not dialogue.midstream
                if begun and not 0 <= distance(ack, other.first_seq) < _WINDOW:
                    return  # RFC 9293 §3.10.7.3: before its SYN, what does not acknowledge ours is dropped.
                half.begin(seq)
                if other.stalled and other.held:
                    half.acknowledged(other.held[0].packet.ack, at)
            elif dialogue.midstream and self._before_start(half, seq, data, length, at):
                return
            if half.reader is None:
                half.reader = Undecided(dialogue, half)
                # An answer comes before anything of the other side: that may only be late.
                half.answers = half.unheard = other.next_seq < 0 and data.startswith(b"HTTP/1.")
            if not half.answers and half is dialogue.server and dialogue.may_pair:
                half.answers = True
            packet.urgent = bool(flags & URG)
            half.segment(seq, data, length, packet)
        # RFC 9293 §3.10.7.3: a FIN before the SYN of its direction is dropped.
        if flags & FIN and not flags & RST and not dialogue.closed and (half.next_seq >= 0 or dialogue.midstream):
            half.finish_at((seq + length) & MASK, at)
        if flags & RST:
            if may_be_next(half, seq, ack if flags & ACK else -1):
                table.reset(dialogue, half, seq, at)
            elif 0 < distance(seq, half.next_seq) < _WINDOW:
                dialogue.challenged = True
            return
        if half.waiting:
            table.holes[half] = None
            if table.tally.held > self.limits.held_total:
                table.sweep_holes(at)
        else:
            table.holes.pop(half, None)
        if other.stalled:
            table.resume(other, at)
        half.watch()
        table.ended(half, at)

    def _before_start(self, half: Assembler, seq: int, data: bytes, length: int, at: int) -> bool:
        """The capture began in the middle of two segments that changed places: begin anew with the earlier one."""
        undecided = half.reader
        back = distance(seq, half.next_seq)
        if isinstance(undecided, Reader):
            start = undecided.offset()
            return 0 < length == len(data) and back + length == -start < 0 and undecided.prepend(data, at)
        if (
            isinstance(undecided, Undecided)
            and undecided.size == undecided.total == -back - length
            and not undecided.gapped
            and 0 < length == len(data)
            and undecided.size < 65_536
        ):
            later = undecided.bytes()
            half.reader = Undecided(undecided.dialogue, half)
            half.reader.data(data + later, at)
            return True
        return False

    def _sweep(self, at: int) -> None:
        self.now = max(self.now, at)
        self._next_sweep = at + (_HOLE_TICK_NS if self._holes else _TICK_NS)
        self.table.sweep(at, self.limits.idle_ns, self.limits.open_ns)
        if self.growing:
            self.tell_growth(at)

    def tell_growth(self, at: int, quiet: bool = False) -> None:
        """Tell how far open responses have come: `Limits.progress_ns` after that was told last, or at once when it is
        `quiet`; `at` is now, ns."""
        growing = self.growing
        left = _GROWN_AT_ONCE
        for reader in list(growing):
            if reader.tell_growth(at, quiet):
                del growing[reader]
                growing[reader] = None
                left -= 1
                if not left:
                    return

    def take(self) -> list[CaptureEvent]:
        """The events since the last call."""
        events = self._events
        self._events = []
        self.emit = self._events.append
        return events

    def tick(self, at: int) -> None:
        """Time has passed without a packet: `at` is now, ns. Closes what was idle too long."""
        self.now = max(self.now, at)
        self._sweep(self.now)

    def finish(self) -> None:
        """The capture is over: whatever is open ends here."""
        self.network.fragments.close()
        self.table.close_all(self.now, EndReason.CAPTURE_END)

    def counters(self) -> Counters:
        """A copy of the totals so far."""
        tally = self.table.tally
        return Counters(
            packets=self._packets,
            bytes=self._bytes,
            segments=self._segments,
            not_tcp=self.unread.packets,
            malformed=self.malformed,
            snapped=self.snapped,
            fragments=self.fragments,
            fragments_lost=self.network.fragments.lost,
            flows=self.table.opened,
            flows_evicted=self.table.evicted,
            flows_encrypted=self.flows_encrypted,
            flows_other=self.flows_other,
            responses=self.responses,
            requests=self.requests,
            unanswered=self.unanswered,
            gaps=tally.gaps,
            gap_bytes=tally.gap_bytes,
            repeats=tally.repeats,
            conflicts=tally.conflicts,
            held_dropped=tally.held_dropped,
            bodies_cut=self.bodies_cut,
            unread=self.unread.told(),
        )
