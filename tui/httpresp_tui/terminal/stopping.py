"""How a run ends before its source does: after so many seconds, or by a signal."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that ask a program to end: what is open is closed in order, and the summary is printed."""
BY_SIGNAL = 128
"""As shells report the exit of a program that a signal has ended: this, and its number."""


@contextmanager
def stopping(stop: Callable[[], None], seconds: float | None = None) -> Generator[None]:
    """While it holds, `stop` is called when the time is over or a signal comes. A second signal ends the program."""
    timer = None if seconds is None else threading.Timer(seconds, stop)
    if timer is not None:
        timer.daemon = True
        timer.start()
    before = {number: signal.signal(number, _stopper(stop)) for number in heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if timer is not None:
            timer.cancel()


def heeded() -> list[signal.Signals]:
    """Those of `ENDING` that this process was not started to ignore, as `nohup` does."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def _stopper(stop: Callable[[], None]) -> Callable[[int, object], None]:
    def handle(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    return handle
