"""Keys that come faster than the screens they are for: they are let go, and end nothing."""

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.command import CommandList
from textual.widget import Widget

from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.main import MainScreen
from scripted import Scripted, running, some_responses, until

pytestmark = pytest.mark.slow

FAST = [
    ("colon", "enter", "enter"),
    ("colon", "z", "z", "enter", "enter"),
    ("colon", "down", "enter", "enter"),
    ("colon", "escape", "escape"),
    ("T", "enter", "enter"),
    ("Y", "enter", "enter"),
    ("Y", "escape", "escape"),
    ("exclamation_mark", "q", "q", "j"),
    ("exclamation_mark", "enter", "enter"),
    ("question_mark", "escape", "escape"),
]


@pytest.mark.parametrize("keys", FAST, ids=" ".join)
async def test_keys_that_come_too_early_end_nothing(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(10):
            await pilot.pause(0.02)
        assert app.screen_stack[0] is app.main


async def test_a_key_before_the_first_picture_is_no_letter_of_the_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[Widget | None] = []
    set_focus = MainScreen.set_focus

    def watched(screen: MainScreen, widget: Widget | None, **options: Any) -> None:
        focused.append(widget)
        set_focus(screen, widget, **options)

    monkeypatch.setattr(MainScreen, "set_focus", watched)
    async with running(Scripted(some_responses(8)), tmp_path) as (app, _):
        # A key goes to whatever has the focus at that moment, however short it has it.
        assert app.rows in focused
        assert app.filter_line.input not in focused


async def test_a_second_enter_in_the_palette_is_no_second_choice(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("colon", *"hold")
        await until(pilot, lambda: first_offered(app).startswith("Hold"))
        for _ in range(3):
            app.post_message(events.Key("enter", None))
        await until(pilot, lambda: app.screen is app.main and app.session.view.paused)
        # What would undo it stands before this in the queue of the app, or is put there by what does.
        for _ in range(3):
            before = app.rows.cursor
            app.post_message(events.Key("k", "k"))
            await until(pilot, lambda before=before: app.rows.cursor != before)
        assert app.screen is app.main
        assert app.session.view.paused


def first_offered(app: HttprespApp) -> str:
    """The command that the palette offers first, which Enter chooses; nothing while it offers none yet."""
    offers = app.screen.query(CommandList)
    if not offers or not offers.first().option_count:
        return ""
    return str(offers.first().get_option_at_index(0).prompt)
