"""`=` shows how two responses differ, beside each other or one below the other, and never by colour alone."""

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from httpresp_capture.analysis.side_by_side import side_by_side
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.compare import CompareScreen
from httpresp_tui.widgets.compare_lines import TWO_COLUMNS, comparison_lines
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.status_bar import StatusBar
from samples import request, response
from scripted import Scripted, running, screen_text, until


def made(id: int, *fields: str, body: bytes = b"{}", status: str = "200 OK") -> Response:
    head = "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")
    asked = request(b"GET /items/%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % id)
    return response(head, body, id=id, stream=id, request=asked, body_bytes=len(body))


LEFT = made(
    1,
    "Server: nginx",
    "Cache-Control: max-age=60, private",
    "Set-Cookie: sid=aaaa; Path=/; HttpOnly",
    "X-Old: 1",
    "Date: Tue, 14 Nov 2023 22:13:20 GMT",
    body=b'{"id":1,"price":10,"name":"chair"}',
)
RIGHT = made(
    2,
    "Server: nginx",
    "Cache-Control: max-age=90, private",
    "Set-Cookie: sid=bbbb; Path=/",
    "X-New: 2",
    "Date: Tue, 14 Nov 2023 22:13:21 GMT",
    body=b'{"id":1,"price":12,"name":"chair"}',
)


def shown(width: int, left: Response = LEFT, right: Response = RIGHT, *, everything: bool = True) -> list[str]:
    found = comparison_lines(side_by_side(left, right), width, everything=everything)
    return [line.text.rstrip() for line in found.lines]


def test_one_below_the_other_each_difference_has_a_sign() -> None:
    lines = shown(76)
    assert lines[lines.index("Headers  4 differences, 1 the same") :][:14] == [
        "Headers  4 differences, 1 the same",
        "  Server  nginx",
        "≠ Cache-Control",
        "    - max-age=60, private",
        "    + max-age=90, private",
        "      ≠ max-age 60 → 90",
        "≠ Set-Cookie",
        "    - sid=aaaa; Path=/; HttpOnly",
        "    + sid=bbbb; Path=/",
        "      ≠ sid aaaa → bbbb",
        "      - httponly",
        "+ X-New  2",
        "- X-Old  1",
        "~ Date  Tue, 14 Nov 2023 22:13:20 GMT → Tue, 14 Nov 2023 22:13:21 GMT",
    ]
    assert "≠ $.price  10 → 12" in lines
    assert "≠ path  /items/1 → /items/2" in lines


def test_with_room_both_sides_stand_beside_each_other() -> None:
    width = 140
    lines = shown(width)
    assert all(cell_len(each) <= width for each in lines)
    row = next(each for each in lines if each.startswith("≠  Cache-Control"))
    assert row.split("  ")[-1].strip() == "max-age=90, private"
    assert "max-age=60, private" in row
    assert row.index("max-age=90") == next(each for each in lines if each.startswith("   Server")).rindex("nginx")


def test_only_what_differs_on_demand() -> None:
    lines = shown(76, everything=False)
    assert not any(each.startswith(("  Server", "~ Date")) for each in lines)
    assert "- X-Old  1" in lines


@pytest.mark.parametrize("width", [30, 76, TWO_COLUMNS, 200])
def test_long_and_wide_values_fit_their_columns(width: int) -> None:
    left = made(1, "X-Long: " + "word " * 100, "X-Wide: " + "漢字".encode().decode("latin-1") * 60)
    right = made(2, "X-Long: " + "word " * 90 + "end", "X-Wide: " + "漢".encode().decode("latin-1") * 90)
    found = comparison_lines(side_by_side(left, right), width, everything=True)
    if width >= TWO_COLUMNS:
        assert all(cell_len(line.text) <= width for line in found.lines)
    for line in found.lines:
        assert all(0 <= span.start < span.end <= len(line.text) for span in line.spans)


def test_in_a_value_only_what_differs_is_lit() -> None:
    found = comparison_lines(side_by_side(LEFT, RIGHT), 76, everything=True)
    line = next(each for each in found.lines if each.text == "    + max-age=90, private")
    lit = [line.text[span.start : span.end] for span in line.spans if span.style == "new"]
    assert lit == ["    + ", "9"]


def test_no_control_of_the_wire_is_in_a_line() -> None:
    left = made(1, "X-Esc: \x1b[2J", "Set-Cookie: \x9b1m=1; \x1b[0m=2", body=b'{"\x1b[1m": "\\u001b"}')
    right = made(
        2, "X-Esc: \x1b]0;x\x07", "Set-Cookie: \x9b1m=2; \x1b[0m=3", body=b'{"\x1b[1m": 2}', status="200 \x1b[5m"
    )
    for width in (76, 140):
        for text in shown(width, left, right):
            assert all(char.isprintable() for char in text), text


# --- the screen ---


def events(*responses: Response) -> list[CaptureEvent]:
    return [ResponseSeen(each) for each in responses]


async def compared(app: HttprespApp, pilot: Pilot[Any]) -> CompareScreen:
    await until(pilot, lambda: isinstance(app.screen, CompareScreen))
    await pilot.pause()
    screen = app.screen
    assert isinstance(screen, CompareScreen)
    return screen


@pytest.mark.slow
async def test_one_key_compares_with_the_usual_one_of_the_route(tmp_path: Path) -> None:
    async with running(Scripted(events(LEFT, RIGHT)), tmp_path) as (app, pilot):
        await pilot.press("equals_sign")
        await compared(app, pilot)
        text = screen_text(app)
        assert "- 22:" in text or "#1  200 OK  GET shop.example/items/1" in text
        assert "#2  200 OK  GET shop.example/items/2" in text
        assert "≠ Cache-Control" in text
        await pilot.press("equals_sign")
        await until(pilot, lambda: not isinstance(app.screen, CompareScreen))


@pytest.mark.slow
async def test_two_marked_ones_are_compared_with_three_keys_and_n_goes_from_difference_to_difference(
    tmp_path: Path,
) -> None:
    third = made(3, "Server: nginx")
    async with running(Scripted(events(LEFT, RIGHT, third)), tmp_path) as (app, pilot):
        await pilot.press("g", "m", "m", "equals_sign")
        screen = await compared(app, pilot)
        assert "#1 " in screen_text(app)
        assert "#3 " not in screen_text(app)
        assert screen.differences == 6
        assert screen.query_one(StatusBar).note == "6 differences"
        await pilot.press("d")
        await pilot.pause()
        assert "Server" not in screen_text(app)
        body = screen.query_one(DetailText)
        await pilot.press("N")
        await pilot.pause()
        assert body.scroll_offset.y == body.max_scroll_y
        await pilot.press("n")
        await pilot.pause()
        assert body.scroll_offset.y < 3
        await pilot.press("x")
        await pilot.pause()
        assert "- X-New" in screen_text(app)


@pytest.mark.slow
async def test_without_another_of_the_route_that_is_said(tmp_path: Path) -> None:
    async with running(Scripted(events(LEFT)), tmp_path) as (app, pilot):
        await pilot.press("equals_sign")
        await until(pilot, lambda: "no other response of this route" in screen_text(app))
