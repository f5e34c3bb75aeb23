"""The names of the tabs in one line; the open one stands out, a click opens another.

Where a digit opens a tab, it stands before its name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_tui.widgets.styles import style_of
from httpresp_tui.widgets.tabs import Titled

GAP = "  "
LEAST = 3
"""Letters of a title that are left in the narrowest pane, where no digit stands for it."""


class TabStrip(Widget):
    """Tabs side by side."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-strip--open", "tab-strip--other", "tab-strip--digit"}
    open: reactive[str] = reactive("")
    """The key of the open tab."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        key: str

    def __init__(self, tabs: Sequence[Titled], *, numbered: bool = False) -> None:
        super().__init__()
        self._tabs = tabs
        self._numbered = numbered

    def show(self, tabs: Sequence[Titled]) -> None:
        """Other tabs, or other titles."""
        if tabs != self._tabs:
            self._tabs = tabs
            self.refresh()

    def render(self) -> Content:
        """The titles, our own words; shortened where they do not fit."""
        pieces: list[Content | tuple[str, str] | str] = []
        for key, digit, title in self._titles():
            name = "tab-strip--open" if key == self.open else "tab-strip--other"
            pieces.append(Content(digit).stylize(style_of(self, "tab-strip--digit")))
            pieces += [Content(title).stylize(style_of(self, name)), GAP]
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        """Which title stands under the pointer."""
        at = event.get_content_offset(self)
        if at is None:
            return
        left = 0
        for key, digit, title in self._titles():
            width = len(digit) + len(title)
            if left <= at.x < left + width + 1:
                self.post_message(self.Chosen(key))
                return
            left += width + len(GAP)

    def _titles(self) -> Iterator[tuple[str, str, str]]:
        """Key, digit and title of each tab: all whole, or all but the open one cut to the same few letters."""
        lengths = {tab.key: len(tab.title) for tab in self._tabs}
        room = self.size.width + len(GAP) - len(self._tabs) * (len(GAP) + 2 * self._numbered)
        kept = max(lengths.values(), default=0)
        least = 0 if self._numbered else LEAST
        while kept > least and room < sum(
            length if key == self.open else min(length, kept) for key, length in lengths.items()
        ):
            kept -= 1
        for number, tab in enumerate(self._tabs, 1):
            title = tab.title if tab.key == self.open else tab.title[:kept]
            yield tab.key, (f"{number} " if title else f"{number}") if self._numbered else "", title
