"""Marks as a person sets them: `m`, `M`, `;`, and what filters and the screen say of them."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.prompt import Prompt
from scripted import Scripted, running, screen_text, some_responses, until

pytestmark = pytest.mark.slow


def current(app: HttprespApp) -> int:
    """The number of the response under the cursor."""
    assert app.rows.current is not None
    return app.rows.current.id


def marked_lines(app: HttprespApp) -> list[str]:
    return [line.split("/items/")[1].split()[0] for line in screen_text(app).splitlines() if " * " in f"{line} "]


async def write(pilot: Pilot[Any], app: HttprespApp, text: str) -> None:
    """Into the prompt that `;` opens."""
    await pilot.press("semicolon")
    await until(pilot, lambda: isinstance(app.screen, Prompt) and isinstance(app.focused, Input))
    await pilot.press(*("space" if letter == " " else letter for letter in text), "enter")
    await until(pilot, lambda: app.screen is app.main)


async def test_m_marks_and_goes_one_down_and_again_takes_the_mark_away(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("g", "m", "m")
        assert (list(app.session.marks), current(app)) == ([1, 2], 3)
        await until(pilot, lambda: marked_lines(app) == ["1", "2"])
        await pilot.press("k", "m")
        assert (list(app.session.marks), current(app)) == ([1], 3)
        await until(pilot, lambda: marked_lines(app) == ["1"])
        mark = app.rows.get_component_rich_style("response-list--marked")
        strip = app.rows.render_line(1)
        assert next(segment.style for segment in strip if segment.text == "*") == mark


async def test_the_next_mark_is_found_round_and_round_and_in_folded_groups(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(12)), tmp_path) as (app, pilot):
        await pilot.press("M")
        await until(pilot, lambda: "Nothing is marked" in screen_text(app))
        await pilot.press("g", "j", "m", "G", "m", "M")
        assert current(app) == 2
        await pilot.press("M")
        assert current(app) == 12
        await pilot.press("t", "minus", "g", "M")
        assert current(app) == 2
        await pilot.press("M")
        assert current(app) == 12
        await pilot.press("5")
        await until(pilot, lambda: not app.session.view.pending and app.session.view.shown == 2)
        await pilot.press("M")
        await until(pilot, lambda: "What is marked is hidden: 2 responses" in screen_text(app))


async def test_a_comment_marks_and_filters_find_it(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, filter_text="-mark:fine") as (app, pilot):
        await pilot.press("g")
        await write(pilot, app, "odd [b] age")
        assert (app.session.marks.comment(1), current(app)) == ("odd [b] age", 1)
        await pilot.press("j")
        await write(pilot, app, "fine")
        await until(pilot, lambda: "items/2 " not in screen_text(app))
        assert current(app) == 3
        app.filter_line.replace("is:marked")
        await until(pilot, lambda: app.session.view.shown == 2)
        app.filter_line.replace("mark:odd")
        await until(pilot, lambda: app.session.view.shown == 1)
        assert current(app) == 1
        # What was said is there to be changed; without it the mark stays.
        await pilot.press("semicolon")
        await until(pilot, lambda: isinstance(app.focused, Input) and app.focused.value == "odd [b] age")
        await pilot.press("ctrl+u", "enter")
        await until(pilot, lambda: app.session.view.shown == 0)
        assert list(app.session.marks) == [1, 2]
        assert app.session.marks.comment(1) == ""


async def test_a_row_that_a_filter_takes_away_with_its_mark_is_not_passed_over(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("g", "m", "m", "m")
        app.filter_line.replace("is:marked")
        await until(pilot, lambda: app.session.view.shown == 3)
        await pilot.press("g", "m")
        assert current(app) == 2


async def test_in_the_detail_pane_the_mark_stands_in_the_title_and_the_response_stays(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("g", "enter")
        await until(pilot, lambda: "#1  404" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: "* #1  404" in screen_text(app))
        await write(pilot, app, "why")
        await until(pilot, lambda: "* why  #1  404" in screen_text(app))
        await pilot.press("J", "m")
        await until(pilot, lambda: "* #2  302" in screen_text(app))
        await pilot.press("M")
        await until(pilot, lambda: "* why  #1  404" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: " #1  404" in screen_text(app) and "*" not in screen_text(app).splitlines()[2])
        assert list(app.session.marks) == [2]


async def test_what_goes_with_its_response_is_said_and_marks_are_not_forgotten_unasked(tmp_path: Path) -> None:
    source = Scripted(some_responses(8))
    async with running(source, tmp_path, max_responses=8) as (app, pilot):
        await pilot.press("g", "m", "m", "j")
        source.emit(some_responses(1, first=9))
        await until(pilot, lambda: "1 marked response let go" in screen_text(app))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "Forget 8 responses, 1 of them marked?" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: not len(app.session.store))
        assert not app.session.marks


async def test_a_group_has_no_mark(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("t", "g", "m", "semicolon")
        await until(pilot, lambda: "No response is chosen." in screen_text(app))
        assert not app.session.marks
