"""The last line of every screen at 80x24 names only keys that do something there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot

from httpresp_capture.analysis.baseline import Baseline, accepting
from httpresp_capture.analysis.review import Review
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_tui.app import HttprespApp
from httpresp_tui.widgets.status_bar import StatusBar
from samples import OK, response
from scripted import Scripted, running, screen_text, some_responses, status, until

pytestmark = pytest.mark.slow

MANY = some_responses(12)
FINE: list[CaptureEvent] = [ResponseSeen(response(OK, id=1, request=None))]
LONG: list[CaptureEvent] = [
    ResponseSeen(response(OK.replace(b"Server:", b"X-Long: " + b"word " * 40 + b"\r\nServer:"), id=id)) for id in (1, 2)
]
NEXT_PAGE = "right_square_bracket"
FINDINGS = "exclamation_mark"

STATES: dict[str, tuple[Sequence[CaptureEvent], tuple[str, ...]]] = {
    "empty": ([], ()),
    "empty, ended": ([status(ended=True)], ()),
    "list, following": (MANY, ()),
    "list, at its top": (MANY, ("g",)),
    "list, ended, at its end": ([*MANY, status(ended=True)], ()),
    "a group's row": (MANY, ("t", "g")),
    "no error": (FINE, ()),
    "detail of the newest": (MANY, ("enter",)),
    "detail of an older one": (LONG, ("k", "enter")),
    "detail, a short tab": (FINE, ("enter", "2")),
    "detail of nothing": ([], ("tab",)),
    "search": (MANY, ("enter", "slash")),
    "filter": (MANY, ("slash",)),
    "filter with a history": (MANY, ("slash", "o", "k", "enter", "slash")),
    "findings": (MANY, (FINDINGS,)),
    "findings of nothing": ([], (FINDINGS,)),
    **{f"page {page} of findings": (MANY, (FINDINGS, *[NEXT_PAGE] * page)) for page in (1, 2, 5)},
    "follow": (MANY, ("f",)),
    "follow, as bytes": (MANY, ("f", "x", "g")),
    "overview": (MANY, ("S",)),
    "overview, on the timeline": (MANY, ("S", "tab", "left")),
    "overview of nothing": ([], ("S",)),
    "help": (MANY, ("question_mark",)),
    "copy": (MANY, ("Y",)),
    "one value": (MANY, ("Y", "down", "down", "down", "enter")),
    "export": (MANY, ("e",)),
    "name of an export": (MANY, ("e", "h")),
    "group by": (MANY, ("T",)),
    "compare": (LONG, ("equals_sign",)),
    "clear": (some_responses(120), ("ctrl+l",)),
    "palette": (MANY, ("colon",)),
}


def named(app: HttprespApp) -> dict[str, str]:
    """The keys that the last line names: key, words."""
    bar = next(bar for screen in reversed(app.screen_stack) for bar in screen.query(StatusBar))
    return {key.binding.key: key.binding.description for key in bar.keys}


def standing(app: HttprespApp) -> tuple[object, ...]:
    """All that a key may change."""
    row, view = app.rows.current_row, app.session.view
    return screen_text(app), app.screen_stack[1:], app.focused, row, app.rows.follow, view.paused, view.grouped_by


async def reach(app: HttprespApp, pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: app.session.inspection.left == 0 and not app.session.view.pending)
    app.update_figures()  # what the app does a few times a second
    await pilot.pause()


async def whether_it_acts(key: str, where: str, folder: Path) -> bool:
    events, keys = STATES[where]
    async with running(Scripted(events), folder) as (app, pilot):
        await reach(app, pilot, keys)
        before = standing(app)
        await pilot.press(key)
        try:
            await until(pilot, lambda: standing(app) != before)
        except AssertionError:
            return False
        return True


@pytest.mark.parametrize("where", list(STATES))
async def test_every_key_that_is_named_does_something(where: str, tmp_path: Path) -> None:
    events, keys = STATES[where]
    async with running(Scripted(events), tmp_path) as (app, pilot):
        await reach(app, pilot, keys)
        found = named(app)
        assert found
    idle = [f"{key} {words}" for key, words in found.items() if not await whether_it_acts(key, where, tmp_path)]
    assert not idle


async def test_the_next_error_is_named_while_there_is_one(tmp_path: Path) -> None:
    async with running(Scripted(MANY), tmp_path) as (app, pilot):
        await reach(app, pilot, ())
        assert named(app)["n"] == "Next error"
        await reach(app, pilot, ("2",))
        await until(pilot, lambda: not app.session.view.pending)
        assert "n" not in named(app)


async def test_a_finding_that_is_accepted_is_not_to_be_accepted(tmp_path: Path) -> None:
    accepted = Baseline((accepting("NOSNIFF", "", "shop.example:8080", "ours", date(2999, 1, 1)),))
    review = Review(baseline=accepted, today=date(2030, 1, 1))
    source = Scripted([ResponseSeen(replace(response(OK, id=1), body=b"<html>", body_bytes=6))])
    async with running(source, tmp_path, review=review) as (app, pilot):
        await reach(app, pilot, (FINDINGS, "G"))
        assert "✓" in screen_text(app)
        assert "a" not in named(app)
