"""What the filter line and the status classes let through."""

from textual import on
from textual.widgets import Input

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.widgets.messages import ClassToggled, FilterChanged, FilterLeft


class Filtering(Inspector):
    """The display filter, and the classes beside it."""

    _end_is_known = False
    """The capture has ended, and what the filter says of time has been counted from its newest packet."""

    def update_figures(self) -> None:
        """A filter that was there before the end of a file is settled again when that is reached."""
        if self.session.store.ended and not self._end_is_known:
            self._end_is_known = True
            if self.filter.moves:
                self.set_filter(self.compile(self.filter.text))
        super().update_figures()

    @on(FilterChanged)
    def _filter_by(self, event: FilterChanged) -> None:
        self.set_filter(event.query)

    @on(FilterLeft)
    def _leave_filter(self, event: FilterLeft) -> None:
        if event.used:
            self.remember(filters=self.memory.state.with_filter(event.used))
            self.filter_line.input.remember(self.memory.state.filters)
        self.focus_pane()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`/` is a letter in every input, and searches in the detail pane."""
        if action != "edit_filter":
            return super().check_action(action, parameters)
        focused = self.focused
        in_detail = focused is not None and self.detail in focused.ancestors_with_self
        return self.screen is self.main and not in_detail and not isinstance(focused, Input)

    def action_edit_filter(self) -> None:
        """Write the display filter.

        The key has priority and the focus moves at once, so that what is typed quickly after it is text, not commands.
        """
        self.main.set_focus(self.filter_line.input)

    @on(ClassToggled)
    def _class_clicked(self, event: ClassToggled) -> None:
        self.action_toggle_status(event.number)

    def action_toggle_status(self, number: int) -> None:
        """Show a status class, or not."""
        self.session.view.toggle_class(number)
        self.rework()

    def action_all_classes(self) -> None:
        """Show them all."""
        self.session.view.set_classes(frozenset())
        self.rework()
