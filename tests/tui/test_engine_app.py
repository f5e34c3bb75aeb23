"""The app over an engine in a process of its own: what comes is shown, and its crash is an event on the screen."""

import os
import signal
import threading
from pathlib import Path

import pytest

from httpresp_capture.process.engine import EngineSource
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_capture.sources.demo import DemoSource
from httpresp_tui.app import HttprespApp
from scripted import screen_text, some_responses, status, until


class Waiting(ReadingSource):
    """Some responses, then nothing more until it is stopped."""

    label = "eth0"
    live = True

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def run(self, emit: Emit) -> None:
        """See `Source`."""
        emit([*some_responses(30), status(packets=90)])
        self._stopping.wait()
        emit([*some_responses(5, first=31), status(ended=True, packets=99)])

    def stop(self) -> None:
        """See `Source`."""
        self._stopping.set()


@pytest.mark.slow
async def test_an_engine_that_was_killed_is_told_and_the_screen_stays_of_use(tmp_path: Path) -> None:
    engine = EngineSource(Waiting())
    app = HttprespApp(engine, state_file=tmp_path / "state.json")
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: app.session.store.seen == 30)
        os.kill(engine.pid, signal.SIGKILL)
        await until(pilot, lambda: "ended by SIGKILL" in screen_text(app))
        assert app.session.store.ended
        assert app.session.counters.packets == 90
        await pilot.press("g", "j", "j", "enter")
        await until(pilot, lambda: app.detail.response is not None and app.detail.response.id == 3)
        await pilot.press("escape", "slash", *"status:404", "enter")
        await until(pilot, lambda: not app.session.view.pending and 0 < app.session.view.shown < 30)
    assert "SIGKILL" in app.summary()
    assert app.failed


async def test_what_comes_after_the_stop_is_counted(tmp_path: Path) -> None:
    app = HttprespApp(EngineSource(Waiting()), state_file=tmp_path / "state.json")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.session.store.seen == 30)
    assert app.session.store.seen == 35
    assert app.session.counters.packets == 99
    assert not app.failed


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    app = HttprespApp(EngineSource(DemoSource(Limits(), 0)), state_file=tmp_path / "state.json")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.session.store.ended and not app.session.mailbox.waiting)
        counters = app.session.counters
        assert app.session.store.seen == counters.responses + counters.unanswered + counters.encrypted > 100
    assert not app.failed


async def test_what_the_engine_had_to_drop_is_shown(tmp_path: Path) -> None:
    engine = EngineSource(Waiting())
    app = HttprespApp(engine, state_file=tmp_path / "state.json")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.session.store.seen == 30)
        engine.lost = 7
        assert app.session.status_line(0).ours == 7
        assert app.session.summary().ours == 7
