"""A list of choices on which the letters do what the arrows do."""

from textual.dom import DOMNode
from textual.widgets import OptionList


class WithChoices(DOMNode):
    """A screen, or an app, with one `OptionList` in it; its bindings name `move`."""

    def action_move(self, step: int) -> None:
        """One row down, or with -1 up."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()
