"""Packets behind other tags or in other tunnels: of one connection, of two networks, or the same packet seen twice."""

import struct
from itertools import permutations
from random import Random

import pytest

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface, OtherPath
from httpresp_capture.tcp.networks import MOST_PATHS
from traffic.captures import Recipe, RouteOf, make_capture
from traffic.frames import ETHERNET, RAW, Route
from traffic.values import ACK, RST, SYN, Ends, Frame
from traffic.verdict import differences
from traffic.watching import watch
from wrapped import CLIENT4, OUTER4, SERVER4, Wrap, ethernet, exchange, ip4, mpls, seen, tcp, udp


def vlan(*ids: int) -> Wrap:
    """Tags from the outermost in."""

    def wrap(packet: bytes) -> bytes:
        kinds = [0x8100, *[0x88A8] * (len(ids) - 1)][::-1]
        tags = b"".join(struct.pack(">HH", kind, tag) for kind, tag in zip(kinds, ids, strict=True))
        return bytes(12) + tags + b"\x08\0" + packet

    return wrap


def gre(key: int) -> Wrap:
    return lambda packet: ethernet(ip4(struct.pack(">HHI", 0x2000, 0x0800, key) + packet, OUTER4, 47))


def vxlan(vni: int) -> Wrap:
    return lambda packet: ethernet(
        ip4(udp(struct.pack(">II", 0x08000000, vni << 8) + ethernet(packet), 4789), OUTER4, 17)
    )


def pppoe(session: int) -> Wrap:
    return lambda packet: ethernet(struct.pack(">BBHHH", 0x11, 0, session, len(packet) + 2, 0x21) + packet, 0x8864)


def ipip(packet: bytes) -> bytes:
    return ethernet(ip4(packet, OUTER4, 4))


def ethernet_ipv6(packet: bytes) -> bytes:
    return ethernet(packet, 0x86DD)


PATHS: dict[str, tuple[Wrap, Wrap, OtherPath]] = {
    "a VLAN each": (vlan(10), vlan(20), OtherPath(False, (20,), "")),
    "tagged there only": (vlan(10), ethernet, OtherPath(False, (), "")),
    "tagged back only": (ethernet, vlan(10), OtherPath(False, (10,), "")),
    "a priority tag there": (vlan(0), ethernet, OtherPath(False, (), "")),
    "a priority tag back": (ethernet, vlan(0), OtherPath(False, (0,), "")),
    "QinQ there": (vlan(100, 200), ethernet, OtherPath(False, (), "")),
    "QinQ back, one tag there": (vlan(200), vlan(100, 200), OtherPath(False, (100, 200), "")),
    "direct server return": (ipip, ethernet, OtherPath(False, (), "")),
    "IP in IP back": (ethernet, ipip, OtherPath(False, (), "ipip")),
    "a key of GRE each": (gre(1), gre(2), OtherPath(False, (), "gre 2")),
    "a VXLAN network each": (vxlan(7), vxlan(8), OtherPath(False, (), "vxlan 8")),
    "MPLS there": (mpls(16, 17), ethernet, OtherPath(False, (), "")),
    "MPLS back": (ethernet, mpls(16, 17), OtherPath(False, (), "mpls 17")),
    "an MPLS label each": (mpls(16, 17), mpls(16, 18), OtherPath(False, (), "mpls 18")),
    "a PPPoE session each": (pppoe(1), pppoe(2), OtherPath(False, (), "pppoe 2")),
    "PPPoE back": (vlan(10), pppoe(2), OtherPath(False, (), "pppoe 2")),
}
ORDERS = {"in order": (0, 1, 2, 3), "SYN-ACK first": (1, 0, 2, 3), "midstream": (2, 3), "no SYN-ACK": (0, 2, 3)}


def told(responses: list[Response]) -> list[tuple[int, str]]:
    return [(each.status, each.request.target if each.request else "") for each in responses]


def by_turns(there: Wrap, back: Wrap, packets: list[bytes]) -> list[bytes]:
    return [(there if number % 2 == 0 else back)(packet) for number, packet in enumerate(packets)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", PATHS)
def test_directions_that_are_carried_differently_are_one_connection(name: str, order: str) -> None:
    there, back, _ = PATHS[name]
    frames = by_turns(there, back, exchange(4))
    responses, counters = seen([frames[number] for number in ORDERS[order]])
    assert (counters.flows, told(responses)) == (1, [(200, "/deep")])


@pytest.mark.parametrize("name", PATHS)
def test_the_flow_says_how_the_other_direction_was_carried(name: str) -> None:
    there, back, path = PATHS[name]
    (response,), _ = seen(by_turns(there, back, exchange(4)))
    assert response.flow.other_paths == (path,)


def test_a_second_path_of_a_direction_is_of_the_connection_and_is_told() -> None:
    more = tcp(5000, 80, 100 + 36, 500 + 43, 24, b"GET /more HTTP/1.1\r\n\r\n")
    packets = [*exchange(4), ip4(more, CLIENT4 + SERVER4)]
    frames = [*by_turns(vlan(10), vlan(20), packets[:4]), vxlan(3)(packets[4])]
    responses, counters = seen(frames)
    assert (counters.flows, told(responses)) == (1, [(200, "/deep"), (0, "/more")])
    assert responses[1].flow.other_paths == (OtherPath(False, (20,), ""), OtherPath(True, (), "vxlan 3"))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((vlan(10), vlan(10)), (vlan(20), vlan(20))),
        ((vlan(10), vlan(11)), (vlan(20), vlan(21))),
        ((vlan(10), ethernet), (vlan(20), ethernet)),
        ((vlan(10), vlan(20)), (vlan(10), vlan(30))),
        ((ethernet, vlan(20)), (ethernet, vlan(30))),
        ((vlan(10), ethernet), (vlan(10), vlan(30))),
        ((gre(1), gre(2)), (gre(1), gre(3))),
        ((mpls(16, 17), mpls(16, 18)), (mpls(16, 17), mpls(16, 19))),
        ((vlan(10), vlan(20)), (vlan(20), vlan(20))),
        ((vlan(10), vlan(20)), (vlan(20), vlan(10))),
        ((ethernet, ethernet), (vlan(20), ethernet)),
        ((vxlan(1), vxlan(1)), (vxlan(2), vxlan(2))),
        ((gre(1), gre(2)), (gre(3), gre(4))),
        ((mpls(16, 17), mpls(16, 17)), (mpls(16, 18), mpls(16, 18))),
        ((mpls(16, 17), mpls(16, 18)), (mpls(16, 19), mpls(16, 20))),
        ((mpls(16, 17), mpls(16, 18)), (mpls(16, 18), mpls(16, 17))),
        ((mpls(16, 17), ethernet), (mpls(16, 18), ethernet)),
        ((ipip, ethernet), (vlan(1), vlan(1))),
    ],
)
@pytest.mark.parametrize("numbers", [(70_000, 4_000_000_000), (301_000, 709_000)], ids=["far", "near"])
def test_two_networks_with_the_same_addresses_are_told_apart_by_their_numbers(
    one: tuple[Wrap, Wrap], two: tuple[Wrap, Wrap], numbers: tuple[int, int]
) -> None:
    first = by_turns(*one, exchange(4, (1_000, 9_000), b"/one", b"201 One"))
    second = by_turns(*two, exchange(4, numbers, b"/two", b"202 Two"))
    for places in set(permutations((0, 0, 0, 0, 1, 1, 1, 1))):
        left = [iter(first), iter(second)]
        responses, counters = seen([next(left[which]) for which in places])
        assert (counters.flows, sorted(told(responses))) == (2, [(201, "/one"), (202, "/two")]), places
        assert all(response.flow.handshake_ns for response in responses), places


@pytest.mark.parametrize(
    ("link_type", "version", "wrap"),
    [
        (ETHERNET, 4, ethernet),
        (ETHERNET, 6, ethernet_ipv6),
        (RAW, 4, bytes),
        (RAW, 6, bytes),
    ],
    ids=["Ethernet, IPv4", "Ethernet, IPv6", "IPv4", "IPv6"],
)
def test_tags_that_the_kernel_has_taken_out_tell_networks_apart_on_any_link(
    link_type: int, version: int, wrap: Wrap
) -> None:
    one = exchange(version, (1_000, 9_000), b"/one", b"201 One")
    two = exchange(version, (70_000, 4_000_000_000), b"/two", b"202 Two")
    pipeline, interface = Pipeline(), Interface(0, "eth0", link_type)
    for number, (tagged, plain) in enumerate(zip(one, two, strict=True)):
        for packet, vlans in ((tagged, (7,)), (plain, ())):
            frame = wrap(packet)
            pipeline.feed(number * 1_000_000, frame, 0, len(frame), len(frame), interface, vlans)
    pipeline.finish()
    rows = [event.response for event in pipeline.take() if isinstance(event, ResponseSeen)]
    assert [(row.status, row.flow.vlan) for row in rows] == [(201, (7,)), (202, ())]
    counters = pipeline.counters()
    assert (counters.packets, counters.bytes) == (8, sum(len(wrap(packet)) for packet in one + two))


def test_two_tenants_whose_numbers_are_the_same_too_are_two_connections() -> None:
    frames = [wrap(packet) for packet in exchange(4) for wrap in (vxlan(1), vxlan(2))]
    responses, counters = seen(frames)
    assert (counters.flows, told(responses)) == (2, [(200, "/deep")] * 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [(vlan(10), vlan(20)), (ethernet, vlan(20)), (ethernet, ipip), (mpls(17), mpls(18)), (mpls(17), ethernet)],
)
@pytest.mark.parametrize("handshake", [True, False])
def test_the_same_packets_seen_at_two_places_give_each_response_once(one: Wrap, two: Wrap, handshake: bool) -> None:
    packets = exchange(4)[0 if handshake else 2 :]
    responses, counters = seen([wrap(packet) for packet in packets for wrap in (one, two)])
    assert (counters.flows, told(responses), counters.conflicts) == (1, [(200, "/deep")], 0)
    assert True in {path.from_client for path in responses[0].flow.other_paths}


def test_a_syn_with_the_same_number_is_no_copy_when_its_identification_differs_or_it_comes_late() -> None:
    first = [vlan(10)(packet) for packet in exchange(4)]
    other = [vlan(20)(packet) for packet in exchange(4, ip_id=8)]
    _, counters = seen([frame for pair in zip(first, other, strict=True) for frame in pair])
    assert counters.flows == 2
    again = [vlan(20)(packet) for packet in exchange(4)]
    _, counters = seen([first[0], again[0], first[1], again[1]], step=11_000_000)
    assert counters.flows == 2


def test_ports_used_again_by_another_path_are_a_new_connection() -> None:
    reset = vlan(20)(ip4(tcp(80, 5000, 543, 136, 4), SERVER4 + CLIENT4))
    before = by_turns(vlan(10), vlan(20), exchange(4, path=b"/old"))
    after = by_turns(vlan(30), vlan(20), exchange(4, (5_000_000, 6_000_000), b"/new", b"201 New", ip_id=9))
    responses, counters = seen([*before, reset, *after])
    assert (counters.flows, told(responses)) == (2, [(200, "/old"), (201, "/new")])


def test_a_thousand_networks_with_the_same_addresses_stay_bounded() -> None:
    frames = [
        vlan(number)(packet) for number in range(1, 1_001) for packet in exchange(4, (number << 20, number << 21))
    ]
    responses, counters = seen(frames)
    assert (counters.flows, len(responses)) == (1_000, 1_000)


def untagged(rng: Random, ends: Ends) -> Route:
    """A route of the generator whose frames are plain."""
    return Route(ends, ETHERNET, isn_client=rng.randrange(1 << 32), isn_server=rng.randrange(1 << 32))


def tagged(frame: Frame, number: int) -> Frame:
    tag = struct.pack(">HH", 0x8100, number)
    return Frame(frame.at, frame.link_type, frame.data[:12] + tag + frame.data[12:], frame.wire_length + 4)


def goes_down(frame: Frame) -> bool:
    """True for one direction of each connection, told by its ports and addresses."""
    at, size = (26, 4) if frame.data[12:14] == b"\x08\0" else (22, 16)
    ports = at + 2 * size
    source, target = frame.data[at : at + size], frame.data[at + size : ports]
    return (frame.data[ports : ports + 2], source) > (frame.data[ports + 2 : ports + 4], target)


@pytest.mark.parametrize(
    ("seed", "responses", "lost"),
    [(1, 150, 0.0), (3, 600, 0.01), *(pytest.param(seed, 600, 0.01, marks=pytest.mark.slow) for seed in range(4, 8))],
)
def test_traffic_of_all_kinds_is_the_same_however_it_is_tagged(seed: int, responses: int, lost: float) -> None:
    capture = make_capture(seed, Recipe(responses, lost=lost, midstream=0.2, traps=False, route=untagged))
    split = watch([tagged(frame, 10 if goes_down(frame) else 20) for frame in capture.frames])
    twice = watch([tagged(frame, number) for frame in capture.frames for number in (10, 20)])
    plain = differences(capture, watch(capture.frames).responses)
    for watched in (split, twice):
        assert differences(capture, watched.responses) == plain
        assert (watched.counters.flows, watched.counters.conflicts) == (len(capture.told), 0)


@pytest.mark.parametrize("numbers", [(10, 11, 20, 21), (10, 20, 20, 10)])
def test_the_same_traffic_in_two_networks_stays_two_whatever_their_tags(numbers: tuple[int, ...]) -> None:
    def route(seed: int) -> RouteOf:
        chance = Random(seed)

        def with_numbers(rng: Random, ends: Ends) -> Route:
            return untagged(chance, ends)

        return with_numbers

    one, two = (make_capture(1, Recipe(150, midstream=0.2, traps=False, route=route(seed))) for seed in (1, 2))
    frames = [
        tagged(frame, numbers[first if goes_down(frame) else first + 1])
        for pair in zip(one.frames, two.frames, strict=True)
        for first, frame in zip((0, 2), pair, strict=True)
    ]
    watched = watch(frames)
    assert watched.counters.flows == 2 * len(one.told)
    assert watched.counters.conflicts == 0
    assert [row for row in watched.responses if row.unanswered] == []


def fed(frames: list[bytes]) -> Pipeline:
    pipeline = Pipeline()
    for number, frame in enumerate(frames, 1):
        pipeline.feed(number * 1_000_000, frame, 0, len(frame), len(frame), Interface(0, "eth0", ETHERNET))
    return pipeline


def test_of_networks_that_are_over_the_table_keeps_nothing() -> None:
    first = by_turns(vlan(10), vlan(20), exchange(4, (1_000, 9_000)))
    second = by_turns(vlan(20), vlan(10), exchange(4, (70_000, 4_000_000_000)))
    pipeline = fed([*first, *second])
    table = pipeline.table
    assert len(table.connections) == 2
    assert sum(len(between) for between in table.networks.known.values()) == 2
    assert table.networks.shared
    pipeline.finish()
    assert (table.directions, table.networks.known, table.networks.contested) == ({}, {}, {})


def test_of_one_connection_so_many_other_ways_are_known() -> None:
    seq = 100 + 36
    frames = by_turns(vlan(10), vlan(10), exchange(4))
    for number in range(MOST_PATHS + 2):
        segment = tcp(5000, 80, seq + number, 500 + 43, 24, b"x")
        frames.append(vlan(100 + number)(ip4(segment, CLIENT4 + SERVER4)))
    table = fed(frames).table
    (dialogue,) = table.connections
    assert len(dialogue.other_paths) == MOST_PATHS
    # Its own two ways, and those that were learnt.
    assert len(table.directions) == 2 + MOST_PATHS
    table.remove(dialogue)
    assert (table.directions, dialogue.other_paths) == ({}, ())


def waiting_syn(*more: bytes) -> Pipeline:
    """A connection by VLAN 10 and back by 20, the SYN of another one by 10, and more."""
    return fed([*by_turns(vlan(10), vlan(20), exchange(4)[:2]), vlan(10)(exchange(4, (70_000, 0))[0]), *more])


def back(flags: int, ack: int, data: bytes = b"", number: int = 30) -> bytes:
    return vlan(number)(ip4(tcp(80, 5000, 4_000_000_000, ack, flags, data), SERVER4 + CLIENT4))


def test_a_syn_ack_by_a_path_of_its_own_shows_that_the_syn_was_of_another_network() -> None:
    table = waiting_syn(back(SYN | ACK, 70_001)).table
    first, second = table.connections
    assert table.opened == 2
    assert (first.closed, first.reopening, second.syn_seq, second.midstream) == (False, None, 70_000, False)
    assert second.handshake_ns == 1_000_000


@pytest.mark.parametrize(
    ("flags", "ack", "opened"), [(SYN | ACK, 70_002, 2), (RST | ACK, 70_001, 1), (ACK, 70_001, 2), (SYN | ACK, 0, 2)]
)
def test_nothing_else_by_a_path_of_its_own_does(flags: int, ack: int, opened: int) -> None:
    table = waiting_syn(back(flags, ack, b"x" if flags == ACK else b"")).table
    first, *others = table.connections
    assert table.opened == opened
    assert first.reopening is not None
    assert [each.syn_seq for each in others if each.syn_seq == 70_000] == []


def test_such_a_syn_that_was_seen_at_two_places_opens_one_connection() -> None:
    packets = exchange(4, (900_000_000, 1_900_000_000))
    others = [vlan(21)(packets[0]), vlan(22)(packets[1])]
    again = vlan(21)(exchange(4, (70_000, 0))[0])
    table = waiting_syn(*others, again, back(SYN | ACK, 70_001)).table
    assert table.opened == 3


def test_where_networks_are_compared_too_ports_are_used_again() -> None:
    packets = exchange(4, (900_000_000, 1_900_000_000))
    others = [vlan(21)(packets[0]), vlan(22)(packets[1])]
    table = waiting_syn(*others, back(SYN | ACK, 70_001, number=20)).table
    assert table.opened == 3
    assert [each.syn_seq for each in table.connections] == [900_000_000, 70_000]


def test_one_connection_behind_tags_is_compared_with_none() -> None:
    networks = fed(by_turns(vlan(10), vlan(10), exchange(4))).table.networks
    assert (len(networks.known), networks.contested, networks.shared) == (1, {}, False)


def test_ports_used_again_by_another_path_are_a_new_connection_whatever_is_missing_of_it() -> None:
    """Its initial numbers lie near (RFC 6528 §3: they rise with time), and its SYN-ACK was not captured."""
    ends = [
        ip4(tcp(80, 5000, 543, 136, 17), SERVER4 + CLIENT4),
        ip4(tcp(5000, 80, 136, 544, 17), CLIENT4 + SERVER4),
    ]
    before = [*by_turns(vlan(10), vlan(20), exchange(4, path=b"/then")), vlan(20)(ends[0]), vlan(10)(ends[1])]
    after = by_turns(vlan(30), vlan(20), exchange(4, (300_000, 400_000), b"/new", b"201 New", ip_id=9))
    for missing in (0, 1):
        responses, counters = seen([*before, *after[:1], *after[1 + missing :]])
        assert (counters.flows, told(responses)) == (2, [(200, "/then"), (201, "/new")])


def test_bytes_that_are_missing_make_no_other_connection_where_networks_are_compared() -> None:
    first, second = ([vlan(number)(packet) for packet in exchange(4, isn)]
                     for number, isn in ((10, (1_000, 9_000)), (20, (70_000, 4_000_000_000))))  # fmt: skip
    others = [vlan(30)(packet) for packet in exchange(4)]
    more = tcp(6000, 80, 100 + 36 + (3 << 20), 500 + 43, 24, b"GET /more HTTP/1.1\r\n\r\n")
    alone = [vlan(30)(packet[:20] + struct.pack(">H", 6000) + packet[22:]) for packet in exchange(4)[::2]]
    _, counters = seen([*first, *second, *others, *alone, vlan(30)(ip4(more, CLIENT4 + SERVER4))])
    assert counters.flows == 4


def test_of_networks_whose_numbers_are_the_same_too_a_third_path_is_of_the_newest() -> None:
    packets = exchange(4)
    frames = [*map(ethernet, packets[:3]), *map(vxlan(1), packets[:3]), vlan(5)(packets[3])]
    responses, counters = seen(frames)
    assert counters.flows == 2
    assert [(row.flow.tunnel, row.status) for row in responses if row.status] == [("vxlan 1", 200)]


def test_a_late_copy_behind_a_tag_is_one_too() -> None:
    first = [vlan(10)(packet) for packet in exchange(4)]
    second = [vlan(10)(packet) for packet in exchange(4, (5_000_000, 6_000_000), b"/new", b"201 New", ip_id=9)]
    reset = vlan(10)(ip4(tcp(80, 5000, 543, 136, 4), SERVER4 + CLIENT4))
    responses, counters = seen([*first, reset, *second[:2], *first, *second[2:], *first])
    assert (counters.flows, told(responses)) == (2, [(200, "/deep"), (201, "/new")])
