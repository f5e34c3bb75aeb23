"""What stands below TCP: tunnels of every kind, fragments in any order, frames that lie about themselves.

One exchange, carried in each way: the response must come out the same, and the flow must say what carried it.
"""

import struct
from random import Random

import pytest

from httpresp_capture.net.link import DECODERS
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import ResponseChanged, ResponseSeen
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.outcome import Completeness
from wrapped import (
    CLIENT4,
    CLIENT6,
    ETHERNET,
    LINKS,
    OUTER4,
    OUTER6,
    REQUEST,
    SERVER4,
    SERVER6,
    TUNNELS,
    Wrap,
    bare_pseudowire,
    ethernet,
    exchange,
    in_udp,
    ip4,
    ip6,
    seen,
    tcp,
)


@pytest.mark.parametrize("name", TUNNELS)
def test_an_exchange_comes_out_of_every_tunnel_and_says_of_which(name: str) -> None:
    wrap, words = TUNNELS[name]
    responses, counters = seen([wrap(packet) for packet in exchange(4)])
    (response,) = responses
    assert (response.status, response.body, response.request and response.request.path) == (200, b"hello", "/deep")
    assert response.flow.tunnel == words
    assert counters.malformed == counters.not_tcp == 0


@pytest.mark.parametrize("name", LINKS)
def test_an_exchange_comes_out_of_every_link_type(name: str) -> None:
    link_type, wrap = LINKS[name]
    (response,), counters = seen([wrap(packet) for packet in exchange(4)], link_type)
    assert (response.status, response.body, response.request and response.request.path) == (200, b"hello", "/deep")
    assert counters.malformed == counters.not_tcp == 0


IPV6: dict[str, tuple[Wrap, str]] = {
    "6in4": (lambda p: ethernet(ip4(p, OUTER4, 41)), "6in4"),
    "Teredo": (in_udp(3544, b""), "teredo"),
    "Teredo with an origin": (in_udp(3544, bytes(8)), "teredo"),
    "Teredo on another port": (lambda p: in_udp(3545, b"")(p[:8] + TEREDO + p[24:]), "teredo"),
    "Teredo on another port, with authentication and origin": (
        lambda p: in_udp(9_999, b"\0\1\2\3" + bytes(14) + bytes(8))(p[:24] + TEREDO + p[40:]),
        "teredo",
    ),
    "WCCP": (lambda p: ethernet(ip6(b"\0\0\x88\x3e" + p, OUTER6, 47), 0x86DD), "wccp"),
    "WCCP with a redirect header": (
        lambda p: ethernet(ip6(b"\0\0\x88\x3e\x40\0\0\1" + p, OUTER6, 47), 0x86DD),
        "wccp",
    ),
    "something else that carries IPv6 to the last byte": (in_udp(40_001, b""), "ip in udp"),
}
TEREDO = bytes.fromhex("20010000c0000201") + bytes(8)


@pytest.mark.parametrize("name", IPV6)
def test_ipv6_comes_out_of_what_carries_it(name: str) -> None:
    wrap, words = IPV6[name]
    frames = [wrap(packet) for packet in exchange(6)[::2]]
    responses, counters = seen(frames)
    assert [response.flow.tunnel for response in responses] == [words]
    assert counters.malformed == counters.not_tcp == 0


def test_vlan_tags_in_a_pseudowire_without_control_word_are_told() -> None:
    wrap = bare_pseudowire("001b21000001")
    frames = [wrap(packet).replace(b"\xaa\xbb\xcc\x08\0", b"\xaa\xbb\xcc\x81\0\0\x0a\x08\0") for packet in exchange(4)]
    responses, _ = seen(frames)
    assert [response.flow.vlan for response in responses] == [(10,)]


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


def test_fragments_that_wait_when_the_capture_ends_are_counted_as_lost() -> None:
    responses, counters = seen(in_pieces(exchange(4)[3], 24)[:2])
    assert not responses
    assert (counters.fragments, counters.fragments_lost) == (2, 1)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("version", [4, 6])
def test_fragments_that_the_snap_length_cut_are_told_as_cut(version: int, backwards: bool) -> None:
    asked = exchange(version)[:3]
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"a" * 400
    answer = tcp(80, 5000, 500, 100 + len(REQUEST), 24, data)
    if version == 4:
        kind, header = 0x0800, 34
        pieces = in_pieces(ip4(answer, SERVER4 + CLIENT4), 160)
    else:
        kind, header = 0x86DD, 62
        pieces = []
        for at in range(0, len(answer), 160):
            piece = struct.pack(">BBHI", 6, 0, at | (at + 160 < len(answer)), 77) + answer[at : at + 160]
            pieces.append(ethernet(ip6(piece, SERVER6 + CLIENT6, 44), kind))
    if backwards:
        pieces.reverse()
    pipeline = Pipeline()
    for number, frame in enumerate([*(ethernet(packet, kind) for packet in asked), *pieces]):
        captured = min(len(frame), header + 100) if number >= len(asked) else len(frame)
        pipeline.feed(1_000_000 + number, frame, 0, captured, len(frame), Interface(0, "eth0", ETHERNET))
    pipeline.finish()
    row = [event.response for event in pipeline.take() if isinstance(event, ResponseSeen | ResponseChanged)][-1]
    counters = pipeline.counters()
    assert (row.status, row.body_bytes, row.completeness) == (200, 100 - 20 - (len(data) - 400), Completeness.SNAPPED)
    assert [(gap.length, gap.snapped) for gap in row.gaps] == [(len(answer) - 100, True)]
    assert (counters.snapped, counters.fragments, counters.fragments_lost) == (1, 3, 0)


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


@pytest.mark.parametrize("wrap", [ethernet, TUNNELS["IP in IP"][0]], ids=["bare", "in a tunnel"])
def test_a_header_that_the_snap_length_cut_is_cut_and_not_malformed(wrap: Wrap) -> None:
    whole = wrap(exchange(4)[2])
    kept = len(whole) - len(exchange(4)[2]) + 12
    for sent, told in ((len(whole), (1, 0)), (kept, (0, 1))):
        pipeline = Pipeline()
        pipeline.feed(0, whole, 0, kept, sent, Interface(0, "eth0", ETHERNET))
        counters = pipeline.counters()
        assert (counters.snapped, counters.malformed) == told


@pytest.mark.parametrize("link_type", [*DECODERS, 9_999])
def test_frames_cut_anywhere_are_counted_and_never_raise(link_type: int) -> None:
    frame = ethernet(exchange(4)[3])
    frames = [frame[:length] for length in range(len(frame))]
    _, counters = seen(frames, link_type)
    assert counters.packets == len(frames)
    assert counters.responses == 0 or link_type == ETHERNET


@pytest.mark.parametrize("name", [*TUNNELS, *LINKS])
def test_what_is_wrapped_and_cut_or_damaged_anywhere_never_raises_and_is_counted(name: str) -> None:
    link_type, wrap = LINKS[name] if name in LINKS else (ETHERNET, TUNNELS[name][0])
    frame = wrap(exchange(4)[2])
    rng = Random(name)
    frames = [frame[:length] for length in range(len(frame))]
    for _ in range(300):
        damaged = bytearray(frame)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(min(len(frame), 120))] = rng.choice((0, 1, 0xFF, rng.randrange(256)))
        frames.append(bytes(damaged[: rng.randrange(len(frame) + 1)] if rng.random() < 0.3 else damaged))
    _, counters = seen(frames, link_type)
    assert counters.packets == len(frames)
    assert counters.malformed + counters.not_tcp > 0
