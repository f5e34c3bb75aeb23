"""From the network layer down to the TCP segment: IPv4 with options, IPv6 with extension headers, fragments of both.

What is wrapped in something else goes through `tunnels` and comes back here, up to a depth.
"""

from typing import TYPE_CHECKING, Final

from httpresp_capture.net.fragments import Fragments
from httpresp_capture.net.link.found import IPV4, IPV6, PPPOE, SHORT
from httpresp_capture.net.tunnels import MPLS, NSH, Tunnels
from httpresp_capture.net.way import Way
from httpresp_capture.records.unread import Kind, number_of

if TYPE_CHECKING:
    from httpresp_capture.pipeline import Pipeline

_DEEPEST: Final = 8
_EXTENSIONS: Final = frozenset({0, 43, 60, 135, 139, 140})
"""IPv6 extension headers with a length in units of 8: hop-by-hop, routing, destination, mobility, HIP, shim6."""
_AUTHENTICATION: Final = 51
_FRAGMENT: Final = 44
_MOST_EXTENSIONS: Final = 16
_TCP: Final = 6


class Network:
    """Opens packets for one pipeline."""

    __slots__ = ("_engine", "_tunnels", "fragments")

    def __init__(self, engine: "Pipeline") -> None:
        self._engine = engine
        self._tunnels = Tunnels(engine, self)
        self.fragments = Fragments()

    def carry(self, buffer: bytes, start: int, end: int, kind: int, way: Way) -> None:
        """What an EtherType `kind` announces, at `buffer[start:end]`."""
        engine = self._engine
        if kind == SHORT:
            engine.short()
        elif kind < 0:
            engine.unread.add(-kind)
        elif way.depth > _DEEPEST:
            engine.unread.add(number_of(Kind.TOO_DEEP))
        elif kind == IPV4:
            self._ipv4(buffer, start, end, way)
        elif kind == IPV6:
            self._ipv6(buffer, start, end, way)
        elif kind in MPLS:
            self._tunnels.mpls(buffer, start, end, way)
        elif kind == PPPOE:
            self._tunnels.pppoe(buffer, start, end, way)
        elif kind == NSH:
            self._tunnels.nsh(buffer, start, end, way)
        else:
            engine.unread.add(number_of(Kind.ETHER_TYPE, kind))

    def _ipv4(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 791 §3.1."""
        engine = self._engine
        if end - start < 20:
            engine.short()
            return
        header = (buffer[start] & 15) << 2
        # Segmentation offload leaves the length to the card; then the frame's own holds, uncut.
        total = ((buffer[start + 2] << 8) | buffer[start + 3]) or end - start + engine.cut
        if buffer[start] >> 4 != 4 or header < 20 or total < header or start + header > end:
            engine.malformed += 1
            return
        packet_end = start + total
        fragment = (buffer[start + 6] << 8) | buffer[start + 7]
        if fragment & 0x3FFF:
            engine.fragments += 1
            whole = self.fragments.add(
                buffer[start + 12 : start + 20]
                + buffer[start + 4 : start + 6]
                + buffer[start + 9 : start + 10]
                + way.mark,
                buffer[start : start + header],
                (fragment & 0x1FFF) << 3,
                buffer[start + header : min(packet_end, end)],
                bool(fragment & 0x2000),
                way.at,
            )
            if whole is None:
                return
            buffer, start, end = whole, 0, len(whole)
            header = (buffer[0] & 15) << 2
            total = packet_end = end
        engine.packet_len = total
        self._payload(
            buffer,
            (start + header, end, packet_end),
            buffer[start + 9],
            buffer[start + 12 : start + 20],
            way,
            buffer[start + 8],
            (buffer[start + 4] << 8) | buffer[start + 5],
        )

    def _ipv6(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 8200 §3 and §4."""
        engine = self._engine
        if end - start < 40:
            engine.short()
            return
        if buffer[start] >> 4 != 6:
            engine.malformed += 1
            return
        length = ((buffer[start + 4] << 8) | buffer[start + 5]) or end - start - 40 + engine.cut
        packet_end = start + 40 + length
        addresses = buffer[start + 8 : start + 40]
        hop_limit = buffer[start + 7]
        kind = buffer[start + 6]
        place = start + 40
        for _ in range(_MOST_EXTENSIONS):
            if kind not in _EXTENSIONS and kind not in (_AUTHENTICATION, _FRAGMENT):
                break
            if place + 8 > end:
                engine.malformed += 1
                return
            following = buffer[place]
            if kind == _FRAGMENT:
                field = (buffer[place + 2] << 8) | buffer[place + 3]
                if field & 0xFFF9:
                    engine.fragments += 1
                    whole = self.fragments.add(
                        addresses + buffer[place + 4 : place + 8] + way.mark,
                        bytes(40),
                        field & 0xFFF8,
                        buffer[place + 8 : max(min(packet_end, end), place + 8)],
                        bool(field & 1),
                        way.at,
                    )
                    if whole is None:
                        return
                    buffer, place, end = whole, 40, len(whole)
                    packet_end = end
                    length = end - 40
                else:
                    place += 8
            elif kind == _AUTHENTICATION:
                place += (buffer[place + 1] + 2) << 2
            else:
                place += (buffer[place + 1] + 1) << 3
            kind = following
        if place > end:
            engine.malformed += 1
            return
        engine.packet_len = length
        self._payload(buffer, (place, end, packet_end), kind, addresses, way, hop_limit, 0)

    def _payload(
        self,
        buffer: bytes,
        span: tuple[int, int, int],
        protocol: int,
        addresses: bytes,
        way: Way,
        ttl: int,
        ip_id: int,
    ) -> None:
        """`span`: where the payload starts, where what was captured ends, and where the packet ended as sent."""
        start, end, packet_end = span
        if protocol == _TCP:
            self._engine.tcp(buffer, start, end, packet_end, addresses, way, ttl, ip_id)
        else:
            self._tunnels.carried_by_ip(buffer, start, min(end, packet_end), protocol, way)
