"""Frame in, events out: the rooms of this package, composed.

`feed` is the packet loop, and the one place where speed comes before form. A packet that continues a connection in
order, which nearly all do, costs one unpacking, one look-up by a slice of its own bytes, a few comparisons and the
slice of its payload; not even that where its bytes belong to a body that nobody keeps. Everything else goes the long
way through `net` and `tcp`.
"""

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Final

from httpresp_capture.detect.detector import Detector
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.net.ip import Network
from httpresp_capture.net.link import DECODERS
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.protocols import PROTOCOLS
from httpresp_capture.quic import Quic
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.record import compiled
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.records.unread import Kind, number_of
from httpresp_capture.sink import NEVER, Sink
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tcp.flags import FIN, RST, SYN, URG
from httpresp_capture.tcp.packet import Packet
from httpresp_capture.tcp.segments import Segments

_RAW_IPV4: Final = Struct(">B x H H H B B xx 12s I I H").unpack_from
"""IPv4 without options, and TCP: version and length, total length, identification, fragment field, TTL, protocol, both
addresses and ports; sequence number, acknowledgement, offset and flags."""
_ETHERNET_IPV4: Final = Struct(">13x H x H H H B B xx 12s I I H").unpack_from
"""The same behind Ethernet, where the first number has the second byte of the EtherType before version and length."""
_IPV6: Final = Struct(">4x H B B 36s I I H").unpack_from
"""IPv6 and TCP: payload length, next header, hop limit, both addresses and ports; sequence number, acknowledgement,
offset and flags."""
_TCP: Final = 6
_SPECIAL: Final = FIN | SYN | RST | URG
_TICK_NS: Final = 100_000_000
_HOLE_TICK_NS: Final = 25_000_000
"""While something is missing: what waits behind it should not wait much longer than it has to."""
_ETHERNET: Final = 1
_IS_IPV6: Final = b"\x86\xdd"
_RAW: Final = 101
_TRIALS: Final = 4_000
"""Of those who look for something by trial, between two looks at the time: some milliseconds."""
_GROWN_AT_ONCE: Final = 64
"""Open responses of which more is told in one go: each may bring all that is kept of its body."""


@compiled(allow_interpreted_subclasses=True)
class Pipeline:
    """Feed it frames in the order of capture; take the events."""

    __slots__ = (
        "_bytes",
        "_directions",
        "_holes",
        "_next_sweep",
        "_packets",
        "_quic",
        "_segments",
        "_tcp",
        "limits",
        "network",
        "now",
        "sink",
        "table",
    )

    def __init__(self, limits: Limits | None = None, protocols: Sequence[Protocol] = PROTOCOLS) -> None:
        self.limits = limits or Limits()
        self.sink = Sink(self.limits)
        self._tcp = Segments(self.sink, partial(Detector, self.sink, protocols))
        self.table = self._tcp.table
        self.sink.bound_pending = self.table.bound_pending
        # For the packet loop, which cannot afford to look them up: the table never replaces them.
        self._directions = self.table.directions
        self._holes = self.table.holes
        self._quic = Quic(self.sink, self.table.next_id)
        self.network = Network(self.sink, self._tcp, self._quic)
        self.now = 0
        """Time of the newest packet, or of one at most a tenth of a second older."""
        self._next_sweep = 0
        self._packets = 0
        self._bytes = 0
        self._segments = 0

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
        # Said by name, since what is unpacked is of no type to the compiler: untyped, all of this costs twice as much.
        size: int
        ip_id: int
        ttl: int
        protocol: int
        key: bytes
        seq: int
        ack: int
        flags: int
        mark: int
        fragment: int
        self._packets += 1
        length = end - start
        self._bytes += length
        if at > self._next_sweep:
            self._sweep(at)
        link_type = interface.link_type
        if link_type == _ETHERNET and length >= 54 and buffer[start + 12] == 8 and not vlans:
            mark, size, ip_id, fragment, ttl, protocol, key, seq, ack, flags = _ETHERNET_IPV4(buffer, start)
            if mark != 0x45 or protocol != _TCP or fragment & 0x3FFF:
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            segment = start + 34
            packet_end = start + 14 + size
        elif link_type == _RAW and length >= 40 and buffer[start] == 0x45 and not vlans:
            mark, size, ip_id, fragment, ttl, protocol, key, seq, ack, flags = _RAW_IPV4(buffer, start)
            if protocol != _TCP or fragment & 0x3FFF:
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            segment = start + 20
            packet_end = start + size
        else:
            ip = start + 14 if link_type == _ETHERNET else start
            if (
                end - ip < 60
                or vlans
                or not (link_type == _RAW or (link_type == _ETHERNET and buffer.startswith(_IS_IPV6, start + 12)))
                or buffer[ip] >> 4 != 6
            ):
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            size, protocol, ttl, key, seq, ack, flags = _IPV6(buffer, ip)
            if protocol != _TCP:
                self._decode(at, buffer, start, end, wire_length, interface, vlans)
                return
            ip_id = 0
            segment = ip + 40
            packet_end = segment + size
        payload = segment + ((flags >> 10) & 0x3C)
        length = packet_end - payload
        if length < 0 or packet_end > end or flags < 0x5000:
            self._decode(at, buffer, start, end, wire_length, interface, vlans)
            return
        if not length and not flags & 7 and not self._holes:
            return  # A bare acknowledgement tells nothing that a capture without holes needs.
        direction = self._directions.get(key)
        if direction is not None and direction.in_order and not flags & _SPECIAL:
            other = direction.other
            if other is not None and (ack == other.next_seq or distance(ack, other.next_seq) <= 0):
                if not length:
                    return
                if seq == direction.next_seq:
                    direction.last_at = at
                    direction.next_seq = (seq + length) & MASK
                    self._segments += 1
                    reader = direction.reader
                    if reader is None:
                        return
                    if reader.bytes_to_skip > length:
                        reader.bytes_to_skip -= length
                        reader.last_at = at
                        return
                    data = buffer[payload:packet_end]
                    direction.packet_len = size
                    direction.ack = ack
                    recent = direction.recent
                    if recent is not None:
                        recent.remember(seq, data, at, ttl, ip_id)
                    reader.data(data, at)
                    return
        self._tcp.arrive(
            direction,
            key,
            len(key) - 4,
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
        decode = DECODERS.get(interface.link_type)
        if decode is None:
            self.sink.unread.add(number_of(Kind.LINK_TYPE, interface.link_type))
            return
        kind, ip, inner = decode(buffer, start, end)
        cut = max(wire_length - (end - start), 0)
        self.network.carry(buffer, ip, end, kind, PacketPath(at, interface.name, vlans + inner, cut=cut))

    def _sweep(self, at: int) -> None:
        self.now = max(self.now, at)
        self._next_sweep = at + (_HOLE_TICK_NS if self._holes else _TICK_NS)
        self.table.sweep(at, self.limits.idle_ns, self.limits.open_ns)
        self._quic.sweep(at, self.limits.idle_ns)
        if self.sink.growing:
            self.tell_growth(at)
        if self.sink.seeking:
            self._seek(at, _TRIALS)

    def _seek(self, at: int, trials: int) -> int:
        """Those that look for something by trial go on, each in its turn; how many trials are left."""
        seeking = self.sink.seeking
        for each in list(seeking):
            trials = each.seek(at, trials)
            if each in seeking:
                del seeking[each]
                seeking[each] = None
            if trials <= 0:
                break
        return trials

    def tell_growth(self, at: int, quiet: bool = False) -> None:
        """Tell how far open responses have come: `Limits.progress_ns` after that was told last, or at once when it is
        `quiet`; `at` is now, ns."""
        growing = self.sink.growing
        left = _GROWN_AT_ONCE
        for reader in list(growing):
            if reader.tell_growth(at, quiet):
                if reader in growing:  # Else it asks again when more has come.
                    del growing[reader]
                    growing[reader] = None
                left -= 1
                if not left:
                    return

    def expect_secrets(self) -> None:
        """TLS secrets may come: connections wait for theirs. To be called before the first frame."""
        if self.sink.secrets is None:
            self.sink.secrets = Secrets()

    def add_secrets(self, text: bytes) -> None:
        """More of a key log; see `records.secrets`. Connections that have waited for it are read on."""
        self.expect_secrets()
        secrets, waiting = self.sink.secrets, self.sink.waiting_for_secrets
        assert secrets is not None
        secrets.add(text)
        fresh, secrets.fresh = secrets.fresh, {}
        if waiting:
            for random in fresh:
                # One connection may be seen twice, before and behind an address translation.
                for connection in list(waiting.get(random, ())):
                    connection.secret_came()

    def give_up_secrets(self, before: int) -> None:
        """Wait no longer for the secrets of connections that were over `before` that time, ns."""
        waiting = self.sink.closed_waiting
        for connection in [each for each, at in waiting.items() if at < before]:
            connection.give_up_secrets()

    def take(self) -> list[CaptureEvent]:
        """The events since the last call."""
        return self.sink.take()

    def tick(self, at: int) -> None:
        """Time has passed without a packet: `at` is now, ns. Closes what was idle too long."""
        self.now = max(self.now, at)
        self._sweep(self.now)

    def finish(self) -> None:
        """The capture is over: whatever is open ends here."""
        self.network.fragments.close()
        self.table.close_all(self.now, EndReason.CAPTURE_END)
        self._quic.close_all()
        if self.sink.seeking:
            self.sink.last_trials = self._seek(NEVER, self.sink.last_trials)
        for same in list(self.sink.waiting_for_secrets.values()):
            for connection in list(same):
                connection.give_up_secrets()

    def counters(self) -> Counters:
        """A copy of the totals so far."""
        tally, sink = self.table.tally, self.sink
        return Counters(
            packets=self._packets,
            bytes=self._bytes,
            segments=self._segments + self._tcp.segments,
            not_tcp=sink.unread.packets,
            malformed=sink.malformed,
            snapped=sink.snapped,
            fragments=sink.fragments,
            fragments_lost=self.network.fragments.lost,
            flows=self.table.opened + self._quic.told,
            flows_evicted=self.table.evicted,
            flows_encrypted=sink.flows_encrypted,
            flows_other=sink.flows_other,
            responses=sink.responses,
            requests=sink.requests,
            unanswered=sink.unanswered,
            encrypted=sink.encrypted,
            gaps=tally.gaps,
            gap_bytes=tally.gap_bytes,
            repeats=tally.repeats,
            conflicts=tally.conflicts,
            held_dropped=tally.held_dropped,
            bodies_cut=sink.bodies_cut,
            unread=sink.unread.told(),
        )
