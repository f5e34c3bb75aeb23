"""Make every picture in this folder anew, from the real app over the demo capture.

    python -m screenshots            from the root of the repository
    python -m screenshots FOLDER     somewhere else, as the test does that compares them

Nothing in them depends on the clock, the machine or the person: times are UTC, the theme is fixed, the demo is played
at once, and the tags of redacted secrets have a fixed salt.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent / "capture"), str(HERE.parent / "tui")]

from textual.pilot import Pilot  # noqa: E402

from httpresp_capture.analysis.review import Review  # noqa: E402
from httpresp_capture.checks import Options  # noqa: E402  (the source roots are found first)
from httpresp_capture.records.limits import Limits  # noqa: E402
from httpresp_capture.sources.demo import DemoSource  # noqa: E402
from httpresp_tui.app import HttprespApp  # noqa: E402

SMALL, MIDDLE, WIDE = (80, 24), (120, 40), (180, 42)


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of this folder."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    theme: str = "textual-dark"
    filters: tuple[str, ...] = ()
    """Display filters, each at work at once: what a filter shows must not depend on how fast it is typed."""


PICTURES: tuple[Picture, ...] = (
    Picture("list", SMALL),
    Picture("wide", WIDE, ("g", "j"), filters=("set-cookie",)),
    Picture("response", MIDDLE, ("g", "enter"), filters=("host:app is:error",)),
    Picture("detail", MIDDLE, ("G", "k", "enter", "3"), filters=("type:json 2xx",)),
    Picture("overview", MIDDLE, ("S",)),
    Picture("compare", MIDDLE, ("g", "equals_sign")),
    Picture("follow", MIDDLE, ("g", "f")),
    Picture("small", SMALL, ("g", "j")),
    Picture("json", MIDDLE, ("G", "enter", "left_square_bracket", "z"), "nord"),
    Picture("grouped", MIDDLE, ("t", "minus", "g", "right", "z")),
    Picture("findings", MIDDLE, ("exclamation_mark", "j")),
    Picture("errors", SMALL, ("4", "5"), "gruvbox"),
    Picture("filter-error", SMALL, ("slash", "end"), filters=("status:404", "status:404 hots:shop")),
    Picture("help", MIDDLE, ("question_mark",)),
    Picture("https", MIDDLE, ("G", "enter", "3", "z"), filters=("is:decrypted",)),
    Picture("grpc", MIDDLE, ("g", "j", "j", "enter"), filters=("grpc:*",)),
    Picture("websocket", MIDDLE, ("G", "enter", "3", "z"), filters=("path:prices",)),
    Picture("encrypted", MIDDLE, ("G", "enter", "3"), filters=("is:encrypted",)),
    Picture("light", MIDDLE, ("G", "k"), "textual-light"),
)
"""Every picture: what is filtered and pressed once the demo has been read."""


async def take(picture: Picture, folder: Path) -> str:
    """One picture as SVG."""
    review = Review(Options(salt=b"screenshots"))
    app = HttprespApp(DemoSource(Limits(), pace=0), state_file=folder / "none", review=review, host_name="probe")
    app.theme = picture.theme
    async with app.run_test(size=picture.size) as pilot:
        await _until(pilot, lambda: app.session.store.ended and not app.session.mailbox.waiting)
        await _until(pilot, lambda: not app.session.inspection.left)
        for text in picture.filters:
            app.filter_line.replace(text)
            await pilot.pause()
        for key in picture.keys:
            await pilot.press(key)
        # Long enough for the figures of the top line.
        await asyncio.sleep(0.5)
        await pilot.wait_for_scheduled_animations()
        await pilot.pause()
        return app.export_screenshot(title="httpresp-tui --demo")


async def _until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    while not condition():
        await pilot.pause(0.02)


async def take_all(folder: Path) -> list[Path]:
    """Every picture into a folder; the files."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    made: list[Path] = []
    with TemporaryDirectory() as nowhere:
        for picture in PICTURES:
            path = folder / f"{picture.name}.svg"
            path.write_text(await take(picture, Path(nowhere)), encoding="utf-8")
            made.append(path)
    return made


def run(work: Callable[[Path], Awaitable[list[Path]]], folder: Path) -> None:
    """Make them and say which."""

    async def say() -> None:
        for path in await work(folder):
            print(path)

    asyncio.run(say())


if __name__ == "__main__":
    run(take_all, Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
