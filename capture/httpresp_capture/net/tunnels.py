"""What is wrapped around a packet, taken off: IP in IP, GRE, WCCP, MPLS, PPPoE, L2TP, NSH. What UDP carries: `udp`.

Each is told in words in the `PacketPath`, with the number that tells its tunnels apart where both directions share it.
"""

from collections.abc import Callable
from typing import Final

from httpresp_capture.net.link import cisco_hdlc, ethernet, ppp
from httpresp_capture.net.link.found import IPV4, IPV6, Found
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carrier
from httpresp_capture.records.unread import Kind, number_of
from httpresp_capture.sink import Sink

MPLS: Final = frozenset({0x8847, 0x8848})
NSH: Final = 0x894F
ETHERNET: Final = 0x6558
"""Transparent Ethernet bridging, as GRE and Geneve say it."""
_PPP: Final = 0x880B
_WCCP: Final = 0x883E
_ERSPAN_2: Final = 0x88BE
_ERSPAN_3: Final = 0x22EB
_MOST_LABELS: Final = 16
_LAST_SPECIAL_LABEL: Final = 15
"""Up to here a label says what to do, and names nothing (RFC 7274 §3): 0 and 2 only that IP follows."""
_ENTROPY_FOLLOWS: Final = 7
"""The label behind this one spreads load (RFC 6790 §4.2)."""
_NSH_PROTOCOLS: Final = {1: IPV4, 2: IPV6, 3: ETHERNET, 4: NSH, 5: 0x8847}
_L2TP_SUBLAYERS: Final = (4, 0, 8, 12)
"""Bytes of cookie (0, 4, 8) and sublayer (0, 4) that may stand in L2TPv3 before what it carries; Linux has 4."""


class Tunnels:
    """Takes off one layer and hands the rest back to the network."""

    __slots__ = ("_network", "_sink", "by_protocol")

    def __init__(self, sink: Sink, network: Carrier) -> None:
        self._sink = sink
        self._network = network
        self.by_protocol: dict[int, Callable[[bytes, int, int, PacketPath], None]] = {
            4: self._ipip,
            41: self._6in4,
            47: self.gre,
            94: self._ipip,
            97: self._etherip,
            115: self.l2tp_3,
            137: self.mpls,
        }
        """Who opens what an IP packet carries, by its protocol number."""

    def carried_by_ip(self, buffer: bytes, start: int, end: int, protocol: int, path: PacketPath) -> None:
        """What an IP packet carries that is no transport protocol."""
        opener = self.by_protocol.get(protocol)
        if opener is None:
            self._sink.unread.add(number_of(Kind.IP_PROTOCOL, protocol))
        else:
            opener(buffer, start, end, path)

    def found(self, found: Found, buffer: bytes, end: int, path: PacketPath) -> None:
        """What a decoder of a link layer has found inside."""
        kind, start, vlans = found
        self._network.carry(buffer, start, end, kind, path.tagged(vlans))

    def of_kind(self, kind: int, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """What a header announces by an EtherType; that of bridging means an Ethernet frame."""
        if kind == ETHERNET:
            self.found(ethernet.decode(buffer, start, end), buffer, end, path)
        elif kind < 0x0600:
            self._sink.unread.add(number_of(Kind.ETHER_TYPE, kind))
        else:
            self.found(ethernet.by_type(buffer, start, end, kind), buffer, end, path)

    def _ipip(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 2003."""
        self._network.carry(buffer, start, end, IPV4, path.into("ipip"))

    def _6in4(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 4213 §3."""
        self._network.carry(buffer, start, end, IPV6, path.into("6in4"))

    def _etherip(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 3378: two bytes, then an Ethernet frame."""
        self.found(ethernet.decode(buffer, start + 2, end), buffer, end, path.into("etherip"))

    def pppoe(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 2516 §4: six bytes, then PPP without its HDLC bytes."""
        session = int.from_bytes(buffer[start + 2 : start + 4], "big")
        self.found(ppp.decode(buffer, start + 6, end), buffer, end, path.into(f"pppoe {session}"))

    def nsh(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 8300 §2: its length in words of four bytes, and what follows. Paths differ by direction, so they name no
        network."""
        if end - start < 8:
            self._sink.malformed += 1
            return
        kind = _NSH_PROTOCOLS.get(buffer[start + 3])
        if kind is None:
            self._sink.unread.add(number_of(Kind.TUNNEL_STRANGE))
        else:
            self.of_kind(kind, buffer, start + max((buffer[start + 1] & 0x3F) << 2, 8), end, path.into("nsh"))

    def mpls(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 3032: labels of four bytes to the bottom of the stack; what follows is told by its first nibble.

        The innermost label names the network of a customer (RFC 4364 §4.3.2), those above it only the way there.
        """
        above = named = 0
        for _ in range(_MOST_LABELS):
            if end - start < 5:
                break
            bottom = buffer[start + 2] & 1
            label = buffer[start] << 12 | buffer[start + 1] << 4 | buffer[start + 2] >> 4
            if label > _LAST_SPECIAL_LABEL and above != _ENTROPY_FOLLOWS:
                named = label
            above = label
            start += 4
            if not bottom:
                continue
            self._below_labels(buffer, start, end, path.into(f"mpls {named}" if named else "mpls"))
            return
        self._sink.malformed += 1

    def _below_labels(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """IP, by its first nibble, or a pseudowire: Ethernet, with or without a control word that begins with 0
        (RFC 4448 §4.6). Only the routers know which, and an address may begin with any nibble: it is where IP is found.
        """
        nibble = buffer[start] >> 4
        is_ip = nibble in (4, 6)
        if not is_ip or not holds_ip(buffer, start, end, cut=path.cut, exactly=True):
            for place in (start, start + 4) if nibble == 0 else (start,):
                kind, inner, vlans = ethernet.decode(buffer, place, end)
                if kind in (IPV4, IPV6) and holds_ip(buffer, inner, end):
                    self._network.carry(buffer, inner, end, kind, path.tagged(vlans))
                    return
        if is_ip:
            self._network.carry(buffer, start, end, IPV4 if nibble == 4 else IPV6, path)
        else:
            place = start + 4 if nibble == 0 else start
            self.found(ethernet.decode(buffer, place, end), buffer, end, path)

    def gre(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 2784 and 2890; version 1 is PPTP's (RFC 2637 §4.1)."""
        if end - start < 8 and (end - start < 4 or buffer[start + 1] & 7):
            self._sink.malformed += 1
            return
        flags, second = buffer[start], buffer[start + 1]
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        place = start + 4
        if second & 7 == 1:
            # Each direction has a call number of its own, so it names no tunnel.
            name = "pptp"
            place += 4 + (4 if flags & 0x10 else 0) + (4 if second & 0x80 else 0)
            if place >= end:
                self._sink.unread.add(number_of(Kind.TUNNEL_CONTROL))  # A bare acknowledgement.
                return
        else:
            name = "gre"
            place += 4 if flags & 0xC0 else 0
            if flags & 0x20:
                name = f"gre {int.from_bytes(buffer[place : place + 4], 'big')}"
                place += 4
            place += 4 if flags & 0x10 else 0
        if kind == _PPP:
            self.found(ppp.decode(buffer, place, end), buffer, end, path.into(name))
        elif kind == _WCCP:
            # draft-mclaggan-wccp-v2rev1 §4.12.2: version 2 may put a redirect header of four bytes first.
            place += 0 if holds_ip(buffer, place, end) else 4
            kind = IPV6 if place < end and buffer[place] >> 4 == 6 else IPV4
            self._network.carry(buffer, place, end, kind, path.into("wccp"))
        elif kind == _ERSPAN_2:
            # Type II has a header of 8 bytes, and a sequence number in GRE; type I has neither.
            place += 8 if flags & 0x10 else 0
            self.found(ethernet.decode(buffer, place, end), buffer, end, path.into("erspan"))
        elif kind == _ERSPAN_3:
            place += 20 if place + 12 <= end and buffer[place + 11] & 1 else 12
            self.found(ethernet.decode(buffer, place, end), buffer, end, path.into("erspan"))
        else:
            self.of_kind(kind, buffer, place, end, path.into(name))

    def l2tp_3(self, buffer: bytes, start: int, end: int, path: PacketPath) -> None:
        """RFC 3931 §4.1: a session identifier, 0 for control; then cookie and sublayer, whose sizes only the control
        messages tell, and Ethernet, PPP, HDLC or IP. So the first place is taken at which one of these carries IP.

        Each direction has a session of its own, so it names no tunnel.
        """
        if end - start < 4:
            self._sink.malformed += 1
            return
        if not any(buffer[start : start + 4]):
            self._sink.unread.add(number_of(Kind.TUNNEL_CONTROL))
            return
        for size in _L2TP_SUBLAYERS:
            place = start + 4 + size
            for decode in (ethernet.decode, ppp.decode, cisco_hdlc.decode):
                kind, inner, vlans = decode(buffer, place, end)
                if kind in (IPV4, IPV6) and holds_ip(buffer, inner, end):
                    self._network.carry(buffer, inner, end, kind, path.into("l2tp").tagged(vlans))
                    return
            if holds_ip(buffer, place, end, exactly=True):
                version = IPV4 if buffer[place] >> 4 == 4 else IPV6
                self._network.carry(buffer, place, end, version, path.into("l2tp"))
                return
        self._sink.unread.add(number_of(Kind.TUNNEL_STRANGE))


def holds_ip(buffer: bytes, start: int, end: int, *, cut: int = 0, exactly: bool = False) -> bool:
    """True when these bytes look like an IP packet; `exactly`: one that is as long as it says, of whose end the snap
    length has `cut` so many bytes."""
    if end - start < 20:
        return False
    version = buffer[start] >> 4
    if version == 4:
        total = (buffer[start + 2] << 8) | buffer[start + 3]
        right = (buffer[start] & 15) >= 5 and total >= 20
    elif version == 6 and end - start >= 40:
        total = 40 + ((buffer[start + 4] << 8) | buffer[start + 5])
        right = True
    else:
        return False
    return right and (total == end - start + cut or not exactly)
