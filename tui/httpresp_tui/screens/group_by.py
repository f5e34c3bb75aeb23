"""What to group by: a menu made from `GROUPINGS`."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.screens.modal import Modal
from httpresp_tui.widgets.choices import WithChoices

FLAT = "none"
"""The id of the row that groups by nothing."""


class GroupBy(WithChoices, Modal[str | None]):
    """Gives a key of `GROUPINGS`, `FLAT`, or None for no change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", id="group-by.close", tooltip="Change nothing", group=Groups.APP),
        Binding("j", "move(1)", "Down", id="group-by.down", tooltip="Next row", group=Groups.MOVE, show=False),
        Binding("k", "move(-1)", "Up", id="group-by.up", tooltip="Previous row", group=Groups.MOVE, show=False),
    ]

    def __init__(self, current: str | None) -> None:
        super().__init__(classes="dialog")
        self._current = current or FLAT

    def compose(self) -> ComposeResult:
        """One row a grouping; the one in force has the cursor."""
        titles = {FLAT: "nothing: one flat list"} | {key: kind.title for key, kind in GROUPINGS.items()}
        with Vertical(classes="dialog-box"):
            yield Static("Group by", classes="dialog-title")
            yield OptionList(*(Option(Content(f" {title}"), id=key) for key, title in titles.items()), compact=True)

    def on_mount(self) -> None:
        """Start from what is."""
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(self._current)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
