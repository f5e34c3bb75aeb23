"""What was captured and not looked into, by kind and count, so that nothing unread is silent.

A kind is one number: what sort of thing it is (`Kind`), and which of them, such as an EtherType. Counting one is a
look-up in a dictionary, since whole captures may be of this; the words come when somebody asks. At most `MOST_KINDS`
are told apart.

A decoder of a link type answers with `unread(kind, number)`, which is the negative of it.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from httpresp_capture.records.plurals import many
from httpresp_capture.records.record import record
from httpresp_capture.records.tls import (
    EMPTY,
    FAILED,
    HANDSHAKE,
    INCOMPLETE,
    MALFORMED,
    MIDSTREAM,
    NO_KEY,
    NOT_FOUND,
    SOUGHT,
    UNSUPPORTED,
)

MOST_KINDS: Final = 256


class Kind(IntEnum):
    """Sorts of what is not read. The first four have a number beside them."""

    LINK_TYPE = 1
    ETHER_TYPE = 2
    IP_PROTOCOL = 3
    PPP = 4
    LLC = 5
    WIFI_OTHER = 6
    WIFI_PROTECTED = 7
    WIFI_AGGREGATED = 8
    ARCNET = 9
    NO_IP = 10
    TOO_DEEP = 11
    UDP = 12
    QUIC = 13
    DTLS = 14
    ESP_IN_UDP = 15
    TUNNEL_CONTROL = 16
    TUNNEL_STRANGE = 17
    OTHER = 18
    """Of more kinds than are told apart."""
    # Connections, whose packets were looked into as far as this.
    WEBSOCKET = 21
    SWITCHED = 22
    CONNECT = 23
    UNRECOGNISED = 24
    SILENT = 25
    # TLS that was not opened although keys were expected.
    TLS_NO_KEY = 26
    TLS_UNSUPPORTED = 27
    TLS_MIDSTREAM = 28
    TLS_INCOMPLETE = 29
    TLS_FAILED = 30
    TLS_MALFORMED = 31
    TLS_EMPTY = 32


_OWN_WORDS: Final = ("in which ", "inside ", "without ")


@record
class Unread:
    """One kind of what was captured and not looked into."""

    kind: str
    """In words: `QUIC`, `SCTP`, `link type 189 (USB_LINUX)`, `EtherType 0x88cc (LLDP)`."""
    count: int
    unit: str
    """What is counted: `packet` or `connection`; `line` of a file of events."""

    @property
    def text(self) -> str:
        """`1,200 packets of QUIC`."""
        how = self.kind if self.kind.startswith(_OWN_WORDS) else f"of {self.kind}"
        return f"{many(self.count, self.unit)} {how}"


def together(several: Iterable[tuple[Unread, ...]]) -> tuple[Unread, ...]:
    """What several captures did not look into, as one."""
    counts: dict[tuple[str, str], int] = {}
    for kinds in several:
        for one in kinds:
            counts[one.kind, one.unit] = counts.get((one.kind, one.unit), 0) + one.count
    return _sorted([Unread(kind, count, unit) for (kind, unit), count in counts.items()])


def _sorted(kinds: list[Unread]) -> tuple[Unread, ...]:
    return tuple(sorted(kinds, key=lambda one: (one.unit, -one.count, one.kind)))


class Tally:
    """The counts of one capture."""

    __slots__ = ("_counts", "packets")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.packets = 0
        """Those counted that are no connections."""

    def add(self, number: int) -> None:
        """One packet of the kind that `number_of` gives."""
        self.packets += 1
        counts = self._counts
        if number in counts:
            counts[number] += 1
        elif len(counts) < MOST_KINDS:
            counts[number] = 1
        else:
            other = Kind.OTHER.value << 32
            counts[other] = counts.get(other, 0) + 1

    def take_back(self, number: int, count: int) -> None:
        """So many packets of a kind are told otherwise."""
        self.packets -= count
        counts = self._counts
        if number not in counts:
            number = Kind.OTHER.value << 32
        left = counts.pop(number, 0) - count
        if left > 0:
            counts[number] = left

    def add_connection(self, kind: Kind, more: int = 1) -> None:
        """One connection; or, where a verdict is taken back, one less."""
        number = kind.value << 32
        count = self._counts.pop(number, 0) + more
        if count > 0:
            self._counts[number] = count

    def told(self) -> tuple[Unread, ...]:
        """Every kind, connections first, then by count."""
        found = [
            Unread(name_of(number), count, "packet" if number >> 32 < Kind.WEBSOCKET.value else "connection")
            for number, count in self._counts.items()
        ]
        return _sorted(found)


def number_of(kind: Kind, number: int = 0) -> int:
    """The number of a kind, to be counted."""
    return kind.value << 32 | number


def unread(kind: Kind, number: int = 0) -> tuple[int, int, tuple[int, ...]]:
    """What a decoder answers for something that is not read; see `link.found.Found`."""
    return -(kind.value << 32 | number), 0, ()


def name_of(number: int) -> str:
    """A kind in words."""
    kind, which = number >> 32, number & 0xFFFFFFFF
    if kind == Kind.LINK_TYPE:
        return f"link type {which}{_named(LINK_TYPES.get(which))}"
    if kind == Kind.ETHER_TYPE:
        return f"EtherType 0x{which:04x}{_named(ETHER_TYPES.get(which))}"
    if kind == Kind.IP_PROTOCOL:
        return PROTOCOLS.get(which) or f"IP protocol {which}"
    if kind == Kind.PPP:
        return f"PPP protocol 0x{which:04x}"
    return WORDS[kind]


def _named(name: str | None) -> str:
    return f" ({name})" if name else ""


NO_PAYLOAD: Final = "without a byte of payload"
WORDS: Final[dict[int, str]] = {
    Kind.LLC: "802.2 LLC without IP (spanning tree and the like)",
    Kind.WIFI_OTHER: "802.11 management and control",
    Kind.WIFI_PROTECTED: "encrypted 802.11",
    Kind.WIFI_AGGREGATED: "802.11 aggregates (A-MSDU)",
    Kind.ARCNET: "ARCNET without IP",
    Kind.NO_IP: "neither IPv4 nor IPv6",
    Kind.TOO_DEEP: "tunnels or tags nested too deep",
    Kind.UDP: "UDP",
    Kind.QUIC: "QUIC",
    Kind.DTLS: "tunnel encrypted with DTLS",
    Kind.ESP_IN_UDP: "ESP in UDP",
    Kind.TUNNEL_CONTROL: "control messages of tunnels",
    Kind.TUNNEL_STRANGE: "tunnels that were not understood",
    Kind.OTHER: "further kinds",
    Kind.WEBSOCKET: "WebSocket after 101",
    Kind.SWITCHED: "another protocol after 101",
    Kind.CONNECT: "inside CONNECT",
    Kind.UNRECOGNISED: "in which nothing was recognised",
    Kind.SILENT: NO_PAYLOAD,
    Kind.TLS_NO_KEY: "TLS whose key did not come",
    Kind.TLS_UNSUPPORTED: "TLS with a cipher suite that cannot be opened",
    Kind.TLS_MIDSTREAM: "TLS whose beginning was not captured",
    Kind.TLS_INCOMPLETE: "TLS whose handshake was not captured whole",
    Kind.TLS_FAILED: "TLS that the keys do not open",
    Kind.TLS_MALFORMED: "TLS that breaks its own rules",
    Kind.TLS_EMPTY: "TLS that carried nothing",
}
OF_TLS: Final = {
    HANDSHAKE: Kind.TLS_INCOMPLETE,
    NO_KEY: Kind.TLS_NO_KEY,
    UNSUPPORTED: Kind.TLS_UNSUPPORTED,
    MIDSTREAM: Kind.TLS_MIDSTREAM,
    SOUGHT: Kind.TLS_MIDSTREAM,
    NOT_FOUND: Kind.TLS_MIDSTREAM,
    INCOMPLETE: Kind.TLS_INCOMPLETE,
    FAILED: Kind.TLS_FAILED,
    MALFORMED: Kind.TLS_MALFORMED,
    EMPTY: Kind.TLS_EMPTY,
}
"""How a connection in such a state is counted when it ends, where keys were expected."""
WROTE_NO_KEY: Final = "TLS to which the command wrote no key"
"""Takes the place of `Kind.TLS_NO_KEY` where a command was asked for its keys."""
OF_OTHERS: Final = "other programs' HTTP or TLS"
"""Connections that were not seen to be the command's, where one is watched."""
OF_ENCRYPTED: Final = frozenset([*[WORDS[kind] for kind in OF_TLS.values()], WROTE_NO_KEY])
"""Kinds that say why an encrypted connection is not read; `Counters.flows_encrypted` counts it as well."""
PROTOCOLS: Final = {
    1: "ICMP", 2: "IGMP", 6: "TCP", 8: "EGP", 9: "IGP", 33: "DCCP", 46: "RSVP", 50: "ESP", 51: "AH", 55: "IP mobility",
    58: "ICMPv6", 59: "IPv6 without payload", 88: "EIGRP", 89: "OSPF", 94: "IP within IP (protocol 94)", 97: "EtherIP",
    103: "PIM", 108: "IPComp", 112: "VRRP", 115: "L2TPv3", 132: "SCTP", 136: "UDP-Lite",
}  # fmt: skip
"""https://www.iana.org/assignments/protocol-numbers."""
ETHER_TYPES: Final = {
    0x0806: "ARP", 0x0842: "Wake-on-LAN", 0x2000: "CDP", 0x22F0: "AVTP", 0x6002: "DEC MOP", 0x8035: "RARP",
    0x809B: "AppleTalk", 0x80F3: "AppleTalk ARP", 0x8137: "IPX", 0x8808: "flow control", 0x8809: "slow protocols, LACP",
    0x880B: "PPP", 0x8863: "PPPoE discovery", 0x886D: "Intel teaming", 0x888E: "802.1X", 0x8892: "PROFINET",
    0x8899: "Realtek loop detection", 0x889A: "HyperSCSI", 0x88A2: "ATA over Ethernet", 0x88A4: "EtherCAT",
    0x88B5: "local experiment", 0x88B8: "GOOSE", 0x88BA: "sampled values", 0x88CA: "TIPC", 0x88CC: "LLDP",
    0x88D9: "LLTD", 0x88E1: "HomePlug", 0x88E5: "MACsec", 0x88E7: "802.1ah", 0x88F7: "PTP", 0x8902: "802.1ag",
    0x8903: "FabricPath", 0x8906: "FCoE", 0x8914: "FIP", 0x8915: "RoCE", 0x891D: "TTEthernet", 0x8946: "TRILL L2",
    0x894F: "NSH", 0x22F3: "TRILL", 0x9000: "loopback test", 0x99FE: "B.A.T.M.A.N.", 0xFEFE: "ISO CLNP",
}  # fmt: skip
"""https://www.iana.org/assignments/ieee-802-numbers."""
LINK_TYPES: Final = {
    2: "experimental Ethernet", 3: "AX25", 6: "IEEE802_5, token ring", 7: "ARCNET_BSD", 8: "SLIP", 10: "FDDI",
    11: "ATM_RFC1483", 15: "SLIP_BSDOS", 99: "Symantec firewall", 106: "ATM_CLIP", 107: "FRELAY", 109: "ENC",
    114: "LTALK", 122: "IP_OVER_FC", 123: "SUNATM", 138: "APPLE_IP_OVER_IEEE1394", 139: "MTP2_WITH_PHDR", 140: "MTP2",
    141: "MTP3", 142: "SCCP", 143: "DOCSIS", 144: "LINUX_IRDA", 165: "BACNET_MS_TP", 166: "PPP_PPPD",
    169: "GPRS_LLC", 177: "LINUX_LAPD", 182: "MFR", 187: "BLUETOOTH_HCI_H4", 189: "USB_LINUX", 190: "CAN20B",
    191: "IEEE802_15_4_LINUX", 195: "IEEE802_15_4", 196: "SITA", 197: "ERF", 199: "IPMB", 201: "BLUETOOTH_HCI_H4_PHDR",
    202: "AX25_KISS", 203: "LAPD", 206: "FRELAY_WITH_DIR", 209: "IPMB_LINUX", 215: "IEEE802_15_4_NONASK_PHY",
    220: "USB_LINUX_MMAPPED", 224: "FC_2", 225: "FC_2_WITH_FRAME_DELIMS", 226: "IPNET", 227: "CAN_SOCKETCAN",
    230: "IEEE802_15_4_NOFCS", 231: "DBUS", 235: "DVB_CI", 236: "MUX27010", 240: "NETANALYZER", 242: "IPOIB",
    243: "MPEG_2_TS", 245: "NFC_LLCP", 247: "INFINIBAND", 248: "SCTP", 249: "USBPCAP", 251: "BLUETOOTH_LE_LL",
    252: "WIRESHARK_UPPER_PDU", 253: "NETLINK", 254: "BLUETOOTH_LINUX_MONITOR", 256: "BLUETOOTH_LE_LL_WITH_PHDR",
    259: "EPON", 264: "ISO_14443", 265: "RDS", 266: "USB_DARWIN", 268: "SDLC", 270: "LORATAP", 271: "VSOCK",
    272: "NORDIC_BLE", 273: "DOCSIS31_XRA31", 274: "ETHERNET_MPACKET", 275: "DISPLAYPORT_AUX", 281: "VPP_DISPATCH",
    283: "IEEE802_15_4_TAP", 288: "USB_2_0", 290: "ETW", 292: "ZBOSS", **{147 + n: f"USER{n}" for n in range(16)},
}  # fmt: skip
"""https://www.tcpdump.org/linktypes.html."""
