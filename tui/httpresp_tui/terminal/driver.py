"""The terminal that the screen is drawn on, which may go away, be taken away for a while, and come back.

Textual's driver of Linux, with what it leaves out. When a terminal has gone (ssh dropped, its window was closed), reads
give an end of file for ever and writes fail: that ends the app, once, instead of keeping threads busy. The kernel sends
SIGCONT as well as SIGHUP then, which must not look like the `fg` of a shell.
"""

import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from textual.app import App

from httpresp_tui.terminal.background import QUESTION, Answer
from httpresp_tui.terminal.stuck import divert, give_back
from httpresp_tui.terminal.textual_private import PrivateDriver

__all__ = ["Hearer", "TerminalDriver", "suspend_group"]

MOUSE_IN_CELLS = "\x1b[?1016l"
"""Off again: reports of the mouse in pixels."""


class Hearer(Protocol):
    """Whoever is told that there is no terminal any more, from any thread."""

    ended_by: int
    """The signal that has told it to end; 0 for none."""

    asks_background: bool
    """Whether the terminal is asked if it is a light one."""

    def terminal_gone(self) -> None:
        """Nothing can be read, or drawn, from now on."""
        ...

    def background_told(self, light: bool) -> None:
        """The terminal has answered."""
        ...


class _Screen:
    """Where Textual writes; once that has failed, what is written is let go, so that nobody waits for it."""

    def __init__(self, file: TextIO, gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone
        self._is_gone = False

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _try(self, step: Callable[[], object]) -> None:
        if self._is_gone:
            return
        try:
            step()
        except (OSError, ValueError):
            self._is_gone = True
            self._gone()


class TerminalDriver(PrivateDriver):
    """See the top of this file. The app that it draws for is a `Hearer`."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: Any = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.file = _Screen(self.file, self._tell)
        self._is_let_go = True
        self._answer = Answer(self._hearer.background_told)
        self._kept: int | None = None
        """The terminal, while what is drawn goes nowhere."""
        threading.Thread(target=_wait_for_its_end, args=(self.fileno, self._tell), daemon=True).start()

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._is_let_go = False
        super().start_application_mode()
        if self._hearer.asks_background:
            self._hearer.asks_background = False
            self._answer.expect()
            self.write(QUESTION)

    def stop_application_mode(self) -> None:
        """Give it back as it was."""
        if self.mouse_in_pixels:
            self.write(MOUSE_IN_CELLS)
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Give it back for a while."""
        super().suspend_application_mode()
        self._is_let_go = True

    def divert(self) -> None:
        """Nobody waits for the terminal from now on. From any thread."""
        if self._kept is None:
            self._kept = divert(self.file.fileno(), self.writer)

    def give_back(self) -> None:
        """After the end: a terminal that was not waited for is as it was found, as far as it lets itself be told."""
        if self._kept is not None:
            give_back(self.file.fileno(), self._kept)
            self._kept = None

    def stop_asked(self) -> None:
        """Give the terminal to the shell."""
        # Not in the handler itself: it may have interrupted whoever holds the lock of what is to be written.
        self.loop.call_soon_threadsafe(self._stop_here)

    def _stop_here(self) -> None:
        if self.restarts and not self._is_let_go:
            self.suspend_application_mode()
            self.tell_resumed()
        if not self._hearer.ended_by:
            # Who was told to end meanwhile does, rather than stop and never hear of it again.
            os.kill(os.getpid(), signal.SIGSTOP)

    def going_on(self) -> None:
        """Take it again."""
        self.loop.call_soon_threadsafe(self._take_again)

    def _take_again(self) -> None:
        if not self.restarts or not self._is_there():
            return
        if not self._is_let_go:
            # It was stopped without a word (SIGSTOP): whoever had the terminal meanwhile may have changed it.
            self.suspend_application_mode()
            self.tell_resumed()
        self.resume_application_mode()

    def _is_there(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return False
        return True

    def read_keys(self) -> None:
        """Until the terminal has gone, too."""
        try:
            self.read_without(self._answer)
        except OSError:
            self._tell()

    @property
    def _hearer(self) -> Hearer:
        return self.app

    def _tell(self) -> None:
        self._hearer.terminal_gone()


def _wait_for_its_end(descriptor: int, tell: Callable[[], None]) -> None:
    """Until the other side of a terminal is closed. Costs nothing meanwhile: no input wakes it."""
    poll = select.poll()
    poll.register(descriptor, 0)
    for _, event in poll.poll():
        if event & (select.POLLHUP | select.POLLERR):
            tell()


def suspend_group() -> bool:
    """Stop as ctrl+z in a shell does: whoever was started in the foreground with us, sudo or a pipe, stops too.

    False, and nothing is stopped, where there is no shell that could let us go on: whoever is stopped then stays so.
    """
    if not _has_shell():
        return False
    os.kill(0, signal.SIGTSTP)
    return True


def _has_shell() -> bool:
    """Whether whoever started our process group is in our session, and so keeps an eye on us (an orphaned group has
    nobody: POSIX §3.269)."""
    group, parent = os.getpgrp(), os.getppid()
    try:
        while os.getpgid(parent) == group:
            parent = _parent_of(parent)
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError):
        return False


def _parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[1])
