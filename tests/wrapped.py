"""One exchange over TCP as packets, and what may stand around a packet; for tests of what lies below TCP."""

import struct
from collections.abc import Callable

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface

REQUEST = b"GET /deep HTTP/1.1\r\nHost: a.test\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CLIENT4, SERVER4 = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
CLIENT6, SERVER6 = bytes(15) + b"\1", bytes(15) + b"\2"
OUTER4 = bytes((192, 0, 2, 1)) + bytes((192, 0, 2, 2))
OUTER6 = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02")
MAC = bytes(12)
ETHERNET = 1

Wrap = Callable[[bytes], bytes]


def tcp(source: int, target: int, seq: int, ack: int, flags: int, data: bytes = b"") -> bytes:
    return struct.pack(">HHIIBBHHH", source, target, seq, ack, 0x50, flags, 65535, 0, 0) + data


def ip4(payload: bytes, addresses: bytes, protocol: int = 6, fragment: int = 0, ip_id: int = 7) -> bytes:
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ip_id, fragment, 64, protocol, 0) + addresses + payload


def ip6(payload: bytes, addresses: bytes, following: int = 6) -> bytes:
    return struct.pack(">IHBB", 0x60000000, len(payload), following, 64) + addresses + payload


def udp(payload: bytes, port: int) -> bytes:
    return struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload


def ethernet(payload: bytes, kind: int = 0x0800) -> bytes:
    return MAC + struct.pack(">H", kind) + payload


def exchange(
    version: int, isn: tuple[int, int] = (99, 499), path: bytes = b"/deep", status: bytes = b"200 OK", ip_id: int = 7
) -> list[bytes]:
    """IP packets of one connection, client and server in turn; `isn` is where either's sequence begins."""
    client, server = isn
    asked, answer = REQUEST.replace(b"/deep", path), ANSWER.replace(b"200 OK", status)
    pairs = (
        (True, tcp(5000, 80, client, 0, 2)),
        (False, tcp(80, 5000, server, client + 1, 18)),
        (True, tcp(5000, 80, client + 1, server + 1, 24, asked)),
        (False, tcp(80, 5000, server + 1, client + 1 + len(asked), 24, answer)),
    )
    if version == 4:
        return [ip4(each, CLIENT4 + SERVER4 if out else SERVER4 + CLIENT4, ip_id=ip_id) for out, each in pairs]
    return [ip6(each, CLIENT6 + SERVER6 if out else SERVER6 + CLIENT6) for out, each in pairs]


def seen(frames: list[bytes], link_type: int = ETHERNET, step: int = 1_000) -> tuple[list[Response], Counters]:
    pipeline = Pipeline()
    interface = Interface(0, "eth0", link_type)
    for number, frame in enumerate(frames):
        pipeline.feed(1_000_000 + number * step, frame, 0, len(frame), len(frame), interface)
    pipeline.finish()
    responses = {
        event.response.id: event.response
        for event in pipeline.take()
        if isinstance(event, ResponseSeen | ResponseChanged)
    }
    return list(responses.values()), pipeline.counters()


def mpls(*labels: int) -> Wrap:
    """Labels from the top of the stack down; the last has the bit that says so."""
    entries = [label << 12 | 64 for label in labels]
    entries[-1] |= 1 << 8
    stack = b"".join(struct.pack(">I", entry) for entry in entries)
    return lambda packet: ethernet(stack + packet, 0x8847)


def pseudowire(packet: bytes) -> bytes:
    return ethernet(struct.pack(">I", 17 << 12 | 1 << 8 | 64) + bytes(4) + ethernet(packet), 0x8847)


def bare_pseudowire(target: str) -> Wrap:
    """Without a control word, to that address."""
    frame = bytes.fromhex(target) + bytes.fromhex("001c42aabbcc")
    return lambda packet: ethernet(struct.pack(">I", 17 << 12 | 1 << 8 | 64) + frame + b"\x08\0" + packet, 0x8847)


def pppoe(packet: bytes) -> bytes:
    return ethernet(struct.pack(">BBHHH", 0x11, 0, 0x42, len(packet) + 2, 0x21) + packet, 0x8864)


def gtp_with_extension(packet: bytes) -> bytes:
    header = struct.pack(">BBHIHBB", 0x34, 0xFF, len(packet) + 8, 1, 0, 0, 0x85) + b"\x01\x10\x00\x00"
    return ethernet(ip4(udp(header + packet, 2152), OUTER4, 17))


def in_udp(port: int, header: bytes) -> Wrap:
    """A tunnel of that port whose header is always the same."""
    return lambda packet: ethernet(ip4(udp(header + packet, port), OUTER4, 17))


def wifi(packet: bytes, control: int = 0x08, more: bytes = b"") -> bytes:
    """An 802.11 data frame; `more` of its header behind the 24 bytes that each has."""
    return bytes((control, 1)) + bytes(22) + more + b"\xaa\xaa\3\0\0\0\x08\0" + packet


def pktap(link_type: int) -> bytes:
    """A header of PKTAP."""
    return struct.pack("<III24s", 108, 1, link_type, b"en0") + bytes(72)


TUNNELS: dict[str, tuple[Wrap, str]] = {
    "nothing": (ethernet, ""),
    "IP in IP": (lambda p: ethernet(ip4(p, OUTER4, 4)), "ipip"),
    "GRE": (lambda p: ethernet(ip4(b"\0\0\x08\0" + p, OUTER4, 47)), "gre"),
    "GRE with key, checksum and sequence": (
        lambda p: ethernet(ip4(b"\xb0\0\x08\0" + bytes(4) + b"\0\0\0\x2a" + bytes(4) + p, OUTER4, 47)),
        "gre 42",
    ),
    "GRE with Ethernet": (lambda p: ethernet(ip4(b"\0\0\x65\x58" + ethernet(p), OUTER4, 47)), "gre"),
    "GRE over IPv6": (lambda p: ethernet(ip6(b"\0\0\x08\0" + p, OUTER6, 47), 0x86DD), "gre"),
    "ERSPAN": (
        lambda p: ethernet(ip4(b"\x10\0\x88\xbe" + bytes(4) + bytes(8) + ethernet(p), OUTER4, 47)),
        "erspan",
    ),
    "VXLAN": (lambda p: ethernet(ip4(udp(b"\x08\0\0\0\0\0\x2a\0" + ethernet(p), 4789), OUTER4, 17)), "vxlan 42"),
    "Geneve with an option": (
        lambda p: ethernet(ip4(udp(b"\x01\0\x65\x58\0\0\x2a\0" + bytes(4) + ethernet(p), 6081), OUTER4, 17)),
        "geneve 42",
    ),
    "GTP-U": (
        lambda p: ethernet(ip4(udp(struct.pack(">BBHI", 0x30, 0xFF, len(p), 9) + p, 2152), OUTER4, 17)),
        "gtp",
    ),
    "GTP-U with an extension header": (gtp_with_extension, "gtp"),
    "MPLS, two labels": (mpls(16, 17), "mpls 17"),
    "MPLS, IPv4 explicit null": (mpls(0), "mpls"),
    "MPLS, IPv4 explicit null below a label": (mpls(16, 0), "mpls 16"),
    "MPLS, entropy label": (mpls(17, 7, 99_999), "mpls 17"),
    "MPLS, entropy label above": (mpls(16, 7, 99_999, 1_048_575), "mpls 1048575"),
    "MPLS pseudowire": (pseudowire, "mpls 17"),
    "MPLS pseudowire without control word": (bare_pseudowire("001b21000001"), "mpls 17"),
    "MPLS pseudowire to an address that looks like IPv4": (bare_pseudowire("4ccc6a000001"), "mpls 17"),
    "MPLS pseudowire to an address that looks like IPv6": (bare_pseudowire("60f262000001"), "mpls 17"),
    "PPPoE": (pppoe, "pppoe 66"),
    "VXLAN in GRE": (
        lambda p: ethernet(
            ip4(b"\0\0\x08\0" + ip4(udp(b"\x08\0\0\0\0\0\1\0" + ethernet(p), 4789), OUTER4, 17), OUTER4, 47)
        ),
        "gre / vxlan 1",
    ),
    "GRE in UDP": (in_udp(4754, b"\0\0\x08\0"), "gre"),
    "GRE in UDP, with a key": (in_udp(4754, b"\x20\0\x08\0\0\0\0\x07"), "gre 7"),
    "MPLS in UDP": (in_udp(6635, struct.pack(">I", 17 << 12 | 1 << 8 | 64)), "mpls 17"),
    "WCCP": (lambda p: ethernet(ip4(b"\0\0\x88\x3e" + p, OUTER4, 47)), "wccp"),
    "WCCP with a redirect header": (lambda p: ethernet(ip4(b"\0\0\x88\x3e\x40\0\0\1" + p, OUTER4, 47)), "wccp"),
    "L2TP": (in_udp(1701, b"\0\2\0\1\0\2\xff\3\0\x21"), "l2tp"),
    "L2TP with length, sequence and offset": (
        in_udp(1701, b"\x4a\2\0\x99\0\1\0\2\0\3\0\4\0\3xyz\0\x21"),
        "l2tp",
    ),
    "L2TPv3 over IP, Ethernet behind a sublayer": (
        lambda p: ethernet(ip4(b"\0\0\0\5" + bytes(4) + ethernet(p), OUTER4, 115)),
        "l2tp",
    ),
    "L2TPv3 over IP, Ethernet behind a cookie": (
        lambda p: ethernet(ip4(b"\0\0\0\5cookie!!" + ethernet(p), OUTER4, 115)),
        "l2tp",
    ),
    "L2TPv3 over IP, PPP": (lambda p: ethernet(ip4(b"\0\0\0\5\xff\3\0\x21" + p, OUTER4, 115)), "l2tp"),
    "L2TPv3 over IP, IP": (lambda p: ethernet(ip4(b"\0\0\0\5" + p, OUTER4, 115)), "l2tp"),
    "L2TPv3 over UDP": (
        lambda p: ethernet(ip4(udp(b"\0\3\0\0\0\0\0\5" + bytes(4) + ethernet(p), 1701), OUTER4, 17)),
        "l2tp",
    ),
    "VXLAN-GPE with IP": (in_udp(4790, b"\x0c\0\0\1\0\0\x2a\0"), "vxlan-gpe 42"),
    "VXLAN-GPE on the port of VXLAN": (in_udp(4789, b"\x0c\0\0\1\0\0\x2a\0"), "vxlan-gpe 42"),
    "VXLAN-GPE with NSH": (
        in_udp(4790, b"\x0c\0\0\4\0\0\x2a\0" + b"\x0f\xc6\1\1\0\0\1\xff" + bytes(16)),
        "vxlan-gpe 42 / nsh",
    ),
    "VXLAN-GPE with Ethernet": (
        lambda p: ethernet(ip4(udp(b"\x08\0\0\0\0\0\x2a\0" + ethernet(p), 4790), OUTER4, 17)),
        "vxlan-gpe 42",
    ),
    "TZSP with Ethernet": (
        lambda p: ethernet(ip4(udp(b"\1\0\0\1\x0a\1\x99\0\1" + ethernet(p), 37008), OUTER4, 17)),
        "tzsp",
    ),
    "TZSP with 802.11": (
        lambda p: ethernet(ip4(udp(b"\1\0\0\x12\1" + wifi(p), 37008), OUTER4, 17)),
        "tzsp",
    ),
    "EtherIP": (lambda p: ethernet(ip4(b"\x30\0" + ethernet(p), OUTER4, 97)), "etherip"),
    "VN-TAG": (lambda p: ethernet(b"\0\1\0\2\x08\0" + p, 0x8926), ""),
    "E-Tag": (lambda p: ethernet(b"\0\1\0\2\0\0\x08\0" + p, 0x893F), ""),
    "Cisco metadata": (lambda p: ethernet(b"\1\1\0\1\0\7\x08\0" + p, 0x8909), ""),
    "Cisco metadata with two options, VN-TAG": (
        lambda p: ethernet(b"\1\2\0\1\0\7\0\2\0\7\x89\x26\0\1\0\2\x08\0" + p, 0x8909),
        "",
    ),
}
"""Ethernet frames, and what the flow says of them."""


LINKS: dict[str, tuple[int, Wrap]] = {
    "Cisco HDLC": (104, lambda p: b"\x0f\0\x08\0" + p),
    "Cisco HDLC, broadcast": (104, lambda p: b"\x8f\0\x08\0" + p),
    "PPP in HDLC that is Cisco's": (50, lambda p: b"\x0f\0\x08\0" + p),
    "PPP in HDLC": (50, lambda p: b"\xff\3\0\x21" + p),
    "PPPoE": (51, lambda p: pppoe(p)[14:]),
    "PPP with its direction": (204, lambda p: b"\1\xff\3\0\x21" + p),
    "Cisco HDLC with its direction": (205, lambda p: b"\1\x0f\0\x08\0" + p),
    "LLC of ATM": (100, lambda p: b"\xaa\xaa\3\0\0\0\x08\0" + p),
    "packet filter log": (117, lambda p: b"\x3d\2" + bytes(62) + p),
    "PPI with Ethernet": (192, lambda p: b"\0\0\x08\0\1\0\0\0" + ethernet(p)),
    "PPI with a field and 802.11": (
        192,
        lambda p: b"\0\0\x20\0\x69\0\0\0" + b"\2\0\x14\0" + bytes(20) + wifi(p),
    ),
    "PKTAP with Ethernet": (258, lambda p: pktap(1) + ethernet(p)),
    "PKTAP with raw IP": (258, lambda p: pktap(12) + p),
    "PKTAP as a user's type": (149, lambda p: pktap(1) + ethernet(p)),
    "PKTAP with loopback": (149, lambda p: pktap(0) + b"\2\0\0\0" + p),
    "802.11": (105, wifi),
    "802.11 with QoS": (105, lambda p: wifi(p, 0x88, b"\0\0")),
    "radiotap": (127, lambda p: b"\0\0\x08\0\0\0\0\0" + wifi(p)),
    "radiotap that says padding": (127, lambda p: b"\0\0\x09\0\2\0\0\0\x20" + wifi(p, 0x88, bytes(4))),
    "radiotap with a time, padding": (
        127,
        lambda p: b"\0\0\x19\0\3\0\0\x80\0\0\0\0" + bytes(12) + b"\x20" + wifi(p, 0x88, bytes(4)),
    ),
    "radiotap that says padding, of nothing": (127, lambda p: b"\0\0\x09\0\2\0\0\0\x20" + wifi(p)),
    "Prism": (119, lambda p: b"\x44\0\0\0\x90\0\0\0" + bytes(136) + wifi(p)),
    "AVS": (163, lambda p: b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + wifi(p)),
}
"""Link types other than Ethernet."""
