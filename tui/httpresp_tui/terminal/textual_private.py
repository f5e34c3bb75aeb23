"""Every private part of Textual that this program touches, under a public name; no other room touches one.

Textual promises none of it. `tests/tui/terminal/test_textual_private.py` has a test for each, and says which other room
has taken one or gives a private name of Textual another meaning. The dependency has an upper bound for the same reason.
"""

from asyncio import AbstractEventLoop
from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from textual._xterm_parser import XTermParser  # pyright: ignore[reportPrivateUsage]
from textual.app import App
from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from httpresp_tui.terminal.background import Answer

# --- the app and its screen ---


def driver_of(app: App[Any]) -> Driver | None:
    """What draws for an app; None before it runs."""
    return app._driver  # pyright: ignore[reportPrivateUsage]


def paint_now(screen: Screen[Any]) -> bool:
    """Paint what has changed without waiting for the next frame; False when nothing has."""
    if not (screen._dirty_widgets or screen._layout_required):  # pyright: ignore[reportPrivateUsage]
        return False
    screen._on_timer_update()  # pyright: ignore[reportPrivateUsage]
    return True


class Gate(MessagePump):
    """A widget or screen that does not take every message."""

    def lets_in(self, message: Message) -> bool:
        """False for a message that is let go."""
        return True

    async def _dispatch_message(self, message: Message) -> None:
        if self.lets_in(message):
            await super()._dispatch_message(message)


# --- scrolling ---


def set_height_quietly(view: Widget, size: Size, *, thumb_moves: bool) -> None:
    """Another virtual size. Assigned the usual way it would lay out the whole screen and draw every line anew; here
    only the scrollbar is drawn, and only where its thumb moves."""
    view.set_reactive(cast("Reactive[Size]", Widget.virtual_size), size)
    if thumb_moves:
        view._scroll_update(size)  # pyright: ignore[reportPrivateUsage]
    else:
        view.vertical_scrollbar.set_reactive(ScrollBar.window_virtual_size, size.height)


# --- the terminal ---


class _Parser(XTermParser):
    """Textual's, of which an answer of the terminal is kept."""

    def __init__(self, answer: Answer, debug: bool = False) -> None:
        super().__init__(debug)
        self._answer = answer

    def feed(self, data: str) -> Iterable[Message]:
        """What was typed; no text at all is the end."""
        others = self._answer.others(data)
        return super().feed(others) if others or not data else ()

    def tick(self) -> Iterable[Message]:
        """Time has gone by."""
        if late := self._answer.late():
            yield from super().feed(late)
        yield from super().tick()


class PrivateDriver(LinuxDriver):
    """Textual's driver of Linux with its insides in the open; what it leaves to its heirs has a public name."""

    @property
    def app(self) -> Any:
        """The app that it draws for."""
        return self._app

    @property
    def loop(self) -> AbstractEventLoop:
        """The loop of that app."""
        return self._loop

    @property
    def file(self) -> Any:
        """Where it writes."""
        return self._file

    @file.setter
    def file(self, file: Any) -> None:
        self._file = file

    @property
    def writer(self) -> int | None:
        """The identity of the thread that writes; None before and after."""
        thread = self._writer_thread
        return None if thread is None else thread.ident

    @property
    def mouse_in_pixels(self) -> bool:
        """Whether the terminal was asked to report the mouse in pixels."""
        return self._mouse_pixels

    @property
    def restarts(self) -> bool:
        """Whether a stop by the shell gives the terminal back, and going on takes it again."""
        return self._auto_restart

    def tell_resumed(self) -> None:
        """Let the app hear of it when the terminal is taken again."""
        self._must_signal_resume = True

    def stop_asked(self) -> None:
        """SIGTSTP came; in a signal's handler."""

    def going_on(self) -> None:
        """SIGCONT came; in a signal's handler."""

    def read_keys(self) -> None:
        """Read what is typed, on a thread of its own, until the driver stops."""
        self.run_input_thread()

    def read_without(self, answer: Answer) -> None:
        """The same, without the answer of a terminal that is none of the keys."""
        # The parser is made inside, by this name.
        setattr(linux_driver, "XTermParser", partial(_Parser, answer))  # noqa: B010
        self.run_input_thread()

    def _sigtstp_application(self, *_: object) -> None:
        self.stop_asked()

    def _sigcont_application(self, *_: object) -> None:
        self.going_on()

    def _run_input_thread(self) -> None:
        self.read_keys()
