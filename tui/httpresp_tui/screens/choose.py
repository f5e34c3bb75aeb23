"""A small menu: a letter chooses a row at once; the arrows and Enter do, too. It stands where it was asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable
from httpresp_tui.widgets.choices import WithChoices

LONGEST = 60
"""Characters of a value in its row."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row."""

    key: str
    letter: str
    """That chooses it; empty for none."""
    words: str
    """Of ours."""
    value: str = ""
    """What it would be about, which may be text from the wire."""
    mark: str = ""
    """One character before it: it is in force."""
    missing: bool = False
    """It cannot be chosen; the value says why."""


class Choose(WithChoices, Modal[str | None]):
    """Gives the key of a row, or None for no change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", id="choose.close", tooltip="Change nothing", group=Groups.APP),
        Binding("j", "move(1)", "Down", id="choose.down", tooltip="Next row", group=Groups.MOVE, show=False),
        Binding("k", "move(-1)", "Up", id="choose.up", tooltip="Previous row", group=Groups.MOVE, show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, at: Offset | None = None, note: str = "") -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._choices = choices
        self._at = at
        """The cell below which it stands; None for the middle."""
        self._note = note
        self._letters = {choice.letter: choice for choice in choices if choice.letter}

    def compose(self) -> ComposeResult:
        """The rows; the one in force has the cursor."""
        width = max(cell_len(choice.words) for choice in self._choices)
        with Vertical(classes="dialog-box choose-box"):
            yield Static(Content(self._title), classes="dialog-title")
            yield OptionList(
                *(Option(_row(choice, width), choice.key, disabled=choice.missing) for choice in self._choices),
                compact=True,
            )
            if self._note:
                yield Static(Content(self._note), classes="choose-note")

    def on_mount(self) -> None:
        """Start from what is."""
        usable = [index for index, choice in enumerate(self._choices) if not choice.missing]
        marked = [index for index in usable if self._choices[index].mark]
        self.query_one(OptionList).highlighted = next(iter(marked or usable), None)
        if self._at is not None:
            self.add_class("-placed")
            self.call_after_refresh(self._place)

    def _place(self) -> None:
        """Below the cell, or where there is no room above it."""
        assert self._at is not None
        box = self.query_one(".choose-box")
        x, y = self._at
        height = box.outer_size.height
        top = y + 1 if y + 1 + height <= self.size.height else max(0, y - height)
        box.styles.offset = (max(0, min(x, self.size.width - box.outer_size.width)), top)

    def on_key(self, event: events.Key) -> None:
        """A letter chooses its row."""
        choice = self._letters.get(event.character or "")
        if choice is not None:
            event.stop()
            event.prevent_default()
            if not choice.missing:
                self.dismiss(choice.key)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)


def _row(choice: Choice, width: int) -> Content:
    pad = " " * (width - cell_len(choice.words))
    return Content.assemble(
        f"{choice.mark or ' '} ",
        (choice.letter or " ", "bold"),
        f"  {choice.words}{pad}",
        ("  ", "dim"),
        printable(choice.value, LONGEST).stylize("dim") if choice.value else "",
    )


def letters_for(words: Iterable[str], taken: str = "jkq") -> list[str]:
    """A letter for each: one of its own where one is left, else one of the rest; empty when there is none."""
    used = set(taken)
    found: list[str] = []
    for word in words:
        candidates = (*word.lower(), *"123456789", *"abcdefghijklmnopqrstuvwxyz")
        letter = next((each for each in candidates if each.isascii() and each.isalnum() and each not in used), "")
        used.add(letter)
        found.append(letter)
    return found
