"""Which columns the list has: a list to choose and to order, and a line for the name of a header. The list behind it
changes at once."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.columns import ALL_COLUMNS, column
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable
from httpresp_tui.widgets.choices import WithChoices

NOTE = "space shows or hides, J K move, a adds a header, 0 takes the usual ones"
WRITING = "Enter shows it, → takes what is proposed"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}")
"""A field name (RFC 9110 §5.1), of a length that one would write."""


class Columns(WithChoices, Modal[None]):
    """Tells what was chosen whenever it changes; no key at all means the usual columns."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "columns",
        Groups.VIEW,
        ("leave", "escape,q", "leave", "Done", "Back to the list", True),
        ("show", "space", "show", "Show", "Show the column, or hide it", True),
        ("later", "J", "shift(1)", "Move down", "Move the column to the right", True),
        ("earlier", "K", "shift(-1)", "Move up", "Move the column to the left", False),
        ("add", "a", "add", "Add a header", "Make a column of any header", True),
        ("usual", "0", "usual", "Usual ones", "Take the usual columns again", True),
        ("down", "j", "move(1)", "Down", "The row below", False),
        ("up", "k", "move(-1)", "Up", "The row above", False),
    )
    AUTO_FOCUS = "OptionList"

    def __init__(
        self, shown: Sequence[str], headers: Sequence[str], changed: Callable[[tuple[str, ...]], None]
    ) -> None:
        super().__init__(classes="dialog")
        self._shown = list(shown)
        self._changed = changed
        self._headers = headers
        self._order = [*self._shown, *(each.key for each in ALL_COLUMNS if each.key not in self._shown)]
        """Every row: those that are shown first, in their order."""

    def compose(self) -> ComposeResult:
        """The rows, the line for a name, and what keys do."""
        with Vertical(classes="dialog-box columns-box"):
            yield Static("Columns", classes="dialog-title")
            yield OptionList(compact=True)
            line = Input(
                compact=True,
                placeholder="x-cache",
                max_length=80,
                suggester=SuggestFromList(self._headers, case_sensitive=False),
            )
            line.cursor_blink = False
            yield line
            yield Static(NOTE, id="columns-note", markup=False)

    def on_mount(self) -> None:
        """Fill it; nothing is written yet."""
        self.query_one(Input).display = False
        self._fill(0)

    def _fill(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._row(key), key) for key in self._order])
        options.highlighted = at

    def _row(self, key: str) -> Content:
        found = column(key)
        words = key if found is None or found.key == found.title else f"{found.title}  ({key})"
        return Content.assemble("✓ " if key in self._shown else "  ", printable(words, 80))

    @property
    def _at(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    def _tell(self, at: int) -> None:
        self._shown = [key for key in self._order if key in self._shown]
        self._changed(tuple(self._shown))
        self._fill(at)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_show()

    def action_show(self) -> None:
        """Show or hide; the last one stays."""
        key = self._order[self._at]
        if key not in self._shown:
            self._shown.append(key)
        elif len(self._shown) > 1:
            self._shown.remove(key)
        self._tell(self._at)

    def action_shift(self, step: int) -> None:
        """Change places with the next one."""
        at = self._at
        to = at + step
        if 0 <= to < len(self._order):
            order = self._order
            order[at], order[to] = order[to], order[at]
            self._tell(to)

    def action_usual(self) -> None:
        """As at first."""
        self._changed(())
        self.dismiss(None)

    def action_add(self) -> None:
        """Ask for a name."""
        line = self.query_one(Input)
        line.display = True
        line.focus()
        self.query_one("#columns-note", Static).update(WRITING)

    def action_leave(self) -> None:
        """From the line back to the rows, from there to the list."""
        line = self.query_one(Input)
        if not line.has_focus:
            self.dismiss(None)
            return
        line.value = ""
        line.display = False
        self.query_one(OptionList).focus()
        self.query_one("#columns-note", Static).update(NOTE)

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.value.strip().rstrip(":")
        if not _NAME.fullmatch(name):
            self.query_one("#columns-note", Static).update("That is no name of a header.")
            return
        key = f"header:{name.lower()}"
        if key not in self._shown:
            self._order = [each for each in self._order if each != key]
            at = self._order.index("marks") if "marks" in self._shown else len(self._shown)
            self._order.insert(at, key)
            self._shown.append(key)
            self._tell(at)
        self.dismiss(None)
