"""Only what is like the row: `.` and a letter, in the list, in groups and from the detail pane."""

from pathlib import Path

import pytest

from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.choose import Choose
from scripted import Scripted, running, screen_text, some_responses, until

pytestmark = pytest.mark.slow


def filter_text(app: HttprespApp) -> str:
    return app.filter_line.input.value


async def test_a_letter_makes_the_filter_and_again_takes_it_away(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        await pilot.press("g", "j", "full_stop")
        await until(pilot, lambda: "Only what is like #2 in its" in screen_text(app))
        assert "h  host" in screen_text(app)
        assert "GET /shop/items/:id" in screen_text(app)
        await pilot.press("s")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 2)
        assert (filter_text(app), app.filter.text) == ("status=302", "status=302")
        await pilot.press("full_stop", "f")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 1)
        assert filter_text(app) == "status=302 flow=1"
        await pilot.press("full_stop")
        await until(pilot, lambda: "✓ s  status" in screen_text(app) and "✓ f  connection" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 4)
        assert filter_text(app) == "flow=1"


async def test_it_stands_below_its_row_or_above_it(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(60)), tmp_path) as (app, pilot):
        for key, below in (("g", True), ("G", False)):
            await pilot.press(key, "full_stop")
            await until(pilot, lambda: isinstance(app.screen, Choose) and "Only what is" in screen_text(app))
            box = app.screen.query_one(".choose-box")
            row = app.rows.region.y + app.rows.line_of_cursor
            await until(
                pilot,
                lambda box=box, row=row, below=below: box.region.y == row + 1 if below else box.region.bottom == row,
            )
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.main)


async def test_several_cookies_are_asked_for_by_name(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        await pilot.press("g", "j", "j", "j", "full_stop")
        await until(pilot, lambda: "k  cookie…" in screen_text(app))
        await pilot.press("k")
        await until(pilot, lambda: "Only what sets or sends" in screen_text(app) and "t  theme" in screen_text(app))
        await pilot.press("t")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 2)
        assert filter_text(app) == 'jar="theme shop.example:8080"'


async def test_a_group_is_kept_alone(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        await pilot.press("t", "g", "full_stop")
        await until(pilot, lambda: "Only this group" in screen_text(app))
        await pilot.press("f")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 4)
        await pilot.press("j", "full_stop", "s")
        await until(pilot, lambda: app.screen is app.main and app.session.view.shown == 1)
        assert filter_text(app) == "flow=1 status=404"


async def test_from_the_detail_pane_it_is_about_what_is_read(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        await pilot.press("g", "enter", "full_stop")
        await until(pilot, lambda: "Only what is like #1 in its" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: app.screen is app.main and filter_text(app) == "status=404")
        assert app.body.reading
