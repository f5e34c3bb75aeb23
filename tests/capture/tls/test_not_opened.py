"""What TLS is not opened is counted with the reason, where keys were expected; and no key is ever told."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from httpresp_tui.cli.main import main
from traffic.captures import pcapng
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


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize(
    ("change", "begins", "words"),
    [
        (none, 0, "TLS whose key did not come"),
        (wrong, 0, "TLS that the keys do not open"),
        (bytes, 14, "TLS whose beginning was not captured"),
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


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize(
    "words",
    [
        ["--json", "--findings", "--no-redact"],
        *(["check", "--format", name] for name in ("text", "json", "sarif", "junit", "markdown")),
    ],
    ids=" ".join,
)
def test_no_output_holds_a_byte_of_a_key(
    version: ssl.TLSVersion, words: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    made = talk(version)
    capture, keys = tmp_path / "a.pcapng", tmp_path / "keys"
    capture.write_bytes(pcapng(made.frames()))
    keys.write_bytes(made.keys)
    main([*words, "-r", str(capture), "--keylog", str(keys)])
    said = b"".join(capfdbinary.readouterr())
    assert b"shop.example" in said or b"4 responses" in said  # It was opened.
    secrets = [line.split()[2] for line in made.keys.splitlines() if len(line.split()) == 3]
    assert secrets
    for secret in secrets:
        raw = bytes.fromhex(secret.decode())
        for shown in (secret, secret.upper(), raw, secret[:24], secret[-24:]):
            assert shown not in said
