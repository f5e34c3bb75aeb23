"""A connection whose beginning was not captured: its keys, and the numbers of its records, are found by trial."""

import ssl
from random import Random

import pytest

from cycles import left_by
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.records.tls import BEGINNING, LOST, MIDSTREAM, NOT_FOUND, Tls
from httpresp_capture.tls import joining
from httpresp_capture.tls.waiting import Seeker
from plain_rooms import replaces_parts
from traffic.tls import STEP, Conversation, frames_of
from traffic.tls13 import Written
from traffic.watching import Watched, Watcher, watch
from two_ends import TwoEnds, asking

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HANDSHAKE = 9
"""Frames of a handshake and more."""


def others(count: int) -> bytes:
    """A log of other connections."""
    drawn = Random(5)
    return b"".join(
        b"%b %b %b\n" % (label, random.hex().encode(), drawn.randbytes(size).hex().encode())
        for size in [drawn.choice((32, 48)) for _ in range(count)]
        for random in [drawn.randbytes(32)]
        for label in (b"CLIENT_TRAFFIC_SECRET_0", b"SERVER_TRAFFIC_SECRET_0")
    )


def talk(exchanges: int, version: ssl.TLSVersion = V13) -> Conversation:
    made = Conversation(version)
    for number in range(exchanges):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 %d OK\r\nContent-Length: 3000\r\n\r\n" % (400 + number) + b"a" * 3_000)
    return made.close()


def tls_of(seen: Watched) -> Tls:
    tls = (*seen.responses, *seen.encrypted)[-1].flow.tls
    assert tls is not None
    return tls


def told(seen: Watched) -> list[tuple[int, str, int]]:
    return [(row.status, row.request.target if row.request else "", row.body_bytes) for row in seen.responses]


@pytest.mark.parametrize("log", [b"", others(300)], ids=["alone", "among others"])
def test_wherever_the_capture_begins_what_follows_is_read(log: bytes) -> None:
    made = talk(6)
    frames = made.frames()
    whole = [(400 + number, f"/{number}", 3_000) for number in range(6)]
    most = len(frames) if not log else HANDSHAKE + 4
    for begins in range(HANDSHAKE, most - 8):
        seen = watch(frames[begins:], keys=log + made.keys + log)
        rows = [row for row in told(seen) if row[0] and row[1]]
        assert rows == whole[len(whole) - len(rows) :], begins
        assert len(rows) >= (len(frames) - begins - 6) // 4 - 1, begins
        assert {(row.flow.client_port, row.flow.server_port) for row in seen.responses} == {(50_000, 443)}, begins
        assert tls_of(seen).state.startswith(LOST + BEGINNING), begins
        assert (tls_of(seen).version, tls_of(seen).sni) == ("TLS 1.3", "")
        assert seen.counters.flows_encrypted == 0


def test_http2_inside_is_joined_midstream_too() -> None:
    ends = TwoEnds()
    for number in range(6):
        stream = ends.ask(asking(f"/{number}"))
        ends.answer(stream, [(":status", "200"), ("x-number", str(number))], b"a" * 500)
    made = Conversation(V13, alpn=("h2",))
    for asks, data in ends.crossed:
        (made.ask if asks else made.answer)(data)
    made.close()
    first = len(made.frames()) - 3 - 2 * 4 * 3
    seen = watch(made.frames()[first:], keys=made.keys)
    statuses = [row.status for row in seen.responses if row.protocol == "HTTP/2"]
    assert statuses.count(200) >= 2
    assert set(statuses) <= {0, 200}
    assert seen.responses[-1].header("x-number") == "5"


def test_records_far_behind_the_beginning_are_found() -> None:
    made = talk(300)
    frames = made.frames()[-40:]
    seen = watch(frames, keys=others(20) + made.keys)
    assert told(seen)[-1] == (699, "/299", 3_000)


def test_keys_that_are_renewed_behind_it_are_followed() -> None:
    made = Written().shake()
    for number in range(8):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        if number == 5:
            made.renew()
    seen = watch(frames_of(made.flights)[12:], keys=made.keys)
    assert [row[1] for row in told(seen)][-3:] == ["/5", "/6", "/7"]


@pytest.mark.parametrize(("version", "keys"), [(V12, True), (V13, False)])
def test_what_no_key_opens_is_said(version: ssl.TLSVersion, keys: bool) -> None:
    """Of TLS 1.2 none can."""
    made = talk(4, version)
    seen = watch(made.frames()[HANDSHAKE + 3 :], keys=made.keys if keys else others(1))
    assert seen.responses == ()
    assert tls_of(seen).state == NOT_FOUND
    assert ("TLS whose beginning was not captured", 1) in [(one.kind, one.count) for one in seen.counters.unread]


def test_a_capture_may_begin_right_before_a_protected_message_of_the_handshake_and_a_request_in_one_packet() -> None:
    """A client need not wait with its request for the server's Finished (RFC 7918). By its own, which cannot be read,
    it is known that keys are to be sought: for what stands behind it in its packet, too."""
    made = talk(4, V12)
    first = next(number for number, (asks, data) in enumerate(made.flights) if asks and b"\x14\x03\x03\0\1\1" in data)
    asked = next(number for number, (asks, _) in enumerate(made.flights) if asks and number > first)
    hello_done = made.flights[first - 1][1][-9:]
    assert hello_done == b"\x16\x03\x03\0\4\x0e\0\0\0"
    flights = [(False, hello_done), (True, made.flights[first][1] + made.flights[asked][1])]
    flights += [flight for number, flight in enumerate(made.flights) if number > first and number != asked]
    seen = watch(frames_of(flights)[3:], keys=made.keys)
    assert seen.responses == ()
    assert tls_of(seen).state == NOT_FOUND


def test_its_keys_tell_whose_the_bytes_are_that_were_counted_before() -> None:
    """Of a connection whose last answer is under way, and after which both ends only say that they are done."""
    made = talk(4)
    frames = made.frames(ports=(50_001, 50_000))[-6:]
    (guessed,), (known,) = watch(frames).encrypted, watch(frames, keys=made.keys).encrypted
    assert (guessed.flow.client_port, known.flow.client_port) == (50_000, 50_001)
    assert guessed.encrypted is not None
    assert known.encrypted is not None
    assert guessed.encrypted.client_bytes == known.encrypted.server_bytes > 200
    assert guessed.encrypted.server_bytes == known.encrypted.client_bytes == 19
    assert known.encrypted.first_byte_ns is None


def test_where_no_keys_can_come_nothing_is_sought() -> None:
    watcher = Watcher()
    for frame in talk(4).frames()[HANDSHAKE + 3 :]:
        watcher.feed(frame)
        assert not watcher.pipeline.sink.seeking
    assert tls_of(watcher.finish()).state == MIDSTREAM


@replaces_parts
def test_it_is_sought_in_steps_while_the_capture_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpresp_capture.pipeline._TRIALS", 100)
    made = talk(40)
    frames = made.frames(step=20 * STEP)[40:]
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    watcher.pipeline.add_secrets(others(5) + made.keys + others(5))
    found = 0
    for number, frame in enumerate(frames):
        watcher.feed(frame)
        watcher.collect()
        found = found or (number if watcher.responses else 0)
    assert 10 < found < len(frames) - 20
    assert told(watcher.finish())[-1] == (439, "/39", 3_000)
    assert not watcher.pipeline.sink.seeking
    assert not watcher.pipeline.sink.parked_bytes


def test_what_is_lost_meanwhile_is_a_gap() -> None:
    made = talk(12)
    frames = made.frames()
    for lost in range(HANDSHAKE + 4, len(frames) - 4):
        seen = watch([*frames[HANDSHAKE + 2 : lost], *frames[lost + 1 :]], keys=made.keys)
        rows = [row for row in told(seen) if row[0]]
        for status, target, _ in rows:
            assert target in ("", f"/{status - 400}"), lost
        assert len(rows) >= 8, lost


@replaces_parts
def test_more_than_may_wait_is_let_go_and_read_on_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpresp_capture.tls.joined.MOST_WAITING", 20_000)
    monkeypatch.setattr("httpresp_capture.pipeline._TRIALS", 1)
    made = talk(40)
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    watcher.pipeline.add_secrets(made.keys)
    for number, frame in enumerate(made.frames(step=5 * STEP)[40:]):
        if number == 100:
            monkeypatch.setattr("httpresp_capture.pipeline._TRIALS", 100_000)
        watcher.feed(frame)
        assert watcher.pipeline.sink.parked_bytes < 60_000
    assert told(watcher.finish())[-1] == (439, "/39", 3_000)


@pytest.mark.slow
def test_the_trials_are_bounded_and_the_newest_connections_are_tried_first() -> None:
    made = talk(3)
    secrets = Secrets()
    secrets.add(others(2_000))
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    watcher.pipeline.add_secrets(others(2_000))
    for frame in made.frames()[HANDSHAKE + 2 :]:
        watcher.feed(frame)
    (seeker,) = watcher.pipeline.sink.seeking
    least = sum(count * (high - low) * 2 for count, low, high in joining.ROUNDS)
    left = seeker.seek(1 << 62, 10 * least)
    assert 10 * least - left <= 2 * least
    assert not watcher.pipeline.sink.seeking
    assert tls_of(watcher.finish()).state == NOT_FOUND


def test_a_row_of_records_is_believed_however_it_ends_and_looked_at_once() -> None:
    """What is no record behind so many ends none of them; else each would be looked at as the first of a row, too."""
    one = b"\x17\x03\x03\0\x11" + bytes(17)
    for follows in (b"", b"\x17\x03\x02\0\0", b"\x17"):
        found = joining.sample_of(b"\x17\x03" + one * 8_000 + follows)
        assert found == joining.Sample(2, 0, one), follows
    assert joining.sample_of(one * 15 + b"\x17\x03\x02\0\0") is None


def test_keys_are_waited_for() -> None:
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    for frame in talk(3).frames()[HANDSHAKE + 2 : -4]:
        watcher.feed(frame)
    (seeker,) = watcher.pipeline.sink.seeking
    assert seeker.seek(0, 10) == 10, "there is no key to try"
    watcher.collect()
    assert not watcher.responses
    assert seeker.seek(1 << 62, 10) == 10
    assert not watcher.pipeline.sink.seeking, "nobody waits for ever"
    assert tls_of(watcher.finish()).state == NOT_FOUND


@pytest.mark.parametrize("late", [False, True])
def test_a_record_of_the_other_direction_is_waited_for_no_longer_than_a_moment(late: bool) -> None:
    """Of the server only the beginning of a record has come when the client's keys are found."""
    made = talk(3)
    frames = made.frames()
    asked = next(number for number in range(HANDSHAKE + 2, len(frames)) if len(frames[number].data) < 150)
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    watcher.pipeline.add_secrets(made.keys)
    for frame in frames[asked : asked + 2]:
        watcher.feed(frame)
    (seeker,) = watcher.pipeline.sink.seeking
    began = frames[asked + 1].at
    seeker.seek(began + joining.PATIENCE_NS + late, 100_000)
    assert bool(watcher.pipeline.sink.seeking) is not late


def test_those_whose_keys_are_sought_take_turns() -> None:
    """One that takes all the trials of a turn is behind the others in the next; who is done is not asked again."""
    sink = (pipeline := Pipeline()).sink
    asked: list[str] = []

    def seeks(name: str, left: int, turns: int) -> None:
        def seek(at: int, trials: int) -> int:
            asked.append(name)
            if asked.count(name) == turns:
                del sink.seeking[seeker]
            return min(trials, left)

        seeker = Seeker(seek)
        sink.seeking[seeker] = None

    for name, left, turns in (("a", 0, 9), ("b", 0, 2), ("c", 1, 1), ("d", 0, 9)):
        seeks(name, left, turns)
    for number in range(6):
        pipeline.tick(number)
    assert "".join(asked) == "abcdabd"


@pytest.mark.slow
@pytest.mark.parametrize("fits", [True, False])
def test_nothing_of_it_is_left_when_it_is_over(fits: bool) -> None:
    made = talk(4)
    keys = made.keys if fits else others(1)

    def run() -> None:
        watcher = Watcher()
        watcher.pipeline.expect_secrets()
        watcher.pipeline.add_secrets(keys)
        for port in range(50_000, 50_005):
            for frame in made.frames(ports=(port, 443), step=50 * STEP)[HANDSHAKE + 2 :]:
                watcher.feed(frame)
        watcher.finish()

    assert not left_by(run) & {"TLS", "Session", "Joining", "Half", "Seeker", "Carried"}
