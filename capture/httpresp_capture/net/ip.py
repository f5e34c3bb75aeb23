"""From the network layer to the transports, TCP and UDP: IPv4 with options, IPv6 with extension headers, fragments of
both.

What is wrapped in something else goes through `tunnels` and comes back here, up to a depth.
"""

from typing import Final

from httpresp_capture.net.fragments import Fragments
from httpresp_capture.net.link.found import IPV4, IPV6, PPPOE, SHORT
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carried, Carrier, DatagramReader, Transport
from httpresp_capture.net.tunnels import MPLS, NSH, Tunnels
from httpresp_capture.net.udp import Datagrams
from httpresp_capture.records.unread import Kind, number_of
from httpresp_capture.sink import Sink

_DEEPEST: Final = 8
_EXTENSIONS: Final = frozenset({0, 43, 60, 135, 139, 140})
"""IPv6 extension headers with a length in units of 8: hop-by-hop, routing, destination, mobility, HIP, shim6."""
_AUTHENTICATION: Final = 51
_FRAGMENT: Final = 44
_MOST_EXTENSIONS: Final = 16
_TCP: Final = 6
_UDP: Final = 17


class Network(Carrier):
    """Opens packets for one pipeline."""

    __slots__ = ("_sink", "_transports", "_tunnels", "fragments")

    def __init__(self, sink: Sink, tcp: Transport, quic: DatagramReader) -> None:
        self._sink = sink
        self._tunnels = Tunnels(sink, self)
        self._transports: dict[int, Transport] = {_TCP: tcp, _UDP: Datagrams(sink, self, self._tunnels, quic)}
        """Who takes what IP carries of each; any other protocol is a tunnel, or not looked into."""
        self.fragments = Fragments()

    def carry(self, buffer: bytes, start: int, end: int, kind: int, path: PacketPath) -> None:
        """What an EtherType `kind` announces, at `buffer[start:end]`."""
        sink = self._sink
        if kind == SHORT:
            sink.short(path.cut)
        elif kind < 0:
            sink.unread.add(-kind)
        elif path.depth > _DEEPEST:
            sink.unread.add(number_of(Kind.TOO_DEEP))
        elif kind == IPV4:
            self._ipv4(buffer, start, end, path)
        elif kind == IPV6:
            self._ipv6(buffer, start, end, path)
        elif kind in MPLS:
            self._tunnels.mpls(buffer, start, end, path)
        elif kind == PPPOE:
            self._tunnels.pppoe(buffer, start, end, path)
        elif kind == NSH:
            self._tunnels.nsh(buffer, start, end, path)
        else:
            sink.unread.add(number_of(Kind.ETHER_TYPE, kind))

    def _ipv4(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 791 §3.1."""
        sink = self._sink
        if end - start < 20:
            sink.short(path.cut)
            return
        header = (buffer[start] & 15) << 2
        # Segmentation offload leaves the length to the card; then the frame's own holds, uncut.
        total = ((buffer[start + 2] << 8) | buffer[start + 3]) or end - start + path.cut
        if buffer[start] >> 4 != 4 or header < 20 or total < header or start + header > end:
            sink.malformed += 1
            return
        packet_end = start + total
        fragment = (buffer[start + 6] << 8) | buffer[start + 7]
        if fragment & 0x3FFF:
            sink.fragments += 1
            whole = self.fragments.add(
                buffer[start + 12 : start + 20]
                + buffer[start + 4 : start + 6]
                + buffer[start + 9 : start + 10]
                + path.mark,
                buffer[start : start + header],
                (fragment & 0x1FFF) << 3,
                buffer[start + header : min(packet_end, end)],
                max(packet_end - end, 0) if path.cut else 0,
                bool(fragment & 0x2000),
                path.at,
            )
            if whole is None:
                return
            buffer, total = whole
            start, end, packet_end = 0, len(buffer), total
            header = (buffer[0] & 15) << 2
        self._payload(
            buffer,
            (start + header, end, packet_end),
            buffer[start + 9],
            buffer[start + 12 : start + 20],
            path,
            Carried(buffer[start + 8], (buffer[start + 4] << 8) | buffer[start + 5], total),
        )

    def _ipv6(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 8200 §3 and §4."""
        sink = self._sink
        if end - start < 40:
            sink.short(path.cut)
            return
        if buffer[start] >> 4 != 6:
            sink.malformed += 1
            return
        length = ((buffer[start + 4] << 8) | buffer[start + 5]) or end - start - 40 + path.cut
        packet_end = start + 40 + length
        addresses = buffer[start + 8 : start + 40]
        hop_limit = buffer[start + 7]
        kind = buffer[start + 6]
        place = start + 40
        for _ in range(_MOST_EXTENSIONS):
            if kind not in _EXTENSIONS and kind not in (_AUTHENTICATION, _FRAGMENT):
                break
            if place + 8 > end:
                sink.malformed += 1
                return
            following = buffer[place]
            if kind == _FRAGMENT:
                field = (buffer[place + 2] << 8) | buffer[place + 3]
                if field & 0xFFF9:
                    sink.fragments += 1
                    whole = self.fragments.add(
                        addresses + buffer[place + 4 : place + 8] + path.mark,
                        bytes(40),
                        field & 0xFFF8,
                        buffer[place + 8 : max(min(packet_end, end), place + 8)],
                        max(packet_end - end, 0) if path.cut else 0,
                        bool(field & 1),
                        path.at,
                    )
                    if whole is None:
                        return
                    buffer, packet_end = whole
                    place, end = 40, len(buffer)
                    length = packet_end - 40
                else:
                    place += 8
            elif kind == _AUTHENTICATION:
                place += (buffer[place + 1] + 2) << 2
            else:
                place += (buffer[place + 1] + 1) << 3
            kind = following
        if place > end:
            sink.malformed += 1
            return
        self._payload(buffer, (place, end, packet_end), kind, addresses, path, Carried(hop_limit, 0, length))

    def _payload(
        self,
        buffer: bytes,
        span: tuple[int, int, int],
        protocol: int,
        addresses: bytes,
        path: PacketPath,
        carried: Carried,
    ) -> None:
        """`span`: where the payload starts, where what was captured ends, and where the packet ended as sent."""
        start, end, packet_end = span
        transport = self._transports.get(protocol)
        if transport is not None:
            transport.packet(buffer, start, end, packet_end, addresses, path, carried)
        else:
            self._tunnels.carried_by_ip(buffer, start, min(end, packet_end), protocol, path)
