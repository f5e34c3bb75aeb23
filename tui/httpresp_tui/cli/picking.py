"""The picker in a process of its own: opening the socket needs root after an interface was chosen, drawing must not.

`pick` forks before anything is imported that draws. The child gives root up, asks, and says the name; it goes when its
parent does. The parent waits; a signal that would end it ends the asking.
"""

import os
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.system import privileges
from httpresp_capture.system.permission import may_capture
from httpresp_tui.terminal.stopping import heeded

if TYPE_CHECKING:
    from httpresp_tui.screens.picker import Picker

__all__ = ["Picked", "pick"]


@dataclass(frozen=True, slots=True)
class Picked:
    """What came of asking."""

    name: str | None
    """None when nothing was chosen."""
    ended_by: int = 0
    """The signal that ended the asking; 0 when a person did."""


def pick() -> Picked:
    """Which interface to listen on; raises `CaptureError` when it could not be asked."""
    allowed = may_capture()
    answers, answering = os.pipe()
    orders, ordering = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(answers)
        os.close(ordering)
        _ask(answering, orders, allowed=allowed)
    os.close(answering)
    os.close(orders)

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        os.write(ordering, bytes((number,)))

    before = {number: signal.signal(number, end) for number in heeded()}
    try:
        with os.fdopen(answers, "rb") as file:
            number, answered, name = file.read().partition(b" ")
        os.waitpid(pid, 0)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(ordering)
    if not answered:
        raise CaptureError("there was no asking which interface to listen on. Name one:  -i IFACE")
    return Picked(os.fsdecode(name) or None, int(number))


def _ask(answering: int, orders: int, *, allowed: bool) -> NoReturn:
    """What the child does; nothing of it returns to the code that forked."""
    status = 1
    try:
        privileges.drop()
        from httpresp_tui.screens.picker import new_picker
        from httpresp_tui.terminal.app import run_app

        picker = new_picker(allowed=allowed)
        threading.Thread(target=_obey, args=(orders, picker), daemon=True).start()
        name = run_app(picker) or ""
        os.write(answering, b"%d %s" % (picker.ended_by, os.fsencode(name)))
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _obey(orders: int, picker: "Picker") -> None:
    """End when told to, by which signal; and when nobody is left who waits."""
    number = os.read(orders, 1)
    picker.end_by(number[0] if number else signal.SIGTERM)
