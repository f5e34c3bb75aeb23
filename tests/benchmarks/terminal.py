"""The other end of a terminal: starts a program in a pty, presses keys, reads what is painted."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Callable, Sequence

LINES, COLUMNS = 40, 120


class Terminal:
    """A program in a terminal of `LINES` by `COLUMNS`."""

    def __init__(self, command: Sequence[str]) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.environ.pop("NO_COLOR", None)
            # The size must be there before the program asks for it.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execvp(command[0], list(command))
        self._watched: re.Pattern[bytes] | None = None
        self._holds: Callable[[re.Match[bytes]], bool] = bool
        self.spotted_at: float | None = None
        """When what is watched for was painted first, by `time.perf_counter`."""

    def watch(self, pattern: bytes, holds: Callable[[re.Match[bytes]], bool]) -> None:
        """From now on look out for something in whatever is painted, besides what is waited for."""
        self._watched, self._holds, self.spotted_at = re.compile(pattern), holds, None

    def press(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._fd, keys)

    def read_until(self, pattern: bytes, seconds: float) -> bytes | None:
        """What was painted up to the pattern; None when it did not come."""
        seen = b""
        until = time.perf_counter() + seconds
        wanted = re.compile(pattern)
        while (left := until - time.perf_counter()) > 0:
            if not select.select([self._fd], [], [], left)[0]:
                break
            try:
                data = os.read(self._fd, 65_536)
            except OSError:
                break
            if not data:
                break
            # A pattern is short; what lies far behind was searched before.
            seen = seen[-4_096:] + data
            if self._watched is not None and any(map(self._holds, self._watched.finditer(seen))):
                self.spotted_at = time.perf_counter()
                self._watched = None
            if wanted.search(seen):
                return seen
        return None

    def waited(self, keys: bytes, pattern: bytes, seconds: float = 5.0) -> float | None:
        """Press and wait for paint: milliseconds, None when nothing of the kind came."""
        pressed = time.perf_counter()
        self.press(keys)
        if self.read_until(pattern, seconds) is None:
            return None
        return (time.perf_counter() - pressed) * 1_000

    def idle(self, seconds: float) -> None:
        """Let the screen paint what it wants."""
        self.read_until(b"(?!)", seconds)

    def painted_by(self, keys: bytes, seconds: float) -> bytes:
        """What is painted in a while after keys."""
        painted: list[bytes] = []
        self.press(keys)
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0 and select.select([self._fd], [], [], left)[0]:
            painted.append(os.read(self._fd, 65_536))
        return b"".join(painted)

    def rest(self, seconds: float) -> str:
        """What is printed until the program has gone."""
        text = b""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0 and select.select([self._fd], [], [], left)[0]:
            try:
                data = os.read(self._fd, 65_536)
            except OSError:
                break
            if not data:
                break
            text = text[-65_536:] + data
        return text.decode("utf-8", "replace")

    def wait(self) -> float:
        """CPU seconds of the program when it has gone."""
        _, _, usage = os.wait4(self.pid, 0)
        os.close(self._fd)
        return usage.ru_utime + usage.ru_stime
