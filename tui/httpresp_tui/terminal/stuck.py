"""A terminal that takes no bytes: its window is stopped, or ssh waits for a network that has gone.

Whoever writes to it then waits in the kernel, for as long as that lasts. To end all the same, `divert` puts the null
device in its place, so that whoever writes goes on; `give_back` puts the terminal back when all is over, throws away
what it did not take, and tells it to be as it was found. Only signals and descriptors in here.
"""

import os
import select
import signal
import termios
from contextlib import suppress

WAKE = signal.SIGUSR2
"""Makes a write that waits return, so that it is tried anew; whoever diverts must have a handler for it."""
AS_FOUND = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[<u"
    b"\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What Textual writes when it ends: modes, mouse, keyboard, screen, cursor."""


def divert(descriptor: int, writer: int | None) -> int:
    """What is written to a descriptor goes nowhere from now on, also what a thread is writing now; a copy of it."""
    kept = os.dup(descriptor)
    _to_null(descriptor)
    if writer is not None:
        # Python tries again after a signal (PEP 475), and finds the null device under the number.
        with suppress(ProcessLookupError):
            signal.pthread_kill(writer, WAKE)
    return kept


def give_back(descriptor: int, kept: int) -> None:
    """The terminal stands under its number again; it never waits for the terminal."""
    os.dup2(kept, descriptor)
    os.close(kept)
    with suppress(termios.error, OSError):
        termios.tcflow(descriptor, termios.TCOON)
        termios.tcflush(descriptor, termios.TCOFLUSH)
        # An open file of its own: the other one is shared with the shell, which does not expect it to say EAGAIN.
        terminal = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(terminal, AS_FOUND)
        finally:
            os.close(terminal)
    for number in (1, 2):
        if os.isatty(number) and not select.select([], [number], [], 0)[1]:
            # What is still to be said would wait, too.
            _to_null(number)


def _to_null(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
