"""The app as a person meets it: keys in, screen out."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from httpresp_capture.query import QueryError
from httpresp_capture.records.events import CaptureFailed, FlowEnded, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.outcome import EndReason
from httpresp_tui.app import HttprespApp
from httpresp_tui.errors import SettingsError
from httpresp_tui.model.settings import Remembered, Settings, load_remembered
from httpresp_tui.text.clipboard import Surroundings
from httpresp_tui.widgets.layout import Layout
from httpresp_tui.widgets.status_bar import MOST, StatusBar
from samples import FLOW, OK, START, response
from scripted import Scripted, running, screen_text, some_responses, status, until

pytestmark = pytest.mark.slow


async def test_responses_appear_and_the_newest_is_followed(tmp_path: Path) -> None:
    source = Scripted(some_responses(80))
    async with running(source, tmp_path) as (app, pilot):
        assert "/shop/items/80" in screen_text(app)
        source.emit(some_responses(5, first=81))
        await until(pilot, lambda: "/shop/items/85" in screen_text(app))
        assert app.rows.follow


async def test_a_move_up_releases_following_and_what_comes_is_counted(tmp_path: Path) -> None:
    source = Scripted(some_responses(80))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("k")
        source.emit(some_responses(5, first=81))
        await until(pilot, lambda: "5 new below" in screen_text(app))
        assert app.rows.current is not None
        assert app.rows.current.id == 79
        await pilot.press("F")
        await until(pilot, lambda: "new below" not in screen_text(app))
        assert app.rows.current.id == 85


async def test_what_a_filter_had_hidden_is_not_new(tmp_path: Path) -> None:
    source = Scripted(some_responses(80))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("4")
        await until(pilot, lambda: not app.session.view.pending and app.session.view.shown == 10)
        await pilot.press("g", "0")
        await until(pilot, lambda: not app.session.view.pending and app.session.view.shown == 80)
        app.update_figures()  # what the app does a few times a second
        await pilot.pause()
        assert " new" not in screen_text(app)
        source.emit(some_responses(5, first=81))
        await until(pilot, lambda: "5 new below" in screen_text(app))
        await pilot.press("t")
        await until(pilot, lambda: " 5 new" in screen_text(app) and "below" not in screen_text(app))


async def test_a_capture_over_several_days_shows_dates(tmp_path: Path) -> None:
    source = Scripted(some_responses(3))
    async with running(source, tmp_path) as (app, pilot):
        assert re.search(r"\n\d\d:\d\d:\d\d\.\d{3} ", screen_text(app))
        source.emit([ResponseSeen(response(id=4, at_ms=3 * 86_400_000))])
        await until(pilot, lambda: re.search(r"\n11-14 \d\d:\d\d:\d\d\.\d{3} ", screen_text(app)))
        assert re.search(r"\n11-17 \d\d:\d\d:\d\d\.\d{3} ", screen_text(app))


async def test_what_is_new_and_in_sight_needs_no_telling(tmp_path: Path) -> None:
    source = Scripted(some_responses(5))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("k")
        source.emit(some_responses(3, first=6))
        await until(pilot, lambda: "/shop/items/8" in screen_text(app))
        app.update_figures()  # what the app does a few times a second
        await pilot.pause()
        assert " new" not in screen_text(app)


async def test_paused_the_list_holds_still_and_the_capture_goes_on(tmp_path: Path) -> None:
    source = Scripted(some_responses(8))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("space")
        source.emit(some_responses(4, first=9))
        await until(pilot, lambda: "PAUSED +4" in screen_text(app))
        assert "items/9 " not in screen_text(app)
        # Whatever counts, counts the same set: what is shown.
        assert "8 responses" in screen_text(app)
        assert app.filter_line.chips.counts[:6] == (0, 0, 5, 1, 1, 1)
        await pilot.press("space")
        await until(pilot, lambda: "items/12 " in screen_text(app))
        assert "LIVE" in screen_text(app)


async def test_enter_opens_esc_goes_back_and_never_quits(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "Metadata" in screen_text(app))
        assert "#8" in screen_text(app)
        await pilot.press("K")
        await until(pilot, lambda: "#7" in screen_text(app))
        await pilot.press("escape")
        assert app.rows.has_focus
        assert app.rows.current is not None
        assert app.rows.current.id == 7
        await pilot.press("escape", "escape")
        assert app.is_running


async def test_what_is_read_stays_though_more_comes(tmp_path: Path) -> None:
    source = Scripted(some_responses(8))
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "#8" in screen_text(app))
        source.emit(some_responses(4, first=9))
        await until(pilot, lambda: app.session.view.shown == 12)
        app.update_figures()  # what the app does a few times a second
        await pilot.pause()
        assert app.detail.response is not None
        assert app.detail.response.id == 8


async def test_an_interim_response_that_is_read_gains_its_final_one(tmp_path: Path) -> None:
    hints = response(b"HTTP/1.1 103 Early Hints\r\n\r\n", id=1, stream=1)
    source = Scripted([ResponseSeen(hints)])
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "103 Early Hints" in screen_text(app))
        assert "same request" not in screen_text(app)
        source.emit([ResponseSeen(response(id=2, stream=1))])
        await until(pilot, lambda: "same request: final response #2 (200)" in screen_text(app))
        assert app.detail.response is hints


async def test_a_body_grows_while_it_is_read(tmp_path: Path) -> None:
    whole = response(OK.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked"), id=1, body=b"one")
    parts = [
        replace(whole, end=None, ended_at=None, body=body, body_bytes=len(body)) for body in (b"", b"one", b"one two")
    ]
    source = Scripted([ResponseSeen(parts[0]), status()])
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("enter", "2")
        await until(pilot, lambda: "No byte of the body has come yet." in screen_text(app))
        source.emit([ResponseGrew(parts[1])])
        await until(pilot, lambda: "3 B" in screen_text(app) and "one" in screen_text(app))
        source.emit([ResponseGrew(parts[2])])
        await until(pilot, lambda: "7 B" in screen_text(app) and "one two" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "7 B" in screen_text(app) and " +" in screen_text(app))
        source.emit([ResponseChanged(replace(whole, body=b"one two three", body_bytes=13))])
        await until(pilot, lambda: "13 B" in screen_text(app))


@pytest.mark.parametrize(
    ("size", "layout"), [((80, 24), Layout.ALONE), ((120, 50), Layout.BELOW), ((180, 40), Layout.BESIDE)]
)
async def test_the_detail_stands_where_there_is_room(size: tuple[int, int], layout: Layout, tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, size=size) as (app, pilot):
        assert app.body.layout_now is layout
        await until(pilot, lambda: ("Metadata" in screen_text(app)) is (layout is not Layout.ALONE))
        await pilot.press("tab")
        await until(pilot, lambda: "Metadata" in screen_text(app))
        assert ("/shop/items/1 " in screen_text(app)) is (layout is not Layout.ALONE)


async def test_layout_resize_and_maximise(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, size=(200, 50)) as (app, pilot):
        before = app.rows.size.width
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert app.rows.size.width > before
        await pilot.press("less_than_sign", "less_than_sign")
        await pilot.pause()
        assert app.rows.size.width < before
        await pilot.press("z")
        await pilot.pause()
        assert app.rows.size.width == 200
        await pilot.press("z", "vertical_line", "vertical_line")
        await pilot.pause()
        assert app.body.wanted is Layout.BELOW
        assert app.rows.size.height < 30
    assert load_remembered(tmp_path / "state.json") == Remembered(split=45, layout="below")


async def test_the_splitter_can_be_dragged_and_neither_pane_vanishes(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path, size=(200, 50)) as (app, _):
        app.body.drag(60, 10)
        assert app.body.split == 30
        app.body.drag(0, 10)
        assert app.body.split == 15
        app.body.drag(199, 10)
        assert app.body.split == 85


async def test_grouping_folding_and_the_menu(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(20)), tmp_path) as (app, pilot):
        await pilot.press("t")
        await until(pilot, lambda: "10.0.0.9:50322" in screen_text(app))
        await pilot.press("minus")
        await until(pilot, lambda: "/shop/items/20" not in screen_text(app))
        await pilot.press("T")
        await until(pilot, lambda: "Group by" in screen_text(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.session.view.grouped_by == "host")
        await pilot.press("t")
        assert app.session.view.grouped_by is None
        await pilot.press("t")
        assert app.session.view.grouped_by == "host"


async def test_clear_asks_above_a_hundred(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(101)), tmp_path) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "Forget 101 responses?" in screen_text(app))
        await pilot.press("enter")
        await pilot.pause()
        assert len(app.session.store) == 101
        await pilot.press("ctrl+l", "y")
        await until(pilot, lambda: not len(app.session.store))
    assert "101 responses" in app.summary()


async def test_clear_does_not_ask_below(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(9)), tmp_path) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: not len(app.session.store))
        assert "The list was cleared" in screen_text(app)


async def test_errors_are_walked_with_n(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        await pilot.press("g", "n")
        assert app.rows.current is not None
        assert app.rows.current.status >= 400
        for _ in range(5):
            await pilot.press("n")
        await until(pilot, lambda: "No error below" in screen_text(app))


async def test_a_click_on_a_title_sorts_reverses_and_goes_back(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(16)), tmp_path) as (app, pilot):
        title = screen_text(app).split("\n")[2].index("sta")
        orders: list[tuple[str, bool]] = []
        for _ in range(3):
            await pilot.click(app.rows, offset=(title, 0))
            await pilot.pause()
            view = app.session.view
            orders.append((view.sorted_by.key if view.sorted_by else "", view.reverse))
        assert orders == [("status", False), ("status", True), ("", False)]


async def test_an_empty_list_says_what_is_listened_to(tmp_path: Path) -> None:
    source = Scripted([status(packets=9, flows=12, flows_encrypted=12)])
    async with running(source, tmp_path, capture_filter="tcp port 443") as (app, pilot):
        await until(pilot, lambda: "Encrypted connections: 12, see ?" in screen_text(app))
        assert "Listening on eth0 for tcp port 443 … no HTTP responses yet." in screen_text(app)


async def test_the_hint_goes_when_the_first_response_comes(tmp_path: Path) -> None:
    source = Scripted([status(packets=9)])
    async with running(source, tmp_path) as (app, pilot):
        await until(pilot, lambda: "Packets: 9" in screen_text(app))
        source.emit(some_responses(2))
        await until(pilot, lambda: "/shop/items/2" in screen_text(app))
        await pilot.pause()
        assert "Packets" not in screen_text(app)


async def test_a_file_says_how_far_it_is_and_that_it_ended(tmp_path: Path) -> None:
    source = Scripted(some_responses(3), [status(fraction=0.63)], label="f.pcap", live=False)
    async with running(source, tmp_path) as (app, pilot):
        await until(pilot, lambda: "READING 63 %" in screen_text(app))
        app.session.mailbox.put([status(fraction=1.0, ended=True)])
        await until(pilot, lambda: "ENDED" in screen_text(app))


async def test_a_failure_is_said_and_what_came_stays(tmp_path: Path) -> None:
    failed = CaptureFailed("eth0 is gone: \x1b[2J it was unplugged [/].")
    source = Scripted(some_responses(3), [failed, status(ended=True)])
    async with running(source, tmp_path) as (app, pilot):
        await until(pilot, lambda: "FAILED" in screen_text(app))
        assert "eth0 is gone: ␛[2J it was unplugged [/]." in screen_text(app)
        assert "/shop/items/3" in screen_text(app)
    assert app.failed == failed.message
    assert "failed       eth0 is gone: ␛[2J it was unplugged" in app.summary()


async def test_the_flow_of_a_response_may_end(tmp_path: Path) -> None:
    ended = FlowEnded(FLOW, START, EndReason.SERVER_FIN)
    async with running(Scripted(some_responses(3), [ended, status()]), tmp_path) as (app, pilot):
        await until(pilot, lambda: app.session.store.status is not None)
        assert app.session.view.shown == 3


async def test_y_copies_the_event_and_says_so(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    async with running(
        Scripted(some_responses(3)), tmp_path, settings=Settings(copy_command=f"tee {copied}"), size=(120, 24)
    ) as (app, pilot):
        await pilot.press("y")
        await until(pilot, lambda: "Copied response #3 as JSON" in screen_text(app))
    event = json.loads(copied.read_text())
    assert event["eventName"] == "net_packet_http_response"


async def test_the_copy_menu_opens_on_the_chosen_response(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        await pilot.press("Y")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_with_nothing_chosen_nothing_is_copied(tmp_path: Path) -> None:
    async with running(Scripted(), tmp_path) as (app, pilot):
        await pilot.press("y")
        await until(pilot, lambda: "No response is chosen" in screen_text(app))


async def test_ctrl_c_says_so_first_and_quits_at_the_second_press(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Press ctrl+c again to quit" in screen_text(app))
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)


async def test_ctrl_c_copies_what_is_selected_in_the_filter(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    async with running(Scripted(), tmp_path, settings=Settings(copy_command=f"tee {copied}")) as (app, pilot):
        await pilot.press("slash", *"404", "shift+home", "ctrl+c")
        await until(pilot, lambda: copied.exists() and copied.read_text() == "404")
        assert app.is_running


async def test_q_quits_from_the_list_but_writes_in_the_filter(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        await pilot.press("slash", "q")
        assert app.filter_line.input.value == "q"
        await pilot.press("escape", "escape", "q")
        await until(pilot, lambda: not app.is_running)
    assert source_of(app).stopped.is_set()


def source_of(app: HttprespApp) -> Scripted:
    source = app.session.source
    assert isinstance(source, Scripted)
    return source


async def test_the_help_is_made_from_the_keys_in_force(tmp_path: Path) -> None:
    settings = Settings(keys={"view.pause": "p"})
    async with running(Scripted(some_responses(3)), tmp_path, size=(100, 300), settings=settings) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: "Hold the list still" in screen_text(app))
        row = next(line for line in screen_text(app).split("\n") if "Hold the list still" in line)
        assert " p " in row
        assert "space" not in row
        assert "connections of TLS that are not read" in screen_text(app)
        await pilot.press("escape", "p")
        await until(pilot, lambda: app.session.view.paused)


async def test_the_status_bar_fits_the_focus_and_has_eight_keys_at_most(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path, size=(200, 24)) as (app, pilot):
        bar = app.query_one(StatusBar)
        assert "Follow" in bar.render().plain
        assert bar.render().plain.rstrip().endswith("? Help")
        assert len(bar.keys) <= MOST
        await pilot.press("slash")
        await pilot.pause()
        assert "Older" not in bar.render().plain or "/" not in bar.render().plain
        await pilot.press("escape", "tab")
        await pilot.pause()
        assert "Search" in bar.render().plain


async def test_a_click_in_the_status_bar_presses_the_key(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path, size=(120, 24)) as (app, pilot):
        at = app.query_one(StatusBar).render().plain.index("Pause")
        await pilot.click(StatusBar, offset=(at, 0))
        await until(pilot, lambda: app.session.view.paused)


async def test_the_palette_runs_what_the_keys_do(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        await pilot.press("colon")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"hold the list", "enter")
        await until(pilot, lambda: app.session.view.paused)


async def test_every_theme_draws_and_the_last_is_remembered(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path) as (app, pilot):
        for theme in (*BUILTIN_THEMES, "nord"):
            app.theme = theme
            await pilot.pause()
            assert "/shop/items/3" in screen_text(app)
    async with running(Scripted(), tmp_path) as (app, _):
        assert app.theme == "nord"


async def test_a_state_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with running(Scripted(some_responses(3)), tmp_path / "file") as (app, pilot):
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "Cannot remember" in screen_text(app))
        app.clear_notifications()
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert not app._notifications  # pyright: ignore[reportPrivateUsage]  # Textual has no public way


async def test_a_theme_of_the_config_wins_and_must_exist(tmp_path: Path) -> None:
    async with running(Scripted(), tmp_path, settings=Settings(theme="nord")) as (app, _):
        assert app.theme == "nord"
    with pytest.raises(SettingsError, match="did you mean 'nord'"):
        HttprespApp(Scripted(), settings=Settings(theme="nort"))


def test_mistakes_are_told_before_the_screen_is_taken() -> None:
    with pytest.raises(SettingsError, match=r"view\.pause"):
        HttprespApp(Scripted(), settings=Settings(keys={"view.puase": "p"}))
    with pytest.raises(QueryError):
        HttprespApp(Scripted(), filter_text="hots:x")


async def test_the_capture_stops_after_so_many(tmp_path: Path) -> None:
    source = Scripted(some_responses(5))
    async with running(source, tmp_path, stop_after=5) as (_, pilot):
        await until(pilot, source.stopped.is_set)


async def test_oldest_rows_leave_and_that_is_said(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(50)), tmp_path, size=(160, 24), max_responses=10) as (app, pilot):
        await until(pilot, lambda: "40 oldest let go" in screen_text(app))
        assert "10 responses" in screen_text(app)


async def test_no_colour_still_shows_what_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(Scripted(some_responses(30)), tmp_path) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        assert app.no_color
        chips = app.filter_line.chips.render()
        reversed_parts = [
            chips.plain[span.start : span.end] for span in chips.spans if getattr(span.style, "reverse", 0)
        ]
        assert reversed_parts == [" 4xx 4 "]


async def test_the_terminal_is_written_to_only_through_the_driver(tmp_path: Path) -> None:
    async with running(Scripted(), tmp_path) as (app, _):
        assert isinstance(app.surroundings, Surroundings)
        assert app.surroundings.write is not None


async def test_under_a_dialog_the_keys_of_the_dialog_are_named(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        last_line = lambda: screen_text(app).split("\n")[-1]  # noqa: E731
        await until(pilot, lambda: "Pause" in last_line())
        await pilot.press("T")
        await until(pilot, lambda: "Close" in last_line() and "Pause" not in last_line())
        await pilot.press("escape")
        await until(pilot, lambda: "Pause" in last_line() and "Close" not in last_line())


async def test_what_is_said_again_stands_there_once(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("G", *"nnnn")
        await until(pilot, lambda: "No error below:" in screen_text(app))
        await pilot.pause()
        assert screen_text(app).count("No error below:") <= 1


async def test_a_filter_from_the_beginning_counts_back_from_the_end_of_the_file(tmp_path: Path) -> None:
    source = Scripted(some_responses(100), [status()], label="f.pcap", live=False)
    async with running(source, tmp_path, filter_text="since:1s") as (app, pilot):
        # One in 20 ms; the first of all settled it while the file was read.
        assert app.session.view.shown == 100
        app.session.mailbox.put([status(ended=True)])
        await until(pilot, lambda: app.session.view.shown == 51)
