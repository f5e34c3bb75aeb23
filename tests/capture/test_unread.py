"""Nothing unread is silent: whatever was not looked into is counted by kind, and told in words."""

import struct

import pytest

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.unread import MOST_KINDS, Kind, Tally, Unread, number_of
from traffic.scenario import Player, Scenario
from traffic.watching import Watched
from wrapped import CLIENT4, ETHERNET, SERVER4, ethernet, exchange, in_udp, ip4, ip6, pktap, seen, tcp, udp

QUIC_INITIAL = b"\xc3\0\0\0\1\x08abcdefgh\0\0\x44\xd0" + bytes(60)
QUIC_SHORT = b"\x43abcdefgh" + bytes(40)
RTP = struct.pack(">BBHII", 0x80, 0, 1, 160, 7) + bytes(160)
DNS = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\1a\4test\0\0\1\0\1"
WIFI_BEACON = b"\x80\0" + bytes(60)


def to_443(payload: bytes) -> bytes:
    return ethernet(ip4(udp(payload, 443), CLIENT4 + SERVER4, 17))


FRAMES: dict[str, tuple[int, bytes]] = {
    "EtherType 0x0806 (ARP)": (ETHERNET, ethernet(bytes(46), 0x0806)),
    "EtherType 0x88cc (LLDP)": (ETHERNET, ethernet(bytes(46), 0x88CC)),
    "EtherType 0x1234": (ETHERNET, ethernet(bytes(46), 0x1234)),
    "802.2 LLC without IP (spanning tree and the like)": (ETHERNET, ethernet(b"\x42\x42\3" + bytes(43), 46)),
    "SCTP": (ETHERNET, ethernet(ip4(bytes(32), CLIENT4 + SERVER4, 132))),
    "ESP": (ETHERNET, ethernet(ip6(bytes(32), bytes(32), 50), 0x86DD)),
    "ICMP": (ETHERNET, ethernet(ip4(bytes(8), CLIENT4 + SERVER4, 1))),
    "IP protocol 200": (ETHERNET, ethernet(ip4(bytes(8), CLIENT4 + SERVER4, 200))),
    "UDP": (ETHERNET, in_udp(53, b"")(DNS)),
    "QUIC": (ETHERNET, to_443(QUIC_INITIAL)),
    "tunnel encrypted with DTLS": (ETHERNET, in_udp(4755, b"")(bytes(40))),
    "ESP in UDP": (ETHERNET, in_udp(4500, b"")(bytes(40))),
    "control messages of tunnels": (ETHERNET, in_udp(1701, b"\xc8\2\0\x14")(bytes(40))),
    "tunnels that were not understood": (ETHERNET, in_udp(4789, b"\0\0\0\0")(bytes(40))),
    "link type 9999": (9_999, bytes(60)),
    "link type 189 (USB_LINUX)": (189, bytes(60)),
    "link type 149 (USER2)": (149, bytes(200)),
    "link type 195 (IEEE802_15_4)": (258, pktap(195) + bytes(60)),
    "PPP protocol 0xc021": (9, b"\xff\3\xc0\x21" + bytes(20)),
    "EtherType 0x8035 (RARP)": (104, b"\x8f\0\x80\x35" + bytes(20)),
    "802.11 management and control": (105, WIFI_BEACON),
    "802.11 aggregates (A-MSDU)": (105, b"\x88\1" + bytes(22) + b"\x80\0" + bytes(60)),
    "encrypted 802.11": (105, b"\x08\x41" + bytes(60)),
    "neither IPv4 nor IPv6": (101, bytes(60)),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_that_is_not_read_is_counted_by_its_kind(kind: str) -> None:
    link_type, frame = FRAMES[kind]
    responses, counters = seen([frame] * 3, link_type)
    assert not responses
    assert counters.unread == (Unread(kind, 3, "packet"),)
    assert (counters.not_tcp, counters.malformed) == (3, 0)


@pytest.mark.parametrize(
    "first",
    [
        QUIC_INITIAL,
        b"\xcf\x6b\x33\x43\xcf\x08" + bytes(60),  # RFC 9369
        b"\xd3\xff\0\0\x1d\x08" + bytes(60),  # draft 29
        b"\xc3Q050\x08" + bytes(60),
        b"\x0d" + bytes(8) + b"Q043\1" + bytes(40),
        b"\xc3\0\0\0\0\x08" + bytes(60),  # an offer of versions
    ],
)
def test_quic_is_told_apart_on_any_port_and_its_short_packets_belong_to_it(first: bytes) -> None:
    there = [ethernet(ip4(udp(data, 9_443), CLIENT4 + SERVER4, 17)) for data in (first, QUIC_SHORT)]
    back = struct.pack(">HHHH", 9_443, 40_000, 8 + len(QUIC_SHORT), 0) + QUIC_SHORT
    _, counters = seen([*there, ethernet(ip4(back, SERVER4 + CLIENT4, 17))])
    assert counters.unread == (Unread("QUIC", 3, "packet"),)


def test_what_goes_between_the_same_ports_of_other_hosts_is_not_quic_for_that() -> None:
    other = CLIENT4 + bytes([10, 9, 9, 9])
    one = ethernet(ip4(udp(QUIC_INITIAL, 9_443), CLIENT4 + SERVER4, 17))
    another = ethernet(ip4(udp(QUIC_SHORT, 9_443), other, 17))
    _, counters = seen([one, another])
    assert sorted((each.kind, each.count) for each in counters.unread) == [("QUIC", 1), ("UDP", 1)]


@pytest.mark.parametrize("payload", [RTP, DNS, QUIC_SHORT, b"\xff" * 40, b"\x80\0\0\0\1\x08" + bytes(40)])
def test_other_datagrams_are_no_quic(payload: bytes) -> None:
    _, counters = seen([to_443(payload)] * 2)
    assert counters.unread == (Unread("UDP", 2, "packet"),)


def test_kinds_are_bounded_and_no_packet_is_lost_to_the_count() -> None:
    frames = [ethernet(bytes(46), 0x0600 + number) for number in range(MOST_KINDS + 100)]
    _, counters = seen(frames)
    assert len(counters.unread) == MOST_KINDS + 1
    assert counters.unread[0] == Unread("further kinds", 100, "packet")
    assert sum(one.count for one in counters.unread) == counters.not_tcp == len(frames)


def test_what_is_told_otherwise_is_taken_back() -> None:
    """Of a kind that is told apart, and of one that is not."""
    tally = Tally()
    for number in range(MOST_KINDS + 1):
        for _ in range(3):
            tally.add(number_of(Kind.ETHER_TYPE, number))
    last = number_of(Kind.ETHER_TYPE, MOST_KINDS)
    for number, count in ((last, 1), (0, 0), (number_of(Kind.ETHER_TYPE, 7), 2), (number_of(Kind.ETHER_TYPE, 8), 3)):
        tally.take_back(number, count)
    found = {one.kind: one.count for one in tally.told()}
    assert (found["further kinds"], found["EtherType 0x0007"], found.get("EtherType 0x0008")) == (2, 1, None)
    assert sum(found.values()) == tally.packets == 3 * MOST_KINDS - 3


def connection(*said: tuple[str, str], handshake: bool = True) -> Watched:
    steps = [{"from": who, "bytes": data} for who, data in said] or [{"from": "client", "flags": "FIN ACK"}]
    return Player(Scenario("", {"steps": steps, "handshake": handshake})).play()


UPGRADE = "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {}\r\n\r\n"
SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {}\r\n\r\n"
CONNECTIONS: dict[str, list[tuple[str, str]]] = {
    "another protocol after 101": [("client", UPGRADE.format("spdy/3")), ("server", SWITCHED.format("spdy/3"))],
    "inside CONNECT": [
        ("client", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
        ("server", "HTTP/1.1 200 OK\r\n\r\n"),
    ],
    "in which nothing was recognised": [("client", "GE")],
    "without a byte of payload": [],
}


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_a_connection_that_is_not_read_is_counted_by_its_kind(kind: str) -> None:
    assert connection(*CONNECTIONS[kind]).counters.unread == (Unread(kind, 1, "connection"),)


def test_a_websocket_leaves_nothing_unread() -> None:
    watched = connection(("client", UPGRADE.format("websocket")), ("server", SWITCHED.format("WebSocket")))
    assert [response.status for response in watched.responses] == [101]
    assert watched.counters.unread == ()


def test_http_2_that_is_answered_in_clear_leaves_nothing_unread() -> None:
    answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    watched = connection(("client", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"), ("server", answer))
    assert [response.status for response in watched.responses] == [400]
    assert (watched.counters.unread, watched.counters.flows_other) == ((), 0)


def test_what_is_read_leaves_nothing_unread() -> None:
    _, counters = seen([ethernet(packet) for packet in exchange(4)])
    assert counters.unread == ()


def test_the_words_name_the_commonest_kinds_and_count_the_rest() -> None:
    kinds = tuple(Unread(f"kind {number}", 100 - number, "packet") for number in range(12))
    counters = Counters(flows_encrypted=1, flows_other=1, unread=(Unread("HTTP/2 after 101", 2, "connection"), *kinds))
    assert not_read_words(counters, 2) == [
        "1 encrypted connection",
        "1 connection of other protocols",
        "2 connections of HTTP/2 after 101",
        "100 packets of kind 0",
        "1,034 more of 11 further kinds",
    ]
    assert not_read_words(Counters(unread=(Unread("without a byte of payload", 1, "connection"),))) == [
        "1 connection without a byte of payload"
    ]


def test_a_connection_refused_is_one_without_payload() -> None:
    syn = ethernet(ip4(tcp(5000, 80, 99, 0, 2), CLIENT4 + SERVER4))
    refused = ethernet(ip4(tcp(80, 5000, 0, 100, 20), SERVER4 + CLIENT4))
    _, counters = seen([syn, refused])
    assert counters.unread == (Unread("without a byte of payload", 1, "connection"),)
