"""What is wrapped around a packet, taken off: IP in IP, GRE, MPLS, PPPoE, VXLAN, Geneve, GTP-U, Teredo, AYIYA.

Each is told in words in the `Way`, with the number that tells its tunnels apart where both directions share it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from httpresp_capture.link import ethernet, ppp
from httpresp_capture.link.found import IPV4, IPV6, Found
from httpresp_capture.way import Way

if TYPE_CHECKING:
    from httpresp_capture.ip import Network
    from httpresp_capture.pipeline import Pipeline

MPLS: Final = frozenset({0x8847, 0x8848})
PPPOE: Final = 0x8864
_ETHERNET: Final = 0x6558
_PPP: Final = 0x880B
_ERSPAN_2: Final = 0x88BE
_ERSPAN_3: Final = 0x22EB
_MOST_LABELS: Final = 16


class Tunnels:
    """Takes off one layer and hands the rest back to the network."""

    __slots__ = ("_by_port", "_by_protocol", "_engine", "_network")

    def __init__(self, engine: "Pipeline", network: "Network") -> None:
        self._engine = engine
        self._network = network
        self._by_protocol: dict[int, Callable[[bytes, int, int, Way], None]] = {
            4: self._ipip,
            17: self._udp,
            41: self._6in4,
            47: self._gre,
            137: self.mpls,
        }
        self._by_port: dict[int, Callable[[bytes, int, int, Way], None]] = {
            2152: self._gtp,
            3386: self._gtp,
            3544: self._teredo,
            4789: self._vxlan,
            5072: self._ayiya,
            6081: self._geneve,
            8472: self._vxlan,
        }

    def carried_by_ip(self, buffer: bytes, start: int, end: int, protocol: int, way: Way) -> None:
        """What an IP packet carries that is not TCP."""
        opener = self._by_protocol.get(protocol)
        if opener is None:
            self._engine.not_tcp += 1
        else:
            opener(buffer, start, end, way)

    def _found(self, found: Found, buffer: bytes, end: int, way: Way) -> None:
        kind, start, vlans = found
        self._network.carry(buffer, start, end, kind, way.tagged(vlans))

    def _ipip(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 2003."""
        self._network.carry(buffer, start, end, IPV4, way.into("ipip"))

    def _6in4(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 4213 §3."""
        self._network.carry(buffer, start, end, IPV6, way.into("6in4"))

    def pppoe(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 2516 §4: six bytes, then PPP without its HDLC bytes."""
        session = int.from_bytes(buffer[start + 2 : start + 4], "big")
        self._found(ppp.decode(buffer, start + 6, end), buffer, end, way.into(f"pppoe {session}"))

    def mpls(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 3032: labels of four bytes to the bottom of the stack; what follows is told by its first nibble."""
        for _ in range(_MOST_LABELS):
            if end - start < 5:
                break
            bottom = buffer[start + 2] & 1
            start += 4
            if not bottom:
                continue
            nibble = buffer[start] >> 4
            if nibble in (4, 6):
                self._network.carry(buffer, start, end, IPV4 if nibble == 4 else IPV6, way.into("mpls"))
            else:
                # A pseudowire: Ethernet, behind a control word that begins with 0 (RFC 4448 §4.6).
                place = start + 4 if nibble == 0 else start
                self._found(ethernet.decode(buffer, place, end), buffer, end, way.into("mpls"))
            return
        self._engine.malformed += 1

    def _gre(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 2784 and 2890; version 1 is PPTP's (RFC 2637 §4.1)."""
        if end - start < 8 and (end - start < 4 or buffer[start + 1] & 7):
            self._engine.malformed += 1
            return
        flags, second = buffer[start], buffer[start + 1]
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        place = start + 4
        if second & 7 == 1:
            # Each direction has a call number of its own, so it names no tunnel.
            name = "pptp"
            place += 4 + (4 if flags & 0x10 else 0) + (4 if second & 0x80 else 0)
        else:
            name = "gre"
            place += 4 if flags & 0xC0 else 0
            if flags & 0x20:
                name = f"gre {int.from_bytes(buffer[place : place + 4], 'big')}"
                place += 4
            place += 4 if flags & 0x10 else 0
        if kind == _ETHERNET:
            self._found(ethernet.decode(buffer, place, end), buffer, end, way.into(name))
        elif kind == _PPP:
            self._found(ppp.decode(buffer, place, end), buffer, end, way.into(name))
        elif kind == _ERSPAN_2:
            # Type II has a header of 8 bytes, and a sequence number in GRE; type I has neither.
            place += 8 if flags & 0x10 else 0
            self._found(ethernet.decode(buffer, place, end), buffer, end, way.into("erspan"))
        elif kind == _ERSPAN_3:
            place += 20 if place + 12 <= end and buffer[place + 11] & 1 else 12
            self._found(ethernet.decode(buffer, place, end), buffer, end, way.into("erspan"))
        else:
            self._network.carry(buffer, place, end, kind, way.into(name))

    def _udp(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """Told by port, since these have no mark of their own."""
        if end - start < 16:
            self._engine.not_tcp += 1
            return
        source = (buffer[start] << 8) | buffer[start + 1]
        target = (buffer[start + 2] << 8) | buffer[start + 3]
        opener = self._by_port.get(target) or self._by_port.get(source)
        if opener is None:
            self._engine.not_tcp += 1
        else:
            opener(buffer, start + 8, end, way)

    def _vxlan(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 7348 §5: the I flag and a network identifier of 24 bits."""
        if not buffer[start] & 0x08:
            self._engine.not_tcp += 1
            return
        vni = int.from_bytes(buffer[start + 4 : start + 7], "big")
        self._found(ethernet.decode(buffer, start + 8, end), buffer, end, way.into(f"vxlan {vni}"))

    def _geneve(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 8926 §3.4."""
        if buffer[start] >> 6:
            self._engine.not_tcp += 1
            return
        vni = int.from_bytes(buffer[start + 4 : start + 7], "big")
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        place = start + 8 + ((buffer[start] & 0x3F) << 2)
        if kind == _ETHERNET:
            self._found(ethernet.decode(buffer, place, end), buffer, end, way.into(f"geneve {vni}"))
        else:
            self._network.carry(buffer, place, end, kind, way.into(f"geneve {vni}"))

    def _gtp(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """GTP-U, version 1 (3GPP TS 29.281 §5.1): message 255 carries a packet of the user.

        Each direction has an endpoint identifier of its own, so it names no tunnel.
        """
        if buffer[start] >> 5 != 1 or buffer[start + 1] != 0xFF:
            self._engine.not_tcp += 1
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
            self._network.carry(buffer, place, end, IPV4 if buffer[place] >> 4 == 4 else IPV6, way.into("gtp"))
        else:
            self._engine.malformed += 1

    def _teredo(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """RFC 4380 §5.1.1: IPv6, behind an authentication and an origin indication where there are any."""
        if buffer[start : start + 2] == b"\0\1" and end - start >= 13:
            start += 13 + buffer[start + 2] + buffer[start + 3]
        if buffer[start : start + 2] == b"\0\0":
            start += 8
        self._network.carry(buffer, start, end, IPV6, way.into("teredo"))

    def _ayiya(self, buffer: bytes, start: int, end: int, way: Way) -> None:
        """draft-massar-v6ops-ayiya-02 §3: lengths of identity and signature stand in the first two bytes."""
        place = start + 8 + (1 << (buffer[start] >> 4)) + ((buffer[start + 1] >> 4) << 2)
        kind = {4: IPV4, 41: IPV6}.get(buffer[start + 3])
        if kind is None:
            self._engine.not_tcp += 1
        else:
            self._network.carry(buffer, place, end, kind, way.into("ayiya"))
