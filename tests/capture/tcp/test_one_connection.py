"""One connection, rule by rule: how it opens, which end is its client, how it goes on and how it ends (RFC 9293)."""

import pytest

from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.position import MASK
from httpresp_capture.streams.receiver import IGNORED
from httpresp_capture.tcp.connection import NOBODY
from httpresp_capture.tcp.former import KEPT
from traffic.bare import SECOND, Above, Wire, heard
from traffic.values import ACK, FIN, RST, SYN

ISN, SERVER_ISN = 1_000, 5_000


def opened(above: Above | None = None) -> Wire:
    wire = Wire(above)
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    return wire


def test_a_syn_tells_where_its_direction_begins_and_that_of_the_other_is_not_known() -> None:
    for isn, first in ((ISN, ISN + 1), (MASK - 1, MASK), (MASK, 0)):
        wire = Wire()
        wire.say("client", isn, SYN)
        assert wire.connection.begins_at(wire.client) == first
        assert wire.connection.begins_at(wire.server) == -1
        assert (wire.client.next_seq, wire.server.next_seq) == (first, -1)


def test_a_syn_ack_tells_where_both_directions_begin() -> None:
    for isn, first in ((ISN, ISN + 1), (MASK, 0)):
        wire = Wire()
        wire.say("server", SERVER_ISN, SYN | ACK, ack=first)
        assert wire.connection.begins_at(wire.client) == first
        assert (wire.client.next_seq, wire.server.next_seq) == (first, SERVER_ISN + 1)
        assert wire.connection.syn_seq == isn
        assert wire.connection.handshake_ns is None, "when it began was not captured"


@pytest.mark.parametrize(
    ("before", "ack", "midstream"),
    [
        ([], ISN + 1, False),
        ([ISN + 1], ISN + 1, False),
        ([ISN + 2], ISN + 1, True),
        ([0], 0, False),
        ([0], 1, True),
        ([MASK - 2], 1, True),
    ],
)
def test_a_handshake_is_the_beginning_of_what_came_before_it_only_where_that_begins_as_it_says(
    before: list[int], ack: int, midstream: bool
) -> None:
    wire = Wire()
    for seq in before:
        wire.say("client", seq, data=b"GET")
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ack)
    assert wire.connection.midstream is midstream
    assert wire.above.told == ([] if midstream else ["opened"])
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ack)
    assert wire.above.told == ([] if midstream else ["opened"]), "it is told once"


def test_whoever_sends_a_syn_is_the_client_also_where_the_other_end_was_heard_before() -> None:
    wire = Wire()
    there = wire.say("server", SERVER_ISN + 1, data=b"x")
    assert wire.client is there, "who is heard first is taken for the client"
    back = wire.say("client", ISN, SYN)
    assert (wire.client, wire.server) == (back, there)
    wire = Wire(Above(unknown=False))
    there = wire.say("server", SERVER_ISN + 1, data=b"x")
    wire.say("client", ISN, SYN)
    assert wire.client is there, "what is spoken tells better"


def test_whoever_sends_a_syn_ack_is_the_server() -> None:
    wire = Wire()
    there = wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    assert wire.server is there
    assert wire.connection.flow().client == "10.0.0.1"
    wire = Wire(Above(unknown=False))
    there = wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    assert wire.client is there, "what is spoken tells better"


def test_the_record_of_a_connection_is_one_object_until_something_about_it_changes() -> None:
    wire = opened()
    flow = wire.connection.flow()
    assert wire.connection.flow() is flow
    wire.connection.turn()
    assert (wire.connection.flow().client, wire.connection.flow().server) == (flow.server, flow.client)


def test_only_the_end_that_answers_is_compared_with_its_repeats_whoever_that_is_taken_for() -> None:
    wire = opened()
    connection, client, server = wire.connection, wire.client, wire.server
    connection.asked_by_client()
    assert (client.answers, server.answers) == (False, True)
    assert client.recent is None
    assert server.recent is not None
    connection.turn()
    connection.asked_by_client()
    assert (client.answers, server.answers) == (True, False)
    assert client.recent is not None
    assert server.recent is None


def test_a_syn_that_is_captured_late_moves_nothing() -> None:
    for isn in (ISN, MASK - 3):
        wire = Wire()
        wire.say("client", isn + 1, data=b"GET")
        wire.say("client", isn, SYN)
        assert wire.client.next_seq == (isn + 4) & MASK
        assert heard(wire.client) == [b"GET"]


@pytest.mark.parametrize("first", [SERVER_ISN, MASK])
@pytest.mark.parametrize("second", [900_000, MASK])
@pytest.mark.parametrize("takes_second", [False, True])
def test_of_two_syn_acks_the_one_that_the_client_acknowledges_is_the_connections(
    first: int, second: int, takes_second: bool
) -> None:
    if first == second:
        return
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("server", first, SYN | ACK, ack=ISN + 1)
    wire.say("server", second, SYN | ACK, ack=ISN + 1)
    chosen, other = (second, first) if takes_second else (first, second)
    wire.say("client", ISN + 1, ack=(chosen + 1) & MASK, data=b"GET")
    assert wire.server.next_seq == (chosen + 1) & MASK
    wire.say("client", ISN + 4, ack=(other + 1) & MASK, data=b"GET")
    wire.say("client", ISN + 7, ack=0, data=b"GET")
    assert wire.server.next_seq == (chosen + 1) & MASK, "the choice is made"
    assert wire.connection.begins_at(wire.server) == (chosen + 1) & MASK


def test_where_a_direction_begins_is_not_known_from_its_bytes() -> None:
    wire = Wire()
    wire.say("client", ISN, data=b"GET")
    wire.say("server", SERVER_ISN, data=b"200")
    assert [wire.connection.begins_at(each) for each in (wire.client, wire.server)] == [-1, -1]
    wire.say("server", 900_000, SYN | ACK, ack=ISN)
    assert wire.connection.begins_at(wire.server) == -1, "what was read began elsewhere"
    wire = Wire(Above(knows=False))
    wire.say("client", ISN, data=b"GE")
    wire.say("server", SERVER_ISN, data=b"HT")
    wire.say("server", 900_000, SYN | ACK, ack=ISN)
    wire.say("client", ISN + 2, ack=900_001, data=b"T")
    assert wire.connection.begins_at(wire.server) == 900_001, "its client has chosen"


def test_a_second_syn_ack_changes_nothing_once_it_is_known_what_the_server_says() -> None:
    wire = opened()
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"HTTP/1.1 200")
    wire.say("server", 900_000, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=900_001, data=b"GET")
    assert wire.server.next_seq == SERVER_ISN + 13
    wire = opened(Above(knows=False))
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"HT")
    wire.say("server", 900_000, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=900_001, data=b"GET")
    assert wire.server.next_seq == 900_001


def test_a_syn_ack_that_comes_again_takes_nothing_back() -> None:
    wire = opened(Above(knows=False))
    wire.say("server", SERVER_ISN + 3, ack=ISN + 1, data=b"cd")
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"ab")
    assert heard(wire.server) == [b"ab", b"cd"]


def test_the_end_of_a_direction_is_told_once_and_both_ends_close_it() -> None:
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 4, data=b"200")
    client, server = heard(wire.client), heard(wire.server)
    for _ in range(2):
        wire.say("server", SERVER_ISN + 4, FIN | ACK, ack=ISN + 4)
    assert server == [b"200", EndReason.SERVER_FIN]
    assert not wire.connection.closed
    wire.say("client", ISN + 4, FIN | ACK, ack=SERVER_ISN + 5)
    assert client == [b"GET", EndReason.CLIENT_FIN, EndReason.CLIENT_FIN]
    assert wire.connection.closed
    assert wire.above.told == ["opened", "closed: FIN from client", "forget"]


def test_the_client_may_end_first() -> None:
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    client = heard(wire.client)
    for _ in range(2):
        wire.say("client", ISN + 4, FIN | ACK, ack=SERVER_ISN + 1)
    assert client == [b"GET", EndReason.CLIENT_FIN]
    wire.say("server", SERVER_ISN + 1, FIN | ACK, ack=ISN + 5)
    assert wire.above.told == ["opened", "closed: FIN from server", "forget"]


@pytest.mark.parametrize("isn", [SERVER_ISN, MASK - 3])
def test_why_a_connection_ended_is_not_why_a_direction_did_that_had_ended_before(isn: int) -> None:
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("server", isn, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=isn + 1, data=b"GET")
    wire.say("server", isn + 1, ack=ISN + 4, data=b"200")
    client, server = heard(wire.client), heard(wire.server)
    wire.say("server", (isn + 4) & MASK, FIN | ACK, ack=ISN + 4)
    wire.connection.close(EndReason.IDLE, wire.at)
    assert client == [b"GET", EndReason.IDLE]
    assert server == [b"200", EndReason.SERVER_FIN, EndReason.SERVER_FIN]


def test_a_fin_beyond_any_window_is_not_why_a_direction_ended() -> None:
    wire = opened()
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"200")
    wire.say("server", SERVER_ISN + 4 + (3 << 29), FIN | ACK, ack=ISN + 1)
    server = heard(wire.server)
    wire.connection.close(EndReason.CAPTURE_END, wire.at)
    assert server == [b"200", EndReason.CAPTURE_END]


def test_what_goes_on_after_its_end_is_read_as_if_it_began_in_the_middle() -> None:
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 4, data=b"200")
    wire.connection.asked_by_client()
    wire.say("server", SERVER_ISN + 4, FIN | ACK, ack=ISN + 4)
    wire.say("client", ISN + 4, RST, ack=0)
    wire.table.sweep(wire.at + 11 * SECOND, 60 * SECOND, 60 * SECOND)
    assert wire.connection.closed
    connection = wire.connection
    connection.revive()
    assert connection.midstream
    assert [connection.closed, connection.over, connection.client_ended, connection.server_ended] == [False] * 4
    for direction in (wire.client, wire.server):
        assert (direction.reader, direction.fin_seq, direction.answers) == (None, -1, False)
    assert wire.above.told[-1] == "restart"


def test_a_connection_that_is_forgotten_is_nobodys_and_may_be_closed_still() -> None:
    wire = opened()
    connection = wire.connection
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    assert connection.used_at() == wire.at
    wire.table.remove(connection)
    assert (connection.used_at(), connection.spans()) == (0, ())
    connection.asked_by_client()
    connection.revive()
    connection.close(EndReason.IDLE, wire.at)
    assert connection.closed
    assert wire.above.told == ["opened", "forget"]


def test_what_is_closed_hears_nothing_and_is_told_nothing_twice() -> None:
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    client = heard(wire.client)
    wire.connection.close(EndReason.IDLE, wire.at)
    assert client == [b"GET", EndReason.IDLE]
    assert (wire.client.reader, wire.server.reader) == (IGNORED, IGNORED)
    wire.connection.close(EndReason.CAPTURE_END, wire.at)
    assert wire.above.told == ["opened", "closed: idle", "forget"]


def test_the_numbers_of_eight_connections_before_are_remembered() -> None:
    wire = Wire()
    for number in range(KEPT + 4):
        isn = ISN + number * 100_000_000
        wire.say("client", isn, SYN)
        wire.say("server", isn + 1_000, SYN | ACK, ack=isn + 1)
        assert len(wire.connection.spans()) == min(2 * number + 2, 2 * KEPT)
        wire.say("client", isn + 1, RST | ACK, ack=isn + 1_001)
        wire.table.sweep(wire.at + 11 * SECOND, 60 * SECOND, 60 * SECOND)
        wire.at += 11 * SECOND
    assert wire.connection.spans()[0].first == ISN + (KEPT + 3) * 100_000_000 + 1


def test_both_ends_may_open_at_once() -> None:
    """RFC 9293 §3.5, figure 8."""
    wire = Wire()
    wire.say("client", ISN, SYN)
    assert wire.connection.crossed(wire.server)
    assert not wire.connection.crossed(wire.client)
    wire.say("server", MASK, SYN)
    assert wire.server.next_seq == 0
    assert not wire.connection.crossed(wire.server)
    assert len(wire.table.connections) == 1


def test_nothing_stands_above_a_connection_that_is_over() -> None:
    """A thousand that are over are remembered for a minute: by their numbers, not with all that was read of them."""
    wire = opened()
    wire.say("server", SERVER_ISN + 1, FIN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, FIN | ACK, ack=SERVER_ISN + 2)
    assert wire.connection.closed
    assert wire.connection.application is NOBODY


def test_what_stands_above_a_connection_that_was_reset_is_there_when_it_goes_on() -> None:
    wire = opened()
    wire.say("server", SERVER_ISN + 1, RST | ACK, ack=ISN + 1)
    wire.connection.close(EndReason.IDLE, wire.at)
    assert wire.connection.closed
    assert wire.connection.application is wire.above
