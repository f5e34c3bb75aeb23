"""The flow table: several connections by one key, what is forgotten with a connection, how often it sweeps."""

import pytest

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.records.limits import Limits
from httpresp_capture.sink import Sink
from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.connection import NOBODY, AlternatePath, Direction
from httpresp_capture.tcp.flows import FlowTable, reverse
from httpresp_capture.tcp.packet import Packet
from traffic.bare import CLIENT, SECOND, SERVER, WIDTH, Above, Wire
from traffic.values import ACK, SYN

THERE = CLIENT + SERVER + (40_000).to_bytes(2, "big") + (80).to_bytes(2, "big")
BACK = reverse(THERE, WIDTH)
PATH = PacketPath(1, "eth0")


def table() -> FlowTable:
    return Wire().table


def test_what_is_no_tcp_takes_its_number_from_the_same_row() -> None:
    some = table()
    first = some.open(THERE, THERE[:WIDTH], PATH).owner
    assert (first is not None and first.id, some.next_id(), some.next_id()) == (1, 2, 3)
    other = some.open(THERE[:-1] + b"\1", THERE[:WIDTH], PATH).owner
    assert other is not None
    assert other.id == 4
    assert some.opened == 2, "those of TCP"


def test_a_key_by_which_two_connections_come_is_nobodys_until_one_is_forgotten() -> None:
    some = table()
    first = some.open(THERE, THERE[:WIDTH], PATH)
    second = some.open(BACK, BACK[:WIDTH], PATH)
    assert THERE not in some.directions
    assert some.networks.contested == {THERE: None}
    assert some.directions[BACK] is second
    third = some.open(BACK, BACK[:WIDTH], PATH)
    assert THERE not in some.directions, "it is contested still"
    assert some.directions[BACK] is third
    assert first.owner is not None
    some.remove(first.owner)
    assert some.networks.contested == {}
    assert some.directions == {BACK: third}


def test_a_key_that_is_shared_has_both_connections_compared_each_known_once() -> None:
    some = table()
    connection = some.open(THERE, THERE[:WIDTH], PATH).owner
    assert connection is not None
    assert not some.networks.shared
    for _ in range(2):
        some.share(connection, THERE, WIDTH)
    assert some.networks.shared
    assert some.networks.contested == {THERE: None}
    assert set(some.directions) == {BACK}
    assert list(some.networks.known.values()) == [[connection]]
    assert some.between(THERE, WIDTH) == some.between(BACK, WIDTH) == [connection]
    some.remove(connection)
    assert (some.networks.known, some.networks.contested, some.directions) == ({}, {}, {})


def test_the_other_paths_of_a_connection_are_forgotten_with_it() -> None:
    some = table()
    client = some.open(THERE, THERE[:WIDTH], PATH)
    connection = client.owner
    assert connection is not None
    for number, contested in ((b"\0\1", True), (b"\0\2", False)):
        connection.other_paths += (AlternatePath(THERE + number, client, PATH),)
        if contested:
            some.networks.contested[THERE + number] = None
        else:
            some.directions[THERE + number] = client
    some.remove(connection)
    assert (some.networks.contested, some.directions) == ({}, {})
    assert connection.other_paths == ()


def test_a_connection_that_is_forgotten_has_nobody_above_it() -> None:
    wire = Wire()
    wire.say("client", 1_000, SYN)
    connection, client = wire.connection, wire.client
    wire.table.remove(connection)
    assert connection.application is NOBODY
    assert wire.above.told[-1] == "forget"
    assert (client.owner, client.peer, client.other, client.reader) == (None, None, None, None)


def test_a_direction_that_a_syn_ack_told_of_was_heard_then() -> None:
    """Its far numbers are of another connection only after a silence, which began no earlier."""
    wire = Wire()
    wire.say("server", 5_000, SYN | ACK, ack=1_001)
    wire.say("client", (1_001 + (1 << 26)) & MASK, ack=5_001, data=b"GET")
    assert wire.table.opened == 1


def three_networks() -> tuple[Wire, list[bytes], list[Direction]]:
    """Connections behind tags, each heard from one end; two of them say it by one key, the third by its own."""
    wire = Wire()
    keys = [THERE + b"\0\1", THERE + b"\0\1", THERE + b"\0\2"]
    clients = [wire.table.open(key, key[:WIDTH], PATH) for key in keys]
    for client, seq in zip(clients, (1_000, 500_000_000, 900_000_000), strict=True):
        client.begin(seq)
    for client in clients[:2]:
        assert client.owner is not None
        wire.table.share(client.owner, keys[0], WIDTH)
    return wire, keys, clients


def test_a_key_that_two_still_share_when_a_third_is_forgotten_is_shared_on() -> None:
    wire, keys, clients = three_networks()
    third = wire.table.open(keys[0], keys[0][:WIDTH], PATH)
    assert third.owner is not None
    wire.table.remove(third.owner)
    for client in clients[:2]:
        packet = Packet(1, 64, 7, 0, 40)
        found = wire.table.continued(None, keys[0], WIDTH, client.next_seq, ACK, 1, packet, PATH)
        assert found is client
        assert wire.table.networks.contested == {keys[0]: None}
        assert keys[0] not in wire.table.directions


def test_a_key_that_one_alone_comes_by_again_is_its_own() -> None:
    wire, keys, clients = three_networks()
    first, second, _ = clients
    assert second.owner is not None
    wire.table.remove(second.owner)
    packet = Packet(1, 64, 7, 0, 40)
    assert wire.table.continued(None, keys[0], WIDTH, first.next_seq, ACK, 1, packet, PATH) is first
    assert wire.table.directions[keys[0]] is first
    assert wire.table.networks.contested == {}


@pytest.mark.parametrize(("many", "sweeps"), [(64, 1), (65, 2), (128, 2), (129, 3)])
def test_a_long_table_is_looked_through_once_in_so_many_calls_as_64_go_into_it(many: int, sweeps: int) -> None:
    some = table()
    for number in range(many):
        some.open(THERE[:-2] + number.to_bytes(2, "big"), THERE[:WIDTH], PATH)
    left: list[int] = []
    for _ in range(sweeps):
        left.append(len(some.connections))
        some.sweep(100 * SECOND, SECOND, SECOND)
    assert left == [many] * sweeps
    assert not some.connections


def test_bytes_of_requests_are_counted_anew_once_they_were_looked_at() -> None:
    sink = Sink(Limits())
    some = FlowTable(sink, lambda _: Above())
    sink.asked = 1_000
    some.bound_pending(SECOND)
    assert sink.asked == 0
