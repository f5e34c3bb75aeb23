"""A question with two answers."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.screens.modal import Modal


class Confirm(Modal[bool]):
    """Gives True for the first answer. The focus is on the second, which changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes", tooltip="Do it", group=Groups.APP),
        Binding("n,escape", "answer(False)", "No", id="confirm.no", tooltip="Leave it", group=Groups.APP),
        Binding("left,right,h,l", "app.focus_next", "Other answer", id="confirm.other", group=Groups.APP, show=False),
    ]

    def __init__(self, question: Content, yes: str, no: str = "Cancel") -> None:
        super().__init__(classes="dialog")
        self._question = question
        self._yes = yes
        self._no = no

    AUTO_FOCUS = "#no"

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog-box"):
            yield Static(self._question, classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button(Content(self._yes), id="yes", variant="warning", compact=True)
                yield Button(Content(self._no), id="no", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """A key gave the answer."""
        self.dismiss(yes)
