"""What stands below TCP: tunnels of every kind, fragments in any order, frames that lie about themselves.

One exchange, carried in each way: the response must come out the same, and the flow must say what carried it.
"""

import struct
from collections.abc import Callable

import pytest

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


def exchange(version: int) -> list[bytes]:
    """IP packets of one connection, client and server in turn."""
    pairs = (
        (True, tcp(5000, 80, 99, 0, 2)),
        (False, tcp(80, 5000, 499, 100, 18)),
        (True, tcp(5000, 80, 100, 500, 24, REQUEST)),
        (False, tcp(80, 5000, 500, 100 + len(REQUEST), 24, ANSWER)),
    )
    if version == 4:
        return [ip4(segment, CLIENT4 + SERVER4 if out else SERVER4 + CLIENT4) for out, segment in pairs]
    return [ip6(segment, CLIENT6 + SERVER6 if out else SERVER6 + CLIENT6) for out, segment in pairs]


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
    "MPLS, two labels": (mpls, "mpls"),
    "MPLS pseudowire": (pseudowire, "mpls"),
    "PPPoE": (pppoe, "pppoe 66"),
    "VXLAN in GRE": (
        lambda p: ethernet(
            ip4(b"\0\0\x08\0" + ip4(udp(b"\x08\0\0\0\0\0\1\0" + ethernet(p), 4789), OUTER4, 17), OUTER4, 47)
        ),
        "gre / vxlan 1",
    ),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_an_exchange_comes_out_of_every_tunnel_and_says_of_which(name: str) -> None:
    wrap, words = TUNNELS[name]
    responses, counters = seen([wrap(packet) for packet in exchange(4)])
    (response,) = responses
    assert (response.status, response.body, response.request and response.request.path) == (200, b"hello", "/deep")
    assert response.flow.tunnel == words
    assert counters.malformed == counters.not_tcp == 0


def test_ipv6_comes_out_of_6in4_and_teredo() -> None:
    wraps: tuple[tuple[Wrap, str], ...] = (
        (lambda p: ethernet(ip4(p, OUTER4, 41)), "6in4"),
        (lambda p: ethernet(ip4(udp(b"\0\0" + bytes(6) + p, 3544), OUTER4, 17)), "teredo"),
    )
    for wrap, words in wraps:
        (response,), _ = seen([wrap(packet) for packet in exchange(6)])
        assert (response.flow.server, response.flow.tunnel) == ("::2", words)


def test_the_same_addresses_in_two_tunnels_are_two_connections() -> None:
    frames: list[bytes] = []
    for packet in exchange(4):
        for vni in (1, 2):
            header = b"\x08\0\0\0" + struct.pack(">I", vni << 8)
            frames.append(ethernet(ip4(udp(header + ethernet(packet), 4789), OUTER4, 17)))
    responses, _ = seen(frames)
    assert {response.flow.tunnel for response in responses} == {"vxlan 1", "vxlan 2"}
    assert [response.status for response in responses] == [200, 200]


def test_tunnels_in_tunnels_end_at_some_depth_and_are_counted() -> None:
    packet = exchange(4)[2]
    for _ in range(40):
        packet = ip4(packet, OUTER4, 4)
    responses, counters = seen([ethernet(packet)])
    assert not responses
    assert counters.not_tcp == 1


def in_pieces(packet: bytes, size: int) -> list[bytes]:
    """IPv4 fragments of a packet, `size` a multiple of 8."""
    addresses, payload = packet[12:20], packet[20:]
    places = range(0, len(payload), size)
    return [
        ethernet(
            ip4(payload[at : at + size], addresses, 6, (0x2000 if at + size < len(payload) else 0) | at >> 3, ip_id=99)
        )
        for at in places
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_fragments_in_either_order_make_the_segment(backwards: bool) -> None:
    syn, syn_ack, request, answer = exchange(4)
    pieces = in_pieces(answer, 24)
    assert len(pieces) == 3
    if backwards:
        pieces.reverse()
    responses, counters = seen([ethernet(syn), ethernet(syn_ack), ethernet(request), *pieces])
    assert [(response.status, response.body) for response in responses] == [(200, b"hello")]
    assert (counters.fragments, counters.fragments_lost) == (3, 0)


def test_of_fragments_that_overlap_the_first_to_come_wins() -> None:
    syn, syn_ack, request, answer = exchange(4)
    first, second, third = in_pieces(answer, 24)
    lie = second[:34] + b"X" * 24
    responses, _ = seen([*(ethernet(packet) for packet in (syn, syn_ack, request)), first, second, lie, third])
    assert [(response.status, response.body) for response in responses] == [(200, b"hello")]


def test_a_missing_fragment_is_given_up_after_a_while_and_counted() -> None:
    syn, syn_ack, request, answer = exchange(4)
    pieces = in_pieces(answer, 24)[:2]
    late = [ethernet(ip4(bytes(16), CLIENT4 + SERVER4, 17, 0x2000, ip_id=5))]
    frames = [*(ethernet(packet) for packet in (syn, syn_ack, request)), *pieces, *late]
    responses, counters = seen(frames, step=31_000_000_000)
    assert [response.unanswered for response in responses] == [True]
    assert counters.fragments_lost >= 1


def test_ipv6_fragments_behind_extension_headers_make_the_segment() -> None:
    syn, syn_ack, request, answer = exchange(6)
    payload, addresses = answer[40:], answer[8:40]
    pieces: list[bytes] = []
    for at in range(0, len(payload), 32):
        more = at + 32 < len(payload)
        fragment = struct.pack(">BBHI", 6, 0, at | more, 77) + payload[at : at + 32]
        hop_by_hop = struct.pack(">BB6x", 44, 0)
        pieces.append(ethernet(ip6(hop_by_hop + fragment, addresses, 0), 0x86DD))
    whole = [ethernet(packet, 0x86DD) for packet in (syn, syn_ack, request)]
    responses, counters = seen([*whole, *pieces])
    assert [(response.status, response.body) for response in responses] == [(200, b"hello")]
    assert counters.fragments == len(pieces) == 2


def test_a_total_length_of_0_means_the_frames_own() -> None:
    packets = [packet[:2] + b"\0\0" + packet[4:] for packet in exchange(4)]
    (response,), _ = seen([ethernet(packet) for packet in packets])
    assert (response.status, response.body) == (200, b"hello")


@pytest.mark.parametrize("link_type", [0, 1, 9, 101, 105, 108, 113, 127, 129, 239, 276, 9_999])
def test_frames_cut_anywhere_are_counted_and_never_raise(link_type: int) -> None:
    frame = ethernet(exchange(4)[3])
    frames = [frame[:length] for length in range(len(frame))]
    _, counters = seen(frames, link_type)
    assert counters.packets == len(frames)
    assert counters.responses == 0 or link_type == ETHERNET
