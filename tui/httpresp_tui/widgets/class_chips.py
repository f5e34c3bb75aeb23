"""The status classes with their counts: `1xx 0  2xx 812  3xx 40  4xx 12  5xx 3`. A click toggles one.

A chosen class stands in reverse, so that it is seen without colour too; while some are chosen, the others are dim.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from httpresp_tui.model.columns import CLASS_STYLES
from httpresp_tui.text.units import short_count
from httpresp_tui.widgets.messages import ClassToggled
from httpresp_tui.widgets.styles import style_of

NUMBERS = (1, 2, 3, 4, 5)
NARROW = 100
"""Columns of the terminal under which counts are short."""


class ClassChips(Widget):
    """Draws the chips; the app says what counts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"class-chips--{CLASS_STYLES[number]}" for number in NUMBERS} | {
        "class-chips--chosen",
        "class-chips--dim",
        "class-chips--count",
    }
    DEFAULT_CSS = "ClassChips { width: auto; height: 1; }"

    counts: reactive[tuple[int, ...]] = reactive((0, 0, 0, 0, 0, 0))
    """Kept responses by class, 0 to 5."""
    chosen: reactive[frozenset[int]] = reactive(frozenset[int]())

    def watch_counts(self, before: tuple[int, ...], counts: tuple[int, ...]) -> None:
        """Counts change all the time, their width seldom; a layout of the whole screen is for the latter."""
        if self._width(before) != self._width(counts):
            self.refresh(layout=True)

    def render(self) -> Content:
        """One chip after the other; each brings its blanks."""
        return Content("").join([self._chip(number) for number in NUMBERS])

    def _chip(self, number: int) -> Content:
        name = f" {number}xx "
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
        return sum(len(self._shown(counts[number])) for number in NUMBERS)

    def on_click(self, event: events.Click) -> None:
        """Find the chip under the pointer."""
        right = 0
        for number in NUMBERS:
            right += cell_len(self._chip(number).plain)
            if event.x < right:
                self.post_message(ClassToggled(number))
                return
