"""The three descriptors, put right before the screen is taken.

The screen reads keys from descriptor 0 and draws on descriptor 2. With a capture on standard input the keyboard is
`/dev/tty`; with standard error in a log file the screen goes where standard output goes. Each is put back afterwards.
What an encoding other than UTF-8 cannot hold is drawn as `?`, one cell wide as what it stands for.
"""

import io
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

TTY = "/dev/tty"


class NoTerminalError(Exception):
    """There is no keyboard or no screen; its text says what to do."""


@contextmanager
def screen_and_keyboard() -> Generator[None]:
    """Descriptors 0 and 2 are a terminal inside; raises `NoTerminalError`."""
    kept: list[tuple[int, int]] = []
    try:
        if isinstance(sys.__stderr__, io.TextIOWrapper):
            # Before its descriptor is another: it asks where in a file it stands.
            sys.__stderr__.reconfigure(errors="replace")
        if not os.isatty(0):
            kept.append((0, os.dup(0)))
            _put(_open_tty(), 0)
        if not os.isatty(2):
            kept.append((2, os.dup(2)))
            os.dup2(1, 2)
        yield
    finally:
        if sys.__stderr__ is not None:
            # What is still buffered is for the screen.
            with suppress(OSError):
                sys.__stderr__.flush()
        for number, copy in kept:
            _put(copy, number)


def _open_tty() -> int:
    try:
        return os.open(TTY, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise NoTerminalError(
            f"standard input is no terminal, and {TTY} cannot be opened for the keyboard: {error.strerror}.\n\n"
            "  Without a screen, one event a line:  --json"
        ) from None


def _put(descriptor: int, number: int) -> None:
    os.dup2(descriptor, number)
    os.close(descriptor)
