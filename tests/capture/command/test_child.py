"""A command that is run to be watched: what it sees, what becomes of what it prints, how it ends."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from httpresp_capture.command.child import Child, CommandError, environment
from httpresp_capture.command.folder import PrivateFolder
from httpresp_capture.command.preload import preload_library

WAIT = 30.0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[PrivateFolder]:
    made = PrivateFolder(tmp_path)
    yield made
    made.close()


def run(words: list[str], folder: PrivateFolder) -> tuple[int | None, bytes]:
    """A command to its end: its status, and what it printed."""
    printed: list[bytes] = []
    child = Child(words, folder)
    child.start(printed.append)
    until = time.monotonic() + WAIT
    while child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    for thread in threading.enumerate():
        if thread.name == "output of the command":
            thread.join(WAIT)
    return child.poll(), b"".join(printed)


def test_it_is_asked_for_its_keys_in_every_way(folder: PrivateFolder) -> None:
    keys = str(folder.key_log)
    made = environment({"NODE_OPTIONS": "--trace-warnings", "A": "b"}, folder, None)
    assert made == {"A": "b", "SSLKEYLOGFILE": keys, "NODE_OPTIONS": f"--trace-warnings --tls-keylog={keys}"}


def test_what_was_preloaded_before_stays(folder: PrivateFolder) -> None:
    made = environment({"LD_PRELOAD": "/lib/theirs.so"}, folder, Path("/lib/ours.so"))
    assert made["LD_PRELOAD"] == "/lib/ours.so:/lib/theirs.so"
    assert made["HTTPRESP_TUI_SOCKETS"] == str(folder.sockets)


def test_what_it_prints_is_handed_on_both_streams(folder: PrivateFolder) -> None:
    status, printed = run([sys.executable, "-c", "import os; os.write(1, b'out'); os.write(2, b'err')"], folder)
    assert (status, printed) == (0, b"outerr")


def test_it_has_no_keyboard_while_the_screen_has_it(folder: PrivateFolder) -> None:
    assert run(["cat"], folder) == (0, b"")


@pytest.mark.parametrize(("how", "status"), [("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)])
def test_its_exit_status_is_that_of_a_shell(folder: PrivateFolder, how: str, status: int) -> None:
    assert run(["sh", "-c", how], folder)[0] == status


def test_what_does_not_exist_is_a_sentence_and_127(folder: PrivateFolder) -> None:
    with pytest.raises(CommandError, match="cannot run no-such-command: there is no such command") as caught:
        Child(["no-such-command"], folder)
    assert caught.value.status == 127


def test_what_is_no_program_is_a_sentence_and_126(folder: PrivateFolder, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(CommandError, match="it is no program, or may not be run") as caught:
        Child([str(text)], folder)
    assert caught.value.status == 126


def test_ending_it_ends_what_it_started(folder: PrivateFolder) -> None:
    came = Event()
    printed: list[bytes] = []

    def take(data: bytes) -> None:
        printed.append(data)
        came.set()

    child = Child(["sh", "-c", "sleep 600 & echo $!; wait"], folder)
    child.start(take)
    assert came.wait(WAIT)
    grandchild = int(printed[0])
    child.end()
    assert child.poll() == 143
    until = time.monotonic() + WAIT
    while _runs(grandchild) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _runs(grandchild)


@pytest.mark.slow
def test_one_that_will_not_end_is_killed(folder: PrivateFolder) -> None:
    came = Event()
    child = Child(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], folder)
    child.start(lambda _: came.set())
    assert came.wait(WAIT)
    child.end()
    assert child.poll() == 137


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(shutil.which("cc") is None and shutil.which("gcc") is None, reason="no C compiler here")
class TestPreload:
    """The small library."""

    def test_a_program_without_it_says_the_same(self, folder: PrivateFolder) -> None:
        code = "import socket; s = socket.socket(); print(s.connect_ex(('127.0.0.1', 1)))"
        library = preload_library(folder)
        assert library is not None
        plain, loaded = (
            subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
            for env in (dict(os.environ), environment(os.environ, folder, library))
        )
        assert (loaded.stdout, loaded.stderr) == (plain.stdout, plain.stderr)
        assert folder.sockets.read_bytes() == b""

    def test_it_changes_no_errno_and_no_signal(self, folder: PrivateFolder) -> None:
        code = (
            "import socket, errno; s = socket.create_server(('127.0.0.1', 0)); s.setblocking(False)\n"
            "try: s.accept()\n"
            "except BlockingIOError: print('none yet')\n"
            "c = socket.create_connection(s.getsockname()); import time; time.sleep(0.1); t, _ = s.accept()\n"
            "print(t.getpeername() == c.getsockname())"
        )
        child_status, printed = run([sys.executable, "-c", code], folder)
        assert (child_status, printed) == (0, b"none yet\nTrue\n")
        # Once as the one that asks, once as the one that is asked.
        ends = [line.split() for line in folder.sockets.read_text().splitlines()]
        assert len(ends) == 2
        assert ends[0] == ends[1][2:] + ends[1][:2]

    def test_without_a_compiler_there_is_none(self, folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(folder.path))
        assert preload_library(folder) is None

    def test_one_that_was_made_before_is_taken(self, folder: PrivateFolder, tmp_path: Path) -> None:
        ready = tmp_path / "preload.so"
        ready.write_bytes(b"")
        assert preload_library(folder, ready) == ready
