"""One exchange over TCP as packets, and what may stand around a packet; for tests of what lies below TCP."""

import struct
from collections.abc import Callable

from httpresp_capture.events import Counters, Interface, Response, ResponseChanged, ResponseSeen
from httpresp_capture.pipeline import Pipeline

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


def mpls(packet: bytes) -> bytes:
    return ethernet(struct.pack(">II", 16 << 12 | 64, 17 << 12 | 1 << 8 | 64) + packet, 0x8847)


def pseudowire(packet: bytes) -> bytes:
    return ethernet(struct.pack(">I", 17 << 12 | 1 << 8 | 64) + bytes(4) + ethernet(packet), 0x8847)


def pppoe(packet: bytes) -> bytes:
    return ethernet(struct.pack(">BBHHH", 0x11, 0, 0x42, len(packet) + 2, 0x21) + packet, 0x8864)


def gtp_with_extension(packet: bytes) -> bytes:
    header = struct.pack(">BBHIHBB", 0x34, 0xFF, len(packet) + 8, 1, 0, 0, 0x85) + b"\x01\x10\x00\x00"
    return ethernet(ip4(udp(header + packet, 2152), OUTER4, 17))
