"""The search line of the detail pane: what is looked for, and which match of how many is shown."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.text.units import count_text


class DetailSearch(Widget):
    """An input that opens below the text."""

    DEFAULT_CSS = """
    DetailSearch {
        layout: horizontal;
        & > #search-mark { width: 2; padding: 0 0 0 1; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; }
        & > Input:focus { border: none; }
        & > #search-count { width: auto; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "search",
        Groups.DETAIL,
        ("older", "up", "recall(-1)", "Earlier search", "What was searched for before", False),
        ("newer", "down", "recall(1)", "Later search", "What was searched for after it", False),
    )

    @dataclass
    class Changed(Message):
        """Another text is looked for; empty when the search is over."""

        pattern: str

    @dataclass
    class Done(Message):
        """The reader has typed enough."""

    def __init__(self) -> None:
        super().__init__()
        self._history: list[str] = []
        self._recalled = 0
        self._count_words = ""

    def compose(self) -> ComposeResult:
        """A slash, the text, the count."""
        yield Label("/", id="search-mark")
        yield Input(compact=True)
        yield Label("", id="search-count", markup=False)

    @property
    def is_open(self) -> bool:
        """True while a search is on, even when the text has the focus."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show the line and type into it."""
        self.add_class("-open")
        self._recalled = len(self._history)
        entry = self.query_one(Input)
        entry.focus()
        entry.select_all()

    def close(self) -> None:
        """The search is over."""
        self.remove_class("-open")
        self.query_one(Input).value = ""
        self.post_message(self.Changed(""))

    def say(self, number: int, count: int) -> None:
        """Which match of how many."""
        nothing = "no match" if self.query_one(Input).value else ""
        words = f"{count_text(number)} of {count_text(count)}" if count else nothing
        if words != self._count_words:
            # Asked for whenever another response is shown; a layout takes longer than all the rest of that.
            self._count_words = words
            self.query_one("#search-count", Label).update(words)

    def action_recall(self, step: int) -> None:
        """Go through what was searched for."""
        self._recalled = max(0, min(len(self._history), self._recalled + step))
        entry = self.query_one(Input)
        entry.value = self._history[self._recalled] if self._recalled < len(self._history) else ""
        entry.cursor_position = len(entry.value)

    def on_input_changed(self, message: Input.Changed) -> None:
        """As it is typed."""
        message.stop()
        if self.is_open:
            self.post_message(self.Changed(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter keeps the search and gives the keys back."""
        message.stop()
        if not message.value:
            self.close()
        elif not self._history or self._history[-1] != message.value:
            self._history.append(message.value)
        self.post_message(self.Done())
