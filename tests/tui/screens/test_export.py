"""`e`: what is shown goes into a file with three keys, and nothing is left of what is stopped or fails."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from exchanges import frames_of, ok
from httpresp_capture.exporting.export import Export, Packets
from httpresp_capture.exporting.formats import FORMATS
from httpresp_capture.iterator import responses
from httpresp_capture.records.events import ResponseSeen
from httpresp_tui.app import HttprespApp
from httpresp_tui.screens.export_menu import ExportMenu
from httpresp_tui.screens.export_name import ExportName
from scripted import Scripted, running, screen_text, some_responses, until
from traffic.captures import pcap

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    made = tmp_path / "here"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def words_on(app: HttprespApp) -> str:
    """The screen as one line, without borders."""
    return " ".join(screen_text(app).replace("│", " ").replace("┃", " ").split())


async def written(app: HttprespApp, pilot: Pilot[Any]) -> str:
    """What became of it, once it is said."""
    await until(pilot, lambda: app.exported)
    return app.exported[-1]


async def test_three_keys_write_what_the_filter_shows(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(80)), tmp_path, filter_text="404") as (app, pilot):
        await until(pilot, lambda: not app.session.view.pending)
        await pilot.press("e", "h", "enter")
        words = await written(app, pilot)
        assert words.startswith("10 rows as HAR 1.2 to eth0-")
    (path,) = folder.iterdir()
    assert path.name.endswith(".har")
    entries = json.loads(path.read_text())["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [404] * 10
    assert "exported     10 rows as HAR 1.2" in app.summary()


async def test_secrets_are_hidden_until_they_are_asked_for(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "n", "enter")
        await written(app, pilot)
        app.exported.clear()
        await pilot.press("e", "r", "c", "enter")
        await written(app, pilot)
        app.exported.clear()
        await pilot.press("e", "r", "n", "enter")
        await written(app, pilot)
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert len(texts) == 3
    shown = [text for text in texts.values() if "3f786850e387550fdab836ed7e6dc881" in text]
    assert len(shown) == 1


async def test_the_response_in_hand_is_exported_after_tab(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("g", "e")
        await until(pilot, lambda: isinstance(app.screen, ExportMenu))
        await pilot.pause()
        assert "filtered 8" in screen_text(app)
        assert "selected 1" in screen_text(app)
        await pilot.press("tab", "c", "enter")
        assert (await written(app, pilot)).startswith("1 row as CSV")
    (path,) = folder.iterdir()
    assert path.read_text().splitlines()[1].startswith("1,")


async def test_marks_and_what_was_said_of_them_go_along(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("g", "j", "j", "semicolon")
        await pilot.press(*"why", "enter", "j", "m")
        await until(pilot, lambda: len(app.session.marks) == 2)
        for key in ("c", "n"):
            app.exported.clear()
            await pilot.press("e", "tab", "tab", key, "enter")
            assert (await written(app, pilot)).startswith("2 rows")
    table, events = sorted(folder.iterdir())
    rows = [line.split(",") for line in table.read_text().splitlines()[1:]]
    assert [(row[0], row[-1]) for row in rows] == [("3", "why"), ("4", "")]
    told = [json.loads(line)["httpresp"] for line in events.read_text().splitlines()]
    assert [(each["id"], each.get("comment")) for each in told] == [(3, "why"), (4, None)]


async def test_a_file_that_is_there_is_replaced_after_a_question_alone(tmp_path: Path, folder: Path) -> None:
    (folder / "a.csv").write_text("old")
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "c")
        await until(pilot, lambda: isinstance(app.screen, ExportName) and app.screen.query(Input))
        app.screen.query_one(Input).value = "a.csv"
        await pilot.press("enter")
        await until(pilot, lambda: "Enter replaces it" in words_on(app))
        assert (folder / "a.csv").read_text() == "old"
        await pilot.press("enter")
        await written(app, pilot)
    assert len((folder / "a.csv").read_text().splitlines()) == 9
    assert os.listdir(folder) == ["a.csv"]


async def test_a_link_and_a_full_folder_are_not_replaced(tmp_path: Path, folder: Path) -> None:
    (folder / "link").symlink_to("/dev/null")
    (folder / "full").mkdir()
    (folder / "full" / "x").touch()
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "b")
        await until(pilot, lambda: isinstance(app.screen, ExportName) and app.screen.query(Input))
        for name in ("link", "full"):
            app.screen.query_one(Input).value = name
            await pilot.press("enter", "enter")
            await until(pilot, lambda: "is not replaced" in words_on(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.main)
    assert sorted(os.listdir(folder)) == ["full", "link"]


async def test_escape_stops_it_and_nothing_is_left(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Export] = []
    begin = FORMATS["har"].begin

    class Endless:
        """A step that never is the last."""

        def __init__(self, inner: Export) -> None:
            self.inner = inner
            begun.append(inner)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def steps(self) -> Any:
            while True:
                yield 0.4

    format = FORMATS["har"]
    monkeypatch.setattr(
        "httpresp_tui.screens.export_menu.FORMATS",
        {"har": type(format)("har", "HAR 1.2", "h", ".har", lambda order: Endless(begin(order)))},  # pyright: ignore
    )
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "h", "enter")
        await until(pilot, lambda: "Exporting HAR 1.2" in words_on(app) and "40%" in words_on(app))
        assert len(list(folder.iterdir())) == 1
        await pilot.press("e")
        await until(pilot, lambda: "An export is under way" in words_on(app))
        await pilot.press("k", "escape")
        assert (await written(app, pilot)).startswith("Stopped: nothing is left of eth0-")
        assert app.rows.current is not None
        assert app.rows.current.id == 7
        await until(pilot, lambda: "Exporting" not in screen_text(app).replace("An export", ""))
    assert list(folder.iterdir()) == []


async def test_leaving_stops_it_and_nothing_is_left(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        def __init__(self, inner: Export) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def steps(self) -> Any:
            while True:
                yield None

    begin, format = FORMATS["csv"].begin, FORMATS["csv"]
    slow = type(format)("csv", "CSV", "c", ".csv", lambda order: Slow(begin(order)))  # pyright: ignore
    monkeypatch.setattr("httpresp_tui.screens.export_menu.FORMATS", {"csv": slow})
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "enter", "enter")
        await until(pilot, lambda: list(folder.iterdir()))
    assert list(folder.iterdir()) == []
    assert "it was stopped" in app.summary()


async def test_packets_are_said_to_be_as_they_are_before_they_are_written(tmp_path: Path, folder: Path) -> None:
    capture = tmp_path / "f.pcap"
    frames = frames_of(ok(body=b"hello"))
    capture.write_bytes(pcap(frames, frames[0].link_type))
    with responses(capture) as found:
        events = [ResponseSeen(row) for row in found]
    async with running(Scripted(events, label="f.pcap", live=False), tmp_path, packets=Packets((capture,))) as (
        app,
        pilot,
    ):
        await pilot.press("e", "p")
        await until(pilot, lambda: "secrets in them are not hidden" in words_on(app))
        await pilot.press("enter")
        assert (await written(app, pilot)).startswith("6 packets of 1 connection as Packets as pcapng to f-")
    (path,) = folder.iterdir()
    with responses(path) as found:
        assert [row.body for row in found] == [b"hello"]


async def test_what_cannot_be_had_says_why(tmp_path: Path, folder: Path) -> None:
    why = "packets are not kept: record them with -w FILE."
    async with running(Scripted(some_responses(8)), tmp_path, packets=Packets(why=why)) as (app, pilot):
        await pilot.press("e", "p")
        told = app.screen.query_one("#export-secrets", Static)
        await until(pilot, lambda: "record them with -w FILE" in str(told.render()))
        assert "Packets as pcapng" in screen_text(app)
        assert isinstance(app.screen, ExportMenu)
        await pilot.press("escape")
        app.session.clear()
        await pilot.press("e")
        await until(pilot, lambda: "nothing to export" in words_on(app))
    assert list(folder.iterdir()) == []


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        await pilot.press("e", "c")
        await until(pilot, lambda: isinstance(app.screen, ExportName) and app.screen.query(Input))
        app.screen.query_one(Input).value = "no/such/folder/a.csv"
        await pilot.press("enter")
        assert "No such file or directory" in await written(app, pilot)


class Recording(Scripted):
    """A live source that can write its packets."""

    def __init__(self) -> None:
        super().__init__(some_responses(8))
        self.told: list[str] = []
        self.recording = ""

    def record(self, path: str) -> str:
        self.told.append(path)
        self.recording = path
        return ""


async def test_packets_are_recorded_from_now_on_until_w_again(tmp_path: Path, folder: Path) -> None:
    source = Recording()
    async with running(source, tmp_path) as (app, pilot):
        await pilot.press("w", "enter")
        await until(pilot, lambda: source.told)
        assert source.told[0].endswith(".pcapng")
        assert app.packets.paths == (Path(source.told[0]),)
        await pilot.press("w")
        await until(pilot, lambda: len(source.told) == 2)
        assert source.told[1] == ""


async def test_what_is_read_from_a_file_is_not_recorded(tmp_path: Path, folder: Path) -> None:
    async with running(Scripted(some_responses(8), label="f.pcap", live=False), tmp_path) as (app, pilot):
        await pilot.press("w")
        await until(pilot, lambda: "in that file already" in words_on(app))
        assert app.screen is app.main
