"""What UDP carries: tunnels, told by port, since most have no mark of their own; and QUIC, told apart by its bytes.

Teredo and QUIC are known on any port: the one is IPv6 to the last byte, the other says its version (RFC 8999 §5.1). The
short packets of a QUIC connection say nothing, so its sockets are remembered.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from httpresp_capture.net.link import by_link_type, ethernet, ppp
from httpresp_capture.net.link.found import IPV4, IPV6
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carried, Carrier, DatagramReader, Transport
from httpresp_capture.net.tunnels import Tunnels
from httpresp_capture.records.unread import Kind, number_of
from httpresp_capture.sink import Sink

_ETHERNET: Final = 0x6558
_GPE_PROTOCOLS: Final = {1: IPV4, 2: IPV6, 3: _ETHERNET, 4: 0x894F, 5: 0x8847}
_TZSP_LINK_TYPES: Final = {1: 1, 18: 105, 119: 119, 127: 163}
"""What TZSP calls the frame in it, as a link type."""
_TEREDO_PREFIX: Final = b"\x20\x01\0\0"
_INSIDE_IPV6: Final = frozenset({0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135})
_QUIC_VERSIONS: Final = (b"\0\0\0\0", b"\0\0\0\1", b"\x6b\x33\x43\xcf", b"\x70\x9a\x50\xc4")
"""An offer of versions, RFC 9000, RFC 9369 and its draft."""
_QUIC_PREFIXES: Final = (b"\xff\0\0", b"Q0", b"T0", b"\xfa\xce\xb0")
"""Drafts, Google's own, Facebook's."""
_MOST_SOCKETS: Final = 16_384
"""As many as there are connections of QUIC that are followed; those that were silent longest leave."""


class Datagrams(Transport):
    """Opens what is known, and counts the rest."""

    __slots__ = ("_by_port", "_network", "_quic", "_quic_sockets", "_sink", "_tunnels")

    def __init__(self, sink: Sink, network: Carrier, tunnels: Tunnels, quic: DatagramReader) -> None:
        self._sink = sink
        self._network = network
        self._tunnels = tunnels
        self._quic = quic
        self._quic_sockets: OrderedDict[bytes, None] = OrderedDict()
        """Addresses and ports of both ends, the lower first, between which QUIC was spoken."""
        self._by_port: dict[int, Callable[[bytes, int, int, PacketPath], None]] = {
            1701: self._l2tp,
            2152: self._gtp,
            3386: self._gtp,
            3544: self._teredo,
            4500: self._esp,
            4754: tunnels.gre,  # RFC 8086
            4755: self._dtls,
            4789: self._vxlan,
            4790: self._vxlan_gpe,
            5072: self._ayiya,
            6081: self._geneve,
            6635: tunnels.mpls,  # RFC 7510
            6636: self._dtls,
            8472: self._vxlan,
            37008: self._tzsp,
        }

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
        """A datagram from its UDP header on (RFC 768)."""
        end = min(end, packet_end)
        if end - start < 16:
            self._count(Kind.UDP)
            return
        length = (buffer[start + 4] << 8) | buffer[start + 5]
        source = (buffer[start] << 8) | buffer[start + 1]
        target = (buffer[start + 2] << 8) | buffer[start + 3]
        opener = self._by_port.get(target) or self._by_port.get(source)
        if opener is not None:
            opener(buffer, start + 8, end, path)
            return
        place = teredo_packet(buffer, start + 8, end, start + length)
        if place >= 0:
            # Others put IPv6 into UDP as well.
            teredo = _TEREDO_PREFIX in (buffer[place + 8 : place + 12], buffer[place + 24 : place + 28])
            self._network.carry(buffer, place, end, IPV6, path.into("teredo" if teredo else "ip in udp"))
        elif self._is_quic(buffer, start, end, addresses):
            width = len(addresses) // 2
            from_, to = addresses[:width] + buffer[start : start + 2], addresses[width:] + buffer[start + 2 : start + 4]
            size = packet_end - start
            if 8 <= length < size:
                size = length  # A length that says more than there is, or less than its own header, is none.
            if not self._quic.datagram(buffer[start + 8 : end], size - 8, from_, to, path):
                self._count(Kind.QUIC)
        else:
            self._count(Kind.UDP)

    def _count(self, kind: Kind) -> None:
        self._sink.unread.add(number_of(kind))

    def _is_quic(self, buffer: bytes, start: int, end: int, addresses: bytes) -> bool:
        width = len(addresses) // 2
        source = addresses[:width] + buffer[start : start + 2]
        target = addresses[width:] + buffer[start + 2 : start + 4]
        sockets = min(source, target) + max(source, target)
        if sockets in self._quic_sockets:
            self._quic_sockets.move_to_end(sockets)
            return True
        if not says_quic(buffer, start + 8, end):
            return False
        if len(self._quic_sockets) >= _MOST_SOCKETS:
            self._quic_sockets.popitem(last=False)
        self._quic_sockets[sockets] = None
        return True

    def _vxlan(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 7348 §5: the I flag and a network identifier of 24 bits.

        Linux sends VXLAN-GPE to the same port; the P flag says so.
        """
        if buffer[start] & 0x04 and buffer[start + 3] in _GPE_PROTOCOLS:
            self._vxlan_gpe(buffer, start, end, path)
            return
        if not buffer[start] & 0x08:
            self._count(Kind.TUNNEL_STRANGE)
            return
        vni = int.from_bytes(buffer[start + 4 : start + 7], "big")
        self._tunnels.found(ethernet.decode(buffer, start + 8, end), buffer, end, path.into(f"vxlan {vni}"))

    def _vxlan_gpe(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """draft-ietf-nvo3-vxlan-gpe §3: with the P flag the fourth byte names what follows; else it is Ethernet."""
        kind = _GPE_PROTOCOLS.get(buffer[start + 3]) if buffer[start] & 0x04 else _ETHERNET
        if not buffer[start] & 0x08 or kind is None:
            self._count(Kind.TUNNEL_STRANGE)
            return
        vni = int.from_bytes(buffer[start + 4 : start + 7], "big")
        self._tunnels.of_kind(kind, buffer, start + 8, end, path.into(f"vxlan-gpe {vni}"))

    def _geneve(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 8926 §3.4."""
        if buffer[start] >> 6:
            self._count(Kind.TUNNEL_STRANGE)
            return
        vni = int.from_bytes(buffer[start + 4 : start + 7], "big")
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        place = start + 8 + ((buffer[start] & 0x3F) << 2)
        self._tunnels.of_kind(kind, buffer, place, end, path.into(f"geneve {vni}"))

    def _gtp(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """GTP-U, version 1 (3GPP TS 29.281 §5.1): message 255 carries a packet of the user.

        Each direction has an endpoint identifier of its own, so it names no tunnel.
        """
        if buffer[start] >> 5 != 1 or buffer[start + 1] != 0xFF:
            self._count(Kind.TUNNEL_CONTROL)
            return
        flags = buffer[start]
        place = start + 8
        if flags & 7:
            following = buffer[place + 3] if flags & 4 and place + 4 <= end else 0
            place += 4
            while following and place < end and buffer[place]:
                size = buffer[place] << 2
                if place + size > end:
                    break
                following = buffer[place + size - 1]
                place += size
        if place < end:
            self._network.carry(buffer, place, end, IPV4 if buffer[place] >> 4 == 4 else IPV6, path.into("gtp"))
        else:
            self._sink.malformed += 1

    def _l2tp(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 2661 §3.1, and RFC 3931 §4.1.2 for version 3: flags say which fields there are, then PPP.

        Each direction has a tunnel and a session of its own, so they name no tunnel.
        """
        first, version = buffer[start], buffer[start + 1] & 15
        if first & 0x80:
            self._count(Kind.TUNNEL_CONTROL)
        elif version == 3:
            self._tunnels.l2tp_3(buffer, start + 4, end, path)
        elif version == 2:
            place = start + 6 + (2 if first & 0x40 else 0) + (4 if first & 0x08 else 0)
            if first & 0x02:
                place += 2 + int.from_bytes(buffer[place : place + 2], "big")
            self._tunnels.found(ppp.decode(buffer, place, end), buffer, end, path.into("l2tp"))
        else:
            self._count(Kind.TUNNEL_STRANGE)

    def _tzsp(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """TaZmen Sniffer Protocol, version 1: what is inside, tagged fields up to tag 1, then the frame."""
        link_type = _TZSP_LINK_TYPES.get((buffer[start + 2] << 8) | buffer[start + 3])
        if buffer[start] != 1 or buffer[start + 1] > 1 or link_type is None:
            self._count(Kind.TUNNEL_CONTROL if buffer[start] == 1 else Kind.TUNNEL_STRANGE)
            return
        place = start + 4
        while place + 1 < end and buffer[place] != 1:
            place += 2 + buffer[place + 1] if buffer[place] else 1
        self._tunnels.found(by_link_type(link_type, buffer, place + 1, end), buffer, end, path.into("tzsp"))

    def _teredo(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 4380 §5.1.1, on its own port, whatever its lengths say."""
        self._network.carry(buffer, behind_indications(buffer, start, end), end, IPV6, path.into("teredo"))

    def _ayiya(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """draft-massar-v6ops-ayiya-02 §3: lengths of identity and signature stand in the first two bytes."""
        place = start + 8 + (1 << (buffer[start] >> 4)) + ((buffer[start + 1] >> 4) << 2)
        kind = {4: IPV4, 41: IPV6}.get(buffer[start + 3])
        if kind is None:
            self._count(Kind.TUNNEL_STRANGE)
        else:
            self._network.carry(buffer, place, end, kind, path.into("ayiya"))

    def _esp(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 3948."""
        self._count(Kind.ESP_IN_UDP)

    def _dtls(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        self._count(Kind.DTLS)


def behind_indications(buffer: bytes, start: int, end: int) -> int:
    """Where Teredo's IPv6 begins: behind an authentication and an origin indication (RFC 4380 §5.1.1), if any."""
    if buffer[start : start + 2] == b"\0\1" and end - start >= 13:
        start += 13 + buffer[start + 2] + buffer[start + 3]
    if buffer[start : start + 2] == b"\0\0":
        start += 8
    return start


def teredo_packet(buffer: bytes, start: int, end: int, datagram_end: int) -> int:
    """Where an IPv6 packet stands that fills the datagram to its last byte; -1 when there is none."""
    first = buffer[start]
    if first >> 4 != 6 and first:
        return -1
    place = behind_indications(buffer, start, end)
    if place + 40 > end or buffer[place] >> 4 != 6 or buffer[place + 6] not in _INSIDE_IPV6:
        return -1
    length = (buffer[place + 4] << 8) | buffer[place + 5]
    return place if place + 40 + length == datagram_end else -1


def says_quic(buffer: bytes, start: int, end: int) -> bool:
    """True for a long header with a version that is known, or for an offer of versions (RFC 8999 §5.1 and §6)."""
    first = buffer[start]
    if end - start < 7:
        return False
    if first & 0x80:
        # RFC 9000 §17.2: the second bit is 1 too, which RTP never has.
        version = buffer[start + 1 : start + 5]
        return bool(first & 0x40) and (version in _QUIC_VERSIONS or version.startswith(_QUIC_PREFIXES))
    # Google's first versions: flags that a version and an identifier of eight bytes follow.
    return first & 0x09 == 0x09 and buffer[start + 9 : start + 11] == b"Q0"
