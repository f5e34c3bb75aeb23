"""The flow table, rule by rule: whom it lets go, what it remembers of what is over, and by which keys it finds."""

from collections.abc import Callable

import pytest

from cycles import left_by
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.flows import TOMBSTONE_NS, reverse
from httpresp_capture.tcp.resets import RESET_WAIT_NS
from traffic.frames import Framer, Route
from traffic.live import ANSWERED, ASKED, ETH0, SECOND, Bench
from traffic.values import ACK, RST, SYN, Ends, Segment


def test_when_the_table_is_full_the_one_that_was_used_has_another_round() -> None:
    bench = Bench(Limits(flows=3))
    bench.ask(1)
    for port in (2, 3, 4):
        bench.say(port, "client", -1, flags=SYN)
    assert bench.evicted == 1
    bench.answer(1)
    assert bench.status(1) == [200], "it was used after it was opened, and the second was not"
    bench.say(3, "client", 0, ASKED)
    assert bench.evicted == 1, "the third is still there"
    bench.say(2, "client", 0, ASKED)
    assert bench.evicted == 2, "the second had left, so it is opened anew"


def test_another_round_is_one_round() -> None:
    bench = Bench(Limits(flows=2))
    bench.ask(1)
    bench.open(2)
    bench.open(3)
    bench.open(4)
    bench.answer(1)
    assert bench.status(1)[0] == 0, "it was not used since, and its request has no response"


@pytest.mark.parametrize("ended", [Bench.close, Bench.reset])
def test_what_is_over_leaves_first_and_counts_for_nothing(ended: Callable[[Bench, int], None]) -> None:
    bench = Bench(Limits(flows=2))
    bench.ask(1)
    bench.answer(1)
    ended(bench, 1)
    bench.ask(2)
    bench.open(3)
    assert bench.evicted == 0
    bench.answer(2)
    assert bench.status(2) == [200]


def test_the_table_holds_no_more_than_it_may() -> None:
    bench = Bench(Limits(flows=5))
    for port in range(1, 60):
        bench.ask(port)
        assert bench.known <= 5
        assert len(bench.pipeline.table.directions) <= 10
    assert bench.evicted == 54


def test_what_is_over_is_remembered_for_a_minute_of_silence() -> None:
    bench = Bench()
    bench.ask(1)
    bench.answer(1)
    bench.close(1)
    assert bench.known == 1
    bench.wait(TOMBSTONE_NS - SECOND)
    assert bench.known == 1
    bench.wait(2 * SECOND)
    bench.wait(TOMBSTONE_NS // 4)
    assert bench.known == 0
    assert not bench.pipeline.table.directions


def test_a_copy_keeps_the_memory_of_what_is_over() -> None:
    bench = Bench()
    bench.ask(1)
    bench.answer(1)
    bench.close(1)
    for _ in range(3):
        bench.wait(TOMBSTONE_NS - SECOND)
        bench.answer(1)
    assert bench.known == 1
    assert bench.status(1) == [200]


def test_a_reset_that_holds_closes_and_one_that_is_contradicted_is_forgotten() -> None:
    bench = Bench()
    for port in (1, 2):
        bench.ask(port)
        bench.say(port, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.wait(5 * SECOND)
    bench.answer(2)
    assert not bench.watcher.ended
    bench.wait(6 * SECOND)
    assert [(event.flow.client_port, event.reason) for event in bench.watcher.ended] == [(1, EndReason.SERVER_RST)]
    assert bench.status(2) == [200]


def test_a_reset_that_is_repeated_waits_from_the_last() -> None:
    bench = Bench()
    bench.ask(1)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.wait(9 * SECOND)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.wait(9 * SECOND)
    assert not bench.watcher.ended
    bench.wait(2 * SECOND)
    assert len(bench.watcher.ended) == 1


def test_a_reset_of_the_other_end_too_does_not_change_whose_it_was() -> None:
    bench = Bench()
    bench.ask(1)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.say(1, "client", len(ASKED), flags=RST)
    bench.wait(11 * SECOND)
    assert [event.reason for event in bench.watcher.ended] == [EndReason.SERVER_RST]


def test_the_key_of_the_other_direction_has_its_ends_the_other_way_round() -> None:
    assert reverse(b"aaaabbbbPPQQ", 8) == b"bbbbaaaaQQPP"
    assert reverse(b"aaaabbbbPPQQmark", 8) == b"bbbbaaaaQQPPmark"
    assert reverse(reverse(b"a" * 16 + b"b" * 16 + b"PPQQ", 32), 32) == b"a" * 16 + b"b" * 16 + b"PPQQ"


def test_tags_that_the_kernel_took_out_are_those_of_the_flow() -> None:
    """They come beside the frame, which then looks as if it could go the short way."""
    pipeline = Pipeline()
    framer = Framer(Route(Ends("10.0.0.1", 1, "10.0.0.2", 80)))
    for number, segment in enumerate(
        (
            Segment("client", -1, b"", SYN),
            Segment("server", -1, b"", SYN | ACK),
            Segment("client", 0, ASKED, ACK),
            Segment("server", 0, ANSWERED, ACK, len(ASKED)),
        )
    ):
        frame = framer.frame(segment)
        pipeline.feed(SECOND + number, frame, 0, len(frame), len(frame), ETH0, (7, 42))
    rows: list[Response] = [
        event.response for event in pipeline.take() if isinstance(event, ResponseSeen | ResponseChanged)
    ]
    assert [(row.status, row.flow.vlan) for row in rows] == [(200, (7, 42))]


def test_after_101_what_comes_again_is_compared_with_nothing() -> None:
    bench = Bench()
    bench.ask(1)
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    bench.say(1, "server", 0, switched, ack=len(ASKED))
    bench.say(1, "server", len(switched), b"some bytes of x", ack=len(ASKED))
    bench.say(1, "server", len(switched), b"same place, not", ack=len(ASKED))
    assert bench.pipeline.counters().conflicts == 0
    assert bench.status(1) == [101]


def test_a_reset_holds_when_its_time_is_over_and_not_a_moment_earlier() -> None:
    bench = Bench()
    bench.ask(1)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    reset_at = bench.at
    bench.wait(RESET_WAIT_NS - 1)
    assert not bench.watcher.ended
    bench.wait(1)
    assert [(event.at, event.reason) for event in bench.watcher.ended] == [(reset_at, EndReason.SERVER_RST)]


def test_after_a_reset_that_was_contradicted_another_may_come() -> None:
    bench = Bench()
    bench.ask(1)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.answer(1)
    bench.wait(RESET_WAIT_NS)
    bench.reset(1)
    bench.wait(RESET_WAIT_NS)
    assert [event.reason for event in bench.watcher.ended] == [EndReason.SERVER_RST]


def test_a_connection_whose_reset_was_contradicted_is_evicted_like_any_other() -> None:
    bench = Bench(Limits(flows=2))
    bench.ask(1)
    bench.say(1, "server", 0, flags=RST | ACK, ack=len(ASKED))
    bench.say(1, "server", 0, ANSWERED, ack=len(ASKED))
    bench.say(2, "client", -1, flags=SYN)
    bench.say(3, "client", -1, flags=SYN)
    assert bench.evicted == 1
    bench.say(1, "client", len(ASKED), ASKED, ack=len(ANSWERED))
    assert bench.evicted == 1, "it was used since it was opened, so the second left"


def test_bare_connections_are_compared_with_those_of_no_other_network() -> None:
    bench = Bench()
    bench.ask(1)
    bench.answer(1)
    networks = bench.pipeline.table.networks
    assert (networks.known, networks.contested, networks.shared) == ({}, {}, False)


def test_what_is_removed_leaves_nothing_in_the_table_and_holds_nobody() -> None:
    bench = Bench()
    bench.ask(1)
    bench.say(1, "server", 5, ANSWERED, ack=len(ASKED))
    table = bench.pipeline.table
    (dialogue,) = table.connections
    directions = list(table.directions.values())
    assert len(directions) == 2
    assert table.holes
    bench.pipeline.finish()
    assert (len(table.directions), len(table.holes), len(table.connections)) == (0, 0, 0)
    assert [(direction.other, direction.owner, direction.reader) for direction in directions] == [
        (None, None, None)
    ] * 2
    assert (dialogue.client, dialogue.server, dialogue.first, dialogue.second) == (None, None, None, None)


def test_silence_is_looked_at_eight_times_in_an_idle_time() -> None:
    idle = 8 * SECOND
    bench = Bench(Limits(idle_ns=idle))
    bench.ask(1)
    bench.answer(1)
    bench.wait(idle)
    assert bench.known == 1, "it has been silent for the idle time, and not for longer"
    bench.wait(SECOND - 1)
    assert bench.known == 1, "not a second since the last look"
    bench.wait(1)
    assert bench.known == 0
    assert [event.reason for event in bench.watcher.ended] == [EndReason.IDLE]


def test_a_request_that_waits_is_given_up_when_it_was_open_for_too_long() -> None:
    bench = Bench(Limits(idle_ns=8 * SECOND, open_ns=80 * SECOND))
    bench.ask(1)
    bench.wait(79 * SECOND)
    assert bench.known == 1
    bench.wait(2 * SECOND)
    assert bench.known == 0


def test_the_fin_of_a_direction_may_stand_at_number_0() -> None:
    bench = Bench()
    route = Route(
        Ends("10.0.0.1", 1, "10.0.0.2", 80),
        isn_client=(-len(ASKED) - 1) & MASK,
        isn_server=(-len(ANSWERED) - 1) & MASK,
    )
    bench.framers[1] = Framer(route)
    bench.ask(1)
    bench.answer(1)
    bench.close(1)
    assert [event.reason for event in bench.watcher.ended] == [EndReason.CLIENT_FIN]


def test_over_the_limit_of_all_together_the_oldest_hole_is_given_up() -> None:
    bench = Bench(Limits(held_total=600))
    for port in (1, 2, 3):
        bench.ask(port)
        bench.say(port, "server", 10, b"x" * 100, ack=len(ASKED))
    table = bench.pipeline.table
    assert [direction.owner.id for direction in table.holes if direction.owner is not None] == [3]
    assert 0 < table.tally.held <= 600


def test_at_the_end_of_the_capture_a_connection_ends_when_it_was_used_last() -> None:
    bench = Bench()
    bench.ask(1)
    bench.answer(1)
    used_at = bench.at
    bench.wait(SECOND)
    bench.pipeline.finish()
    bench.watcher.collect()
    assert [(event.at, event.reason) for event in bench.watcher.ended] == [(used_at, EndReason.CAPTURE_END)]


@pytest.mark.slow
def test_a_connection_that_is_forgotten_needs_no_garbage_collector() -> None:
    bench = Bench(Limits(flows=4))

    def run() -> None:
        for port in range(1000, 1040):
            bench.ask(port)
            bench.answer(port)
            bench.close(port)

    left = left_by(run)
    assert not left & {
        "Connection",
        "Direction",
        "Detector",
        "HTTP1",
        "Pairing",
        "RequestReader",
        "ResponseReader",
    }
