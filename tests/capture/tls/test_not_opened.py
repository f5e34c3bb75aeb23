"""What TLS is not opened is counted with the reason, where keys were expected."""

import ssl
from collections.abc import Callable

import pytest

from httpresp_capture.records.tls import EMPTY, FAILED, HANDSHAKE, NO_KEY
from traffic.tls import Conversation
from traffic.watching import Watched, Watcher

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def talk(version: ssl.TLSVersion) -> Conversation:
    made = Conversation(version)
    for number in range(4):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nabc")
    return made.close()


def watched(made: Conversation, keys: bytes | None, begins: int = 0) -> Watched:
    watcher = Watcher()
    if keys is not None:
        watcher.pipeline.expect_secrets()
        watcher.pipeline.add_secrets(keys)
    for frame in made.frames()[begins:]:
        watcher.feed(frame)
    return watcher.finish()


def reasons(seen: Watched) -> list[tuple[str, int]]:
    return [(one.kind, one.count) for one in seen.counters.unread if one.kind.startswith("TLS")]


def none(log: bytes) -> bytes:
    return b""


def wrong(log: bytes) -> bytes:
    """Each secret ends otherwise."""
    lines = [line for line in log.splitlines() if not line.startswith(b"#")]
    return b"".join(line[:-2] + (b"11" if line.endswith(b"00") else b"00") + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("version", "change", "begins", "words"),
    [
        (V12, none, 0, "TLS whose key did not come"),
        (V13, none, 0, "TLS whose key did not come"),
        (V12, wrong, 0, "TLS that the keys do not open"),
        (V13, wrong, 0, "TLS that the keys do not open"),
        (V12, bytes, 14, "TLS whose beginning was not captured"),
        (V13, wrong, 14, "TLS whose beginning was not captured"),
    ],
)
def test_a_connection_that_is_not_opened_is_counted_with_the_reason(
    version: ssl.TLSVersion, change: Callable[[bytes], bytes], begins: int, words: str
) -> None:
    made = talk(version)
    seen = watched(made, change(made.keys), begins)
    assert [row for row in seen.responses if row.head] == []
    assert seen.counters.flows_encrypted == 1
    assert reasons(seen) == [(words, 1)]


@pytest.mark.parametrize("keys", [True, False])
def test_without_keys_and_with_the_right_ones_no_reason_is_told(keys: bool) -> None:
    made = talk(V13)
    assert reasons(watched(made, made.keys if keys else None)) == []


def ended(seen: Watched) -> tuple[str, list[tuple[str, int]]]:
    """The state of the only row, and as what it is counted for not read."""
    (row,) = seen.encrypted
    assert row.flow.tls is not None
    return row.flow.tls.state, reasons(seen)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("version", [V12, V13])
def test_a_connection_whose_keys_are_there_and_that_carried_nothing_lacks_no_key(
    version: ssl.TLSVersion, late: bool
) -> None:
    """Browsers open some that they never use."""
    made = Conversation(version).close()

    def with_keys(keys: bytes) -> tuple[str, list[tuple[str, int]]]:
        if not late:
            return ended(watched(made, keys))
        watcher = Watcher()
        watcher.pipeline.expect_secrets()
        for frame in made.frames():
            watcher.feed(frame)
        watcher.pipeline.add_secrets(keys)
        return ended(watcher.finish())

    assert with_keys(made.keys) == (EMPTY, [("TLS that carried nothing", 1)])
    assert with_keys(none(made.keys)) == (NO_KEY, [("TLS whose key did not come", 1)])
    assert with_keys(wrong(made.keys)) == (FAILED, [("TLS that the keys do not open", 1)])


@pytest.mark.parametrize("version", [V12, V13])
def test_a_handshake_that_goes_no_further_lacks_no_key_either(version: ssl.TLSVersion) -> None:
    made = Conversation(version).close()
    made.flights = made.flights[:2]
    assert ended(watched(made, made.keys)) == (HANDSHAKE, [("TLS whose handshake was not captured whole", 1)])
