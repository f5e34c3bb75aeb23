"""What time alone does in the flow table: holes that were waited for long enough, requests, resets, silence."""

import gc

import pytest

from httpresp_capture.records.limits import REQUEST_COST, Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tcp.assembler import ACKED_WAIT_NS, OVERHEAD
from httpresp_capture.tcp.connection import Connection
from httpresp_capture.tcp.flows import TOMBSTONE_NS
from httpresp_capture.tcp.resets import RESET_WAIT_NS
from traffic.live import ANSWERED, ASKED, SECOND, Bench, Live
from traffic.values import ACK, FIN, RST, SYN

OPEN = b"HTTP/1.1 200 OK\r\n\r\nabc"
"""An answer whose body ends with the connection."""
COST = len(ASKED) + REQUEST_COST


def with_a_hole() -> Live:
    """The body of an answer lacks ten bytes, which its client has; behind them it ends."""
    live = Live()
    live.say("client", 0, ASKED)
    live.say("server", 0, OPEN, ack=len(ASKED))
    live.say("server", len(OPEN) + 10, b"xyz", ack=len(ASKED))
    live.say("server", len(OPEN) + 13, flags=FIN | ACK, ack=len(ASKED))
    return live


def test_a_hole_that_its_receiver_has_is_given_up_a_quarter_of_a_second_later_and_what_ends_behind_it_has_ended() -> (
    None
):
    live = with_a_hole()
    live.say("client", len(ASKED), ack=len(OPEN) + 13)
    acknowledged_at = live.at
    live.tick(acknowledged_at + ACKED_WAIT_NS - 1)
    assert [(row.end, row.body) for row in live.rows] == [(None, b"abc")]
    live.tick(acknowledged_at + ACKED_WAIT_NS)
    assert [(row.end, row.body_bytes) for row in live.rows] == [(EndReason.SERVER_FIN, 6)]
    table = live.watcher.pipeline.table
    assert not table.holes
    assert (table.tally.gaps, table.tally.gap_bytes, table.tally.held) == (1, 10, 0)
    assert live.client.in_order, "nothing is missing, so what comes next may go the short way"


def test_where_the_last_hole_of_both_ends_is_given_up_the_connection_is_over() -> None:
    live = with_a_hole()
    live.say("client", len(ASKED), flags=FIN | ACK, ack=len(OPEN) + 14)
    directions = [live.client, live.server]
    live.wait(1)
    assert [event.reason for event in live.watcher.ended] == [EndReason.SERVER_FIN]
    assert [direction.in_order for direction in directions] == [False, False]
    assert not live.watcher.pipeline.table.holes


def test_an_answer_that_waited_for_its_question_is_read_with_it_and_so_is_its_end() -> None:
    live = Live()
    live.say("client", 0, ASKED)
    live.say("client", 2 * len(ASKED), ASKED)
    live.say("server", 0, ANSWERED, ack=3 * len(ASKED))
    live.say("server", len(ANSWERED), flags=FIN | ACK, ack=3 * len(ASKED))
    assert live.rows == []
    assert not live.connection.server_ended
    live.say("client", len(ASKED), ASKED)
    assert [(row.status, row.request is not None) for row in live.rows] == [(200, True)]
    assert live.connection.server_ended
    assert not live.watcher.pipeline.table.holes


def test_an_answer_that_was_let_go_on_may_lack_bytes_of_its_own() -> None:
    live = Live()
    live.say("client", 0, ASKED[:5])
    live.say("client", 10, ASKED[10:])
    live.say("server", 0, OPEN, ack=len(ASKED))
    live.say("server", len(OPEN) + 10, b"xyz", ack=len(ASKED))
    live.say("client", 5, ASKED[5:10])
    (row,) = live.rows
    assert (row.body, row.end) == (b"abc", None)
    table = live.watcher.pipeline.table
    assert list(table.holes) == [live.server], "the bytes of its own are still missing"
    live.say("client", len(ASKED), ack=len(OPEN) + 13)
    live.wait(1)
    assert table.tally.gap_bytes == 10
    assert not table.holes


def test_what_both_lack_is_given_up_in_one_go_the_question_first() -> None:
    live = Live()
    live.say("client", 0, ASKED[:5])
    live.say("client", 10, ASKED[10:])
    live.say("server", 0, OPEN, ack=len(ASKED))
    live.say("server", len(OPEN) + 10, b"xyz", ack=len(ASKED))
    live.say("client", len(ASKED), ack=len(OPEN) + 13)
    live.wait(1)
    table = live.watcher.pipeline.table
    assert (table.tally.gaps, table.tally.gap_bytes) == (2, 15)
    assert not table.holes
    assert live.server.in_order


def test_as_much_is_held_as_may_be_and_over_it_the_oldest_goes() -> None:
    bench = Bench(Limits(held_total=3 * (100 + OVERHEAD)))
    table = bench.pipeline.table
    for port in (1, 2, 3):
        bench.ask(port)
        bench.say(port, "server", 10, b"x" * 100, ack=len(ASKED))
    bench.wait(1)
    assert len(table.holes) == 3
    bench.say(3, "server", 300, b"x", ack=len(ASKED))
    assert [direction.owner.id for direction in table.holes if direction.owner is not None] == [2, 3]
    assert table.tally.gaps == 1


def test_over_the_bound_of_all_a_direction_is_given_up_to_its_end() -> None:
    live = Live(limits=Limits(held_total=2 * OVERHEAD))
    live.say("client", 0, ASKED)
    live.say("server", 0, OPEN, ack=len(ASKED))
    live.say("server", len(OPEN) + 13, flags=FIN | ACK, ack=len(ASKED))
    live.say("server", len(OPEN) + 10, b"xyz", ack=len(ASKED))
    live.say("server", len(OPEN) + 5, b"x", ack=len(ASKED))
    assert [(row.end, row.body_bytes) for row in live.rows] == [(EndReason.SERVER_FIN, 7)]
    assert live.client.in_order
    assert live.connection.server_ended


# Requests that wait


def asked_at_once(bench: Bench, ports: range) -> None:
    """Opened first, so that the requests come one by one."""
    for port in ports:
        bench.open(port)
    for port in ports:
        bench.say(port, "client", 0, ASKED)


def given_up(bench: Bench) -> list[int]:
    return [row.flow.client_port for row in bench.watcher.responses.values() if row.unanswered]


def test_as_many_requests_wait_as_may_and_over_the_bound_a_quarter_makes_room() -> None:
    bench = Bench(Limits(pending_bytes=8 * COST))
    asked_at_once(bench, range(1, 9))
    bench.pipeline.table.bound_pending(bench.at)
    bench.watcher.collect()
    assert given_up(bench) == []
    bench.ask(9)
    bench.pipeline.table.bound_pending(bench.at)
    bench.watcher.collect()
    assert given_up(bench) == [1, 2, 3], "until three quarters are left"


def test_the_bytes_of_their_bodies_count() -> None:
    body = bytes(COST)
    bench = Bench(Limits(pending_bytes=4 * COST))
    for port in (1, 2):
        bench.open(port)
        bench.say(port, "client", 0, b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    bench.ask(3)
    bench.pipeline.table.bound_pending(bench.at)
    bench.watcher.collect()
    assert given_up(bench) == [1, 2], "each is worth more than two without a body"


def test_of_requests_of_the_same_time_those_of_the_older_connection_go_first() -> None:
    bench = Bench(Limits(pending_bytes=3 * COST - 1))
    for port in (1, 2, 3):
        bench.open(port)
    for port in (3, 2, 1):
        bench.say(port, "client", 0, ASKED.replace(b"/a", b"/" + b"a" * (4 - port)))
        bench.at -= 1_000_000
    bench.pipeline.table.bound_pending(bench.at)
    bench.watcher.collect()
    assert given_up(bench) == [1], "its request is the largest, and came last"


def test_how_many_wait_is_looked_at_once_in_an_eighth_of_the_bound() -> None:
    looks: list[int] = []
    bench = Bench(Limits(pending_bytes=32 * COST))
    bound = bench.pipeline.sink.bound_pending

    def looked(at: int) -> None:
        looks.append(at)
        bound(at)

    bench.pipeline.sink.bound_pending = looked
    asked_at_once(bench, range(1, 21))
    assert len(looks) == 4


# Silence


def test_a_response_whose_request_is_presumed_is_told_a_quarter_of_a_second_later() -> None:
    live = Live()
    live.exchange()
    live.say("server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))
    live.wait(RESET_WAIT_NS / SECOND)
    live.exchange(len(ASKED), len(ANSWERED))
    answered_at = live.at
    live.tick(answered_at + ACKED_WAIT_NS - 1)
    assert len(live.rows) == 1
    live.tick(answered_at + ACKED_WAIT_NS)
    assert [(row.status, row.request is not None) for row in live.rows] == [(200, True)] * 2


def test_a_long_table_is_walked_once_in_so_many_looks() -> None:
    bench = Bench()
    bench.at = 0
    table = bench.pipeline.table
    for port in range(1, 257):
        bench.at -= 1_000_000
        bench.say(port, "client", -1, flags=SYN)
    for at in (1, 2):
        for look in (1, 2, 3):
            table.sweep(at * TOMBSTONE_NS + look, SECOND, SECOND)
            assert len(table.connections) == 256
        table.sweep(at * TOMBSTONE_NS + 4, SECOND, SECOND)
        assert len(table.connections) == 0
        for port in range(1, 257):
            bench.at -= 1_000_000
            bench.say(port, "client", -1, flags=SYN)


@pytest.mark.parametrize(("over", "known"), [(0, 1), (1, 0)])
def test_a_tombstone_and_an_open_exchange_stay_for_their_whole_time(over: int, known: int) -> None:
    bench = Bench()
    bench.ask(1)
    bench.answer(1)
    bench.close(1)
    bench.pipeline.table.sweep(bench.at + TOMBSTONE_NS + over, SECOND, SECOND)
    assert bench.known == known
    bench = Bench()
    bench.ask(1)
    bench.pipeline.table.sweep(bench.at + 200 * SECOND + over, SECOND, 200 * SECOND)
    assert bench.known == known


# Resets


@pytest.mark.parametrize("isn_client", [1_000, 900_000])
def test_a_reset_of_each_end_is_contradicted_by_the_first_that_goes_on(isn_client: int) -> None:
    live = Live(isn_client=isn_client)
    live.say("client", 0, ASKED)
    live.say("server", 0, flags=RST | ACK, ack=len(ASKED))
    live.say("client", len(ASKED), flags=RST)
    live.exchange()
    live.wait(11)
    assert not live.watcher.ended
    assert [row.status for row in live.rows] == [200]


def test_a_reset_that_was_forgotten_with_its_connections_revival_ends_nothing() -> None:
    live = Live()
    live.exchange()
    live.say("server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))
    live.closing()
    assert live.connection.closed
    live.exchange(len(ASKED), len(ANSWERED))
    assert not live.connection.closed
    live.wait(11)
    assert not live.connection.closed
    assert len(live.watcher.ended) == 1


# What is forgotten


@pytest.mark.slow
def test_what_is_removed_is_freed_without_the_collector() -> None:
    def alive() -> int:
        return sum(isinstance(each, Connection | Receiver) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        bench = Bench()
        for port in (1, 2, 3):
            bench.ask(port)
            bench.answer(port)
        bench.say(1, "server", len(ANSWERED) + 10, b"x", ack=len(ASKED))
        bench.close(2)
        assert alive() > before
        bench.pipeline.finish()
        assert alive() == before
    finally:
        gc.enable()
