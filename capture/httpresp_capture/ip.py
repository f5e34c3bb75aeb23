"""From the network layer down to the TCP segment: IPv4, IPv6, their fragments, and what is wrapped around them.

Tunnels are opened up to a depth: IP in IP, GRE (with Ethernet, PPP, ERSPAN), MPLS, PPPoE, VXLAN, Geneve, GTP-U,
Teredo, AYIYA. What was opened is told in words, so that two tunnels with the same addresses inside stay apart.
"""

from typing import TYPE_CHECKING, Final

from httpresp_capture.fragments import Fragments
from httpresp_capture.link import ethernet, ppp
from httpresp_capture.link.found import IPV4, IPV6, SHORT, Found

if TYPE_CHECKING:
    from httpresp_capture.pipeline import Pipeline

_DEEPEST: Final = 8
_EXTENSIONS: Final = frozenset({0, 43, 60, 135, 139, 140})
"""IPv6 extension headers with a length in units of 8: hop-by-hop, routing, destination, mobility, HIP, shim6."""
_ETHERNET: Final = 0x6558
_PPP: Final = 0x880B

_VXLAN_PORTS: Final = frozenset({4789, 8472})
_GENEVE_PORT: Final = 6081
_GTP_PORTS: Final = frozenset({2152, 3386})
_TEREDO_PORT: Final = 3544
_AYIYA_PORT: Final = 5072


class Network:
    """Opens packets for one pipeline."""

    __slots__ = ("_engine", "fragments")

    def __init__(self, engine: "Pipeline") -> None:
        self._engine = engine
        self.fragments = Fragments()

    def carry(
        self,
        buffer: bytes,
        start: int,
        end: int,
        kind: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int = 0,
    ) -> None:
        """What an EtherType `kind` announces, at `buffer[start:end]`."""
        engine = self._engine
        if depth > _DEEPEST:
            engine.not_tcp += 1
        elif kind == IPV4:
            self._ipv4(buffer, start, end, at, interface, vlans, tunnel, depth)
        elif kind == IPV6:
            self._ipv6(buffer, start, end, at, interface, vlans, tunnel, depth)
        elif kind in (0x8847, 0x8848):
            self._mpls(buffer, start, end, at, interface, vlans, tunnel, depth)
        elif kind == 0x8864:
            # RFC 2516 §4: six bytes, then PPP without its HDLC bytes.
            session = int.from_bytes(buffer[start + 2 : start + 4], "big")
            self._found(
                ppp.decode(buffer, start + 6, end),
                buffer,
                end,
                at,
                interface,
                vlans,
                _in(tunnel, f"pppoe {session}"),
                depth,
            )
        elif kind == SHORT:
            engine.malformed += 1
        else:
            engine.not_tcp += 1

    def _found(
        self,
        found: Found,
        buffer: bytes,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        kind, start, inner = found
        self.carry(buffer, start, end, kind, at, interface, (*vlans, *inner), tunnel, depth + 1)

    def _ipv4(
        self,
        buffer: bytes,
        start: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        engine = self._engine
        if end - start < 20 or buffer[start] >> 4 != 4:
            engine.malformed += 1
            return
        header = (buffer[start] & 15) << 2
        total = (buffer[start + 2] << 8) | buffer[start + 3]
        if total == 0:
            # Segmentation offload leaves it to the card; then the frame's own length holds.
            total = end - start
        if header < 20 or total < header or start + header > end:
            engine.malformed += 1
            return
        packet_end = start + total
        fragment = (buffer[start + 6] << 8) | buffer[start + 7]
        protocol = buffer[start + 9]
        ip_id = (buffer[start + 4] << 8) | buffer[start + 5]
        if fragment & 0x3FFF:
            engine.fragments += 1
            key = (
                buffer[start + 12 : start + 20]
                + buffer[start + 4 : start + 6]
                + bytes((protocol,))
                + path(vlans, tunnel)
            )
            head = bytearray(buffer[start : start + header])
            whole = self.fragments.add(
                key,
                bytes(head),
                (fragment & 0x1FFF) << 3,
                buffer[start + header : min(packet_end, end)],
                bool(fragment & 0x2000),
                at,
            )
            if whole is None:
                return
            fixed = bytearray(whole)
            fixed[2:4] = min(len(whole), 0xFFFF).to_bytes(2, "big")
            fixed[6:8] = b"\0\0"
            buffer, start, end = bytes(fixed), 0, len(fixed)
            header = (buffer[0] & 15) << 2
            packet_end = end
            total = end
        addresses = buffer[start + 12 : start + 20]
        self._payload(
            buffer, start + header, end, packet_end, protocol, addresses, at, interface, vlans, tunnel, depth,
            buffer[start + 8], ip_id, total,
        )  # fmt: skip

    def _ipv6(
        self,
        buffer: bytes,
        start: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        engine = self._engine
        if end - start < 40 or buffer[start] >> 4 != 6:
            engine.malformed += 1
            return
        length = (buffer[start + 4] << 8) | buffer[start + 5]
        packet_end = start + 40 + length if length else end
        packet_len = length or end - start - 40
        addresses = buffer[start + 8 : start + 40]
        hop_limit = buffer[start + 7]
        kind = buffer[start + 6]
        place = start + 40
        for _ in range(16):
            if kind in _EXTENSIONS or kind == 51:
                if place + 8 > end:
                    engine.malformed += 1
                    return
                size = (buffer[place + 1] + 2) << 2 if kind == 51 else (buffer[place + 1] + 1) << 3
                kind = buffer[place]
                place += size
            elif kind == 44:
                if place + 8 > end:
                    engine.malformed += 1
                    return
                field = (buffer[place + 2] << 8) | buffer[place + 3]
                following = buffer[place]
                if field & 0xFFF9:
                    engine.fragments += 1
                    whole = self.fragments.add(
                        addresses + buffer[place + 4 : place + 8] + path(vlans, tunnel),
                        b"\x60" + b"\0" * 39,
                        field & 0xFFF8,
                        buffer[place + 8 : min(packet_end, end)],
                        bool(field & 1),
                        at,
                    )
                    if whole is None:
                        return
                    buffer, place, end = whole, 40, len(whole)
                    packet_end = end
                    packet_len = end - 40
                    kind = following
                else:
                    kind, place = following, place + 8
            else:
                break
        if place > end:
            engine.malformed += 1
            return
        self._payload(
            buffer, place, end, packet_end, kind, addresses, at, interface, vlans, tunnel, depth, hop_limit, 0, packet_len
        )  # fmt: skip

    def _payload(
        self,
        buffer: bytes,
        start: int,
        end: int,
        packet_end: int,
        protocol: int,
        addresses: bytes,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
        ttl: int,
        ip_id: int,
        packet_len: int,
    ) -> None:
        engine = self._engine
        if protocol == 6:
            engine.packet_len = packet_len
            engine.tcp(buffer, start, end, packet_end, addresses, at, interface, vlans, tunnel, ttl, ip_id)
        elif protocol == 17:
            self._udp(buffer, start, min(end, packet_end), at, interface, vlans, tunnel, depth)
        elif protocol == 4:
            self.carry(buffer, start, min(end, packet_end), IPV4, at, interface, vlans, _in(tunnel, "ipip"), depth + 1)
        elif protocol == 41:
            self.carry(buffer, start, min(end, packet_end), IPV6, at, interface, vlans, _in(tunnel, "6in4"), depth + 1)
        elif protocol == 47:
            self._gre(buffer, start, min(end, packet_end), at, interface, vlans, tunnel, depth)
        elif protocol == 137:
            self._mpls(buffer, start, min(end, packet_end), at, interface, vlans, tunnel, depth)
        else:
            engine.not_tcp += 1

    def _gre(
        self,
        buffer: bytes,
        start: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        """RFC 2784 and 2890; version 1 is PPTP's (RFC 2637)."""
        if end - start < 4:
            self._engine.malformed += 1
            return
        flags = buffer[start]
        version = buffer[start + 1] & 7
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        place = start + 4
        name = "gre"
        if version == 1:
            if end - start < 8:
                self._engine.malformed += 1
                return
            name = f"pptp {int.from_bytes(buffer[start + 6 : start + 8], 'big')}"
            place += 4 + (4 if flags & 0x10 else 0) + (4 if buffer[start + 1] & 0x80 else 0)
        else:
            place += 4 if flags & 0xC0 else 0
            if flags & 0x20:
                name = f"gre {int.from_bytes(buffer[place : place + 4], 'big')}"
                place += 4
            place += 4 if flags & 0x10 else 0
        inside = _in(tunnel, name)
        if kind == _ETHERNET:
            self._found(ethernet.decode(buffer, place, end), buffer, end, at, interface, vlans, inside, depth)
        elif kind == _PPP:
            self._found(ppp.decode(buffer, place, end), buffer, end, at, interface, vlans, inside, depth)
        elif (
            kind == 0x88BE
        ):  # ERSPAN type II has a header of 8 bytes when GRE carries a sequence number; type I has none
            place += 8 if flags & 0x10 else 0
            self._found(
                ethernet.decode(buffer, place, end), buffer, end, at, interface, vlans, _in(tunnel, "erspan"), depth
            )
        elif kind == 0x22EB:
            place += 20 if place + 12 <= end and buffer[place + 11] & 1 else 12
            self._found(
                ethernet.decode(buffer, place, end), buffer, end, at, interface, vlans, _in(tunnel, "erspan"), depth
            )
        else:
            self.carry(buffer, place, end, kind, at, interface, vlans, inside, depth + 1)

    def _mpls(
        self,
        buffer: bytes,
        start: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        """RFC 3032: labels of four bytes to the bottom of the stack; what follows is told by its first nibble."""
        for _ in range(16):
            if end - start < 5:
                break
            bottom = buffer[start + 2] & 1
            start += 4
            if bottom:
                nibble = buffer[start] >> 4
                if nibble in (4, 6):
                    kind = IPV4 if nibble == 4 else IPV6
                    self.carry(buffer, start, end, kind, at, interface, vlans, _in(tunnel, "mpls"), depth + 1)
                else:  # a pseudowire: Ethernet behind a control word (RFC 4448), which begins with 0
                    place = start + 4 if nibble == 0 else start
                    self._found(
                        ethernet.decode(buffer, place, end),
                        buffer,
                        end,
                        at,
                        interface,
                        vlans,
                        _in(tunnel, "mpls"),
                        depth,
                    )
                return
        self._engine.malformed += 1

    def _udp(
        self,
        buffer: bytes,
        start: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        if end - start < 8:
            self._engine.malformed += 1
            return
        ports = ((buffer[start] << 8) | buffer[start + 1], (buffer[start + 2] << 8) | buffer[start + 3])
        place = start + 8
        if (ports[1] in _VXLAN_PORTS or ports[0] in _VXLAN_PORTS) and end - place >= 8 and buffer[place] & 0x08:
            # RFC 7348 §5: the I flag and a network identifier of 24 bits.
            vni = int.from_bytes(buffer[place + 4 : place + 7], "big")
            self._found(
                ethernet.decode(buffer, place + 8, end),
                buffer,
                end,
                at,
                interface,
                vlans,
                _in(tunnel, f"vxlan {vni}"),
                depth,
            )
        elif _GENEVE_PORT in ports and end - place >= 8 and buffer[place] >> 6 == 0:
            # RFC 8926 §3.4
            vni = int.from_bytes(buffer[place + 4 : place + 7], "big")
            kind = (buffer[place + 2] << 8) | buffer[place + 3]
            place += 8 + ((buffer[place] & 0x3F) << 2)
            inside = _in(tunnel, f"geneve {vni}")
            if kind == _ETHERNET:
                self._found(ethernet.decode(buffer, place, end), buffer, end, at, interface, vlans, inside, depth)
            else:
                self.carry(buffer, place, end, kind, at, interface, vlans, inside, depth + 1)
        elif ports[0] in _GTP_PORTS or ports[1] in _GTP_PORTS:
            self._gtp(buffer, place, end, at, interface, vlans, tunnel, depth)
        elif _TEREDO_PORT in ports:
            self._teredo(buffer, place, end, at, interface, vlans, tunnel, depth)
        elif _AYIYA_PORT in ports and end - place >= 8:
            # draft-massar-v6ops-ayiya-02 §3: lengths in units of 4 stand in the first two bytes.
            identity = 1 << (buffer[place] >> 4)
            signature = (buffer[place + 1] >> 4) << 2
            following = buffer[place + 3]
            place += 8 + identity + signature
            if following in (4, 41):
                self.carry(
                    buffer,
                    place,
                    end,
                    IPV4 if following == 4 else IPV6,
                    at,
                    interface,
                    vlans,
                    _in(tunnel, "ayiya"),
                    depth + 1,
                )
            else:
                self._engine.not_tcp += 1
        else:
            self._engine.not_tcp += 1

    def _gtp(
        self,
        buffer: bytes,
        place: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        """GTP-U, version 1 (3GPP TS 29.281 §5.1): message 255 carries a packet of the user."""
        if end - place < 8 or buffer[place] >> 5 != 1 or buffer[place + 1] != 0xFF:
            self._engine.not_tcp += 1
            return
        flags = buffer[place]
        following = 0
        place += 8
        if flags & 7:
            if end - place < 4:
                self._engine.malformed += 1
                return
            following = buffer[place + 3] if flags & 4 else 0
            place += 4
        while following and place < end and buffer[place]:
            size = buffer[place] << 2
            if place + size > end:
                break
            following = buffer[place + size - 1]
            place += size
        if place < end:
            kind = IPV4 if buffer[place] >> 4 == 4 else IPV6
            # Each way has an endpoint identifier of its own, so it cannot be part of a flow's name.
            self.carry(buffer, place, end, kind, at, interface, vlans, _in(tunnel, "gtp"), depth + 1)

    def _teredo(
        self,
        buffer: bytes,
        place: int,
        end: int,
        at: int,
        interface: str,
        vlans: tuple[int, ...],
        tunnel: str,
        depth: int,
    ) -> None:
        """RFC 4380 §5.1.1: IPv6, behind an authentication and an origin indication where there are any."""
        if buffer[place : place + 2] == b"\0\1" and end - place >= 13:
            place += 13 + buffer[place + 2] + buffer[place + 3]
        if buffer[place : place + 2] == b"\0\0":
            place += 8
        self.carry(buffer, place, end, IPV6, at, interface, vlans, _in(tunnel, "teredo"), depth + 1)


def _in(tunnel: str, name: str) -> str:
    return f"{tunnel} / {name}" if tunnel else name


def path(vlans: tuple[int, ...], tunnel: str) -> bytes:
    """Tells apart what has the same addresses on another VLAN or in another tunnel."""
    if not vlans and not tunnel:
        return b""
    return b"".join(vlan.to_bytes(2, "big") for vlan in vlans) + tunnel.encode()
