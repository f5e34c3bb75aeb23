"""The help panel: every key, from the bindings themselves as they are in force, and what the marks mean."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from httpresp_tui.bindings import Groups
from httpresp_tui.glossary import entries, filter_language

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
        self._sections = (*keys, ("The display filter", filter_language()), ("Marks and words", entries()))

    def compose(self) -> ComposeResult:
        """One text in a box that scrolls."""
        with VerticalScroll(classes="help-box") as box:
            box.border_title = "Help"
            box.border_subtitle = "j k scroll, Esc closes"
            for title, rows in self._sections:
                yield Static(Content(title), classes="help-title")
                width = max(cell_len(keys) for keys, _ in rows)
                for keys, words in rows:
                    with Horizontal(classes="help-row"):
                        label = Static(Content(keys), classes="help-keys")
                        label.styles.width = width + 2
                        yield label
                        yield Static(Content(words), classes="help-words")

    def action_scroll(self, lines: int) -> None:
        """One line, at once."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def sections(bindings: Iterable[Binding], display: Mapping[str, str]) -> tuple[Section, ...]:
    """The rows of the panel; `display` says how each key is written.

    Keys that do the same stand in one row, and a key that two panes use alike (`j`) is explained once.
    """
    found: dict[str, dict[str, list[str]]] = {group.description: {} for group in Groups.ORDER}
    for binding in bindings:
        rows = found[binding.group.description if binding.group else Groups.APP.description]
        rows.setdefault(binding.tooltip or binding.description, []).append(display[binding.key])
    return tuple((title, _once(rows)) for title, rows in found.items() if rows)


def _once(rows: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    told: dict[str, str] = {}
    for words, keys in rows.items():
        told.setdefault(" ".join(dict.fromkeys(keys)), words)
    return tuple(told.items())
