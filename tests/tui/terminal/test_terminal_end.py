"""The app on a pseudo terminal: whoever ends it, the terminal is given back; one that has gone ends it."""

import os
import pty
import pwd
import re
import select
import shlex
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpresp_tui.terminal.stopping import heeded

ROOT = Path(__file__).parents[3]
DEMO = (sys.executable, "-m", "httpresp_tui", "--demo")
PICKER = (sys.executable, "-m", "httpresp_tui")
LONG = 60
"""Seconds; nothing takes so long, however busy the machine is."""
AS_BEFORE = {
    "7": True,
    "25": True,
    "1000": False,
    "1003": False,
    "1006": False,
    "1004": False,
    "1049": False,
    "2004": False,
}
"""Modes of a terminal: line wrap, cursor, mouse, focus, alternate screen, bracketed paste."""


class OnTerminal:
    """A program that has a pseudo terminal to itself."""

    def __init__(self, folder: Path, *words: str, ignored: tuple[int, ...] = (), **environ: str) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            paths = os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))
            homes = {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
            os.execve(
                words[0], words, os.environ | homes | environ | {"PYTHONPATH": paths, "TERM": "xterm", "COLUMNS": "80"}
            )
        self._before = termios.tcgetattr(self._master)
        self.output = b""
        self.used = 0.0
        """Seconds of CPU, once it has ended."""
        self._status: int | None = None

    def until(self, text: bytes) -> None:
        """Wait for it to write something."""
        self.output = b""
        end = time.monotonic() + LONG
        while text not in self.output:
            assert time.monotonic() < end, self.output
            self._read(end - time.monotonic())

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def hang_up(self) -> None:
        """The terminal goes."""
        os.close(self._master)
        self._master = -1

    def end(self, *, reading: bool = True) -> int:
        """Wait for it, as a terminal that takes its bytes or one that does not; its exit status."""
        end = time.monotonic() + LONG
        while self._status is None:
            assert time.monotonic() < end, "it does not end"
            if self._master >= 0 and reading:
                self._read(0.05)
            else:
                time.sleep(0.05)
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
                self.used = usage.ru_utime + usage.ru_stime
        if self._master >= 0:
            while self._read(0):
                pass
        return self._status

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal is, and its modes are, as they were found."""
        modes = {number.decode(): switch == b"h" for number, switch in re.findall(rb"\x1b\[\?(\d+)([hl])", self.output)}
        return termios.tcgetattr(self._master) == self._before and AS_BEFORE.items() <= modes.items()

    def close(self) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self._master >= 0:
            os.close(self._master)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Nobody has it open any more.
            return False
        self.output += data
        return bool(data)


class Runs(list[OnTerminal]):
    """What a test has started."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def start(self, *words: str, ignored: tuple[int, ...] = (), **environ: str) -> OnTerminal:
        run = OnTerminal(self._folder, *words, ignored=ignored, **environ)
        self.append(run)
        return run


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path)
    try:
        yield runs
    finally:
        for run in runs:
            run.close()


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_the_app_in_order(runs: Runs, number: signal.Signals) -> None:
    app = runs.start(*DEMO)
    app.until(b"200")
    (engine,) = children(app.pid)
    app.send(number)
    assert app.end() == 128 + number
    assert app.is_as_before
    assert re.search(rb"demo: \d+ responses.*\r\n.*errors.*\r\n.*drops        recorder 0, ours 0\r\n", app.output)
    assert b"Traceback" not in app.output
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


@pytest.mark.slow
def test_a_signal_ends_the_picker_in_order(runs: Runs) -> None:
    picker = runs.start(*PICKER)
    picker.until(b"Listen on which interface?")
    picker.send(signal.SIGTERM)
    assert picker.end() == 128 + signal.SIGTERM
    assert picker.is_as_before


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")
def test_root_is_given_up_before_the_picker_is_drawn(runs: Runs) -> None:
    nobody = pwd.getpwnam("nobody")
    picker = runs.start(*PICKER, SUDO_UID=str(nobody.pw_uid), SUDO_GID=str(nobody.pw_gid))
    picker.until(b"Listen on which interface?")
    (drawing,) = children(picker.pid)
    status = dict(
        line.split(":\t") for line in Path(f"/proc/{drawing}/status").read_text().splitlines() if ":\t" in line
    )
    if status["Uid"].split()[0] == "0":
        pytest.skip("nobody may not read where this program is installed")
    assert set(status["Uid"].split()) == {str(nobody.pw_uid)}
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    picker.press(b"q")
    assert picker.end() == 0


@pytest.mark.slow
@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["told", "nohup"])
def test_a_terminal_that_has_gone_ends_the_app(runs: Runs, ignored: tuple[int, ...]) -> None:
    app = runs.start(*DEMO, ignored=ignored)
    app.until(b"200")
    (engine,) = children(app.pid)
    app.hang_up()
    assert app.end() != 0
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


@pytest.mark.slow
def test_the_app_is_suspended_and_comes_back_whole(runs: Runs) -> None:
    app = runs.start("/bin/sh", "-m", "-c", f"{shlex.join(DEMO)}; echo in the shell; fg; echo ended with $?")
    app.until(b"200")
    app.press(b"\x1a")
    app.until(b"in the shell")
    assert app.output.rindex(b"\x1b[?1049l") < app.output.index(b"in the shell")
    app.until(b"display filter")
    app.press(b"q")
    app.until(b"ended with 0")
    assert app.end() == 0
    assert app.is_as_before


@pytest.mark.slow
def test_where_there_is_no_shell_the_app_is_not_suspended(runs: Runs) -> None:
    app = runs.start(*DEMO)
    app.until(b"200")
    app.press(b"\x1a")
    app.until(b"no shell to go back to")
    app.press(b"q")
    assert app.end() == 0


@pytest.mark.slow
def test_the_terminal_is_taken_once_however_often_the_app_is_told_to_go_on(runs: Runs) -> None:
    app = runs.start(*DEMO)
    app.until(b"READING ")
    threads = list(Path(f"/proc/{app.pid}/task").iterdir())
    app.send(signal.SIGCONT)
    app.until(b"display filter")
    assert len(list(Path(f"/proc/{app.pid}/task").iterdir())) == len(threads)
    app.press(b"q")
    assert app.end() == 0
    assert app.is_as_before


def test_a_signal_that_was_to_be_ignored_is() -> None:
    assert set(heeded()) >= {signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in heeded()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
@pytest.mark.parametrize("suspended", [False, True], ids=["drawing", "being suspended"])
def test_a_terminal_that_takes_no_bytes_does_not_prevent_the_end(runs: Runs, *, suspended: bool) -> None:
    app = runs.start(*DEMO)
    app.until(b"display filter")
    (engine,) = children(app.pid)
    for _ in range(200):
        # Nobody reads what is drawn after each of these.
        app.press(b"z")
        time.sleep(0.02)
    if suspended:
        app.send(signal.SIGTSTP)
        time.sleep(0.5)
    app.send(signal.SIGTERM)
    assert app.end(reading=False) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)
    assert app.is_as_before
    assert b"Traceback" not in app.output
