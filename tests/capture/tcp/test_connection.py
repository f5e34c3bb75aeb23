"""How connections begin, end and follow each other on the same ports, where a scenario cannot tell it."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from httpresp_capture.detect.undetected import Undetected
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.position import MASK
from httpresp_capture.streams.receiver import Ignored
from httpresp_capture.tcp.assembler import Assembler
from traffic.captures import Capture, Recipe, make_capture
from traffic.frames import ETHERNET, Framer, Route
from traffic.live import ANSWERED, ASKED, ENDS, SECOND, Live, Talk
from traffic.values import ACK, FIN, RST, SYN, Ends, Frame, PacketPath
from traffic.verdict import differences
from traffic.watching import Watched, Watcher, watch


def of_one_connection() -> list[Frame]:
    talk = Talk()
    talk.opening()
    talk.exchange()
    talk.closing()
    return talk.frames


def later(frames: list[Frame], seconds: float) -> list[Frame]:
    """The same packets again."""
    return [replace(frame, at=frame.at + int(seconds * SECOND)) for frame in frames]


def statuses(seen: Watched) -> list[int]:
    return [row.status for row in seen.responses]


def test_after_a_minute_of_silence_the_same_numbers_may_be_another_connection() -> None:
    frames = of_one_connection()
    assert statuses(watch([*frames, *later(frames, 59)])) == [200]
    # One packet of another connection lets the table forget.
    other = Talk(at=90 * SECOND)
    other.framer = Framer(Route(Ends("10.0.0.3", 1, "10.0.0.2", 80)))
    other.opening()
    assert statuses(watch([*frames, *other.frames, *later(frames, 100)])) == [200, 200]


def test_what_was_said_sixteen_mebibytes_ago_is_a_copy_after_the_end_too() -> None:
    talk = Talk()
    talk.opening()
    talk.say("client", 0, ASKED)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (300 * 60_000)
    talk.say("server", 0, head, ack=len(ASKED))
    for place in range(300):
        talk.say("server", len(head) + place * 60_000, bytes(60_000), ack=len(ASKED))
    first = talk.frames[:4]
    talk.say("server", len(head) + 300 * 60_000, flags=FIN | ACK, ack=len(ASKED))
    talk.say("client", len(ASKED), flags=FIN | ACK, ack=len(head) + 300 * 60_000 + 1)
    seen = watch([*talk.frames, *later(first, 20)])
    assert statuses(seen) == [200]
    assert seen.counters.flows == 1


def test_a_copy_of_an_earlier_connections_end_does_not_end_the_one_that_is_there() -> None:
    first = of_one_connection()
    second = Talk(700_000_000, 900_000_000, at=first[-1].at)
    second.opening()
    second.frames += later(first[-4:], 0.01)
    second.exchange()
    second.frames += later(first, 0.02)
    second.exchange(len(ASKED), len(ANSWERED))
    second.closing()
    seen = watch([*first, *second.frames])
    assert statuses(seen) == [200, 200, 200]
    assert [row.flow.id for row in seen.responses] == [1, 2, 2]


def test_a_reset_of_an_earlier_connection_is_not_one_of_the_next() -> None:
    first = Talk()
    first.opening()
    first.exchange()
    first.say("server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))
    second = Talk(700_000_000, 900_000_000, at=first.at)
    second.say("client", -1, flags=SYN)
    second.frames += later(first.frames[-1:], 0.001)
    second.say("server", -1, flags=SYN | ACK)
    second.exchange()
    seen = watch([*first.frames, *second.frames])
    assert statuses(seen) == [200, 200]
    assert [event.reason for event in seen.ended] == [EndReason.SERVER_RST, EndReason.CAPTURE_END]


def with_copies(rng: Random, capture: Capture, farthest: int) -> Iterator[Frame]:
    """A tenth of all packets comes again, up to so many packets later."""
    again: dict[int, list[Frame]] = {}
    for place, frame in enumerate(capture.frames):
        if rng.random() < 0.1:
            again.setdefault(place + rng.randrange(1, farthest), []).append(frame)
        yield frame
        for copy in again.pop(place, ()):
            yield replace(copy, at=frame.at)


@pytest.mark.parametrize("farthest", [50, 400])
@pytest.mark.parametrize("seed", [3, 4, 24])
def test_late_copies_of_any_packets_make_no_responses(seed: int, farthest: int) -> None:
    recipe = Recipe(200, midstream=0, ports_reused=0.6, concurrent=3, route=anywhere)
    capture = make_capture(seed, recipe)
    seen = watch(with_copies(Random(seed), capture, farthest))
    found = [text for text in differences(capture, seen.responses) if "bad-coding" not in text]
    assert not found, found[0]
    assert seen.counters.flows == len(capture.told)


def anywhere(rng: Random, ends: Ends) -> Route:
    """Initial numbers by chance, as RFC 6528 has it."""
    return Route(ends, isn_client=rng.randrange(1 << 32), isn_server=rng.randrange(1 << 32))


def test_the_handshake_lasts_from_the_first_syn_to_the_first_syn_ack() -> None:
    live = Live(handshake=False)
    live.say("client", -1, flags=SYN)
    live.say("client", -1, flags=SYN, after=200)
    live.say("server", -1, flags=SYN | ACK, after=30)
    live.say("server", -1, flags=SYN | ACK, after=500)
    live.exchange()
    assert [row.flow.handshake_ns for row in live.rows] == [230_000_000]


def test_a_handshake_whose_clock_goes_back_has_no_time() -> None:
    live = Live(handshake=False)
    live.say("client", -1, flags=SYN)
    live.say("server", -1, flags=SYN | ACK, after=-1)
    live.exchange()
    assert [row.flow.handshake_ns for row in live.rows] == [None]
    same = Live(handshake=False)
    same.say("client", -1, flags=SYN)
    same.say("server", -1, flags=SYN | ACK, after=0)
    same.exchange()
    assert [row.flow.handshake_ns for row in same.rows] == [0]


def test_a_body_until_close_has_ended_with_the_servers_fin() -> None:
    live = Live()
    live.say("client", 0, ASKED)
    head = b"HTTP/1.1 200 OK\r\n\r\nabc"
    live.say("server", 0, head, ack=len(ASKED))
    live.say("server", len(head), flags=FIN | ACK, ack=len(ASKED))
    assert [row.end for row in live.rows] == [EndReason.SERVER_FIN]
    assert not live.watcher.ended, "the client may still speak"
    live.say("server", len(head), flags=FIN | ACK, ack=len(ASKED))
    assert not live.watcher.ended, "it is the same FIN"
    live.say("client", len(ASKED), flags=FIN | ACK, ack=len(head) + 1)
    assert [event.reason for event in live.watcher.ended] == [EndReason.CLIENT_FIN]


def test_a_body_of_the_client_has_ended_with_its_fin() -> None:
    live = Live()
    asked = b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"
    live.say("client", 0, asked)
    live.say("client", len(asked), flags=FIN | ACK)
    live.say("client", len(asked), flags=FIN | ACK)
    live.say("server", 0, ANSWERED, ack=len(asked) + 1)
    (row,) = live.rows
    assert row.request is not None
    assert not row.request.complete
    assert "early-response" not in [problem.name for problem in row.problems], "nothing more of it can come"
    live.say("server", len(ANSWERED), flags=FIN | ACK, ack=len(asked) + 1)
    assert [event.reason for event in live.watcher.ended] == [EndReason.SERVER_FIN]


def test_what_is_missing_of_a_request_makes_no_answer_early() -> None:
    """Bytes of its body are lost, so nobody knows what of it the server had."""
    live = Live()
    asked = b"POST /a HTTP/1.1\r\nContent-Length: 20\r\n\r\n"
    live.say("client", 0, asked + b"01234")
    live.say("client", len(asked) + 10, b"abcde")
    live.say("server", 0, flags=ACK, ack=len(asked) + 15)
    live.wait(1)
    live.say("server", 0, ANSWERED, ack=len(asked) + 15)
    live.wait(1)
    (row,) = live.rows
    assert row.request is not None
    assert not row.request.complete
    assert row.problems == ()


@pytest.mark.parametrize("cut", [2, 10])
def test_where_capture_begins_the_first_two_segments_may_have_changed_places(cut: int) -> None:
    live = Live(handshake=False)
    live.say("client", cut, ASKED[cut:])
    live.say("client", 0, ASKED[:cut])
    live.say("server", 0, ANSWERED, ack=len(ASKED))
    live.wait(1)
    assert [(row.request.target if row.request is not None else None, row.status) for row in live.rows] == [("/a", 200)]


@pytest.mark.parametrize("cut", [5, 20])
def test_the_same_of_an_answer_whose_request_is_read_already(cut: int) -> None:
    live = Live(handshake=False)
    live.say("client", 0, ASKED)
    live.say("server", cut, ANSWERED[cut:], ack=len(ASKED))
    live.say("server", 0, ANSWERED[:cut], ack=len(ASKED))
    live.wait(1)
    assert [(row.status, row.body, row.problems) for row in live.rows] == [(200, b"abc", ())]


def test_what_is_over_reads_nothing_more() -> None:
    live = Live()
    live.exchange()
    connection, directions = live.connection, [live.client, live.server]
    live.closing()
    assert connection.closed
    assert connection.over
    assert [(type(direction.reader), direction.in_order, direction.recent) for direction in directions] == [
        (Ignored, False, None)
    ] * 2
    connection.close(EndReason.IDLE, live.at)
    live.watcher.collect()
    assert len(live.watcher.ended) == 1


@pytest.mark.parametrize(("way", "reason"), [("server", EndReason.SERVER_RST), ("client", EndReason.CLIENT_RST)])
def test_after_a_reset_that_nothing_contradicted_what_both_say_is_read_from_there(
    way: PacketPath, reason: EndReason
) -> None:
    live = Live()
    live.exchange()
    offset = len(ASKED) if way == "client" else len(ANSWERED)
    live.say(way, offset, flags=RST | ACK, ack=len(ANSWERED) if way == "client" else len(ASKED))
    assert live.connection.over
    live.wait(11)
    assert [event.reason for event in live.watcher.ended] == [reason]
    live.exchange(len(ASKED), len(ANSWERED))
    assert len(live.rows) == 1, "its request is presumed, until nothing that follows refutes it"
    live.wait(1)
    assert [(row.status, row.stream, row.request is not None) for row in live.rows] == [(200, 1, True), (200, 2, True)]
    assert live.connection.reset is None
    assert not live.connection.closed
    assert not live.connection.server_ended
    assert not live.connection.client_ended


def test_an_answer_in_http_to_tls_that_came_late_says_what_the_client_sent() -> None:
    for said, words in (
        (b"\x16\x03\x01\x00\x05hello", "the client sent TLS"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "the client sent HTTP/2"),
    ):
        live = Live()
        live.say("server", 0, ANSWERED, ack=len(said))
        live.say("client", 0, said, ack=len(ANSWERED))
        live.say("server", len(ANSWERED), ANSWERED, ack=len(said))
        assert live.details()[1] == [words]
        assert isinstance(live.client.reader, Ignored)


def undecided(direction: Assembler) -> Undetected:
    assert isinstance(direction.reader, Undetected)
    return direction.reader


@pytest.mark.parametrize(("begun", "most"), [(b"", 4_096), (b"HTTP/1.", 16_384)])
def test_of_what_cannot_be_told_midstream_so_much_is_kept(begun: bytes, most: int) -> None:
    live = Live(handshake=False)
    line = b"\xff" * (1_024 - len(begun)) + begun
    for place in range(0, most, len(line)):
        live.say("server", place, line)
    reader = undecided(live.client)  # Who spoke first is taken for the client.
    assert reader.size == most
    live.say("server", most, b"\xff")
    assert (reader.size, reader.total) == (512, most + 1)


def test_from_the_beginning_so_much_is_looked_at_until_it_is_something_else() -> None:
    live = Live()
    live.say("client", 0, b"\xff" * 4_096)
    assert live.watcher.pipeline.counters().flows_other == 0
    live.say("client", 4_096, b"\xff")
    assert live.watcher.pipeline.counters().flows_other == 1


def test_when_both_have_spoken_and_neither_is_clear_it_is_something_else() -> None:
    live = Live()
    live.say("client", 0, b"\xff" * 20)
    assert live.watcher.pipeline.counters().flows_other == 0
    live.say("server", 0, b"\xfe" * 20, ack=20)
    counters = live.watcher.pipeline.counters()
    assert (counters.flows_other, counters.flows_encrypted, counters.unread) == (1, 0, ())
    assert isinstance(live.client.reader, Ignored)


def test_a_switch_that_is_seen_without_its_request_ignores_what_the_client_says() -> None:
    live = Live(handshake=False)
    live.say("client", 0, b"\xff" * 20)
    live.say("server", 0, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", ack=20)
    assert [row.status for row in live.rows] == [101]
    assert not isinstance(live.client.reader, Undetected)
    assert live.server.recent is None


def test_requests_are_compared_with_no_repeat_and_answers_are() -> None:
    live = Live()
    live.exchange()
    assert live.client.recent is None
    assert live.server.recent is not None
    assert (live.client.answers, live.server.answers) == (False, True)


def test_over_the_limit_the_oldest_request_is_a_row_at_once() -> None:
    watcher = Watcher(Limits(pending_requests=2))
    live = Live(handshake=False)
    live.watcher = watcher
    live.opening()
    for number in range(3):
        live.say("client", number * len(ASKED), ASKED)
    assert [(row.stream, row.unanswered) for row in live.rows] == [(1, True)]
    assert live.details() == [["too many waiting"]]
    counters = watcher.pipeline.counters()
    assert (counters.requests, counters.unanswered) == (3, 1)


def test_the_server_may_be_the_first_that_is_heard() -> None:
    live = Live(handshake=False)
    live.say("server", -1, flags=SYN | ACK)
    live.say("client", 0, ASKED)
    live.say("server", 0, ANSWERED, ack=len(ASKED))
    (row,) = live.rows
    flow = row.flow
    assert (flow.client, flow.client_port, flow.server, flow.server_port) == ("10.0.0.1", 40_000, "10.0.0.2", 80)
    assert flow.midstream is False


def test_a_connection_was_used_when_either_end_sent_last() -> None:
    live = Live()
    live.say("client", 0, ASKED)
    assert live.connection.used_at() == live.at
    live.say("server", 0, ANSWERED, ack=len(ASKED))
    assert live.connection.used_at() == live.at


def test_its_spans_are_those_of_both_ends_and_of_the_connections_before() -> None:
    first = Talk()
    first.opening()
    first.exchange()
    live = Live(handshake=False)
    for frame in first.frames:
        live.watcher.feed(frame)
    live.framer = Framer(Route(ENDS, ETHERNET, isn_client=700_000_000, isn_server=900_000_000))
    live.opening()
    spans = live.connection.spans()
    ports = [(int.from_bytes(span.sockets[-4:-2], "big"), span.first) for span in spans]
    assert ports == [(40_000, 700_000_001), (80, 900_000_001), (40_000, 1_001), (80, 5_001)]


PROXY = b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n"


def proxied(live: Live) -> list[str | None]:
    """Whom the rows' PROXY headers name, after an exchange behind one."""
    live.say("client", 0, PROXY + ASKED)
    live.say("server", 0, ANSWERED, ack=len(PROXY + ASKED))
    return [row.flow.proxied.client if row.flow.proxied is not None else None for row in live.rows]


@pytest.mark.parametrize(("way", "flags"), [("server", SYN | ACK), ("client", SYN)])
def test_half_a_handshake_tells_who_the_client_is(way: PacketPath, flags: int) -> None:
    """Only the client says a PROXY header, and nothing else was heard of either."""
    live = Live(handshake=False)
    live.say(way, -1, flags=flags)
    assert proxied(live) == ["192.0.2.1"]
    live = Live(handshake=False)
    live.say(way, -1, flags=flags)
    live.say("server", 0, PROXY)
    assert live.connection.proxied is None


def test_a_syn_that_comes_again_begins_nothing_anew() -> None:
    live = Live()
    live.exchange()
    before = live.client.next_seq, live.server.next_seq
    live.say("client", -1, flags=SYN)
    live.say("server", -1, flags=SYN | ACK)
    assert (live.client.next_seq, live.server.next_seq) == before
    live.exchange(len(ASKED), len(ANSWERED))
    assert [(row.status, row.problems) for row in live.rows] == [(200, ()), (200, ())]


def test_what_goes_on_long_after_a_reset_may_speak_something_else() -> None:
    live = Live()
    live.exchange()
    live.say("server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))
    live.wait(11)
    live.say("client", len(ASKED), b"\x16\x03\x01\x00\x05hello", ack=len(ANSWERED))
    live.say("server", len(ANSWERED), b"\x16\x03\x03\x00\x05hello", ack=len(ASKED) + 10)
    assert live.watcher.pipeline.counters().flows_encrypted == 1
    assert statuses_of(live) == [200, 0]
    assert [row.encrypted is not None for row in live.rows] == [False, True]


@pytest.mark.parametrize(
    ("said", "kind"), [(b"", "without a byte of payload"), (b"\xff", "in which nothing was recognised")]
)
def test_a_connection_that_told_too_little_is_counted_by_whether_it_spoke(said: bytes, kind: str) -> None:
    live = Live()
    if said:
        live.say("client", 0, said)
    live.watcher.pipeline.finish()
    (unread,) = live.watcher.pipeline.counters().unread
    assert (unread.kind, unread.count) == (kind, 1)


def statuses_of(live: Live) -> list[int]:
    return [row.status for row in live.rows]


@pytest.mark.parametrize("at_zero", [False, True])
@pytest.mark.parametrize("way", ["client", "server"])
def test_nothing_follows_a_fin(way: PacketPath, at_zero: bool) -> None:
    """RFC 9293 §3.10.7.4: what comes behind it is ignored, also where it comes in order."""
    live = Live()
    if at_zero:
        live = Live(isn_client=-len(ASKED) - 1 & MASK, isn_server=-len(ANSWERED) - 1 & MASK)
    live.exchange()
    offset, ack = (len(ASKED), len(ANSWERED)) if way == "client" else (len(ANSWERED), len(ASKED))
    live.say(way, offset, flags=FIN | ACK, ack=ack)
    ended = live.client if way == "client" else live.server
    assert (ended.fin_seq == 0) is at_zero
    for _ in range(2):
        live.say(way, offset, ASKED if way == "client" else ANSWERED, ack=ack)
        assert ended.next_seq == ended.fin_seq
        assert not ended.waiting
    live.wait(100)
    live.watcher.pipeline.finish()
    assert [row.status for row in live.rows] == [200]


def test_where_one_direction_is_captured_what_follows_a_fin_is_no_hole_to_wait_for() -> None:
    live = Live(handshake=False, isn_client=3_000_000_000)
    for place in (0, 1):
        live.say("server", place * len(ANSWERED), ANSWERED, ack=20)
        live.wait(1)
    live.say("server", 2 * len(ANSWERED), flags=FIN | ACK, ack=20)
    live.say("server", 2 * len(ANSWERED), ANSWERED, ack=20)
    live.say("server", 3 * len(ANSWERED), flags=FIN | ACK, ack=20)
    assert not live.watcher.pipeline.table.holes
    live.wait(11)
    assert [row.status for row in live.rows] == [200, 200]
