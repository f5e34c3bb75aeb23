"""Everyday tasks, with their keys counted: each is done by so many keys and no more."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseSeen
from httpresp_tui.app import HttprespApp
from samples import FAILED, FLOW, START, request, response
from scripted import Scripted, running, screen_text, some_responses, until
from tui.screens.test_overview_screen import HALF_AN_HOUR, seen, table_lines

pytestmark = pytest.mark.slow

LARGE = (160, 50)
"""List and detail beside each other."""
FINE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
BROKEN = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nX-Trace: t-4711\r\nContent-Length: 9\r\n\r\n"
)


class Hands:
    """Presses keys and counts them."""

    def __init__(self, app: HttprespApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot
        self.pressed = 0

    async def press(self, *keys: str) -> None:
        self.pressed += len(keys)
        await self.pilot.press(*keys)

    async def see(self, *texts: str) -> None:
        """Wait until all of them stand on the screen."""
        await until(self.pilot, lambda: all(text in screen_text(self.app) for text in texts))


def traffic(count: int, broken: int) -> list[CaptureEvent]:
    """Two hosts in turn, every tenth answer after 400 ms; one is a 500."""
    events: list[CaptureEvent] = []
    for id in range(1, count + 1):
        host = b"api.example" if id % 2 else b"www.example"
        asked = b"GET /item/%d HTTP/1.1\r\nHost: %b\r\nX-Asked: for-%d\r\n\r\n" % (id, host, id)
        wait = 400 if id % 10 == 1 else 20
        flow = replace(FLOW, id=id // 50 + 1)
        head, body = (BROKEN, b"exploded!") if id == broken else (FINE, b"hello")
        at = 1_000 * id
        asking = request(asked, at_ms=at - wait)
        events.append(ResponseSeen(response(head, body, id=id, at_ms=at, flow=flow, request=asking)))
    return events


@asynccontextmanager
async def hands(events: list[CaptureEvent], folder: Path) -> AsyncGenerator[Hands]:
    async with running(Scripted(events), folder, LARGE) as (app, pilot):
        await until(pilot, lambda: not app.session.view.has_work)
        yield Hands(app, pilot)


async def test_the_one_500_in_5_000_with_its_headers_takes_two_keys(tmp_path: Path) -> None:
    async with hands(traffic(5_000, broken=2_717), tmp_path) as person:
        await person.press("n", "enter")
        await person.see("#2717  500 Internal Server Error", "X-Trace: t-4711")
        assert person.app.body.reading
        assert person.pressed == 2


async def test_slower_than_300_ms_from_the_host_of_a_row_takes_four_keys(tmp_path: Path) -> None:
    async with hands(traffic(200, broken=7), tmp_path) as person:
        await person.app.run_action("edge(-1)", person.app.rows)
        await person.press("full_stop", "h", "full_stop", "3")
        await until(person.pilot, lambda: person.app.session.view.shown == 20)
        assert person.app.filter_line.input.value == "host=api.example time>300ms"
        assert person.pressed == 4


async def test_slower_than_300_ms_from_a_host_is_a_filter_that_can_be_typed(tmp_path: Path) -> None:
    async with hands(traffic(200, broken=7), tmp_path) as person:
        await person.press("slash", *("space" if key == " " else key for key in "host:api >300ms"), "enter")
        await until(person.pilot, lambda: person.app.session.view.shown == 20)


async def test_p50_p95_rate_and_errors_by_route_the_worst_first(tmp_path: Path) -> None:
    """One key; sorted by another, and Enter filters."""
    events = [*some_responses(800), *seen(b"/pay/%d", *range(16, 36), head=FAILED, first=801, wait=900)]
    async with running(Scripted(events), tmp_path, size=(120, 40)) as (app, pilot):
        await pilot.press("S")
        await until(pilot, lambda: "820 responses" in screen_text(app))
        titles = next(line for line in screen_text(app).split("\n") if "p95" in line and "count" in line)
        assert all(title in titles for title in ("count", "rate", "errors↓", "p50", "p95"))
        assert [line.split()[1] for line in table_lines(app)] == ["/shop/items/:id", "/pay/:id"]
        await pilot.press("p")
        await until(pilot, lambda: table_lines(app)[0].split()[1] == "/pay/:id")
        assert "900 ms" in table_lines(app)[0]
        await pilot.press("enter")
        await until(pilot, lambda: app.session.view.shown == 20)


async def test_what_happened_in_the_last_ten_minutes(tmp_path: Path) -> None:
    """Two keys: the overview, and that part of it."""
    events = [*HALF_AN_HOUR[:-1], CaptureStatus(Counters(), START + 1_800 * 10**9)]
    async with running(Scripted(events), tmp_path) as (app, pilot):
        await pilot.press("S", "l")
        recent = [each for each in app.session.store if each.at >= START + 1_200 * 10**9]
        await until(pilot, lambda: f"{len(recent)} responses" in screen_text(app))
        assert app.filter.text == "since:10m"
        assert {line.split()[1] for line in table_lines(app)} == {"/item/:id", "/cart/:id", "/gone/:id"}
        assert table_lines(app)[0].split()[1:3] == ["/gone/:id", "3"]


async def test_one_connection_from_start_to_end_as_exchanges_and_as_bytes(tmp_path: Path) -> None:
    """Two keys: one for each."""
    async with running(Scripted(some_responses(24)), tmp_path) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: "→ GET /shop/items/24 HTTP/1.1" in screen_text(app))
        assert "5 responses" in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "→ 00000000  47 45 54 20 2f" in screen_text(app))
        assert "← 00000000  48 54 54 50 2f" in screen_text(app)
