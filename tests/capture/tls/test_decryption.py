"""What TLS carries is read with the keys of a key log: OpenSSL speaks, the pipeline listens."""

import ssl
from collections.abc import Iterable
from itertools import combinations
from random import Random

import pytest

from cycles import left_by
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from httpresp_capture.records.tls import NO_KEY, READ, Tls
from httpresp_capture.tls import conversation as room
from plain_rooms import replaces_parts
from traffic.tls import START, Conversation
from traffic.values import Frame
from traffic.watching import Watched, Watcher

V10, V11, V12, V13 = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)
NAMES = {V10: "TLS 1.0", V11: "TLS 1.1", V12: "TLS 1.2", V13: "TLS 1.3"}
SUITES_12 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-CCM",
    "ECDHE-ECDSA-AES256-CCM8:@SECLEVEL=0",
    "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
)
KINDS = [
    (V13, ""),
    *((V12, suite) for suite in SUITES_12),
    (V11, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
    (V10, "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"),
]


def request(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number


def answer(number: int, size: int) -> bytes:
    return b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (400 + number, size) + b"%d" % number * size


def talk(conversation: Conversation, sizes: Iterable[int] = (5, 40_000, 0)) -> Conversation:
    """A request and an answer of each size."""
    for number, size in enumerate(sizes):
        conversation.ask(request(number))
        conversation.answer(answer(number, size))
    return conversation.close()


def watched(frames: Iterable[Frame], keys: bytes | None, *, late: int | None = 0) -> Watched:
    """With the keys known before frame number `late`; None is after the last."""
    watcher = Watcher()
    if keys is not None:
        watcher.pipeline.expect_secrets()
    for number, frame in enumerate(frames):
        if number == late and keys is not None:
            watcher.pipeline.add_secrets(keys)
        watcher.feed(frame)
        watcher.collect()
    if late is None and keys is not None:
        watcher.pipeline.add_secrets(keys)
    return watcher.finish()


def told(responses: Iterable[Response]) -> list[tuple[int, str, int, str]]:
    """Status, target of the request, size and completeness."""
    return [
        (each.status, each.request.target if each.request else "", each.body_bytes, str(each.completeness))
        for each in responses
    ]


def tls_of(seen: Watched) -> Tls:
    known = seen.responses[-1].flow.tls
    assert known is not None
    return known


WHOLE = [(400, "/0", 5, "complete"), (401, "/1", 40_000, "complete"), (402, "/2", 0, "complete")]


@pytest.mark.parametrize(("version", "ciphers"), KINDS)
def test_each_version_and_kind_of_suite(version: ssl.TLSVersion, ciphers: str) -> None:
    made = talk(Conversation(version, ciphers))
    seen = watched(made.frames(), made.keys)
    assert told(seen.responses) == WHOLE
    assert not any(each.problems for each in seen.responses)
    known = tls_of(seen)
    assert (known.state, known.sni) == (READ, "shop.example")
    assert known.version == NAMES[version]
    assert seen.counters.flows_encrypted == 0


@pytest.mark.parametrize("version", [V12, V13])
def test_a_resumed_session(version: ssl.TLSVersion) -> None:
    first = talk(Conversation(version))
    assert tls_of(watched(first.frames(), first.keys)).resumed is False
    second = talk(Conversation(version, before=first))
    assert second.client.session_reused
    seen = watched(second.frames(), second.keys)
    assert told(seen.responses) == WHOLE
    assert tls_of(seen).resumed is True


@pytest.mark.parametrize("tickets", [True, False], ids=["by ticket", "by id"])
def test_the_keys_that_began_a_session_of_tls_12_open_what_resumes_it(tickets: bool) -> None:
    """Go's servers write them once."""
    first = talk(Conversation(V12, tickets=tickets))
    second = talk(Conversation(V12, before=first))
    third = talk(Conversation(V12, before=second))
    assert third.client.session_reused
    several = [
        made.frames(ports=(50_000 + number, 443), start=START + number * 1_000_000_000)
        for number, made in enumerate((first, second, third))
    ]
    seen = watched([frame for frames in several for frame in frames], first.keys)
    assert told(seen.responses) == WHOLE * 3
    # Who did not see it begin cannot tell whose keys they are.
    assert [row.flow.tls.state for row in watched(several[1], first.keys).encrypted if row.flow.tls] == [NO_KEY]


def test_the_protocol_that_was_agreed_on() -> None:
    made = talk(Conversation(V13, alpn=("http/1.1",)))
    assert tls_of(watched(made.frames(), made.keys)).alpn == "http/1.1"


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("mss", [1, 7, 536, 65_000])
def test_on_any_cut(version: ssl.TLSVersion, mss: int) -> None:
    made = talk(Conversation(version), (5, 300, 0))
    seen = watched(made.frames(mss=mss), made.keys)
    assert told(seen.responses) == [
        (400, "/0", 5, "complete"),
        (401, "/1", 300, "complete"),
        (402, "/2", 0, "complete"),
    ]


@pytest.mark.parametrize("late", [0, None])
@pytest.mark.parametrize("version", [V12, V13])
def test_behind_a_connect(version: ssl.TLSVersion, late: int | None) -> None:
    made = talk(Conversation(version), (5, 300))
    asked = (True, b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n")
    made.flights[:0] = [asked, (False, b"HTTP/1.1 200 Connection established\r\n\r\n")]
    seen = watched(made.frames(), made.keys, late=late)
    assert told(seen.responses) == [
        (200, "shop.example:443", 0, "complete"),
        (400, "/0", 5, "complete"),
        (401, "/1", 300, "complete"),
    ]
    assert [row.stream for row in seen.responses] == [1, 2, 3]
    assert seen.counters.flows_encrypted == 0
    assert not seen.counters.unread
    assert len(seen.ended) == 1


class TestKeysThatComeLate:
    """While they are missing everything waits, and then is read as if they had been there."""

    @pytest.mark.parametrize("version", [V12, V13])
    def test_at_any_moment(self, version: ssl.TLSVersion) -> None:
        made = talk(Conversation(version))
        frames = made.frames()
        expected = watched(frames, made.keys).responses
        for late in range(1, len(frames)):
            assert watched(frames, made.keys, late=late).responses == expected

    @pytest.mark.parametrize("version", [V12, V13])
    def test_after_the_connection_is_over(self, version: ssl.TLSVersion) -> None:
        made = talk(Conversation(version))
        seen = watched(made.frames(), made.keys, late=None)
        assert told(seen.responses) == WHOLE
        assert len(seen.ended) == 1

    def test_one_by_one(self) -> None:
        made = talk(Conversation(V13))
        frames = made.frames()
        watcher = Watcher()
        watcher.pipeline.expect_secrets()
        lines = made.keys.splitlines(keepends=True)
        for number, frame in enumerate(frames):
            watcher.feed(frame)
            if number >= 10 and lines:
                watcher.pipeline.add_secrets(lines.pop(0))
        for line in lines:
            watcher.pipeline.add_secrets(line)
        assert told(watcher.finish().responses) == WHOLE

    def test_never(self) -> None:
        made = talk(Conversation(V13))
        seen = watched(made.frames(), b"")
        assert (seen.responses, seen.counters.flows_encrypted) == ((), 1)

    def test_what_waits_is_bounded(self) -> None:
        made = talk(Conversation(V13), (6 << 20, 5))
        watcher = Watcher()
        watcher.pipeline.expect_secrets()
        most = 0
        for frame in made.frames(mss=60_000):
            watcher.feed(frame)
            most = max(most, watcher.pipeline.sink.parked_bytes)
        assert 3 << 20 < most <= (4 << 20) + 65_536
        assert watcher.pipeline.sink.parked_bytes == 0
        watcher.pipeline.add_secrets(made.keys)
        assert watcher.finish().responses == ()


@pytest.mark.parametrize("version", [V12, V13])
def test_a_connection_that_is_seen_twice_waits_twice(version: ssl.TLSVersion) -> None:
    """As before and behind an address translation: both have the same client random."""
    made = talk(Conversation(version))
    frames = [*made.frames(), *made.frames(ports=(50_001, 443))]
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    for frame in frames:
        watcher.feed(frame)
    watcher.pipeline.add_secrets(made.keys)
    sink = watcher.pipeline.sink
    assert (sink.parked_bytes, len(sink.waiting_for_secrets)) == (0, 0)
    assert len(watcher.finish().responses) == 6


@replaces_parts
def test_what_all_connections_keep_is_bounded_and_those_that_are_given_up_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MOST_PARKED", 200_000)
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    sink = watcher.pipeline.sink
    made = talk(Conversation(V13))
    for port in range(50_000, 50_020):
        for frame in made.frames(ports=(port, 443)):
            watcher.feed(frame)
            assert 0 <= sink.parked_bytes <= 200_000
        assert sum(map(len, sink.waiting_for_secrets.values())) <= 5
    watcher.pipeline.add_secrets(made.keys)
    assert 0 < len(watcher.finish().responses) <= 15
    assert (sink.parked_bytes, len(sink.waiting_for_secrets)) == (0, 0)


def test_where_no_key_can_come_nothing_is_kept() -> None:
    made = talk(Conversation(V13))
    watcher = Watcher()
    for frame in made.frames():
        watcher.feed(frame)
        assert not watcher.pipeline.sink.parked_bytes
    assert watcher.finish().counters.flows_encrypted == 1


def test_keys_of_another_connection_read_nothing() -> None:
    made, other = talk(Conversation(V13)), talk(Conversation(V13))
    assert watched(made.frames(), other.keys).responses == ()


@pytest.mark.parametrize("version", [V12, V13])
def test_wrong_keys_show_nothing(version: ssl.TLSVersion) -> None:
    made = talk(Conversation(version))
    wrong = b"\n".join(line[:-8] + b"00000000" for line in made.keys.splitlines())
    seen = watched(made.frames(), wrong)
    assert all(each.status == 0 or not each.head for each in seen.responses)


class TestLoss:
    """Of records that are lost it is known how much they carried."""

    SIZES = (5, 90_000, 7, 11)

    @pytest.mark.parametrize(("version", "ciphers"), [kind for kind in KINDS if kind[0] is not V10])
    def test_inside_a_body(self, version: ssl.TLSVersion, ciphers: str) -> None:
        made = talk(Conversation(version, ciphers), self.SIZES)
        frames = made.frames()
        large = [number for number, frame in enumerate(frames) if len(frame.data) > 1_400]
        lost = large[len(large) // 2]
        seen = watched([frame for number, frame in enumerate(frames) if number != lost], made.keys)
        assert [each[:2] for each in told(seen.responses)] == [(400 + n, f"/{n}") for n in range(4)]
        hit = seen.responses[1]
        assert hit.completeness is Completeness.GAP
        assert "SHA" in ciphers or hit.body_bytes + hit.missing_bytes == 90_000
        assert [each.completeness for each in seen.responses if each is not hit] == [Completeness.COMPLETE] * 3
        assert tls_of(seen).state.startswith("decrypted but for ")

    @pytest.mark.slow
    @pytest.mark.parametrize("version", [V12, V13])
    @pytest.mark.parametrize("step", [1_000_000, 400_000_000])
    def test_whichever_three_packets_are_lost_no_row_is_another_ones(self, version: ssl.TLSVersion, step: int) -> None:
        """All at once, so that what is held is given up at the end; and so slowly that it is given up on the way."""
        made = talk(Conversation(version), [40, 300, 1_500, 90, 20, 2_000])
        frames = made.frames(step=step)
        paired = 0
        for lost in combinations(range(3, len(frames) - 3), 3):
            seen = watched([frame for number, frame in enumerate(frames) if number not in lost], made.keys)
            assert len({each.status for each in seen.responses if each.status}) == sum(
                each.status != 0 for each in seen.responses
            )
            for each in seen.responses:
                if each.status and each.request is not None:
                    paired += 1
                    assert each.request.target == f"/{each.status - 400}", lost
                if each.completeness is Completeness.COMPLETE:
                    assert set(each.body) <= set(b"%d" % (each.status - 400)), lost
        assert paired > 2 * len(frames)

    @pytest.mark.parametrize("seed", range(12))
    def test_no_row_is_another_ones(self, seed: int) -> None:
        rng = Random(seed)
        made = talk(Conversation(rng.choice((V12, V13))), [rng.randrange(3_000) for _ in range(30)])
        frames = [frame for frame in made.frames() if rng.random() > 0.05]
        for each in watched(frames, made.keys).responses:
            if each.status and each.request is not None:
                assert each.request.target == f"/{each.status - 400}"
            if each.completeness is Completeness.COMPLETE:
                assert set(each.body) <= set(b"%d" % (each.status - 400))


def test_no_secret_is_shown() -> None:
    made = talk(Conversation(V13))
    watcher = Watcher()
    watcher.pipeline.add_secrets(made.keys)
    secrets = watcher.pipeline.sink.secrets
    assert repr(secrets) == "<secrets of 1 connections>"


@pytest.mark.slow
def test_a_connection_that_is_over_needs_no_garbage_collector() -> None:
    made = talk(Conversation(V13))
    watchers: list[Watcher] = []

    def run() -> None:
        watchers.append(watcher := Watcher(Limits(flows=2)))
        watcher.pipeline.add_secrets(made.keys)
        for port in range(1_000, 1_010):
            for frame in made.frames(ports=(port, 443)):
                watcher.feed(frame)

    left = left_by(run)
    assert not left & {
        "Connection",
        "Direction",
        "Detector",
        "TLS",
        "Session",
        "Carried",
        "HTTP1",
        "ResponseReader",
    }
