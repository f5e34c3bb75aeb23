"""What every app of ours does about its end: the terminal is given back, whoever ends it.

`run_app` runs one. A signal that would have killed the process ends the app by the way that a key would; a second one
kills it after all. A terminal that takes no bytes delays the end, and does not prevent it. A signal that this process
was started to ignore (`nohup`) stays ignored.
"""

import os
import signal
from asyncio import AbstractEventLoop, get_running_loop
from contextlib import suppress
from threading import Timer
from typing import Any, TypeVar

from textual import on
from textual.app import App
from textual.driver import Driver

from httpresp_tui.terminal.background import told_by
from httpresp_tui.terminal.driver import TerminalDriver, suspend_group
from httpresp_tui.terminal.stopping import heeded
from httpresp_tui.terminal.stuck import WAKE
from httpresp_tui.terminal.textual_private import driver_of

__all__ = ["TerminalApp", "run_app"]

Result = TypeVar("Result")

LIGHT_THEME = "textual-light"
"""Of a terminal with a light background, where no theme was chosen."""
PATIENCE = 3.0
"""Seconds that an app which was told to end waits for its terminal to take what is drawn."""
OF_TEXTUAL = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
"""Signals that its driver takes and does not give back."""


class TerminalApp(App[Result]):
    """An app that can be ended from outside."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.ended_by = 0
        """The signal that ended it; 0 when none did."""
        self.asks_background = False
        """Whether the terminal is to be asked if it is a light one: where nobody has chosen a theme."""
        self.theme_of_terminal = ""
        """The theme that nobody chose; empty where the usual one fits."""
        self._loop_of_it: AbstractEventLoop | None = None
        self._notified = ""
        self._patience: Timer | None = None

    async def run_async(self, **options: Any) -> Result | None:
        """See `App`."""
        self._loop_of_it = get_running_loop()
        if self.ended_by:
            return None
        return await super().run_async(**options)

    def end_by(self, number: int) -> None:
        """End soon, from a signal's handler or from any thread."""
        self.ended_by = self.ended_by or number
        if self._patience is None:
            self._patience = Timer(PATIENCE, self._wait_no_longer)
            self._patience.daemon = True
            self._patience.start()
        if self._loop_of_it is not None:
            # A loop that is closed has ended already.
            with suppress(RuntimeError):
                self._loop_of_it.call_soon_threadsafe(self.exit)

    def _wait_no_longer(self) -> None:
        driver = driver_of(self)
        if isinstance(driver, TerminalDriver):
            driver.divert()

    def has_ended(self) -> None:
        """Nothing is drawn any more: a terminal that did not let itself be drawn on is given back."""
        if self._patience is not None:
            self._patience.cancel()
        driver = driver_of(self)
        if isinstance(driver, TerminalDriver):
            driver.give_back()

    def notify(self, message: str, **options: Any) -> None:
        """See `App`; what is said again takes the place of what is there, rather than stand on it."""
        if message == self._notified:
            self.clear_notifications()
        self._notified = message
        super().notify(message, **options)

    def choose_theme_by_terminal(self) -> None:
        """A light theme on a light terminal, as soon as it is known to be one."""
        light = told_by(os.environ)
        if light is None:
            self.asks_background = True
        elif light:
            self._use_light_theme()

    def background_told(self, light: bool) -> None:
        """The terminal has answered; from its thread."""
        if light and self._loop_of_it is not None:
            self._loop_of_it.call_soon_threadsafe(self._use_light_theme)

    def _use_light_theme(self) -> None:
        self.theme_of_terminal = LIGHT_THEME
        self.theme = LIGHT_THEME

    def terminal_gone(self) -> None:
        """There is nobody to draw for: as if the kernel had said so, to whoever ignores its signal too."""
        self.end_by(signal.SIGHUP)

    @on(Driver.SignalResume)
    def _draw_all(self) -> None:
        """The terminal is ours again, with nothing of ours on it."""
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell, until `fg`."""
        driver = driver_of(self)
        if driver is not None and driver.can_suspend and not suspend_group():
            self.notify("There is no shell to go back to.", timeout=2, markup=False)


def _go_on(_number: int, _frame: object) -> None:
    """It only had to come."""


def run_app(app: TerminalApp[Result]) -> Result | None:
    """Run it to its end; its result. `app.ended_by` is then the signal that ended it, if one did."""

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        app.end_by(number)

    taken = heeded()
    before = {number: signal.getsignal(number) for number in (*OF_TEXTUAL, *taken, WAKE)}
    signal.signal(WAKE, _go_on)
    for number in taken:
        signal.signal(number, end)
    try:
        return app.run()
    finally:
        app.has_ended()
        for number, handler in before.items():
            signal.signal(number, handler)
