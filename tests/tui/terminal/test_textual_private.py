"""What Textual does not promise is still there, and one room alone touches it."""

import ast
import asyncio
import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

import httpresp_tui
from httpresp_tui.terminal import textual_private
from httpresp_tui.terminal.textual_private import Gate, PrivateDriver, driver_of, paint_now, set_height_quietly

# --- no other room ---


def rooms() -> Iterator[Any]:
    for found in pkgutil.walk_packages(httpresp_tui.__path__, "httpresp_tui."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def classes() -> list[type]:
    """Ours that stand on one of Textual's."""
    return [
        one
        for room in rooms()
        for one in vars(room).values()
        if isinstance(one, type) and one.__module__ == room.__name__ and any(map(is_textual, one.__mro__))
    ]


def is_textual(one: type) -> bool:
    return one.__module__.partition(".")[0] == "textual"


@cache
def names_in(one: type, *, stored: bool) -> set[str]:
    """The private names that a class uses of itself; with `stored`, those that it gives to itself."""
    (tree,) = ast.parse(dedent(inspect.getsource(one))).body
    assert isinstance(tree, ast.ClassDef)
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=context):
                if stored is isinstance(context, ast.Store):
                    found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if stored:
                found.add(name)
            case _:
                pass
    for line in tree.body if stored else ():
        match line:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case _:
                pass
    return {name for name in found if name.startswith("_") and not name.startswith("__")}


def of_textual(one: type) -> set[str]:
    """Private names of the classes of Textual below one."""
    return {name for base in one.__mro__ if is_textual(base) for name in names_in(base, stored=True)}


TAKEN = [one for one in classes() if one.__module__ != textual_private.__name__]


def test_there_are_classes_to_look_at() -> None:
    assert {one.__name__ for one in TAKEN} >= {"HttprespApp", "ResponseList", "TerminalDriver", "Palette", "MainScreen"}


@pytest.mark.parametrize("one", TAKEN, ids=lambda one: one.__name__)
def test_no_other_room_uses_a_private_name_of_textual_or_gives_it_another_meaning(one: type) -> None:
    private = of_textual(one)
    assert not sorted(names_in(one, stored=True) & private), "has another meaning in Textual"
    assert not sorted(names_in(one, stored=False) & private), "stands in terminal/textual_private"


# --- what there is ---


class Tall(ScrollView):
    """A thousand lines."""

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width)


class Marked(Message):
    """For the gate."""


class Gated(Gate, Widget):
    """Counts what it is told, and can be shut."""

    shut = False
    told = 0

    def lets_in(self, message: Message) -> bool:
        return not (self.shut and isinstance(message, Marked))

    def on_marked(self) -> None:
        self.told += 1


class Probe(App[None]):
    """Every part, used."""

    def compose(self) -> ComposeResult:
        yield Tall()
        yield Gated()


async def test_the_driver_of_an_app_is_there_while_it_runs() -> None:
    app = Probe()
    assert driver_of(app) is None
    async with app.run_test():
        assert isinstance(driver_of(app), Driver)


async def test_a_change_is_painted_at_once() -> None:
    app = Probe()
    async with app.run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        screen: Screen[Any] = app.screen
        assert not paint_now(screen)
        while not screen._dirty_widgets:  # pyright: ignore[reportPrivateUsage]  # what is looked at
            app.query_one(Gated).refresh()
            await asyncio.sleep(0)
        assert paint_now(screen)
        assert not screen._dirty_widgets  # pyright: ignore[reportPrivateUsage]


async def test_a_message_that_a_gate_does_not_let_in_is_not_heard() -> None:
    app = Probe()
    async with app.run_test() as pilot:
        gated = app.query_one(Gated)
        gated.post_message(Marked())
        await pilot.pause()
        assert gated.told == 1
        gated.shut = True
        gated.post_message(Marked())
        await pilot.pause()
        assert gated.told == 1


@pytest.mark.parametrize("thumb_moves", [True, False])
async def test_a_view_grows_without_a_new_layout(thumb_moves: bool) -> None:
    app = Probe()
    async with app.run_test(size=(20, 10)) as pilot:
        tall = app.query_one(Tall)
        tall.virtual_size = Size(10, 1_000)
        await pilot.pause()
        set_height_quietly(tall, Size(10, 2_000), thumb_moves=thumb_moves)
        assert not app.screen._layout_required  # pyright: ignore[reportPrivateUsage]  # what is to be spared
        assert tall.virtual_size.height == tall.vertical_scrollbar.window_virtual_size == 2_000
        tall.scroll_to(y=1_900, animate=False, immediate=True)
        assert tall.scroll_offset.y == 1_900


async def test_the_insides_of_the_driver_are_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stderr__", io.StringIO())
    heard: list[str] = []

    class Told(PrivateDriver):
        """Hears of signals and of its thread."""

        def stop_asked(self) -> None:
            heard.append("stop")

        def going_on(self) -> None:
            heard.append("on")

        def read_keys(self) -> None:
            heard.append("keys")

    handlers: list[Any] = []

    def take(_: int, handler: Any) -> None:
        handlers.append(handler)

    monkeypatch.setattr("signal.signal", take)
    app = Probe()
    driver = Told(app, size=(80, 24))
    for handler in handlers:
        handler(0, None)
    assert heard == ["stop", "on"]
    assert driver.app is app
    assert driver.loop is asyncio.get_running_loop()
    assert driver.writer is None
    assert driver.mouse_in_pixels is False
    assert driver.restarts
    with driver.no_automatic_restart():
        assert not driver.restarts
    file = io.StringIO()
    driver.file = file
    assert driver.file is file
    source = inspect.getsource(LinuxDriver)
    # What cannot be seen without a terminal: who starts the thread, and who asks whether the app is to be told.
    assert "target=self._run_input_thread" in source
    assert "if self._must_signal_resume:" in source
    assert "WriterThread(self._file)" in source


def test_the_room_is_the_only_one_that_says_so() -> None:
    folder = Path(httpresp_tui.__file__).parent
    saying = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if "pyright: ignore[reportPrivateUsage]" in path.read_text(encoding="utf-8")
    }
    assert saying == {"terminal/textual_private.py"}
