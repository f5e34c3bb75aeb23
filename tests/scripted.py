"""A source that plays what it was given: for tests of what stands after the mailbox."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from textual.pilot import Pilot

import httpresp_tui
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseSeen
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_tui.app import HttprespApp
from samples import FAILED, FLOW, NOT_FOUND, OK, REDIRECT, START, TWO_COOKIES, request, response

STYLE_SHEET = Path(httpresp_tui.__file__).parent / "app.tcss"
"""The style sheet, for an app of a test that shows a single widget."""
HEADS = (OK, NOT_FOUND, REDIRECT, FAILED, TWO_COOKIES, OK, OK, OK)


def some_responses(count: int, first: int = 1) -> list[CaptureEvent]:
    """Every eighth of each kind, five to a connection, 20 ms apart."""
    return [
        ResponseSeen(
            response(
                HEADS[id % len(HEADS)],
                id=id,
                at_ms=20 * id,
                flow=replace(FLOW, id=id // 5 + 1),
                request=request(b"GET /shop/items/%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % id, at_ms=20 * id - 15),
            )
        )
        for id in range(first, first + count)
    ]


def status(ended: bool = False, fraction: float | None = None, **counters: Any) -> CaptureStatus:
    """Where the capture stands."""
    return CaptureStatus(Counters(**counters), START, fraction, ended)


class Scripted(ReadingSource):
    """Emits its batches at once, then waits to be stopped; a file ends by itself."""

    def __init__(self, *batches: Sequence[CaptureEvent], label: str = "eth0", live: bool = True) -> None:
        self.batches = batches
        self.label = label
        self.live = live
        self.stopped = Event()
        self.emit: Emit = lambda batch: None
        """Set when it runs, so that a test can send more."""

    def run(self, emit: Emit) -> None:
        """See `Source`."""
        self.emit = emit
        for batch in self.batches:
            emit(list(batch))
        if self.live:
            self.stopped.wait()

    def stop(self) -> None:
        """See `Source`."""
        self.stopped.set()


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app go on until something holds; fails after a minute or more, which no busy machine takes."""
    for _ in range(6_000):
        if condition():
            return
        await pilot.pause()
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


@asynccontextmanager
async def running(
    source: Scripted, folder: Path, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncGenerator[tuple[HttprespApp, Pilot[None]]]:
    """The app over a source, when it has taken in what the source had."""
    app = HttprespApp(source, state_file=folder / "state.json", **options)
    expected = sum(isinstance(event, ResponseSeen) for batch in source.batches for event in batch)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.session.store.seen == expected and not app.session.mailbox.waiting)
        await pilot.pause()
        yield app, pilot


def screen_text(app: HttprespApp) -> str:
    """What stands on the screen, line by line."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]  # Textual has no public way
    return "\n".join(line.text[:width] for line in lines[:height])
