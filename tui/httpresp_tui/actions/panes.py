"""The part of the app that goes between the list and the detail pane, and shares the room out between them."""

from textual import on

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.layout import Layout
from httpresp_tui.widgets.messages import SplitMoved


class Panes(Inspector):
    """Which pane is in front, and how large."""

    def arrange_as_remembered(self) -> None:
        """The panes as they were left."""
        remembered = self.memory.state
        self.body.wanted = Layout(remembered.layout) if remembered.layout in list(Layout) else Layout.AUTO
        self.body.split = remembered.split

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
