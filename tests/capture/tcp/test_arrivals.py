"""What a segment does when it arrives, in the order of RFC 9293 §3.10.7: to its connection, or to one that begins."""

import pytest

from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.packet import OVERHEAD
from traffic.bare import SECOND, Above, Heard, Wire, heard
from traffic.frames import ETHERNET, Framer, Route
from traffic.live import ENDS, Live
from traffic.values import ACK, FIN, RST, SYN, URG

ISN, SERVER_ISN = 1_000, 5_000
WINDOW = 1 << 24


def opened(above: Above | None = None) -> Wire:
    wire = Wire(above)
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    return wire


def asked(above: Above | None = None) -> Wire:
    """After `GET` and `200`."""
    wire = opened(above)
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 4, data=b"200")
    return wire


def reset(wire: Wire) -> None:
    """A RST of the server's, which holds."""
    wire.say("server", SERVER_ISN + 4, RST | ACK, ack=ISN + 4)
    wait(wire, 11)
    assert wire.connection.closed


def wait(wire: Wire, seconds: int) -> None:
    wire.at += seconds * SECOND
    wire.table.sweep(wire.at, 3_600 * SECOND, 3_600 * SECOND)


@pytest.mark.parametrize("flags", [ACK, FIN | ACK, RST, RST | ACK, RST | SYN])
def test_what_says_nothing_opens_no_connection(flags: int) -> None:
    wire = Wire()
    wire.say("client", ISN, flags, data=b"x" if flags & RST else b"")
    assert wire.table.opened == 0


@pytest.mark.parametrize("flags", [ACK, FIN | ACK, SYN, SYN | ACK])
def test_a_syn_or_data_opens_one(flags: int) -> None:
    wire = Wire()
    wire.say("client", ISN, flags, data=b"" if flags & SYN else b"x")
    assert wire.table.opened == 1
    assert len(wire.table.directions) == 2


def test_segments_with_payload_are_counted_and_others_are_not() -> None:
    wire = asked()
    assert wire.segments.segments == 2
    wire.say("client", ISN + 4, FIN | ACK, ack=SERVER_ISN + 4)
    assert wire.segments.segments == 2


def test_a_bare_acknowledgement_is_no_use_of_a_connection_and_all_else_is() -> None:
    for flags, data, used in (
        (ACK, b"", False),
        (ACK, b"x", True),
        (FIN | ACK, b"", True),
        (RST, b"", True),
        (SYN, b"", True),
    ):
        wire = asked()
        before = wire.client.last_at
        wire.say("client", ISN if flags & SYN else ISN + 4, flags, ack=SERVER_ISN + 4, data=data)
        assert wire.client.last_at == (wire.at if used else before), (flags, data)


def test_what_an_end_has_of_the_other_is_known_from_its_syn_ack() -> None:
    wire = opened()
    assert wire.server.ack == ISN + 1
    assert wire.client.ack == 0


def test_data_of_a_syn_stands_behind_it() -> None:
    """RFC 7413 §2.2: the data of a SYN begins at the number behind it."""
    for isn in (ISN, MASK):
        wire = Wire()
        wire.say("client", isn, SYN, data=b"GET")
        wire.say("server", SERVER_ISN, SYN | ACK, ack=(isn + 4) & MASK)
        wire.say("client", (isn + 4) & MASK, ack=SERVER_ISN + 1, data=b" /")
        assert heard(wire.client) == [b"GET", b" /"]


def test_the_identification_of_the_first_syn_is_remembered() -> None:
    for first in (7, 0):
        wire = Wire()
        wire.say("client", ISN, SYN, ip_id=first)
        wire.say("client", ISN, SYN, ip_id=8)
        assert wire.connection.syn_ip_id == first
    wire = Wire()
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    assert wire.connection.syn_ip_id == -1


def test_a_syn_that_comes_again_is_the_same_one() -> None:
    """RFC 9293 §3.6.1."""
    wire = asked()
    for _ in range(2):
        wire.say("client", ISN, SYN)
    assert wire.connection.reopening is None
    assert wire.table.opened == 1
    wire.connection.close(EndReason.IDLE, wire.at)
    wire.say("client", ISN, SYN)
    assert wire.table.opened == 1, "also when the connection is over"
    wire.say("client", ISN + 50_000, SYN)
    assert wire.table.opened == 2


def test_a_syn_in_a_connection_that_stands_waits_for_what_follows() -> None:
    """RFC 5961 §4: it is answered with a challenge, and ends nothing by itself."""
    wire = asked()
    wire.say("client", ISN + 50_000_000, SYN)
    assert wire.table.opened == 1
    assert wire.connection.reopening is not None
    wire.say("client", ISN + 4, ack=SERVER_ISN + 4, data=b"GET")
    assert heard(wire.client) == [b"GET", b"GET"]
    assert wire.table.opened == 1


def test_the_syn_that_waited_opens_a_connection_once_it_is_answered_or_followed() -> None:
    for way in ("server", "client"):
        wire = asked()
        first = wire.connection
        again = ISN + 50_000_000
        wire.say("client", again, SYN)
        if way == "server":
            wire.say("server", SERVER_ISN + 90_000_000, SYN | ACK, ack=again + 1)
        else:
            wire.say("client", again + 1, ack=SERVER_ISN + 90_000_001, data=b"PUT")
        assert first.closed
        assert wire.above.told.count("closed: port reused") == 1
        assert (wire.client.first_seq, wire.connection.formers[0].first) == (again + 1, ISN + 1)
        assert wire.table.opened == 2
        assert not wire.connection.midstream
        if way == "server":
            assert wire.server.first_seq == SERVER_ISN + 90_000_001
            assert wire.connection.handshake_ns == 1_000_000
        else:
            assert heard(wire.client) == [b"PUT"]


def test_a_syn_of_a_direction_that_was_not_heard_belongs_to_what_was_captured_from_the_middle() -> None:
    wire = Wire()
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"x")
    wire.say("client", ISN, SYN)
    assert (wire.table.opened, wire.connection.reopening) == (1, None)
    assert wire.client.first_seq == ISN + 1


@pytest.mark.parametrize("away", [WINDOW, -WINDOW])
def test_numbers_that_are_far_from_what_stands_are_of_another_connection_after_a_second(away: int) -> None:
    for silence, more, opened_now in ((1, 0, 1), (0, 1, 1), (1, 1, 2)):
        wire = Wire()
        isn = 1 << 30
        wire.say("client", isn, SYN)
        wire.say("server", SERVER_ISN, SYN | ACK, ack=isn + 1)
        wire.at += silence * SECOND
        beyond = away + (more if away > 0 else -more)
        wire.say("client", isn + 1 + beyond, ack=SERVER_ISN + 1, data=b"GET")
        assert wire.table.opened == opened_now, (silence, more)


def test_a_second_is_one_and_a_bare_segment_says_nothing_of_another_connection() -> None:
    wire = opened()
    wire.at = wire.client.last_at + SECOND - 1_000_001
    wire.say("client", ISN + 1 + 2 * WINDOW, ack=SERVER_ISN + 1, data=b"GET")
    assert wire.table.opened == 1
    wire = opened()
    wire.at = wire.client.last_at + SECOND - 1_000_000
    wire.say("client", ISN + 1 + 2 * WINDOW, ack=SERVER_ISN + 1)
    assert wire.table.opened == 1
    wire.at -= 1_000_000
    wire.say("client", ISN + 1 + 2 * WINDOW, ack=SERVER_ISN + 1, data=b"GET")
    assert wire.table.opened == 2


@pytest.mark.parametrize("isn", [ISN, MASK])
def test_where_a_direction_stands_tells_of_another_connection_at_any_number(isn: int) -> None:
    wire = Wire()
    wire.say("client", isn, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=(isn + 1) & MASK)
    wait(wire, 2)
    wire.say("client", (isn + 2 + WINDOW) & MASK, ack=SERVER_ISN + 1, data=b"GET")
    assert wire.table.opened == 2


def test_while_bytes_are_missing_far_numbers_may_be_what_follows_them() -> None:
    wire = opened()
    wire.say("client", ISN + 5, ack=SERVER_ISN + 1, data=b"GET")
    assert wire.client.waiting
    wait(wire, 2)
    wire.say("client", ISN + 5 + 2 * WINDOW, ack=SERVER_ISN + 1, data=b"GET")
    assert wire.table.opened == 1


def test_after_the_end_far_numbers_are_another_connection_at_once_and_copies_are_none() -> None:
    wire = asked()
    wire.connection.close(EndReason.IDLE, wire.at)
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("client", ISN + 4 + WINDOW, ack=SERVER_ISN + 4, data=b"GET")
    assert wire.table.opened == 1
    wire.say("client", ISN + 5 + WINDOW, ack=SERVER_ISN + 4, data=b"GET")
    assert wire.table.opened == 2


@pytest.mark.parametrize(
    ("seq", "flags", "data", "revived"),
    [
        (ISN + 4, ACK, b"GET", True),
        (ISN + 4, ACK, b"", False),
        (ISN + 5, ACK, b"GET", False),
        (ISN + 4, RST | ACK, b"GET", False),
        (ISN + 4, SYN | ACK, b"GET", False),
    ],
)
def test_whoever_says_the_next_bytes_long_after_a_reset_was_not_reset(
    seq: int, flags: int, data: bytes, revived: bool
) -> None:
    wire = asked()
    reset(wire)
    wire.say("client", seq, flags, ack=SERVER_ISN + 4, data=data)
    assert ("restart" in wire.above.told) is revived
    assert wire.connection.closed is not revived


def test_an_end_of_another_kind_is_one_whatever_is_said_then() -> None:
    wire = asked()
    wire.connection.close(EndReason.IDLE, wire.at)
    wire.say("client", ISN + 4, ack=SERVER_ISN + 4, data=b"GET")
    assert "restart" not in wire.above.told


@pytest.mark.parametrize("isn", [ISN, MASK])
@pytest.mark.parametrize(("ahead", "taken"), [(-1, False), (0, True), (WINDOW - 1, True), (WINDOW, False)])
def test_before_its_syn_a_direction_says_nothing_that_does_not_acknowledge_the_others(
    isn: int, ahead: int, taken: bool
) -> None:
    """RFC 9293 §3.10.7.3."""
    wire = Wire()
    wire.say("client", isn, SYN)
    wire.say("server", SERVER_ISN + 1, ack=(isn + 1 + ahead) & MASK, data=b"200")
    assert wire.server.next_seq == (SERVER_ISN + 4 if taken else -1)


def test_where_the_beginning_was_not_captured_a_direction_begins_with_what_it_says_first() -> None:
    wire = Wire()
    wire.say("client", ISN, data=b"GET")
    wire.say("server", SERVER_ISN, ack=ISN - 50, data=b"200")
    assert (heard(wire.client), heard(wire.server)) == ([b"GET"], [b"200"])
    wire.say("server", SERVER_ISN + 3, FIN | ACK, ack=ISN + 3)
    assert heard(wire.server) == [b"200", EndReason.SERVER_FIN]


def test_a_fin_before_the_syn_of_its_direction_is_none_but_where_that_was_not_captured() -> None:
    """RFC 9293 §3.10.7.3."""
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN + 1, FIN | ACK, ack=ISN + 1)
    assert wire.server.fin_seq == -1
    assert not wire.connection.server_ended
    wire = Wire()
    wire.say("client", ISN, data=b"GET")
    wire.say("server", SERVER_ISN + 1, FIN | ACK, ack=ISN + 3)
    assert wire.server.fin_seq == SERVER_ISN + 1
    assert wire.connection.server_ended


def test_a_fin_stands_behind_the_data_of_its_segment_and_wraps() -> None:
    for isn in (SERVER_ISN, MASK - 3):
        wire = Wire()
        wire.say("client", ISN, SYN)
        wire.say("server", isn, SYN | ACK, ack=ISN + 1)
        wire.say("server", (isn + 1) & MASK, FIN | ACK, ack=ISN + 1, data=b"200")
        assert wire.server.fin_seq == (isn + 4) & MASK
        assert heard(wire.server) == [b"200", EndReason.SERVER_FIN]


@pytest.mark.parametrize("isn", [SERVER_ISN, MASK - 3])
def test_behind_a_fin_nothing_is_in_order_whatever_the_other_end_says(isn: int) -> None:
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("server", isn, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=(isn + 1) & MASK, data=b"GET")
    wire.say("server", (isn + 1) & MASK, FIN | ACK, ack=ISN + 1, data=b"200")
    assert (wire.client.in_order, wire.server.in_order) == (True, False)
    wire.say("client", ISN + 4, ack=(isn + 4) & MASK, data=b"GET")
    assert (wire.client.in_order, wire.server.in_order) == (True, False)


def test_a_reset_says_nothing_with_its_bytes_and_its_fin_is_none() -> None:
    """RFC 9293 §3.5.3: text in a RST is a diagnostic at most."""
    wire = asked()
    wire.say("server", SERVER_ISN + 4, RST | FIN | ACK, ack=ISN + 4, data=b"no such")
    assert heard(wire.server) == [b"200"]
    assert wire.server.fin_seq == -1
    assert wire.connection.over


@pytest.mark.parametrize(
    ("ahead", "over", "challenged"),
    [(0, True, False), (1, False, True), (WINDOW - 1, False, True), (WINDOW, False, False), (-1, False, False)],
)
def test_a_reset_is_believed_at_the_next_number_and_challenged_in_the_window(
    ahead: int, over: bool, challenged: bool
) -> None:
    """RFC 5961 §3.2."""
    wire = asked()
    wire.say("server", SERVER_ISN + 4 + ahead, RST | ACK, ack=ISN + 4)
    assert (wire.connection.over, wire.connection.challenged) == (over, challenged)


def test_what_a_reset_acknowledges_and_was_not_seen_is_missing() -> None:
    wire = asked()
    wire.say("client", ISN + 4, RST | ACK, ack=SERVER_ISN + 14)
    assert list(wire.table.holes) == [wire.server]
    assert (wire.client.in_order, wire.server.in_order) == (False, False)


def test_before_the_syn_ack_a_reset_is_believed_that_acknowledges_the_syn() -> None:
    """RFC 9293 §3.10.7.3."""
    for isn in (ISN, MASK):
        first = (isn + 1) & MASK
        for flags, ack, over in ((RST | ACK, first, True), (RST | ACK, isn, False), (RST, first, False)):
            wire = Wire()
            wire.say("client", isn, SYN)
            wire.say("server", 0, flags, ack=ack)
            assert wire.connection.over is over, (isn, flags, ack)


def test_what_is_closed_takes_nothing_more() -> None:
    wire = asked()
    connection = wire.connection
    connection.close(EndReason.IDLE, wire.at)
    told = list(wire.above.told)
    ends = wire.client.next_seq, wire.server.next_seq, wire.client.fin_seq
    wire.say("client", ISN + 4, FIN | ACK, ack=SERVER_ISN + 9, data=b"GET")
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 90)
    assert (wire.client.next_seq, wire.server.next_seq, wire.client.fin_seq) == ends
    assert wire.above.told == told
    assert not wire.table.holes


def test_bytes_that_were_acknowledged_and_not_seen_are_a_hole_that_is_given_up_in_time() -> None:
    wire = asked()
    wire.say("client", ISN + 4, ack=SERVER_ISN + 4, data=b"GET")
    assert not wire.table.holes, "all that was acknowledged is here"
    wire.say("client", ISN + 7, ack=SERVER_ISN + 14, data=b"GET")
    assert list(wire.table.holes) == [wire.server]
    assert not wire.client.in_order
    wire.at += SECOND
    wire.say("client", ISN + 10, ack=SERVER_ISN + 14, data=b"GET")
    assert heard(wire.server) == [b"200", 10]
    assert not wire.table.holes
    assert wire.client.in_order


def test_the_oldest_hole_is_given_up_when_more_is_held_in_all_than_may_be() -> None:
    wire = Wire(limits=Limits(held_total=2 * (OVERHEAD + 3)))
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    for place in (4, 10):
        wire.say("server", SERVER_ISN + place, ack=ISN + 1, data=b"abc")
    assert wire.server.held is not None
    wire.say("server", SERVER_ISN + 16, ack=ISN + 1, data=b"abc")
    assert wire.server.held is None
    assert heard(wire.server) == [3, b"abc", 3, b"abc", 3, b"abc"]


def test_a_hole_of_one_byte_that_was_acknowledged_is_given_up_as_every_other() -> None:
    wire = asked()
    wire.say("server", SERVER_ISN + 5, ack=ISN + 4, data=b"def")
    wire.say("client", ISN + 4, ack=SERVER_ISN + 5, data=b"GET")
    wire.at += SECOND
    wire.say("client", ISN + 7, ack=SERVER_ISN + 5, data=b"GET")
    assert heard(wire.server) == [b"200", 1, b"def"]


def test_one_number_more_that_is_acknowledged_may_be_that_of_a_fin_and_is_no_hole() -> None:
    """RFC 9293 §3.4: a FIN takes a number."""
    wire = asked()
    wire.say("client", ISN + 4, ack=SERVER_ISN + 5, data=b"GET")
    assert not wire.table.holes
    assert wire.client.in_order


def test_a_hole_that_is_filled_is_none_any_more() -> None:
    wire = asked()
    wire.say("server", SERVER_ISN + 7, ack=ISN + 4, data=b"def")
    assert list(wire.table.holes) == [wire.server]
    wire.say("server", SERVER_ISN + 4, ack=ISN + 4, data=b"abc")
    assert heard(wire.server) == [b"200", b"abc", b"def"]
    assert not wire.table.holes
    assert (wire.client.in_order, wire.server.in_order) == (True, True)


def test_an_answer_that_comes_before_anything_of_the_other_end_waits_for_that() -> None:
    wire = Wire()
    wire.say("server", SERVER_ISN, ack=ISN + 3, data=b"HTTP/1.1 200")
    server = wire.client  # Who is heard first.
    assert (server.answers, server.unheard, heard(server)) == (True, True, [])
    wire.say("client", ISN, ack=SERVER_ISN, data=b"GET")
    assert heard(server) == [b"HTTP/1.1 200"]
    wire = Wire()
    wire.say("client", MASK - 2, data=b"GET")
    wire.say("server", SERVER_ISN, ack=0, data=b"HTTP/1.1 200")
    assert (wire.server.answers, wire.server.unheard, heard(wire.server)) == (False, False, [b"HTTP/1.1 200"])
    for first in (b"GET / HTTP/1.1", b" HTTP/1.1"):
        wire = Wire()
        wire.say("client", ISN, ack=SERVER_ISN, data=first)
        assert (wire.client.answers, wire.client.unheard, heard(wire.client)) == (False, False, [first])


def test_an_answer_waits_for_the_bytes_that_it_acknowledges_when_the_other_end_begins_late() -> None:
    wire = Wire()
    wire.say("server", SERVER_ISN, ack=ISN + 6, data=b"HTTP/1.1 200")
    server = wire.client
    wire.say("client", ISN, ack=SERVER_ISN, data=b"GET")
    assert heard(server) == [], "three bytes more were acknowledged"
    wire.say("client", ISN + 3, ack=SERVER_ISN, data=b" /a")
    assert heard(server) == [b"HTTP/1.1 200"]


def test_what_waits_behind_a_hole_has_acknowledged_where_the_other_end_begins() -> None:
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("client", ISN + 5, ack=SERVER_ISN + 7, data=b" /a")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 1, data=b"200")
    assert wire.server.waiting
    assert wire.server.known_to() == 3


def test_the_server_answers_once_it_is_known_that_it_may() -> None:
    for answering in (False, True):
        wire = asked(Above(answering=answering))
        assert (wire.client.answers, wire.server.answers) == (False, answering)


@pytest.mark.parametrize(("flags", "marks"), [(ACK, 0), (ACK | URG, 1)])
def test_an_urgent_pointer_is_told(flags: int, marks: int) -> None:
    wire = asked()
    wire.say("client", ISN + 4, flags, ack=SERVER_ISN + 4, data=b"GET")
    assert isinstance(wire.client.reader, Heard)
    assert wire.client.reader.marks == marks


@pytest.mark.parametrize(
    ("seq", "data", "told"),
    [
        (ISN - 3, b"GET", [b"GET", b" /a"]),
        (ISN - 2, b"GE", [b"GE", b" /a"]),
        (ISN - 1, b"G", [b"G", b" /a"]),
        (ISN - 4, b"GET", [b" /a"]),
        (ISN - 2, b"GET", [b" /a"]),
        (ISN, b"GET", [b" /a"]),
    ],
)
def test_where_the_capture_begins_what_stood_right_before_is_put_before(
    seq: int, data: bytes, told: list[bytes]
) -> None:
    wire = Wire()
    wire.say("client", ISN, data=b" /a")
    wire.say("client", seq, data=data)
    assert heard(wire.client) == told
    assert wire.client.next_seq == ISN + 3
    assert wire.table.tally.repeats == (1 if len(told) == 1 else 0)


def test_one_byte_is_enough_to_be_put_before() -> None:
    wire = Wire()
    wire.say("client", ISN, data=b"/")
    wire.say("client", ISN - 4, data=b"GET ")
    assert heard(wire.client) == [b"GET ", b"/"]


def test_nothing_is_put_before_the_beginning_of_a_connection_that_was_captured() -> None:
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("client", ISN - 2, ack=SERVER_ISN + 1, data=b"abc")
    assert heard(wire.client) == [b"GET"]


def test_copies_of_an_earlier_connection_on_the_same_ports_are_repeats() -> None:
    wire = asked()
    wire.connection.close(EndReason.IDLE, wire.at)
    again, server = ISN + 500_000_000, SERVER_ISN + 700_000_000
    wire.say("client", again, SYN)
    wire.say("server", server, SYN | ACK, ack=again + 1)
    before = wire.table.tally.repeats
    wire.say("client", ISN, SYN)
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 4, FIN | ACK, ack=ISN + 4)
    wire.say("server", SERVER_ISN + 4, RST, ack=0)
    assert wire.table.tally.repeats == before + 4
    assert (wire.table.opened, wire.connection.over, wire.connection.reopening) == (2, False, None)
    wire.say("client", again + 1, ack=server + 1, data=b"PUT")
    assert heard(wire.client) == [b"PUT"]


def test_after_the_end_any_syn_is_of_another_connection_also_where_nothing_of_its_direction_was_captured() -> None:
    wire = Wire()
    wire.say("server", SERVER_ISN, ack=ISN, data=b"200")
    wire.connection.close(EndReason.IDLE, wire.at)
    wire.say("client", ISN, SYN)
    assert wire.table.opened == 2


def test_a_syn_with_another_number_waits_in_a_connection_that_was_captured_from_the_middle_too() -> None:
    wire = Wire()
    wire.say("client", ISN, ack=SERVER_ISN, data=b"GET")
    wire.say("server", SERVER_ISN, ack=ISN + 3, data=b"200")
    wire.say("client", ISN + 50_000_000, SYN)
    assert wire.connection.reopening is not None


@pytest.mark.parametrize("isn", [ISN, 0])
def test_a_syn_that_comes_behind_the_syn_ack_of_its_end_is_of_the_same_connection(isn: int) -> None:
    """RFC 9293 §3.5, figure 8: where both ends open at once each says both, with one number."""
    wire = Wire()
    wire.say("client", isn, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=isn + 1)
    wire.say("server", SERVER_ISN, SYN)
    assert wire.connection.reopening is None
    wire.say("server", SERVER_ISN + 1, SYN)
    assert wire.connection.reopening is not None


@pytest.mark.parametrize("silence", [0, 2])
def test_data_without_an_acknowledgement_is_data(silence: int) -> None:
    wire = asked()
    wait(wire, silence)
    wire.say("client", ISN + 4, 0, ack=SERVER_ISN + 90, data=b"GET")
    assert heard(wire.client) == [b"GET", b"GET"]
    assert not wire.table.holes
    assert wire.connection.reopening is None


def test_a_syn_ack_after_the_end_begins_nothing() -> None:
    wire = Wire()
    wire.say("client", ISN, data=b"GET")
    wire.connection.close(EndReason.IDLE, wire.at)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN)
    assert wire.server.next_seq == -1
    assert "opened" not in wire.above.told


def test_a_connection_knows_by_which_interface_it_came_also_one_that_begins_on_ports_in_use() -> None:
    live = Live()
    live.exchange()
    live.framer = Framer(Route(ENDS, ETHERNET, isn_client=700_000_000, isn_server=900_000_000))
    live.opening()
    live.exchange()
    assert [row.flow.interface for row in live.rows] == ["link1", "link1"]


def test_a_hole_that_is_given_up_for_the_bound_may_have_been_all_before_a_fin() -> None:
    wire = Wire(limits=Limits(held_total=2 * (OVERHEAD + 3)))
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 4, FIN | ACK, ack=SERVER_ISN + 1, data=b" /a")
    for place in (4, 7):
        wire.say("server", SERVER_ISN + place, ack=ISN + 1, data=b"abc")
    assert heard(wire.client) == [3, b" /a", EndReason.CLIENT_FIN]
    assert heard(wire.server) == []


def test_what_waited_for_a_hole_that_is_given_up_for_the_bound_waits_no_longer() -> None:
    wire = Wire(Above(answering=True), Limits(held_total=3 * (OVERHEAD + 3)))
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    for place in (4, 7):
        wire.say("client", ISN + place, ack=SERVER_ISN + 1, data=b" /a")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 10, data=b"abc")
    assert wire.server.waits_for_peer
    wire.say("server", SERVER_ISN + 4, ack=ISN + 10, data=b"def")
    assert heard(wire.client) == [3, b" /a", b" /a"]
    assert heard(wire.server) == [b"abc", b"def"]
    assert wire.client.in_order


def test_with_the_holes_of_a_direction_those_of_what_answers_it_are_given_up() -> None:
    wire = Wire(Above(answering=True))
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 4, ack=SERVER_ISN + 1, data=b" /a")
    for place in (1, 10):
        wire.say("server", SERVER_ISN + place, ack=ISN + 7, data=b"abc")
    wire.say("client", ISN + 7, ack=SERVER_ISN + 13, data=b" /b")
    assert heard(wire.server) == []
    wire.table.settle(wire.client, wire.at + SECOND)
    assert heard(wire.client) == [3, b" /a", b" /b"]
    assert heard(wire.server) == [b"abc", 6, b"abc"]


def test_who_goes_on_after_a_reset_is_read_although_bytes_were_missing_before_it() -> None:
    wire = asked()
    wire.say("client", ISN + 7, ack=SERVER_ISN + 4, data=b" /a")
    wire.say("server", SERVER_ISN + 4, RST | ACK, ack=ISN + 4)
    for _ in range(3):
        wait(wire, 11)
    assert wire.connection.closed
    assert not wire.client.in_order
    wire.say("client", ISN + 10, ack=SERVER_ISN + 4, data=b"GET")
    assert "restart" in wire.above.told
    assert heard(wire.client) == [b"GET"]


def test_ends_that_change_places_do_not_wait_for_each_other() -> None:
    """Each has an answer at hand to what is missing of the other, which only one of them can have."""
    wire = asked(Above(answering=True))
    first, second = wire.client, wire.server
    wire.say("client", ISN, SYN | ACK, ack=SERVER_ISN + 1)  # Captured late: it is the one that answers.
    assert wire.server is first
    wire.say("client", ISN + 14, ack=SERVER_ISN + 4, data=b"behind")
    wire.say("server", SERVER_ISN + 14, ack=ISN + 4, data=b"behind")
    wire.say("client", ISN + 4, ack=SERVER_ISN + 20, data=b"answers")
    assert first.waits_for_peer
    wire.say("server", SERVER_ISN + 4, ack=ISN + 20, data=b"answers")
    wait(wire, 1)
    for direction in (first, second):
        assert heard(direction)[1:] == [b"answers", 3, b"behind"]
        assert not direction.waits_for_peer


@pytest.mark.parametrize("before", [1, 2, 40])
def test_what_came_before_a_syn_ack_from_before_its_number_is_of_no_end(before: int) -> None:
    """Also where it ends right there: an end that has sent no SYN yet repeats no byte of its own."""
    wire = Wire()
    wire.say("client", ISN, SYN)
    wire.say("server", SERVER_ISN + 1 - before, ack=ISN + 1, data=b"x" * before)
    client, server = wire.client, wire.server
    assert isinstance(server.reader, Heard)
    server.reader.sure = False
    wire.say("server", SERVER_ISN, SYN | ACK, ack=ISN + 1)
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 1, ack=ISN + 4, data=b"200")
    assert heard(client) == [b"GET"]
    assert heard(server) == [b"200"]


def test_a_reader_that_the_last_bytes_of_the_other_end_bring_is_told_the_end_too() -> None:
    """What was held may tell at last what both ends speak."""
    wire = opened()
    wire.say("client", ISN + 1, ack=SERVER_ISN + 1, data=b"GET")
    wire.say("server", SERVER_ISN + 5, ack=ISN + 4, data=b"behind")
    client, before, late = wire.client, heard(wire.client), Heard()

    class Deciding(Heard):
        def data(self, data: bytes, at: int) -> None:
            super().data(data, at)
            client.reader = late

    decides = wire.server.reader = Deciding()
    wire.connection.close(EndReason.CAPTURE_END, wire.at)
    assert before == [b"GET", EndReason.CAPTURE_END]
    assert decides.told == [4, b"behind", EndReason.CAPTURE_END]
    assert late.told == [EndReason.CAPTURE_END]
