"""A program on a pseudo terminal of its own, for tests of how it ends."""

import os
import pty
import re
import select
import signal
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-m", "httpresp_tui")
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
        """Seconds of CPU, its children's too, once it has ended."""
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


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used so far, without its children."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
