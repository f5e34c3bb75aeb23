"""What every app of ours does about its end: the terminal is given back, whoever ends it.

`run_app` runs one. A signal that would have killed the process ends the app by the way that a key would; a second one
kills it after all. A signal that this process was started to ignore (`nohup`) stays ignored.
"""

import signal
from asyncio import AbstractEventLoop, get_running_loop
from contextlib import suppress
from typing import Any, TypeVar

from textual import on
from textual.app import App
from textual.driver import Driver

from httpresp_tui.stopping import heeded
from httpresp_tui.terminal_driver import TerminalDriver, suspend_group

__all__ = ["TerminalApp", "run_app"]

Result = TypeVar("Result")

OF_TEXTUAL = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
"""Signals that its driver takes and does not give back."""


class TerminalApp(App[Result]):
    """An app that can be ended from outside."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.ended_by = 0
        """The signal that ended it; 0 when none did."""
        self._loop_of_it: AbstractEventLoop | None = None
        self._said = ""

    async def run_async(self, **options: Any) -> Result | None:
        """See `App`."""
        self._loop_of_it = get_running_loop()
        if self.ended_by:
            return None
        return await super().run_async(**options)

    def end_by(self, number: int) -> None:
        """End soon, from a signal's handler or from any thread."""
        self.ended_by = self.ended_by or number
        if self._loop_of_it is not None:
            # A loop that is closed has ended already.
            with suppress(RuntimeError):
                self._loop_of_it.call_soon_threadsafe(self.exit)

    def notify(self, message: str, **options: Any) -> None:
        """See `App`; what is said again takes the place of what is there, rather than stand on it."""
        if message == self._said:
            self.clear_notifications()
        self._said = message
        super().notify(message, **options)

    def terminal_gone(self) -> None:
        """There is nobody to draw for: as if the kernel had said so, to whoever ignores its signal too."""
        self.end_by(signal.SIGHUP)

    @on(Driver.SignalResume)
    def _draw_all(self) -> None:
        """The terminal is ours again, with nothing of ours on it."""
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell, until `fg`."""
        if self._driver is not None and self._driver.can_suspend and not suspend_group():
            self.notify("There is no shell to go back to.", timeout=2, markup=False)


def run_app(app: TerminalApp[Result]) -> Result | None:
    """Run it to its end; its result. `app.ended_by` is then the signal that ended it, if one did."""

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        app.end_by(number)

    taken = heeded()
    before = {number: signal.getsignal(number) for number in (*OF_TEXTUAL, *taken)}
    for number in taken:
        signal.signal(number, end)
    try:
        return app.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
