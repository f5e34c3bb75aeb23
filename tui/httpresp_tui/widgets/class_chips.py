"""The status classes with their counts: `1xx 0  2xx 812  3xx 40  4xx 12  5xx 3`. A click toggles one.

A chosen class stands in reverse, so that it is seen without colour too; while some are chosen, the others are dim.
Where there is room, rows without a class have chips too, so that the counts add up: `??? 2  enc 7`.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_capture.records.exchange import ENCRYPTED_CLASS
from httpresp_tui.model.columns import CLASS_STYLES
from httpresp_tui.text.units import short_count
from httpresp_tui.widgets.messages import ClassToggled
from httpresp_tui.widgets.styles import style_of

CHIPS = {1: "1xx", 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx", 0: "???", ENCRYPTED_CLASS: "enc"}
"""Status class: its name, as in the row of a group."""
DIGITS = (1, 2, 3, 4, 5)
"""Those with a key; their chips are always there."""
NARROW = 100
"""Columns of the terminal under which counts are short, and those with a key have all the room."""


class ClassChips(Widget):
    """Draws the chips; the app says what counts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"class-chips--{CLASS_STYLES[number]}" for number in CHIPS} | {
        "class-chips--chosen",
        "class-chips--dim",
        "class-chips--count",
    }
    DEFAULT_CSS = "ClassChips { width: auto; height: 1; }"

    counts: reactive[tuple[int, ...]] = reactive((0,) * len(CHIPS))
    """Kept rows by class."""
    chosen: reactive[frozenset[int]] = reactive(frozenset[int]())

    def watch_counts(self, before: tuple[int, ...], counts: tuple[int, ...]) -> None:
        """Counts change all the time, their width seldom; a layout of the whole screen is for the latter."""
        if self._width(before) != self._width(counts):
            self.refresh(layout=True)

    def watch_chosen(self) -> None:
        """A class without a key may have left, or stay since it is chosen."""
        self.refresh(layout=True)

    def render(self) -> Content:
        """One chip after the other; each brings its blanks."""
        return Content("").join([self._chip(number) for number in self._there(self.counts)])

    def _there(self, counts: tuple[int, ...]) -> list[int]:
        """The classes that have a chip."""
        wide = self.app.size.width >= NARROW
        return [number for number in CHIPS if number in DIGITS or number in self.chosen or (wide and counts[number])]

    def _chip(self, number: int) -> Content:
        name = f" {CHIPS[number]} "
        count = f"{self._shown(self.counts[number])} "
        if number in self.chosen:
            style = style_of(self, f"class-chips--{CLASS_STYLES[number]}", "class-chips--chosen")
            return Content.styled(name + count, style)
        if self.chosen or not self.counts[number]:
            return Content.styled(name + count, style_of(self, "class-chips--dim"))
        return Content.assemble(
            Content.styled(name, style_of(self, f"class-chips--{CLASS_STYLES[number]}")),
            Content.styled(count, style_of(self, "class-chips--count")),
        )

    def _shown(self, count: int) -> str:
        return short_count(count) if self.app.size.width < NARROW else f"{count:,}"

    def _width(self, counts: tuple[int, ...]) -> int:
        return sum(len(self._shown(counts[number])) + len("  xxx ") for number in self._there(counts))

    def on_click(self, event: events.Click) -> None:
        """Find the chip under the pointer."""
        right = 0
        for number in self._there(self.counts):
            right += cell_len(self._chip(number).plain)
            if event.x < right:
                self.post_message(ClassToggled(number))
                return
