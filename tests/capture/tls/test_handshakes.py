"""What stands around the data: early data taken and refused, renewed keys, padding, a second hello."""

import ssl
from dataclasses import replace
from itertools import permutations

import pytest

from httpresp_capture.records.outcome import Completeness
from httpresp_capture.tls import protection
from httpresp_capture.tls.suites import Suite
from plain_rooms import replaces_parts
from traffic.tls import Conversation, frames_of
from traffic.tls13 import DATA, SUITE, Written, in_clear, message
from traffic.watching import Watched, Watcher


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def read(written: Written | Conversation, keys: bytes, before: int = 0) -> Watched:
    """With the key log coming before so many frames."""
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    frames = frames_of(written.flights)
    for number, frame in enumerate(frames):
        if number == before:
            watcher.pipeline.add_secrets(keys)
        watcher.feed(frame)
        watcher.collect()
    if before >= len(frames):
        watcher.pipeline.add_secrets(keys)
    return watcher.finish()


def told(seen: Watched) -> list[tuple[str, bytes, Completeness]]:
    return [(row.request.target if row.request else "", row.body, row.completeness) for row in seen.responses]


def complete(*pairs: tuple[str, bytes]) -> list[tuple[str, bytes, Completeness]]:
    return [(target, body, Completeness.COMPLETE) for target, body in pairs]


MOMENTS = range(16)


@pytest.mark.parametrize("before", MOMENTS)
def test_early_data_that_is_taken_is_the_request(before: int) -> None:
    made = Written(early=True, accepted=True).ask_early(get("/early")).shake()
    made.answer(ok(b"first")).ask(get("/later")).answer(ok(b"second"))
    assert told(read(made, made.keys, before)) == complete(("/early", b"first"), ("/later", b"second"))


@pytest.mark.parametrize("before", MOMENTS)
def test_early_data_that_is_refused_was_never_asked(before: int) -> None:
    """The client sends its request once more, with the keys of the connection."""
    made = Written(early=True).ask_early(get("/early")).shake()
    made.ask(get("/again")).answer(ok(b"first")).ask(get("/later")).answer(ok(b"second"))
    seen = read(made, made.keys, before)
    assert told(seen) == complete(("/again", b"first"), ("/later", b"second"))
    assert seen.counters.requests == 2


@pytest.mark.parametrize(("set_by_s", "known"), [(-7_200, False), (0, True)])
def test_a_clock_that_is_set_back_between_the_hellos_leaves_unknown_how_long_they_took(
    set_by_s: int, known: bool
) -> None:
    made = Written().shake()
    first_of_server = 4
    watcher = Watcher()
    for number, frame in enumerate(frames_of(made.flights)):
        watcher.feed(replace(frame, at=frame.at + set_by_s * 1_000_000_000 * (number >= first_of_server)))
    (row,) = watcher.finish().encrypted
    assert row.flow.tls is not None
    assert row.flow.tls.cipher_suite  # Both hellos were read.
    assert (row.flow.tls.handshake_ns is not None) is known
    assert row.flow.handshake_ns is not None


def test_refused_early_data_whose_key_is_not_known_is_passed_over() -> None:
    made = Written(early=True).ask_early(get("/early")).shake().ask(get("/again")).answer(ok(b"first"))
    assert told(read(made, b"".join(made.key_lines[1:]))) == complete(("/again", b"first"))


@pytest.mark.parametrize("before", MOMENTS)
def test_renewed_keys_are_followed(before: int) -> None:
    made = Written().shake().ask(get("/1")).answer(ok(b"one")).renew().ask(get("/2")).answer(ok(b"two")).renew()
    made.ask(get("/3")).answer(ok(b"three"))
    assert told(read(made, made.keys, before)) == complete(("/1", b"one"), ("/2", b"two"), ("/3", b"three"))


def test_padding_is_no_content() -> None:
    made = Written().shake().ask(get("/1"), padding=300).answer(ok(b"one\0\0"), padding=1)
    made.answer(b"", padding=50).ask(get("/2")).answer(ok(b"two"))
    assert told(read(made, made.keys)) == complete(("/1", b"one\0\0"), ("/2", b"two"))


def test_lines_of_the_key_log_may_come_in_any_order() -> None:
    made = Written().shake().ask(get("/1")).answer(ok(b"one"))
    frames = frames_of(made.flights)
    for lines in permutations(made.key_lines[1:]):
        watcher = Watcher()
        watcher.pipeline.expect_secrets()
        for frame in frames:
            watcher.feed(frame)
        for line in lines:
            watcher.pipeline.add_secrets(line)
        assert told(watcher.finish()) == complete(("/1", b"one"))


def test_a_client_that_is_asked_for_another_hello_is_followed() -> None:
    made = Conversation(ssl.TLSVersion.TLSv1_3, curve="secp521r1")
    made.ask(get("/1"))
    made.answer(ok(b"one"))
    made.close()
    seen = read(made, made.keys)
    assert told(seen) == complete(("/1", b"one"))
    tls = seen.responses[0].flow.tls
    assert tls is not None
    assert tls.retried


def test_records_without_content_cost_too_while_they_wait() -> None:
    made = Written().shake().ask(get("/1"))
    made.flights.append((False, b"\x17\x03\x03\0\0" * 10_000))
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    for frame in frames_of(made.flights):
        watcher.feed(frame)
        assert watcher.pipeline.sink.parked_bytes <= 5 << 20
    assert watcher.pipeline.sink.parked_bytes == 0
    watcher.pipeline.add_secrets(made.keys)
    assert watcher.finish().responses == ()


@replaces_parts
def test_what_looks_like_records_behind_a_gap_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    real = protection.Protection13.open

    def counted(self: protection.Protection13, record: bytes) -> tuple[int, bytes]:
        nonlocal tried
        tried += 1
        return real(self, record)

    monkeypatch.setattr(protection.Protection13, "open", counted)
    made = Written().shake().ask(get("/1")).answer(ok(bytes(12_000)))
    for _ in range(10):
        made.answer(bytes(12_000))
    frames = frames_of([*made.flights, (False, b"\x17\x03\x03\0\x11" * 200)])
    large = [frame for frame in frames if len(frame.data) > 1_400]
    left = [frame for frame in frames if frame not in large[10:]]
    watcher = Watcher()
    watcher.pipeline.add_secrets(made.keys)
    for frame in left:
        watcher.feed(frame)
    watcher.finish()
    assert 5_000 < tried < 40_000


@replaces_parts
def test_a_suite_that_is_offered_often_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made_keys = 0
    real = protection.Protection13.__init__

    def counted(self: protection.Protection13, secret: bytes, suite: Suite) -> None:
        nonlocal made_keys
        made_keys += 1
        real(self, secret, suite)

    monkeypatch.setattr(protection.Protection13, "__init__", counted)
    made = Written(early=True)
    hello = made.flights[0][1].replace(b"\0\x02" + SUITE, (4_000).to_bytes(2, "big") + SUITE * 2_000)
    body = hello[9:]
    made.flights[0] = True, in_clear(message(1, body))
    made.flights.append((True, b"\x17\x03\x03\0\x20" + bytes(32)))
    read(made, made.keys)
    assert 0 < made_keys < 10


def test_data_under_the_keys_of_the_handshake_is_none() -> None:
    """RFC 8446 §2: it may not stand there, but as early data."""
    made = Written()
    odd = made._client.record(DATA, get("/odd"))  # pyright: ignore[reportPrivateUsage]
    made.shake().flights.insert(2, (True, odd))
    made.ask(get("/1")).answer(ok(b"one"))
    seen = read(made, made.keys)
    assert [each.request.target for each in seen.responses if each.request is not None] == ["/1"]
