"""The help panel: every key, from the bindings themselves as they are in force, and what the marks mean."""

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from httpresp_tui.bindings import Groups
from httpresp_tui.glossary import entries

_INDENT = 2
_LEAST_COLUMN = 46
"""Cells under which explanations stop being readable; the groups stand in as many columns as there are of these."""

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A heading, and rows of (keys, what they do)."""


class Help(ModalScreen[None]):
    """Scrolls; any of its own keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark,f1", "dismiss", "Close", id="help.close", tooltip="Close the help", group=Groups.APP
        ),
        Binding("j", "scroll(1)", "Down", id="help.down", tooltip="Next line", group=Groups.MOVE, show=False),
        Binding("k", "scroll(-1)", "Up", id="help.up", tooltip="Previous line", group=Groups.MOVE, show=False),
    ]

    def __init__(self, keys: tuple[Section, ...]) -> None:
        super().__init__(classes="dialog")
        self._sections = (*keys, ("Marks and words", entries()))

    def compose(self) -> ComposeResult:
        """One text in a box that scrolls."""
        with VerticalScroll(classes="help-box") as box:
            box.border_title = "Help"
            box.border_subtitle = "j k scroll, Esc closes"
            for title, rows in self._sections:
                yield Static(Content(title), classes="help-title")
                width = max(cell_len(keys) for keys, _ in rows)
                for keys, words in rows:
                    yield Static(Content(f"{keys:{width}}  {words}"), classes="help-row")

    def action_scroll(self, lines: int) -> None:
        """One line, at once."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def sections(bindings: Iterable[Binding], display: dict[str, str]) -> tuple[Section, ...]:
    """The rows of the panel: one an id, its keys joined; `display` says how each key is written."""
    keys: dict[str, list[str]] = {}
    first: dict[str, Binding] = {}
    for binding in bindings:
        id = binding.id or ""
        first.setdefault(id, binding)
        keys.setdefault(id, []).append(display[binding.key])
    found: list[Section] = []
    for group in Groups.ORDER:
        rows = tuple(
            (" ".join(dict.fromkeys(keys[id])), binding.tooltip or binding.description)
            for id, binding in first.items()
            if binding.group == group
        )
        if rows:
            found.append((group.description, rows))
    return tuple(found)
