"""The names of the tabs in one line; the open one stands out, a click opens another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_tui.widgets.tabs import Titled

GAP = "  "


class TabStrip(Widget):
    """Tabs side by side."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-strip--open", "tab-strip--other"}
    open: reactive[str] = reactive("")
    """The key of the open tab."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        key: str

    def __init__(self, tabs: Sequence[Titled]) -> None:
        super().__init__()
        self._tabs = tabs

    def show(self, tabs: Sequence[Titled]) -> None:
        """Other tabs, or other titles."""
        if tabs != self._tabs:
            self._tabs = tabs
            self.refresh()

    def render(self) -> Content:
        """The titles, our own words; shortened to three letters where they do not fit."""
        whole = sum(len(tab.title) + len(GAP) for tab in self._tabs)
        pieces: list[Content | tuple[str, str] | str] = []
        for tab in self._tabs:
            title = tab.title if whole <= self.size.width + len(GAP) or tab.key == self.open else tab.title[:4]
            name = "tab-strip--open" if tab.key == self.open else "tab-strip--other"
            style = self.get_visual_style(name)
            pieces += [Content(title).stylize(style), GAP]
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        """Which title stands under the pointer."""
        at = event.get_content_offset(self)
        if at is None:
            return
        left = 0
        whole = sum(len(tab.title) + len(GAP) for tab in self._tabs)
        for tab in self._tabs:
            short = whole > self.size.width + len(GAP) and tab.key != self.open
            width = len(tab.title[:4] if short else tab.title)
            if left <= at.x < left + width + 1:
                self.post_message(self.Chosen(tab.key))
                return
            left += width + len(GAP)
