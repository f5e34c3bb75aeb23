"""How a run without a screen ends before its source does: after so many seconds, or by a signal."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def stopping(stop: Callable[[], None], seconds: float | None = None) -> Generator[None]:
    """While it holds, `stop` is called when the time is over or ^C is pressed. A second signal ends the program."""
    timer = None if seconds is None else threading.Timer(seconds, stop)
    if timer is not None:
        timer.daemon = True
        timer.start()
    before = {number: signal.signal(number, _stopper(stop)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if timer is not None:
            timer.cancel()


def _stopper(stop: Callable[[], None]) -> Callable[[int, object], None]:
    def handle(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    return handle
