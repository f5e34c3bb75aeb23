"""Key logs: every line that is one, on any cut, bounded, and never shown."""

from random import Random

import pytest

from httpresp_capture.records import secrets as room
from httpresp_capture.records.secrets import LINE, Secrets

RANDOM = bytes(range(32))
LINES = b"# a comment\n\nCLIENT_RANDOM %s %s\r\nSERVER_TRAFFIC_SECRET_0 %s 0102\n" % (
    RANDOM.hex().encode(),
    (b"k" * 48).hex().encode(),
    RANDOM.hex().upper().encode(),
)


def test_lines_are_found_by_client_random_and_label() -> None:
    secrets = Secrets()
    secrets.add(LINES)
    assert secrets.find(RANDOM, b"CLIENT_RANDOM") == b"k" * 48
    assert secrets.find(RANDOM, b"SERVER_TRAFFIC_SECRET_0") == b"\1\2"
    assert secrets.find(RANDOM, b"CLIENT_TRAFFIC_SECRET_0") is None
    assert secrets.find(bytes(32), b"CLIENT_RANDOM") is None
    assert (len(secrets), secrets.bad_lines, list(secrets.fresh)) == (1, 0, [RANDOM])


def test_on_any_cut() -> None:
    for at in range(len(LINES)):
        secrets = Secrets()
        secrets.add(LINES[:at])
        secrets.add(LINES[at:])
        assert (len(secrets), secrets.bad_lines) == (1, 0)


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        (b"CLIENT_RANDOM 00 11", 1),
        (b"CLIENT_RANDOM %s" % RANDOM.hex().encode(), 1),
        (b"CLIENT_RANDOM %s zz" % RANDOM.hex().encode(), 1),
        (b"CLIENT_RANDOM %s 0" % RANDOM.hex().encode(), 1),
        (b"\xff\xfe\x00 binary", 1),
        (b"EXPORTER_SECRET %s 00" % RANDOM.hex().encode(), 0),
        (b"RSA 0011223344556677 00", 0),
        (b"x" * (LINE * 3), 1),
    ],
)
def test_what_is_no_secret_is_counted_and_the_next_line_is_read(line: bytes, bad: int) -> None:
    secrets = Secrets()
    for start in range(0, len(line), 700):
        secrets.add(line[start : start + 700])
    secrets.add(b"\n" + LINES)
    assert (secrets.bad_lines, len(secrets)) == (bad, 1)


@pytest.mark.parametrize("cut", [500, 1 << 20])
def test_a_line_that_is_too_long_is_none_however_it_comes(cut: int) -> None:
    secrets, line = Secrets(), b"CLIENT_RANDOM %s %s\n" % (RANDOM.hex().encode(), b"00" * LINE)
    for start in range(0, len(line), cut):
        secrets.add(line[start : start + cut])
    assert (secrets.bad_lines, len(secrets)) == (1, 0)


def test_the_oldest_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CONNECTIONS", 10)
    secrets, rng = Secrets(), Random(1)
    randoms = [rng.randbytes(32) for _ in range(25)]
    for random in randoms:
        secrets.add(b"CLIENT_RANDOM %s 00\n" % random.hex().encode())
    assert [secrets.has(random) for random in randoms] == [False] * 15 + [True] * 10
    assert len(secrets.fresh) <= 11


def test_they_are_never_shown() -> None:
    secrets = Secrets()
    secrets.add(LINES)
    assert repr(secrets) == str(secrets) == "<secrets of 1 connections>"


def test_sessions_that_were_named_are_bounded() -> None:
    secrets = Secrets()
    for number in range(room.SESSIONS + 1):
        secrets.name_session(b"%d" % number, RANDOM)
    assert (secrets.session(b"0"), secrets.session(b"1"), secrets.session(b"")) == (b"", RANDOM, b"")
