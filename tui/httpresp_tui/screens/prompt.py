"""One line to write."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.screens.modal import Modal


class Prompt(Modal[str | None]):
    """Gives what was written, which may be nothing; None when it was left."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="prompt.leave", tooltip="Change nothing", group=Groups.APP),
    ]

    def __init__(self, question: Content, value: str = "", *, placeholder: str = "", longest: int = 0) -> None:
        super().__init__(classes="dialog")
        self._question = question
        self._value = value
        self._placeholder = placeholder
        self._longest = longest

    def compose(self) -> ComposeResult:
        """The question, and the line with what is there already."""
        with Vertical(classes="dialog-box prompt-box"):
            yield Static(self._question, classes="dialog-title", markup=False)
            line = Input(
                self._value,
                compact=True,
                placeholder=self._placeholder,
                max_length=self._longest,
                select_on_focus=False,
            )
            line.cursor_blink = False
            yield line

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
