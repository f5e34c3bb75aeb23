"""The main screen: has no keys of its own, all of them are the app's, so that each can be rebound."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from httpresp_tui.model.pacing import TimeSlices
from httpresp_tui.terminal.textual_private import paint_now
from httpresp_tui.widgets.status_bar import WithStatusBar


class MainScreen(WithStatusBar, Screen[None]):
    """Where the list stands; paints what a key has changed without waiting for the next frame."""

    AUTO_FOCUS = "ResponseList"
    """A key that comes before the first picture is a command, as every later one; never a letter of the filter."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.other_pane", show=False),
        Binding("shift+tab", "app.other_pane", show=False),
    ]

    def __init__(self, turns: TimeSlices) -> None:
        super().__init__(id="main")
        self._turns = turns

    def on_idle(self) -> None:
        """What a key has changed is painted at once."""
        if self._turns.held and paint_now(self):
            self._turns.painted()
