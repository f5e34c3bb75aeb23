"""What lies over the main screen, and goes once: a second Enter may come before the first has taken it away."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Modal(ModalScreen[Result]):
    """A modal screen. Textual's would take the screen below it along, or end the app when there is none."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go, with an answer; nothing when it has gone."""
        return super().dismiss(result) if self in self.app.screen_stack else AwaitComplete()
