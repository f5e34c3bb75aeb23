"""The display filter: as it is written, when it is wrong, and its history."""

from pathlib import Path

import pytest
from textual.widgets import Static

from httpresp_capture.query import QueryError, compile_query
from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import ENCRYPTED_CLASS
from httpresp_tui.text.units import short_count
from samples import encrypted, unanswered
from scripted import Scripted, running, screen_text, some_responses, until

pytestmark = pytest.mark.slow


async def test_the_list_is_filtered_as_the_text_is_written(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path) as (app, pilot):
        await pilot.press("slash", *"404")
        await until(pilot, lambda: app.session.view.shown == 10)
        assert "10 of 80 responses" in screen_text(app)
        assert app.filter_line.input.has_focus


async def test_enter_goes_back_to_the_list_and_esc_clears_first(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path) as (app, pilot):
        await pilot.press("slash", *"5xx", "enter")
        assert app.rows.has_focus
        assert app.session.view.shown == 10
        await pilot.press("slash", "escape")
        await until(pilot, lambda: app.session.view.shown == 80)
        assert app.filter_line.input.has_focus
        await pilot.press("escape")
        assert app.rows.has_focus


async def test_a_wrong_part_is_marked_where_it_stands_and_the_last_good_filter_stays(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path, filter_text="404") as (app, pilot):
        await until(pilot, lambda: app.session.view.shown == 10)
        await pilot.press("slash", "end", *" hots:x")
        line = app.filter_line
        await until(pilot, lambda: line.has_class("-wrong"))
        await until(pilot, lambda: "did you mean 'host'?" in screen_text(app) and "hots" in screen_text(app))
        with pytest.raises(QueryError) as error:
            compile_query("404 hots:x")
        assert "404 hots:x"[error.value.start : error.value.end].startswith("hots")
        below = screen_text(app).split("\n")[2]
        above = screen_text(app).split("\n")[1]
        assert below.index("╰") == above.index("hots")
        assert "did you mean 'host'?" in below
        assert app.session.view.shown == 10
        wrong = line.input.get_component_rich_style("filter-input--wrong")
        marked = [segment.text for segment in line.input.render_line(0) if segment.style and segment.style.underline]
        assert wrong.underline
        assert "".join(marked).startswith("hots")


async def test_the_filter_at_work_is_named_where_there_is_room(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, size=(140, 24), filter_text="404") as (app, pilot):
        app.filter_line.replace("404 hots:x")
        await until(pilot, lambda: "(still filtering by: 404)" in screen_text(app))


async def test_the_filter_at_work_is_named_in_a_line_of_its_own_where_there_is_no_room_beside(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, filter_text="404 path:/shop/items") as (app, pilot):
        app.filter_line.replace("404 path:/shop/items hots:x")
        await until(pilot, lambda: "(still filtering by: 404 path:/shop/items)" in screen_text(app).split("\n")[3])
        assert "did you mean 'host'?" in screen_text(app).split("\n")[2]
        app.filter_line.replace("404")
        await until(pilot, lambda: "still filtering" not in screen_text(app))
        assert screen_text(app).split("\n")[2].startswith("time")


async def test_a_message_leaves_the_search_line_and_the_filter_line_free(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("enter", "slash", *"content")
        for number in range(3):
            app.notify(f"message {number}", markup=False)
        await until(pilot, lambda: "message 2" in screen_text(app))
        lines = screen_text(app).split("\n")
        assert "/content" in lines[-2]
        assert "of" in lines[-2]
        assert lines[1].startswith(" display filter / to write one")
        assert "5xx" in lines[1]


async def test_enter_on_a_wrong_filter_stays_in_the_line(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("slash", *"hots:x", "enter")
        assert app.filter_line.input.has_focus
        assert app.filter_line.has_class("-wrong")
        await pilot.press("escape")
        await until(pilot, lambda: not app.filter_line.has_class("-wrong"))


async def test_a_long_message_stays_inside_the_line(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("slash")
        app.filter_line.replace("shop shop shop shop hots:x")
        await pilot.pause()
        assert "did you mean 'host'?" in screen_text(app).split("\n")[2]


async def test_filters_that_were_used_come_back_with_up_and_stay_for_the_next_run(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        for text in ("404", "5xx"):
            app.filter_line.replace("")
            await pilot.press("slash", *text, "enter")
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        entry = app.filter_line.input
        await pilot.press("slash", *"dra", "up")
        assert entry.value == "5xx"
        await pilot.press("up")
        assert entry.value == "404"
        await pilot.press("up")
        assert entry.value == "404"
        await pilot.press("down", "down")
        assert entry.value == "dra"


async def test_digits_toggle_classes_and_nought_shows_all(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path) as (app, pilot):
        await pilot.press("4")
        assert app.session.view.shown == 10
        await pilot.press("5")
        assert app.session.view.shown == 20
        await pilot.press("4")
        assert app.session.view.shown == 10
        await pilot.press("0")
        assert app.session.view.shown == 80


async def test_a_click_on_a_chip_toggles_its_class(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path) as (app, pilot):
        await until(pilot, lambda: app.filter_line.chips.counts[2])
        text = app.filter_line.chips.render().plain
        assert text == " 1xx 0  2xx 50  3xx 10  4xx 10  5xx 10 "
        await pilot.click(app.filter_line.chips, offset=(text.index("4xx"), 0))
        await pilot.pause()
        assert app.session.view.classes == {4}
        await pilot.click(app.filter_line.chips, offset=(text.index("5xx") - 1, 0))
        await pilot.pause()
        assert app.session.view.classes == {4, 5}


async def test_where_there_is_room_the_chips_add_up_and_rows_without_a_class_are_chosen_too(tmp_path: Path) -> None:
    rows = [*some_responses(8), ResponseSeen(unanswered(id=9)), ResponseSeen(encrypted(id=10))]
    async with running(Scripted(rows), tmp_path, size=(120, 24)) as (app, pilot):
        await until(pilot, lambda: app.session.view.shown == 10)
        chips = app.filter_line.chips
        await until(pilot, lambda: "enc" in chips.render().plain)
        text = chips.render().plain
        assert text == " 1xx 0  2xx 5  3xx 1  4xx 1  5xx 1  ??? 1  enc 1 "
        await until(pilot, lambda: chips.size.width == len(text))
        await pilot.click(chips, offset=(text.index("enc"), 0))
        await until(pilot, lambda: app.session.view.shown == 1)
        assert app.session.view.classes == {ENCRYPTED_CLASS}
        await pilot.resize_terminal(80, 24)
        assert chips.render().plain == " 1xx 0  2xx 5  3xx 1  4xx 1  5xx 1  enc 1 "
        await pilot.press("0")
        await until(pilot, lambda: chips.render().plain.endswith("5xx 1 "))


async def test_both_filters_stand_under_their_names(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, size=(140, 24), capture_filter="tcp port 80") as (app, _):
        lines = screen_text(app).split("\n")
        assert "capture filter tcp port 80" in lines[0]
        assert "display filter" in lines[1]


async def test_the_message_of_an_error_cannot_act(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, _):
        app.filter_line.replace("status:\x1b[2J\u202e")
        message = str(app.query_one("#filter-error", Static).render())
        assert message
        assert message.isprintable()


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (9_999, "9999"), (10_000, "10k"), (12_345_678, "12M")])
def test_a_narrow_chip_has_four_characters(count: int, text: str) -> None:
    assert short_count(count) == text


@pytest.mark.parametrize(("size", "stay"), [((80, 24), False), ((120, 40), True)])
async def test_on_a_narrow_terminal_what_is_written_has_the_whole_line(
    tmp_path: Path, size: tuple[int, int], stay: bool
) -> None:
    async with running(Scripted(some_responses(80)), tmp_path, size) as (app, pilot):
        line = lambda: screen_text(app).split("\n")[1]  # noqa: E731
        await until(pilot, lambda: "4xx 10" in line())
        await pilot.press("slash")
        await until(pilot, lambda: ("4xx 10" in line()) == stay)
        if not stay:
            assert app.filter_line.input.size.width > 60
        await pilot.press("escape")
        await until(pilot, lambda: "4xx 10" in line())
