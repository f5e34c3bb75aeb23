"""Sorting as a person does it: `o`, `O`, also in groups; and a menu that takes letters."""

from pathlib import Path

import pytest

from httpresp_tui.app import HttprespApp
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.screens.choose import Choice, Choose, letters_for
from scripted import Scripted, running, screen_text, some_responses, until

pytestmark = pytest.mark.slow


def ids(app: HttprespApp) -> list[int | str]:
    rows = app.session.view.rows
    return [rows.key_at(index) for index in range(len(rows))]


def order(app: HttprespApp) -> tuple[str, bool]:
    view = app.session.view
    return (view.sorted_by.key if view.sorted_by else "", view.reverse)


async def test_a_letter_chooses_what_to_sort_by_and_again_turns_it_round(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("o")
        await until(pilot, lambda: "Sort by" in screen_text(app) and "• 0  order of arrival" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: app.screen is app.main)
        # The worst first, and the cursor on it, since nothing was chosen before.
        assert (order(app), ids(app)) == (("status", True), [3, 1, 2, 8, 7, 6, 5, 4])
        assert app.rows.current is not None
        assert app.rows.current.id == 3
        assert "statu▼" in screen_text(app).splitlines()[2]
        await pilot.press("o")
        await until(pilot, lambda: "▼ s  " in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        assert order(app) == ("status", False)
        await pilot.press("O")
        assert order(app) == ("status", True)
        await pilot.press("o", "0")
        await until(pilot, lambda: app.screen is app.main)
        assert (order(app), ids(app)) == (("", False), [1, 2, 3, 4, 5, 6, 7, 8])
        # It belongs to its response, not to a line.
        assert app.rows.current.id == 3


async def test_reversed_arrival_is_the_newest_first(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("O")
        assert (order(app), ids(app)) == (("time", True), [8, 7, 6, 5, 4, 3, 2, 1])
        assert app.rows.cursor == 0


async def test_groups_and_what_is_in_them_are_sorted(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(12)), tmp_path) as (app, pilot):
        await pilot.press("t", "o")
        await until(pilot, lambda: "responses" in screen_text(app) and "groups by errors" in screen_text(app))
        await pilot.press("r")
        await until(pilot, lambda: app.screen is app.main and not app.session.view.has_work)
        assert ids(app) == ["2", 5, 6, 7, 8, 9, "1", 1, 2, 3, 4, "3", 10, 11, 12]
        await until(pilot, lambda: "responses▼" in screen_text(app).splitlines()[2])
        await pilot.press("o", "s")
        await until(pilot, lambda: app.screen is app.main and not app.session.view.has_work)
        assert order(app) == ("status", True)
        groups = [row for index in range(15) if isinstance(row := app.session.view.rows.row_at(index), GroupRow)]
        assert [(group.key, group.errors) for group in groups] == [("1", 2), ("3", 1), ("2", 1)]
        assert ids(app)[:5] == ["1", 3, 1, 2, 4]
        # An order of groups alone goes with them, another one stays.
        await pilot.press("t")
        assert order(app) == ("status", True)
        await pilot.press("t", "o", "r")
        await until(pilot, lambda: app.screen is app.main and order(app) == ("count", True))
        await pilot.press("t")
        assert order(app) == ("", False)
        assert "▼" not in screen_text(app).splitlines()[2]


async def test_what_comes_is_put_where_it_belongs(tmp_path: Path) -> None:
    source = Scripted(some_responses(4))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("t", "o", "r")
        await until(pilot, lambda: app.screen is app.main and order(app) == ("count", True))
        source.emit(some_responses(5, first=5))
        await until(pilot, lambda: app.session.view.shown == 9 and not app.session.view.has_work)
        assert ids(app) == ["2", 5, 6, 7, 8, 9, "1", 1, 2, 3, 4]


async def test_the_first_row_stays_in_hand_while_more_are_put_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Scripted(some_responses(3_000)), tmp_path) as (app, pilot):
        scanned = app.session.scan
        left = [5]

        def scan(seconds: float) -> None:
            # However fast the machine: the walk has only begun when the first picture is there.
            if left:
                app.session.view.step(left.pop())

        monkeypatch.setattr(app.session, "scan", scan)
        await pilot.press("o", "t")
        await until(pilot, lambda: app.screen is app.main and order(app) == ("time", False))
        assert app.session.view.pending
        monkeypatch.setattr(app.session, "scan", scanned)
        await until(pilot, lambda: not app.session.view.has_work)
        await until(pilot, lambda: app.rows.current is not None and app.rows.current.id == 1)


async def test_a_letter_wins_over_the_keys_that_move_and_what_is_missing_is_not_chosen(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        answers: list[str | None] = []
        rows = [
            Choice("up", "u", "first"),
            Choice("none", "x", "not there", "why", missing=True),
            Choice("k", "k", "k"),
        ]
        for keys in (("x", "k"), ("down", "enter"), ("escape",)):
            app.push_screen(Choose("Which", rows), answers.append)
            await until(pilot, lambda: isinstance(app.screen, Choose) and "Which" in screen_text(app))
            await pilot.press(*keys)
            await until(pilot, lambda: app.screen is app.main)
        assert answers == ["k", "k", None]


def test_letters_are_of_the_words_where_they_can_be() -> None:
    assert letters_for(["time", "type", "ttfb", "!", "jk"]) == ["t", "y", "f", "1", "2"]
