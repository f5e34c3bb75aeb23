"""The first line of the Findings screen says what its rows leave out, at any width."""

import pytest
from textual.app import App, ComposeResult

from httpresp_capture.analysis.coverage import Figure
from httpresp_capture.checks import Severity
from httpresp_tui.widgets.findings_summary import Figures, FindingsSummary
from scripted import STYLE_SHEET

FULL = Figures(
    open=tuple((severity, 1) for severity in reversed(Severity)),
    responses=1_234,
    left=12,
    unplaced=Figure("drift_dropped", 1_000, "response", "of further routes"),
)


class Summary(App[None]):
    """One line."""

    CSS_PATH = STYLE_SHEET

    def compose(self) -> ComposeResult:
        yield FindingsSummary()


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (160, "1,234 responses  12 to look at, 1,000 responses of further routes found no place"),
        (100, "1,234 responses  12 to look at, 1,000 without a place"),
    ],
)
async def test_what_found_no_place_is_said_as_far_as_there_is_room(width: int, words: str) -> None:
    app = Summary()
    async with app.run_test(size=(width, 3)) as pilot:
        summary = app.query_one(FindingsSummary)
        summary.figures = FULL
        await pilot.pause()
        assert str(summary.render()).endswith(words)
        assert len(str(summary.render())) == width - 2
