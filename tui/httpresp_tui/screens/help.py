"""The help panel: every key, from the bindings themselves as they are in force, and what the marks mean."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.keys.glossary import entries, filter_language
from httpresp_tui.screens.modal import Modal
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.lines import Line, TextStyle, heading, line, own

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A heading, and rows of (keys, what they do)."""


class Help(Modal[None]):
    """Scrolls; any of its own keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark,f1", "dismiss", "Close", id="help.close", tooltip="Close the help", group=Groups.APP
        ),
    ]

    def __init__(self, keys: tuple[Section, ...]) -> None:
        super().__init__(classes="dialog")
        self._sections = (*keys, ("The display filter", filter_language()), ("Marks and words", entries()))

    def compose(self) -> ComposeResult:
        """One text in a box that scrolls: lines, since a widget a row makes every key wait for all of them."""
        with Vertical(classes="help-box") as box:
            box.border_title = "Help"
            box.border_subtitle = "j k scroll, Esc closes"
            yield DetailText()

    def on_mount(self) -> None:
        """The text takes the keys."""
        text = self.query_one(DetailText)
        text.show_lines([each for section in self._sections for each in lines(section)], keep=False)
        text.focus()


def lines(section: Section) -> Iterator[Line]:
    """Its heading, then a line a row, the words of all under each other."""
    title, rows = section
    width = max(cell_len(keys) for keys, _ in rows)
    yield Line()
    yield heading(title)
    for keys, words in rows:
        pad = " " * (width - cell_len(keys) + 2)
        yield line(own(f"  {keys}{pad}", TextStyle.STRONG), own(words), hang=width + 4)


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
    found: dict[str, str] = {}
    for words, keys in rows.items():
        found.setdefault(" ".join(dict.fromkeys(keys)), words)
    return tuple(found.items())
