"""What goes on all the time: the checks come to the rows, and what a key changed is painted at once."""

from pathlib import Path

import pytest

from httpresp_tui.model.pacing import TimeSlices
from scripted import Scripted, running, screen_text, some_responses, until


async def test_a_row_on_the_screen_gets_its_letter_when_the_checks_come_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Scripted()
    async with running(source, tmp_path) as (app, pilot):
        with monkeypatch.context() as later:
            later.setattr(app.session.inspection, "step", lambda: True)
            source.emit(some_responses(8))
            await until(pilot, lambda: "/shop/items/8 " in screen_text(app))
            assert "15.0 ms  M" not in screen_text(app)
        await until(pilot, lambda: "15.0 ms  M" in screen_text(app))


async def test_what_a_key_changes_is_painted_before_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_to_paint: list[int] = []

    def seen(turns: TimeSlices) -> None:
        left_to_paint.append(len(app.screen._dirty_widgets))  # pyright: ignore[reportPrivateUsage]

    async with running(Scripted(some_responses(8)), tmp_path) as (app, pilot):
        monkeypatch.setattr(TimeSlices, "painted", seen)
        await pilot.press("k")
        await until(pilot, lambda: left_to_paint)
    assert left_to_paint[0] == 0
