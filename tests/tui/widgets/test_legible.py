"""Text can be read in every theme: a ratio of contrast of 3 at least (WCAG 2.2), wherever it stands on the screen."""

from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.color import Color

from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.demo import DemoSource
from httpresp_tui.app import HttprespApp
from httpresp_tui.widgets.styles import READABLE, contrast, readable

DRAWING = range(0x2500, 0x25A0)
"""Lines and blocks: borders, scrollbars, bars. They say nothing that words do not."""
STATES = (("escape", "2", "t", "enter"), ("escape", "escape", "t", "0", "exclamation_mark"))
"""Keys that lead to another state of the screen, one after the other; all of them back to the first."""


def test_a_pair_that_can_be_read_stays_as_it_is() -> None:
    text, ground = Color.parse("#dddddd"), Color.parse("#222222")
    assert readable(text, ground) is text


@pytest.mark.parametrize("ground", ["#000000", "#777777", "#85a598", "#ffffff"])
@pytest.mark.parametrize("text", ["#000000", "#757575", "#fbf1c7", "#ffffff80"])
def test_any_pair_becomes_one_that_can_be_read(text: str, ground: str) -> None:
    assert contrast(readable(Color.parse(text), Color.parse(ground)), Color.parse(ground)) >= READABLE


def test_contrast_is_that_of_the_standard() -> None:
    black, white, grey = Color.parse("#000000"), Color.parse("#ffffff"), Color.parse("#767676")
    assert contrast(black, white) == contrast(white, black) == 21
    assert round(contrast(grey, white), 2) == 4.54


def hard_to_read(segments: Iterator[Segment]) -> Iterator[str]:
    for text, style, _ in segments:
        words = "".join(char for char in text if ord(char) not in DRAWING).strip()
        if not (words and style and style.color and style.bgcolor and style.color.triplet and style.bgcolor.triplet):
            continue
        pair = [Color(*style.color.triplet), Color(*style.bgcolor.triplet)]
        if contrast(*pair) < READABLE - 0.05:
            yield f"{words!r}: {pair[0].hex} on {pair[1].hex}"


@pytest.mark.slow
async def test_every_theme_can_be_read_everywhere() -> None:
    app = HttprespApp(DemoSource(Limits(), 0))
    async with app.run_test(size=(120, 24)) as pilot:
        while app.session.source.live or not app.session.store.ended:
            await pilot.pause(0.05)
        looked_at = 0
        for theme in app.available_themes:
            app.theme = theme
            for keys in STATES:
                await pilot.press(*keys)
                await pilot.pause()
                found = [segment for strip in app.screen._compositor.render_strips() for segment in strip]  # pyright: ignore[reportPrivateUsage]
                looked_at += len(found)
                assert not list(hard_to_read(iter(found))), (theme, keys)
            await pilot.press("escape", "escape")
        assert looked_at > 5_000
