"""What stands below TCP: tunnels of every kind, fragments in any order, frames that lie about themselves.

One exchange, carried in each way: the response must come out the same, and the flow must say what carried it.
"""

import struct

import pytest

from wrapped import (
    CLIENT4,
    ETHERNET,
    OUTER4,
    OUTER6,
    SERVER4,
    Wrap,
    ethernet,
    exchange,
    gtp_with_extension,
    ip4,
    ip6,
    mpls,
    pppoe,
    pseudowire,
    seen,
    udp,
)

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
