"""`v`: from finding to finding, the worst ones first, whatever is shown and however."""

from dataclasses import replace
from pathlib import Path

import pytest

from httpresp_capture.checks import Severity
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_tui.app import HttprespApp
from samples import FLOW, request, response
from scripted import Scripted, running, screen_text, until

pytestmark = pytest.mark.slow

SESSION = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=3f786850e387550fdab836ed7e6dc881\r\nContent-Length: 5\r\n\r\n"
BARE = b"HTTP/1.1 204 No Content\r\n\r\n"


def mixed() -> list[CaptureEvent]:
    """A cookie of a session in clear, at 3 and 6; nothing or less at the others."""
    asked = request(b"POST /x HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    return [
        ResponseSeen(
            response(SESSION if id % 3 == 0 else BARE, id=id, flow=replace(FLOW, id=id % 2 + 1), request=asked)
        )
        for id in range(1, 8)
    ]


def severity(app: HttprespApp, id: int) -> Severity | None:
    found = app.session.store.get(id)
    assert found is not None
    return app.session.inspection.worst(found)


async def test_the_worst_come_first_and_it_goes_round(tmp_path: Path) -> None:
    async with running(Scripted(mixed()), tmp_path) as (app, pilot):
        await until(pilot, lambda: not app.session.inspection.left)
        assert severity(app, 3) == severity(app, 6)
        assert severity(app, 1) != severity(app, 3)
        await pilot.press("g")
        for expected in (3, 6):
            await pilot.press("v")
            assert app.rows.current is not None
            assert app.rows.current.id == expected
        await pilot.press("t", "minus", "g", "v")
        assert app.rows.current.id == 3
        await pilot.press("enter", "v")
        await until(pilot, lambda: "#6 " in screen_text(app).split("\n")[2])


async def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    async with running(Scripted(mixed()), tmp_path, filter_text="-id:3") as (app, pilot):
        await until(pilot, lambda: not app.session.inspection.left)
        await pilot.press("g", "v")
        assert app.rows.current is not None
        assert app.rows.current.id == 6
        app.filter_line.replace("status:500")
        await until(pilot, lambda: app.session.view.shown == 0)
        await pilot.press("v")
        await until(pilot, lambda: "Nothing was found in what is shown." in screen_text(app))
