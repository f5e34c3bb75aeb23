"""The list as a person meets it: what stands on its lines, where the cursor is, and what it tells."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

import pytest
from rich.style import Style
from textual import on
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.geometry import Region
from textual.message import Message

from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import COLUMNS, column
from httpresp_tui.model.store import Store
from httpresp_tui.model.view import View
from httpresp_tui.text.printable import ControlFilter, printable
from httpresp_tui.widgets.response_list import ResponseList
from httpresp_tui.widgets.row_painter import fit
from samples import FAILED, FLOW, GET, NOT_FOUND, OK, REDIRECT, request, response, unanswered
from scripted import STYLE_SHEET

pytestmark = pytest.mark.slow

SMALL = (80, 24)
LARGE = (200, 50)
HEADS = (OK, REDIRECT, NOT_FOUND, FAILED)


class ListApp(App[None]):
    """A list alone on the screen."""

    CSS_PATH = STYLE_SHEET

    def __init__(self, max_responses: int = 1_000) -> None:
        super().__init__()
        self.store = Store(max_responses)
        self.view = View(self.store)
        self.told: list[Message] = []

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), ControlFilter()]

    def compose(self) -> ComposeResult:
        yield WatchedList(self.view.rows)

    @property
    def list(self) -> "WatchedList":
        return self.query_one(WatchedList)

    @on(ResponseList.Chosen)
    @on(ResponseList.Opened)
    @on(ResponseList.FollowChanged)
    @on(ResponseList.SortRequested)
    @on(ResponseList.NoMoreErrors)
    def keep(self, message: Message) -> None:
        self.told.append(message)

    def take(self, events: Iterable[CaptureEvent]) -> None:
        """One tick of the app."""
        self.view.update(self.store.apply(list(events)))
        self.settle()
        self.list.sync()

    def settle(self) -> None:
        while not self.view.step():
            pass

    def come(self, *ids: int) -> None:
        self.take(ResponseSeen(one(id)) for id in ids)


class WatchedList(ResponseList):
    """Remembers what it was asked to draw."""

    asked: list[Region | str]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self.asked = [*getattr(self, "asked", []), *(regions or ("all",))]
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def one(id: int) -> Response:
    head = GET.replace(b"/shop", b"/item-%d" % id)
    return response(HEADS[id % 4], id=id, flow=replace(FLOW, id=id % 3 + 1), request=request(head))


def lines(app: ListApp) -> list[str]:
    shown = app.list
    return [shown.render_line(y).text for y in range(shown.size.height)]


def item_on(line: str) -> int:
    """The number in a row's path."""
    return int(line.split("/item-")[1].split("/")[0])


def items(app: ListApp) -> list[int]:
    return [item_on(line) for line in lines(app)[1:] if "/item-" in line]


def cursor_line(app: ListApp) -> int:
    """The line of the screen with the cursor's look on it."""
    shown = app.list
    cursor = shown.get_component_rich_style("response-list--cursor")
    found = [y for y in range(1, shown.size.height) if next(iter(shown.render_line(y))).style == cursor]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_row_stands_on_one_line_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    app = ListApp()
    async with app.run_test(size=size) as pilot:
        app.come(1)
        await pilot.pause()
        header, row, *rest = lines(app)
        assert header.split()[:4] == ["time", "status", "method", "host" if size == LARGE else "path"]
        assert row.split()[1:3] == ["302", "GET"]
        assert "/item-1/items" in row
        assert ("text/html" in lines(app)[1] or "flow" in header) == (size == LARGE)
        assert {len(line) for line in (header, row, *rest)} == {size[0] - 1}
        assert not "".join(rest).strip()


async def test_an_empty_list_says_what_it_waits_for() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.list.hint = printable("Listening on lo for TCP: no HTTP responses yet.")
        await pilot.pause()
        assert "Listening on lo for TCP: no HTTP responses yet." in "\n".join(lines(app))
        app.come(1)
        await pilot.pause()
        assert "Listening" not in "\n".join(lines(app))


async def test_the_end_is_followed_until_a_move_away_from_it() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.pause()
        assert items(app) == list(range(78, 101))
        app.come(101)
        await pilot.pause()
        assert items(app)[-1] == 101
        assert app.list.current == one(101)
        await pilot.press("k")
        assert not app.list.follow
        app.come(102, 103)
        await pilot.pause()
        assert items(app)[-1] == 101
        await pilot.press("G")
        assert app.list.follow
        assert items(app)[-1] == 103


async def test_the_cursor_stays_on_its_response_and_its_line() -> None:
    app = ListApp(max_responses=100)
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.pause()
        await pilot.press("g", *["pagedown"] * 2, "k", "k", "k")
        chosen, line, seen = app.list.current, cursor_line(app), items(app)
        assert chosen is not None
        app.come(*range(101, 121))
        await pilot.pause()
        assert app.store.forgotten == 20
        assert app.list.current == chosen
        assert cursor_line(app) == line
        assert items(app) == seen


async def test_the_window_does_not_jump_when_the_cursor_is_not_in_it() -> None:
    app = ListApp(max_responses=100)
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.pause()
        app.list.scroll_to(y=40, animate=False)
        await pilot.pause()
        assert not app.list.follow
        seen = items(app)
        app.come(*range(101, 111))
        await pilot.pause()
        assert items(app) == seen


async def test_the_cursor_of_a_response_that_left_is_on_the_oldest() -> None:
    app = ListApp(max_responses=50)
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 51))
        await pilot.press("g")
        app.come(*range(51, 61))
        await pilot.pause()
        assert app.list.current == one(11)
        assert items(app)[0] == 11


async def test_keys_move_the_cursor() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.press("home")
        places: list[int | None] = []
        for key in ("j", "down", "up", "k", "pagedown", "pageup", "ctrl+d", "ctrl+u", "end"):
            await pilot.press(key)
            places.append(app.list.current.id if app.list.current else None)
        assert places == [2, 3, 2, 1, 23, 1, 12, 1, 100]


async def test_errors_are_found_and_an_end_is_told() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 9))
        await pilot.press("g")
        found: list[int | None] = []
        for key in ("n", "n", "n", "n", "n", "N"):
            await pilot.press(key)
            found.append(app.list.current.id if app.list.current else None)
        # Round: behind the last the first, before the first the last.
        assert found == [2, 3, 6, 7, 2, 7]
        ends = [message for message in app.told if isinstance(message, ResponseList.NoMoreErrors)]
        assert [(end.step, end.is_other) for end in ends] == [(1, True), (-1, True)]
        app.view.set_filter(lambda response: response.id == 7)
        app.settle()
        app.list.sync()
        await pilot.press("n")
        ends = [message for message in app.told if isinstance(message, ResponseList.NoMoreErrors)]
        assert [(end.step, end.is_other) for end in ends[2:]] == [(1, False)]


async def test_enter_opens_and_moves_are_told() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(1, 2)
        await pilot.press("k", "enter")
        await pilot.pause()
        chosen = [message.response for message in app.told if isinstance(message, ResponseList.Chosen)]
        opened = [message.response for message in app.told if isinstance(message, ResponseList.Opened)]
        assert chosen == [one(2), one(1)]
        assert opened == [one(1)]


async def test_a_response_that_ends_under_the_cursor_is_told_again() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.take([ResponseSeen(replace(one(1), end=None, ended_at=None))])
        await pilot.pause()
        assert "+" in lines(app)[1][-5:]
        app.take([ResponseChanged(one(1))])
        await pilot.pause()
        assert "+" not in lines(app)[1][-5:]
        assert isinstance(app.told[-1], ResponseList.Chosen)
        assert app.told[-1].response == one(1)


async def test_rows_that_come_below_the_window_draw_nothing() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.press("g")
        await pilot.pause()
        app.list.asked.clear()
        app.come(*range(101, 201))
        await pilot.pause()
        assert app.list.asked == []
        app.take([ResponseChanged(replace(one(3), body_bytes=9))])
        assert app.list.asked == [Region(0, 3, 79, 1)]


async def test_groups_fold_with_the_keys_and_carry_the_cursor() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 7))
        app.view.group_by("flow")
        app.settle()
        app.list.show(app.view.rows)
        await pilot.pause()
        shown = lines(app)
        assert shown[1].startswith("▼ #2 10.0.0.9:50322 → 10.0.0.1:8080")
        assert [item_on(line) for line in (shown[2], shown[3])] == [1, 4]
        assert app.list.select(4)
        await pilot.press("left")
        assert lines(app)[1].startswith("▶ #2")
        assert cursor_line(app) == 1
        assert app.list.current is None
        await pilot.press("right")
        assert item_on(lines(app)[2]) == 1
        await pilot.press("enter")
        assert lines(app)[1].startswith("▶ #2")
        app.list.action_fold_all()
        assert [line[:4] for line in lines(app)[1:4]] == ["▶ #2", "▶ #3", "▶ #1"]


async def test_the_first_line_names_the_group_that_its_row_is_in() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 91))
        app.view.group_by("flow")
        app.settle()
        app.list.show(app.view.rows)
        await pilot.press("g")
        app.list.move_to(60)
        await pilot.pause()
        assert lines(app)[1].startswith("▼ #3 ")
        assert app.list.current is not None
        for _ in items(app):
            await pilot.press("k")
            assert app.list.current is not None
            # The cursor is never below that line.
            assert item_on(lines(app)[cursor_line(app)]) == app.list.current.id
        assert lines(app)[1].startswith("▼ #")
        await pilot.click(app.list, offset=(10, 1))
        assert app.list.current is None
        assert lines(app)[1].startswith("▼ #")
        assert cursor_line(app) == 1


async def test_who_groups_at_the_first_row_of_the_window_sees_its_group() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 61))
        await pilot.press("g")
        app.view.group_by("client")
        app.settle()
        app.list.show(app.view.rows)
        await pilot.pause()
        assert app.list.current == one(1)
        assert lines(app)[1].startswith("▼ 10.0.0.9")
        assert cursor_line(app) == 2


async def test_a_group_rolls_up_what_is_in_it() -> None:
    app = ListApp()
    async with app.run_test(size=LARGE) as pilot:
        app.come(*range(1, 13))
        app.view.group_by("client")
        app.settle()
        app.list.show(app.view.rows)
        await pilot.pause()
        row = lines(app)[1]
        assert row.split()[:3] == ["▼", "10.0.0.9", "12"]
        for part in ("2xx 3", "3xx 3", "4xx 3", "5xx 3", "p50 20.0 ms", "p95 20.0 ms"):
            assert part in row


async def test_a_filter_keeps_the_cursor_where_it_was() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 61))
        assert app.list.select(31)
        app.view.set_classes(frozenset({4}))
        app.settle()
        app.list.sync()
        await pilot.pause()
        assert app.list.current == one(34)
        app.view.set_classes(frozenset())
        app.settle()
        app.list.sync()
        await pilot.pause()
        assert app.list.current == one(31)


async def test_a_click_chooses_a_double_click_opens_a_title_sorts() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 6))
        await pilot.pause()
        await pilot.click(WatchedList, offset=(5, 2))
        assert app.list.current == one(2)
        assert not app.list.follow
        await pilot.click(WatchedList, offset=(5, 3), times=2)
        await pilot.click(WatchedList, offset=(13, 0))
        await pilot.pause()
        assert [message.response for message in app.told if isinstance(message, ResponseList.Opened)] == [one(3)]
        sorts = [message.column.key for message in app.told if isinstance(message, ResponseList.SortRequested)]
        assert sorts == ["status"]


async def test_the_sorted_column_is_pointed_at() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 6))
        app.view.sort_by(column("path"), reverse=True)
        app.settle()
        app.list.show(app.view.rows)
        app.list.mark_sorted(column("path"), True)
        await pilot.pause()
        assert "path▼" in lines(app)[0]
        assert items(app) == [5, 4, 3, 2, 1]


async def test_the_wheel_releases_following() -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.come(*range(1, 101))
        await pilot.pause()
        app.list.scroll_up(animate=False)
        await pilot.pause()
        assert not app.list.follow


HOSTILE = {
    "clipboard": "\x1b]52;c;UFdORUQ=\x07",
    "escape": "\x1b[2J\x9b31m",
    "markup": "[bold red]x[/] [@click=app.quit]y[/]",
    "bidi": "\u202egpj.exe\u200b",
    "wide": "漢字" * 60,
    "marks": "e" + "\u0301" * 500,
    "long": "x" * 200_000,
    "controls": "\x00\r\n\t\x7f",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("grouped", [False, True], ids=["flat", "grouped"])
async def test_hostile_text_stays_text_and_inside_its_line(text: str, grouped: bool) -> None:
    data = text.encode("utf-8", "surrogatepass")
    head = b"HTTP/1.1 200 " + data + b"\r\nContent-Type: " + data + b"\r\n\r\n"
    asked = b"GET /%b HTTP/1.1\r\nHost: %b\r\n\r\n" % (data, data)
    wire = replace(request(), head=asked, method=text, target="/" + data.decode("latin-1"))
    app = ListApp()
    async with app.run_test(size=LARGE) as pilot:
        app.list.set_columns((*COLUMNS, column("header:content-type") or COLUMNS[0]))
        app.take([ResponseSeen(response(head, id=1, request=wire)), ResponseSeen(unanswered(id=2, request=wire))])
        if grouped:
            app.view.group_by("host")
            app.settle()
            app.list.show(app.view.rows)
        await pilot.pause()
        for y in range(4):
            strip = app.list.render_line(y)
            assert strip.cell_length == 199
            assert strip.text.isprintable() or "\u0301" in strip.text
            assert sum(segment.cell_length for segment in strip) == 199


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "ansi-dark", "ansi-light"])
async def test_the_cursor_can_be_seen_in_every_theme(theme: str) -> None:
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.theme = theme
        app.come(1, 2)
        await pilot.pause()
        other, cursor = (next(iter(app.list.render_line(y))).style for y in (1, 2))
        assert other is not None
        assert cursor is not None
        assert cursor.reverse or cursor.bgcolor != other.bgcolor


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_the_cursor_can_be_seen_without_colour(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ListApp()
    async with app.run_test(size=SMALL) as pilot:
        app.theme = theme
        app.come(1, 2)
        await pilot.pause()
        shown: list[Style | None] = []
        for y in (1, 2):
            strip = app.list.render_line(y)
            for line_filter in app.get_line_filters():
                strip = strip.apply_filter(line_filter, app.list.background_colors[1])
            shown.append(next(iter(strip)).style)
        other, cursor = shown
        assert other is not None
        assert cursor is not None
        assert cursor.reverse or cursor.bgcolor != other.bgcolor


@pytest.mark.parametrize(
    ("text", "width", "right", "fitted"),
    [
        ("abc", 5, False, "abc  "),
        ("abc", 5, True, "  abc"),
        ("abcdef", 5, False, "abcd…"),
        ("漢字漢", 5, False, "漢字…"),
        ("漢字漢", 4, False, "漢 …"),
        ("abc", 0, False, ""),
        ("", 2, True, "  "),
    ],
)
def test_text_is_fitted_to_cells(text: str, width: int, right: bool, fitted: str) -> None:
    assert fit(text, width, right) == fitted
