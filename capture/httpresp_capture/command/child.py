"""The command as a child process, with the environment that makes programs write their TLS keys.

`SSLKEYLOGFILE` is what curl, git, Python, browsers and many others look at; Node wants an option; programs that use
OpenSSL and look at nothing are cured by the preloaded library. All three name a file in the private folder.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from httpresp_capture.command.folder import PrivateFolder
from httpresp_capture.command.preload import preload_library
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.sources.live.openings import Openings

__all__ = ["Child", "CommandError", "environment"]

PATIENCE: Final = 2.0
"""Seconds that the command has to end, once it is told to."""
BLOCK: Final = 1 << 16
NOT_FOUND, NOT_RUN = 127, 126
"""Exit statuses of a shell for a command that it cannot find, or not run."""


class CommandError(CaptureError):
    """The command cannot be run. `status` is what a shell would answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Child:
    """A command that is not started yet. `words` are the program and its arguments."""

    def __init__(self, words: Sequence[str], folder: PrivateFolder, openings: Openings | None = None) -> None:
        self.words = tuple(words)
        self.folder = folder
        self.openings = openings
        """Tells of connections as they are opened; None where nothing does."""
        self._program = _found(words[0])
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        assert self._process is not None
        return self._process.pid

    def start(self, output: Callable[[bytes], None] | None = None) -> None:
        """Start it. With `output` it has no keyboard, a group of its own, and what it prints is given there, on a
        thread; without, it has our standard input, and prints to standard error. Raises `CommandError`."""
        library = preload_library(self.folder)
        inside: int | IO[bytes] = subprocess.PIPE if output is not None else 2
        try:
            self._process = subprocess.Popen(
                self.words,
                executable=self._program,
                stdin=subprocess.DEVNULL if output is not None else None,
                stdout=inside,
                stderr=subprocess.STDOUT if output is not None else None,
                env=environment(os.environ, self.folder, library),
                start_new_session=output is not None,
            )
        except OSError as error:
            raise CommandError(f"cannot run {self.words[0]}: {error.strerror}.", NOT_RUN) from None
        if output is not None and self._process.stdout is not None:
            self._reader = threading.Thread(
                target=_hand_on, args=(self._process.stdout, output), name="output of the command", daemon=True
            )
            self._reader.start()

    def poll(self) -> int | None:
        """The exit status, as a shell has it (128 and the signal's number for one that was killed); None while it
        runs."""
        status = None if self._process is None else self._process.poll()
        return status if status is None or status >= 0 else 128 - status

    def end(self) -> None:
        """End it, with all that it started where it has a group of its own, if it still runs."""
        process = self._process
        if process is None:
            return
        own_group = self._reader is not None
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                with suppress(OSError):
                    os.killpg(process.pid, number) if own_group else process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(PATIENCE)


def environment(own: Mapping[str, str], folder: PrivateFolder, library: Path | None) -> dict[str, str]:
    """What the command sees; see this module."""
    keys = str(folder.key_log)
    node = own.get("NODE_OPTIONS", "")
    made = dict(own, SSLKEYLOGFILE=keys, NODE_OPTIONS=f"{node} --tls-keylog={keys}".strip())
    if library is not None:
        before = own.get("LD_PRELOAD", "")
        made["LD_PRELOAD"] = f"{library}:{before}" if before else str(library)
        made["HTTPRESP_TUI_SOCKETS"] = str(folder.sockets)
    return made


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is not None:
        return found
    there = os.path.exists(program) if "/" in program else False
    if there:
        raise CommandError(f"cannot run {program}: it is no program, or may not be run.", NOT_RUN)
    raise CommandError(f"cannot run {program}: there is no such command.", NOT_FOUND)


def _hand_on(stream: IO[bytes], output: Callable[[bytes], None]) -> None:
    with stream:
        while data := os.read(stream.fileno(), BLOCK):
            output(data)
