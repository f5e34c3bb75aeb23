"""Connections as they are opened, and the sockets that they are of."""

import os
import socket
import time
from collections.abc import Iterator

import pytest

from capturing import needs_capture
from httpresp_capture.sources.live.openings import End, Openings, ends_of, open_openings

WAIT = 30.0


@pytest.fixture
def openings() -> Iterator[Openings]:
    made = Openings()
    yield made
    made.close()


def told(openings: Openings, ends: tuple[End, End]) -> bool:
    """Whether the connection is told of, in the end."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        openings.wait(0.1)
        if ends in openings.take():
            return True
    return False


@needs_capture
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_ends_and_both_sockets_of_a_connection_are_known(openings: Openings, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("no IPv6 here")
    with server, socket.create_connection(server.getsockname()[:2]) as client:
        ends = client.getsockname()[:2], server.getsockname()[:2]
        assert told(openings, ends)
        sockets = [os.fstat(each.fileno()).st_ino for each in (client, server)]
        assert list(openings.sockets_of(*ends)) == sockets
        taken, _ = server.accept()
        with taken:
            assert list(openings.sockets_of(*ends)) == [sockets[0], os.fstat(taken.fileno()).st_ino]


@needs_capture
def test_before_it_is_taken_a_connection_is_of_the_socket_that_listens(openings: Openings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        unused = ("127.0.0.1", 1), server.getsockname()
        assert list(openings.sockets_of(*unused)) == [os.fstat(server.fileno()).st_ino]
    assert list(openings.sockets_of(*unused)) == []


def test_where_it_may_not_be_opened_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr("socket.socket", refused)
    assert open_openings() is None


FOUR = bytes.fromhex("4500002800010000400600000a0000090a000001") + bytes.fromhex("c35001bb")
SIX = bytes.fromhex("6000000000140640") + bytes(15) + b"\1" + bytes(15) + b"\2" + bytes.fromhex("c35001bb")


def test_ends_are_read_of_either_version_and_of_nothing_that_is_cut() -> None:
    assert ends_of(FOUR) == (("10.0.0.9", 50_000), ("10.0.0.1", 443))
    assert ends_of(SIX) == (("::1", 50_000), ("::2", 443))
    for packet in (FOUR, SIX):
        for length in range(len(packet)):
            assert ends_of(packet[:length]) is None
        assert ends_of(b"\x50" + packet[1:]) is None
    options = b"\x46" + FOUR[1:20] + bytes(4) + FOUR[20:]
    assert ends_of(options) == ends_of(FOUR)
