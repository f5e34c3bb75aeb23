"""Which connections are a command's own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from capturing import needs_capture
from httpresp_capture.command.sockets import MOST, OwnSockets
from httpresp_capture.records.flow import Flow
from httpresp_capture.sources.live.openings import End, Openings
from samples import FLOW

WAIT = 30.0


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "sockets"
    path.write_bytes(b"")
    return path


def flow(client: tuple[str, int], server: tuple[str, int]) -> Flow:
    return replace(FLOW, client=client[0], client_port=client[1], server=server[0], server_port=server[1])


def test_what_was_written_is_known_from_both_ends(written: Path) -> None:
    sockets = OwnSockets(1, written)
    written.write_text("10.0.0.9 50322 10.0.0.1 8080\n")
    sockets.read_written()
    assert sockets.owns(flow(("10.0.0.9", 50322), ("10.0.0.1", 8080)))
    assert sockets.owns(flow(("10.0.0.1", 8080), ("10.0.0.9", 50322)))
    assert not sockets.owns(flow(("10.0.0.9", 50323), ("10.0.0.1", 8080)))
    sockets.close()


def test_a_line_may_come_in_parts(written: Path) -> None:
    sockets = OwnSockets(1, written)
    with written.open("a") as file:
        for part in ("10.0.0.9 503", "22 10.0.0.1 80", "80\n"):
            file.write(part)
            file.flush()
            sockets.read_written()
    assert sockets.owns(flow(("10.0.0.9", 50322), ("10.0.0.1", 8080)))
    sockets.close()


@pytest.mark.parametrize(
    ("line", "client"),
    [("::ffff:10.0.0.9 50322 ::ffff:10.0.0.1 8080", "10.0.0.9"), ("10.0.0.9 50322 10.0.0.1 8080", "10.0.0.9")],
)
def test_ipv4_inside_ipv6_is_ipv4(written: Path, line: str, client: str) -> None:
    sockets = OwnSockets(1, written)
    written.write_text(f"{line}\n")
    sockets.read_written()
    assert sockets.owns(flow((client, 50322), ("10.0.0.1", 8080)))
    sockets.close()


@pytest.mark.parametrize(
    "line", ["", "a b c d", "10.0.0.9 x 10.0.0.1 8080", "10.0.0.9 1 nowhere 2", "1 2 3", "\xff" * 5_000]
)
def test_a_line_that_is_none_says_nothing(written: Path, line: str) -> None:
    sockets = OwnSockets(1, written)
    written.write_bytes(line.encode("latin-1") + b"\n10.0.0.9 50322 10.0.0.1 8080\n")
    sockets.read_written()
    assert sockets.owns(flow(("10.0.0.9", 50322), ("10.0.0.1", 8080)))
    sockets.close()


@pytest.mark.slow
def test_the_oldest_leave(written: Path) -> None:
    sockets = OwnSockets(1, written)
    written.write_text("".join(f"10.0.0.9 {port % 65536} 10.1.{port // 65536}.1 80\n" for port in range(MOST + 1)))
    sockets.read_written()
    assert not sockets.owns(flow(("10.0.0.9", 0), ("10.1.0.1", 80)))
    assert sockets.owns(flow(("10.0.0.9", 1), ("10.1.0.1", 80)))
    sockets.close()


def lists_none(pid: int) -> bool:
    return False


@pytest.mark.parametrize("by_kernel", [True, False], ids=["listed by the kernel", "among all processes"])
def test_the_system_tells_of_a_child_of_the_command(
    written: Path, by_kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a program without libraries: nothing is preloaded here."""
    if by_kernel and not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        pytest.skip("this kernel lists no children")
    if not by_kernel:
        monkeypatch.setattr("httpresp_capture.command.sockets._has_children_files", lists_none)
    server = socket.create_server(("127.0.0.1", 0))
    host, port = server.getsockname()
    code = f"import socket, sys; s = socket.create_connection(('{host}', {port})); sys.stdin.read()"
    words = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"]
    command = subprocess.Popen(words, stdin=subprocess.PIPE)
    connection, client = server.accept()
    sockets = OwnSockets(command.pid, written)
    monkeypatch.setattr("psutil.Process.children" if by_kernel else "httpresp_capture.command.sockets._children", None)
    own = flow(client, (host, port))
    until = time.monotonic() + WAIT
    while not sockets.owns(own) and time.monotonic() < until:
        sockets.ask_system()
    assert sockets.owns(own)
    command.communicate(b"")
    sockets.ask_system()
    assert sockets.owns(own)
    sockets.close()
    connection.close()
    server.close()


OPENS = "import socket, sys; s = socket.create_connection({}); sys.stdin.read()"
TAKES = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"


def seen_as_it_opens(sockets: OwnSockets, openings: Openings, own: Flow) -> bool:
    until = time.monotonic() + WAIT
    while not sockets.owns(own) and time.monotonic() < until:
        openings.wait(0.1)
        sockets.ask_openings()
    return sockets.owns(own)


class Told(Openings):
    """Of connections that are nobody's here."""

    def __init__(self, count: int) -> None:
        self.count = count

    def take(self) -> list[tuple[End, End]]:
        return [(("10.0.0.9", 1_024 + port), ("10.0.0.1", 80)) for port in range(self.count)]

    def sockets_of(self, opener: End, other: End) -> Iterator[int]:
        yield from (0, 1)


def test_of_many_connections_of_others_new_processes_are_looked_for_once(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def children(pid: int) -> list[int]:
        looked.append(pid)
        return []

    monkeypatch.setattr("httpresp_capture.command.sockets._children", children)
    monkeypatch.setattr("httpresp_capture.command.sockets._has_children_files", bool)
    sockets = OwnSockets(os.getpid(), written, Told(20))
    sockets.ask_openings()
    assert looked == [os.getpid()]
    sockets.close()


@needs_capture
def test_a_connection_that_it_opens_is_known_at_once_and_no_other(written: Path) -> None:
    """Of a program without libraries."""
    openings = Openings()
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = [sys.executable, "-c", OPENS.format(server.getsockname())]
        with subprocess.Popen(words, stdin=subprocess.PIPE) as command:
            here, client = server.accept()
            with here, socket.create_connection(server.getsockname()) as strange:
                sockets = OwnSockets(command.pid, written, openings)
                assert seen_as_it_opens(sockets, openings, flow(client, server.getsockname()))
                sockets.ask_openings()
                assert not sockets.owns(flow(strange.getsockname(), server.getsockname()))
                command.communicate(b"")
    sockets.close()
    openings.close()


@needs_capture
def test_a_connection_to_a_socket_of_it_is_its_own_before_it_takes_it(written: Path) -> None:
    openings = Openings()
    words = [sys.executable, "-c", f"{TAKES}; sys.stdin.read()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        sockets = OwnSockets(command.pid, written, openings)
        with socket.create_connection(("127.0.0.1", int(command.stdout.readline()))) as here:
            assert seen_as_it_opens(sockets, openings, flow(here.getsockname(), here.getpeername()))
        command.communicate(b"")
    sockets.close()
    openings.close()


@needs_capture
def test_a_process_that_has_just_begun_is_looked_at_too(written: Path) -> None:
    openings = Openings()
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = OPENS.format(server.getsockname())
        words = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"]
        with subprocess.Popen(words, stdin=subprocess.PIPE) as command:
            sockets = OwnSockets(command.pid, written, openings)
            here, client = server.accept()
            with here:
                assert seen_as_it_opens(sockets, openings, flow(client, server.getsockname()))
            command.communicate(b"")
    sockets.close()
    openings.close()


def test_a_process_that_is_gone_is_no_trouble(written: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    sockets = OwnSockets(gone.pid, written)
    sockets.ask_system()
    sockets.close()
