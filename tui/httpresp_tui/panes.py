"""The part of the app that goes between the list and the detail pane, and shares the room out between them."""

from pathlib import Path
from typing import Any

from textual import on
from textual.screen import Screen
from textual.widget import Widget

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.copying import CopyingApp
from httpresp_tui.errors import SettingsError
from httpresp_tui.keys.bindings import did_you_mean
from httpresp_tui.model.settings import Memory
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.run import Run
from httpresp_tui.widgets.body import Body
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.filter_line import FilterLine
from httpresp_tui.widgets.layout import Layout
from httpresp_tui.widgets.messages import SplitMoved
from httpresp_tui.widgets.response_list import ResponseList


class PanesApp(CopyingApp):
    """The app that extends it fills the panes."""

    rows: ResponseList
    detail: Detail
    filter_line: FilterLine

    def __init__(self, redactor: Redactor | None, copy_command: str, run: Run, state_file: Path | None) -> None:
        super().__init__(redactor, copy_command, run)
        self._memory = Memory(state_file)
        self.body = Body()

    @property
    def main(self) -> Screen[Any]:
        """The main screen, whatever lies over it."""
        return self.screen_stack[0]

    @property
    def in_hand(self) -> Response | None:
        """What is read, or what the cursor is on."""
        return self.detail.response if self.body.reading else self.rows.current

    def remember(self, **changes: Any) -> None:
        """For the next run; says once when that cannot be written."""
        if problem := self._memory.change(**changes):
            self.notify(printable_text(problem), severity="warning", markup=False)

    def choose_theme(self, chosen: str) -> None:
        """The one of the settings, else the last one; raises `SettingsError`."""
        if chosen and chosen not in self.available_themes:
            raise SettingsError(f"theme: there is no theme {chosen!r}{did_you_mean(chosen, self.available_themes)}")
        theme = chosen or self._memory.state.theme
        if theme in self.available_themes:
            self.theme = theme

    def arrange_as_remembered(self) -> None:
        """The panes as they were left."""
        remembered = self._memory.state
        self.body.wanted = Layout(remembered.layout) if remembered.layout in list(Layout) else Layout.AUTO
        self.body.split = remembered.split

    def focus_pane(self) -> None:
        """The keys go to the pane that is in front."""
        pane: Widget = self.detail if self.body.reading else self.rows
        pane.focus()

    @on(Detail.Left)
    def _left_detail(self) -> None:
        self.body.reading = False
        self.body.maximised = False
        self.rows.focus()

    def on_descendant_focus(self) -> None:
        """A click moves the focus too."""
        focused = self.main.focused
        if focused is not None and focused is not self.filter_line.input:
            self.body.reading = self.detail in focused.ancestors_with_self

    def action_other_pane(self) -> None:
        """From the list to the detail, and back; from the filter to the list."""
        if self.main.focused is not self.filter_line.input:
            self.body.reading = not self.body.reading
        self.focus_pane()

    def action_layout(self) -> None:
        """The next layout."""
        body = self.body
        body.wanted = body.wanted.next
        self.remember(layout=str(body.wanted))
        now = f" (here: {body.layout_now})" if body.layout_now is not body.wanted else ""
        self.notify(f"Layout: {body.wanted}{now}", timeout=2, markup=False)

    def action_maximise(self) -> None:
        """One pane alone, or both again."""
        self.body.maximised = not self.body.maximised

    def action_step_back(self) -> None:
        """The least destructive step back."""
        self.body.maximised = False
        self.rows.focus()

    def action_resize(self, percent: int) -> None:
        """Move the splitter."""
        self.body.split += percent
        self.remember(split=self.body.split)

    @on(SplitMoved)
    def _drag(self, event: SplitMoved) -> None:
        self.body.drag(event.x, event.y)
