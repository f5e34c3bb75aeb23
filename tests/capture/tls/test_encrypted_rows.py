"""A connection of TLS that is not read is a row, which says what can be seen of it."""

import json
import ssl
from dataclasses import replace
from random import Random

import pytest

from httpresp_capture.process.event_codec import EventDecoder, EventEncoder
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import ENCRYPTED_CLASS, Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, EndReason
from httpresp_capture.records.tls import FAILED, HANDSHAKE, INCOMPLETE, MIDSTREAM, NO_KEY, Tls
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tls import traffic
from httpresp_capture.tls.handshake import with_client_hello
from httpresp_capture.tls.hello import Hello
from httpresp_capture.tracee.writer import EventWriter
from plain_rooms import replaces_parts
from traffic.tls import STEP, Conversation, frames_of
from traffic.watching import Watched, Watcher, watch

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = pytest.mark.parametrize("version", [V12, V13])


def talk(version: ssl.TLSVersion, count: int = 4, **settings: object) -> Conversation:
    made = Conversation(version, **settings)  # type: ignore[arg-type]
    for number in range(count):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"a" * 3_000)
    return made.close()


def watched(made: Conversation, keys: bytes | None = None, lost: tuple[int, ...] = (), begins: int = 0) -> Watched:
    watcher = Watcher()
    if keys is not None:
        watcher.pipeline.expect_secrets()
        watcher.pipeline.add_secrets(keys)
    for number, frame in enumerate(made.frames()[begins:], begins):
        if number not in lost:
            watcher.feed(frame)
    return watcher.finish()


def row_of(seen: Watched) -> Response:
    assert seen.responses == ()
    (row,) = seen.encrypted
    return row


@BOTH
def test_it_tells_who_what_and_how_much(version: ssl.TLSVersion) -> None:
    seen = watched(talk(version))
    row = row_of(seen)
    assert (row.completeness, row.status_class, row.end) == (
        Completeness.ENCRYPTED,
        ENCRYPTED_CLASS,
        EndReason.SERVER_FIN,
    )
    assert (row.host, row.head, row.status, row.request) == ("shop.example", b"", 0, None)
    assert not row.is_response
    assert not row.unanswered
    facts, tls = row.encrypted, row.flow.tls
    assert facts is not None
    assert tls is not None
    assert (facts.exchanges, facts.first_byte_ns, facts.missing_bytes, facts.overlapping) == (4, STEP, 0, False)
    assert 4 * 3_000 < facts.server_bytes < 4 * 3_000 + 3_000
    assert 150 < facts.client_bytes < 600
    assert tls.state == NO_KEY
    counters = seen.counters
    assert (counters.encrypted, counters.flows_encrypted, counters.responses) == (1, 1, 0)
    assert [ended.reason for ended in seen.ended] == [EndReason.SERVER_FIN]


def test_of_version_12_the_certificate_is_seen() -> None:
    tls = row_of(watched(talk(V12))).flow.tls
    assert tls is not None
    assert (tls.certificate_subject, tls.certificate_issuer) == ("shop.example", "shop.example")
    assert tls.certificate_not_after == "2124-12-08T00:00:00Z"


def test_of_version_13_it_is_seen_with_keys_alone() -> None:
    made = talk(V13)
    tls = row_of(watched(made)).flow.tls
    assert tls is not None
    assert tls.certificate_not_after == ""
    read = watched(made, made.keys)
    known = read.responses[0].flow.tls
    assert known is not None
    assert known.certificate_subject == "shop.example"


@BOTH
def test_what_is_read_has_no_row_of_its_own(version: ssl.TLSVersion) -> None:
    made = talk(version)
    seen = watched(made, made.keys)
    assert seen.encrypted == ()
    assert len(seen.responses) == 4
    assert (seen.counters.encrypted, seen.counters.flows_encrypted) == (0, 0)


@BOTH
def test_keys_that_do_not_come_or_fit_leave_a_row_with_the_reason(version: ssl.TLSVersion) -> None:
    made = talk(version)
    tls = row_of(watched(made, b"")).flow.tls
    assert tls is not None
    assert tls.state == NO_KEY
    wrong = b"".join(line[:-4] + b"beef\n" for line in made.keys.splitlines() if not line.startswith(b"#"))
    seen = watched(made, wrong)
    assert [row.flow.tls.state for row in seen.encrypted if row.flow.tls is not None] == [FAILED]


@BOTH
def test_each_packet_may_be_missing(version: ssl.TLSVersion) -> None:
    """Never more than a row, and none without its figures."""
    made = talk(version)
    for lost in range(len(made.frames())):
        seen = watched(made, lost=(lost,))
        assert seen.responses == ()
        assert len(seen.encrypted) <= 1
        for row in seen.encrypted:
            assert row.encrypted is not None
            assert row.end is not None
            assert row.encrypted.exchanges <= 5


@BOTH
def test_what_is_lost_of_it_is_counted(version: ssl.TLSVersion) -> None:
    made = talk(version)
    last = len(made.frames()) - 6
    facts = row_of(watched(made, lost=(last,))).encrypted
    assert facts is not None
    assert facts.missing_bytes > 0


def test_a_connection_that_is_joined_in_its_middle() -> None:
    tls = row_of(watched(talk(V13), begins=12)).flow.tls
    assert tls is not None
    assert (tls.state, tls.sni) == (MIDSTREAM, "")


@BOTH
@pytest.mark.parametrize("ports", [(50_000, 443), (50_000, 8_443), (8_443, 443)])
def test_whoever_speaks_first_behind_its_beginning_the_ports_tell_who_is_the_client(
    version: ssl.TLSVersion, ports: tuple[int, int]
) -> None:
    made = talk(version)
    frames = made.frames(ports=ports)
    for begins in range(len(frames) - 12, len(frames) - 5):
        row = row_of(watch(frames[begins:]))
        assert row.encrypted is not None
        assert (row.flow.client_port, row.flow.server_port) == ports, begins
        assert row.encrypted.client_bytes < 150 < row.encrypted.server_bytes, begins


def test_where_it_was_told_who_is_the_client_the_ports_do_not() -> None:
    """By a SYN, by a PROXY header, by a CONNECT."""
    odd = (443, 50_000)
    made = talk(V13)
    frames = made.frames(ports=odd)
    assert row_of(watch(frames)).flow.client_port == 443
    assert row_of(watch(frames[:2] + frames[9:])).flow.client_port == 443
    header = (True, b"PROXY TCP4 10.0.0.9 10.0.0.1 5555 443\r\n")
    assert row_of(watch(frames_of([header, *made.flights[2:]], ports=odd)[3:])).flow.client_port == 443
    asks, takes = (True, b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), (False, b"HTTP/1.1 200 OK\r\n\r\n")
    assert watch(frames_of([asks, takes, *made.flights], ports=odd)[3:]).encrypted[0].flow.client_port == 443


def test_a_hello_that_gets_no_answer_is_a_row_at_the_end() -> None:
    made = talk(V13, 0)
    watcher = Watcher()
    for frame in frames_of(made.flights[:1]):
        watcher.feed(frame)
    tls = row_of(watcher.finish()).flow.tls
    assert tls is not None
    assert (tls.state, tls.sni) in {(HANDSHAKE, "shop.example"), (INCOMPLETE, "shop.example")}


def test_it_grows_while_it_is_open() -> None:
    watcher = Watcher(Limits(progress_ns=STEP))
    told: list[int] = []
    frames = talk(V13, 40).frames(step=50 * STEP)
    for frame in frames[:-4]:
        watcher.feed(frame)
        watcher.collect()
        told += [row.encrypted.server_bytes for row in watcher.responses.values() if row.encrypted is not None]
    assert watcher.pipeline.sink.growing
    assert len(set(told)) > 10
    assert told == sorted(told)
    for frame in frames[-4:]:
        watcher.feed(frame)
    assert row_of(watcher.finish()).end is EndReason.SERVER_FIN
    assert not watcher.pipeline.sink.growing


@replaces_parts
def test_where_records_are_lost_for_good_its_bytes_are_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "SOUGHT", 10_000)
    made = talk(V12, 3)
    before = row_of(watched(made)).encrypted
    assert before is not None
    behind = 100
    odd = b"z" * 1_400
    del made.flights[-2:]  # The alerts that close it.
    frames = frames_of([*made.flights, *[(False, odd)] * behind, (True, odd)])
    watcher = Watcher(Limits(progress_ns=STEP))
    told: list[int] = []
    for number, frame in enumerate(frames):
        watcher.feed(frame)
        watcher.pipeline.tell_growth(frame.at)
        watcher.collect()
        if number > len(frames) - behind:
            told += [row.encrypted.server_bytes for row in watcher.responses.values() if row.encrypted is not None]
    row = row_of(watcher.finish())
    facts = row.encrypted
    assert facts is not None
    assert facts.server_bytes - before.server_bytes == behind * len(odd)
    assert facts.client_bytes - before.client_bytes == len(odd) - 1, "the last may begin a record"
    assert facts.unframed_bytes == (behind + 1) * len(odd) - 1
    assert facts.exchanges == before.exchanges
    assert row.ended_at == frames[-4].at
    assert len(set(told)) > behind - 30, "it grows"
    assert not watcher.pipeline.sink.growing


def test_the_bodies_of_its_records_are_passed_over() -> None:
    made = talk(V13, 1)
    made.flights[-3:-3] = [(False, b"\x17\x03\x03\x40\x00" + bytes(0x4000))]
    watcher = Watcher()
    most = 0
    for frame in made.frames()[:-4]:
        watcher.feed(frame)
        for direction in watcher.pipeline.table.directions.values():
            if direction.reader is not None:
                most = max(most, direction.reader.bytes_to_skip)
    assert most > 10_000


def test_its_event_is_of_a_kind_of_its_own_and_comes_back() -> None:
    row = row_of(watched(talk(V12)))
    line = EventWriter().line(row)
    event = json.loads(line)
    assert event["eventName"] == "net_flow_tls"
    assert event["argsNum"] == len(event["args"]) == 2
    assert b"status_code" not in line
    reader = LineReader(Limits())
    reader.push(line)
    (back,) = [each.response for each in reader.take(None) if isinstance(each, ResponseSeen)]
    assert (back.encrypted, back.completeness, back.end, back.at) == (
        row.encrypted,
        row.completeness,
        row.end,
        row.at,
    )
    assert back.flow.tls == row.flow.tls
    assert EventWriter().line(back).replace(b'"id":1', b"") == line.replace(b'"id":1', b"")


def test_names_come_back_with_whatever_controls_are_in_them() -> None:
    row = row_of(watched(talk(V12)))
    assert row.flow.tls is not None
    odd = "\r\n\0\x1b[2J\x7f\xc3\xa9"
    tls = replace(row.flow.tls, sni=odd, alpn=odd, certificate_subject=odd, certificate_issuer=odd)
    line = EventWriter().line(replace(row, flow=replace(row.flow, tls=tls)))
    assert line.count(b"\n") == 1
    assert not any(byte < 0x20 for byte in line[:-1])
    reader = LineReader(Limits())
    reader.push(line)
    (back,) = [each.response for each in reader.take(None) if isinstance(each, ResponseSeen)]
    assert back.flow.tls == tls


def test_between_two_processes_it_stays_the_same() -> None:
    row = row_of(watched(talk(V13)))
    (event,) = EventDecoder().decode(EventEncoder().encode([ResponseSeen(row)]))
    assert isinstance(event, ResponseSeen)
    assert (event.response.encrypted, event.response.flow.tls) == (row.encrypted, row.flow.tls)


@BOTH
def test_it_ends_after_it_began_in_whatever_order_packets_come(version: ssl.TLSVersion) -> None:
    frames = talk(version).frames()
    for seed in range(60):
        drawn = Random(seed)
        given = frames[drawn.randrange(len(frames) - 4) :]
        drawn.shuffle(given)
        watcher = Watcher()
        for frame in given:
            watcher.feed(frame)
        for row in watcher.finish().encrypted:
            assert row.ended_at is not None
            assert frames[0].at <= row.at <= row.ended_at


def test_a_loss_of_unknown_size_is_not_counted_as_a_byte() -> None:
    seen: set[int] = set()
    for version in (V12, V13):
        made = talk(version)
        for first in range(1, 9):
            for second in range(first, 9):
                for row in watched(made, lost=(first, second)).encrypted:
                    assert row.encrypted is not None
                    seen.add(row.encrypted.missing_bytes)
    assert 0 in seen
    assert 1 not in seen


def test_names_of_a_hello_are_bounded() -> None:
    name, protocols = b"a" * 60_000, b"".join(b"\xff" + b"p" * 255 for _ in range(200))
    extensions = b"".join(
        number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data
        for number, data in (
            (0, (len(name) + 3).to_bytes(2, "big") + b"\0" + len(name).to_bytes(2, "big") + name),
            (16, len(protocols).to_bytes(2, "big") + protocols),
        )
    )
    hello = Hello(b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + b"\0\0" + extensions, from_client=True)
    known = with_client_hello(Tls(), hello)
    assert known.sni == "a" * 255
    assert 0 < len(known.alpn) <= 255


def test_one_direction_alone_is_not_called_malformed() -> None:
    for _ in range(20):
        made = talk(V12, 1)
        watcher = Watcher()
        for frame in frames_of([(from_client, data) for from_client, data in made.flights if from_client]):
            watcher.feed(frame)
        tls = row_of(watcher.finish()).flow.tls
        assert tls is not None
        assert tls.sni == "shop.example"
        assert tls.state in {INCOMPLETE, HANDSHAKE, MIDSTREAM}


def test_an_end_that_speaks_in_clear_midstream_makes_no_row_that_stays_open() -> None:
    record = b"\x17\x03\x03\x00\x3f" + bytes(range(63))
    frames = frames_of([(False, b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"), (True, record), (True, record)])
    watcher = Watcher()
    for frame in [frame for frame in frames if len(frame.data) > 14 + 20 + 20 + 12]:
        watcher.feed(frame)
    seen = watcher.finish()
    assert [row.status for row in seen.responses] == [400]
    assert seen.encrypted == ()
    assert (seen.counters.encrypted, seen.counters.responses) == (0, 1)


@BOTH
def test_keys_of_a_connection_that_is_over_are_waited_for_a_while_alone(version: ssl.TLSVersion) -> None:
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    frames = talk(version).frames()
    for frame in frames:
        watcher.feed(frame)
    watcher.pipeline.give_up_secrets(frames[0].at)
    watcher.collect()
    assert not watcher.responses
    watcher.pipeline.give_up_secrets(frames[-1].at + 1)
    watcher.collect()
    (row,) = watcher.responses.values()
    assert row.encrypted is not None
    assert row.end is EndReason.SERVER_FIN
    assert row_of(watcher.finish()) == row


def test_what_waits_behind_its_end_is_kept_until_its_keys_come_and_no_longer() -> None:
    made = talk(V13)
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    for frame in made.frames():
        watcher.feed(frame)
    sink = watcher.pipeline.sink
    assert len(sink.closed_waiting) == 1
    watcher.pipeline.add_secrets(made.keys)
    assert not sink.closed_waiting
    assert len(watcher.finish().responses) == 4


def test_a_connection_that_says_nothing_is_not_asked_how_far_it_has_come() -> None:
    watcher = Watcher(Limits(progress_ns=STEP))
    frames = talk(V13, 9).frames(step=50 * STEP)[:-4]
    for frame in frames:
        watcher.feed(frame)
    watcher.pipeline.tell_growth(frames[-1].at + STEP)
    assert not watcher.pipeline.sink.growing
