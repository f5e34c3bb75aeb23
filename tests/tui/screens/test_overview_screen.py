"""The Overview as a person meets it: what came when, the worst route first, and the way to its responses."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseSeen
from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.overview import OverviewScreen
from httpresp_tui.widgets.table import Table
from httpresp_tui.widgets.timeline_bars import TimelineBars
from samples import FAILED, FLOW, NOT_FOUND, OK, START, request, response
from scripted import Scripted, running, screen_text, until

pytestmark = pytest.mark.slow

SECOND = 1_000


def seen(
    path: bytes, *at_s: float, head: bytes = OK, first: int = 1, host: bytes = b"shop.example", wait: float = 20
) -> list[CaptureEvent]:
    return [
        ResponseSeen(
            response(
                head,
                id=id,
                at_ms=at * SECOND,
                flow=replace(FLOW, id=id),
                request=request(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path % id, host), at_ms=at * SECOND - wait),
            )
        )
        for id, at in enumerate(at_s, first)
    ]


HALF_AN_HOUR: Sequence[CaptureEvent] = [
    *seen(b"/item/%d", *range(0, 1_800, 90)),
    *seen(b"/cart/%d", 300, 310, 1_700, 1_710, head=FAILED, first=21, wait=300),
    *seen(b"/gone/%d", *range(1_300, 1_330, 10), head=NOT_FOUND, first=25),
    CaptureStatus(Counters(), START + 1_800 * 10**9),
]


def table_lines(app: HttprespApp) -> list[str]:
    lines = screen_text(app).split("\n")
    top = next(number for number, line in enumerate(lines) if "count" in line and "errors" in line)
    end = next(number for number, line in enumerate(lines) if number > top and line.startswith("─"))
    return [line for line in lines[top + 1 : end] if line.strip()]


async def test_one_key_shows_the_worst_route_first(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: len(table_lines(app)) == 3)
        first, second, third = table_lines(app)
        assert first.startswith("GET /cart/:id ")
        assert " 4 " in first
        assert "300 ms" in first
        assert second.startswith("GET /gone/:id")
        assert third.startswith("GET /item/:id")
        text = screen_text(app)
        assert "27 responses in 29 min" in text
        assert "0 lost" in text
        # The row under the cursor in words.
        assert "4 responses" in text
        assert "5xx 4" in text
        assert "p95 300 ms" in text


async def test_enter_leads_to_the_responses_of_the_row_within_what_was_filtered(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path, filter_text="4xx | 5xx") as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: len(table_lines(app)) == 2)
        await pilot.press("enter")
        await until(pilot, lambda: app.session.view.shown == 4 and not isinstance(app.screen, OverviewScreen))
        assert app.filter.text == '(4xx | 5xx) route="GET /cart/:id" host="shop.example"'


async def test_it_grows_while_it_is_looked_at(tmp_path: Path) -> None:
    source = Scripted(HALF_AN_HOUR)
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("S")
        source.emit(seen(b"/new/%d", 1_801, 1_802, 1_803, 1_804, 1_805, head=FAILED, first=28))
        await until(pilot, lambda: table_lines(app)[0].startswith("GET /new/:id"))
        assert "32 responses" in screen_text(app)


async def test_it_sorts_by_a_key_by_the_next_column_and_by_a_click(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path) as (app, pilot):
        await pilot.press("S", "c")
        await until(pilot, lambda: "count↓" in screen_text(app))
        assert table_lines(app)[0].startswith("GET /item/:id")
        await pilot.press("c")
        await until(pilot, lambda: "count↑" in screen_text(app))
        assert table_lines(app)[0].startswith("GET /gone/:id")
        await pilot.press("o")
        await until(pilot, lambda: "errors↓" in screen_text(app))
        assert table_lines(app)[0].startswith("GET /cart/:id")
        await pilot.press("p", "O")
        await until(pilot, lambda: table_lines(app)[-1].startswith("GET /cart/:id"))
        title = next(line for line in screen_text(app).split("\n") if "errors" in line and "count" in line)
        await pilot.click(Table, offset=(title.index("errors") + 2, 0))
        await until(pilot, lambda: "errors↓" in screen_text(app))


async def test_it_sums_up_by_host_client_and_type(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path) as (app, pilot):
        await pilot.press("S", "T")
        await until(pilot, lambda: [line.split()[0] for line in table_lines(app)] == ["shop.example"])
        await pilot.press("T")
        await until(pilot, lambda: [line.split()[0] for line in table_lines(app)] == ["10.0.0.9"])
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: len(table_lines(app)) == 3)
        await pilot.press("left_square_bracket", "enter")
        await until(pilot, lambda: app.filter.text == "client:10.0.0.9")


async def test_a_window_of_the_timeline_becomes_a_filter_and_the_rows_are_of_it(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path, filter_text="status>=200 since:3h") as (app, pilot):
        await pilot.press("S", "tab", "left", "left", "left", "plus")
        bars = app.screen.query_one(TimelineBars)
        assert bars.window is not None
        wanted = {each.id for each in app.session.store if bars.window.start <= each.at < bars.window.end}
        assert 0 < len(wanted) < 27
        await pilot.press("enter")
        await until(pilot, lambda: {each.id for each in app.session.view.visible()} == wanted)
        assert app.filter.text.startswith("status>=200 at:")
        assert isinstance(app.screen, OverviewScreen)
        await until(pilot, lambda: f"{len(wanted)} responses" in screen_text(app))
        # The timeline stays that of the whole capture.
        assert sum(bar.count for bar in app.session.timeline.bars(80).bars) == 27


async def test_esc_takes_the_window_first(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path) as (app, pilot):
        await pilot.press("S", "tab", "left", "escape")
        assert isinstance(app.screen, OverviewScreen)
        assert app.screen.query_one(TimelineBars).window is None
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, OverviewScreen))


async def test_losses_make_figures_lower_bounds_and_stand_on_the_timeline(tmp_path: Path) -> None:
    lost = CaptureStatus(Counters(kernel_drops=12), START + 900 * 10**9)
    async with running(Scripted([*HALF_AN_HOUR[:-1], lost]), tmp_path) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: "12 lost: counts are ≥" in screen_text(app))
        assert " ≥4 " in table_lines(app)[0]
        assert any("─!" in line for line in screen_text(app).split("\n"))


async def test_the_timeline_says_the_worst_class_in_a_digit(tmp_path: Path) -> None:
    async with running(Scripted(HALF_AN_HOUR), tmp_path) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: any("5" in line and "4" in line and "·" in line for line in digits(app)))


def digits(app: HttprespApp) -> list[str]:
    return [line for line in screen_text(app).split("\n") if set(line.strip()) <= set("·45? ") and line.strip()]


async def test_an_overview_of_nothing_says_so(tmp_path: Path) -> None:
    async with running(Scripted(), tmp_path) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: "No response is visible" in screen_text(app))
        await pilot.press("enter", "tab", "left", "enter", "T", "o", "O", "e")
        assert isinstance(app.screen, OverviewScreen)


async def test_nothing_of_the_wire_acts(tmp_path: Path) -> None:
    events = seen(b"/\x1b]52;c;ZXZpbA==\x07\x9b2J[red]%d", 1, 2, host=b"h\x1b[31m[/]")
    async with running(Scripted(events), tmp_path) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: "2 responses" in screen_text(app))
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in screen_text(app) if char != "\n")
