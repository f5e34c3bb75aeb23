"""Columns as a person chooses them: `C`, a header by its name, an order; and that they are remembered."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from httpresp_tui.app import HttprespApp
from httpresp_tui.model.settings import Settings, load_remembered
from httpresp_tui.screens.columns import Columns
from scripted import Scripted, running, screen_text, some_responses, until

pytestmark = pytest.mark.slow

WIDE = (140, 40)
USUAL = ["time", "status", "method", "host", "path", "type", "size", "ttfb", "client", "flow", "marks"]


def keys(app: HttprespApp) -> list[str]:
    return [column.key for column in app.rows.columns]


def titles(app: HttprespApp) -> str:
    return screen_text(app).split("\n")[2]


async def choosing(pilot: Pilot[Any], app: HttprespApp) -> None:
    await pilot.press("C")
    await until(pilot, lambda: isinstance(app.screen, Columns) and "✓ time" in screen_text(app))


async def test_a_header_is_a_column_by_its_name_and_is_remembered(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, WIDE) as (app, pilot):
        await choosing(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"X-Cache", "enter")
        await until(pilot, lambda: app.screen is app.main and "x-cache" in titles(app))
        assert keys(app) == [*USUAL[:-1], "header:x-cache", "marks"]
        assert "HIT" in screen_text(app)
    assert load_remembered(tmp_path / "state.json").columns == tuple(keys(app))
    async with running(Scripted(some_responses(8)), tmp_path, WIDE) as (app, pilot):
        assert keys(app) == [*USUAL[:-1], "header:x-cache", "marks"]
        await pilot.press("o")
        await until(pilot, lambda: "x-cache" in screen_text(app).replace(titles(app), ""))


async def test_names_of_headers_that_were_seen_are_proposed(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, WIDE) as (app, pilot):
        await choosing(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"x-c")
        await until(pilot, lambda: "x-cache" in screen_text(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.screen is app.main)
        assert "header:x-cache" in keys(app)


async def test_what_is_no_name_is_refused_and_esc_goes_back_step_by_step(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, WIDE) as (app, pilot):
        await choosing(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"a", "space", *"b", "enter")
        await until(pilot, lambda: "That is no name of a header." in screen_text(app))
        await pilot.press("escape")
        assert isinstance(app.screen, Columns)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        assert keys(app) == USUAL


async def test_columns_are_hidden_shown_and_moved_at_once(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, WIDE) as (app, pilot):
        await choosing(pilot, app)
        await pilot.press("space")
        assert keys(app) == USUAL[1:]
        await pilot.press("j", "J")
        assert keys(app) == ["method", "status", *USUAL[3:]]
        await pilot.press("K", "k", "enter")
        assert keys(app) == USUAL
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        await choosing(pilot, app)
        await pilot.press("space", "0")
        await until(pilot, lambda: app.screen is app.main)
        assert keys(app) == USUAL
    assert load_remembered(tmp_path / "state.json").columns == ()


async def test_the_config_file_wins_and_comments_are_a_column(tmp_path: Path) -> None:
    settings = Settings(columns=("comment", "status", "duration", "marks"))
    async with running(Scripted(some_responses(8)), tmp_path, WIDE, settings=settings) as (app, pilot):
        assert keys(app) == list(settings.columns)
        await pilot.press("g", "semicolon")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"why", "enter")
        await until(pilot, lambda: screen_text(app).split("\n")[3].startswith("why  "))
        assert titles(app).split()[:3] == ["comment", "status", "duration"]
