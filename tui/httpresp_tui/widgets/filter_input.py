"""The text of the display filter: an input that remembers what was used and can mark a wrong part where it stands."""

from typing import ClassVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Input

from httpresp_tui.keys.bindings import Groups
from httpresp_tui.widgets.messages import FilterLeft


class _Mark(Highlighter):
    """Draws one range of the text in a style."""

    start = end = 0
    style = Style.null()

    def highlight(self, text: Text) -> None:
        """Called by the input for each drawing."""
        if self.end > self.start:
            text.stylize(self.style, self.start, self.end)


class FilterInput(Input):
    """One line without a border."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Older", id="filter.older", tooltip="The filter used before", group=Groups.FILTER),
        Binding("down", "newer", "Newer", id="filter.newer", tooltip="The filter used after", group=Groups.FILTER),
        Binding("enter", "submit", "Apply", id="filter.apply", tooltip="Back to the list", group=Groups.FILTER),
        Binding(
            "escape",
            "clear_or_leave",
            "Clear",
            id="filter.clear",
            tooltip="Clear the filter; on an empty one, back to the list",
            group=Groups.FILTER,
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-input--wrong"}

    def __init__(self, placeholder: str) -> None:
        self._mark = _Mark()
        super().__init__(placeholder=placeholder, highlighter=self._mark, compact=True, select_on_focus=False)
        # A blinking cursor wakes a quiet terminal twice a second.
        self.cursor_blink = False
        self.history: tuple[str, ...] = ()
        """Filters used before, newest last."""
        self._steps_back = 0
        """How many steps back into the history."""
        self._draft = ""

    def mark(self, start: int, end: int) -> None:
        """Draw a range as wrong; an empty one draws none."""
        self._mark.style = self.get_component_rich_style("filter-input--wrong", partial=True)
        self._mark.start, self._mark.end = start, end
        self.refresh()

    def column(self, index: int) -> int:
        """The cell of the screen in which a character of the text stands."""
        before = Text(self.value[:index]).cell_len
        return self.content_region.x + max(0, before - int(self.scroll_offset.x))

    def is_useful(self, id: str) -> bool:
        """There may be no filter before this one, or after it."""
        match id:
            case "filter.older":
                return self._steps_back < len(self.history)
            case "filter.newer":
                return self._steps_back > 0
            case _:
                return True

    def action_older(self) -> None:
        """Step back into the history; what was being written is kept."""
        if self._steps_back == 0:
            self._draft = self.value
        self._step(self._steps_back + 1)

    def action_newer(self) -> None:
        """Step towards the present."""
        self._step(self._steps_back - 1)

    def _step(self, steps: int) -> None:
        if 0 <= steps <= len(self.history):
            self._steps_back = steps
            self.value = self.history[-steps] if steps else self._draft
            self.cursor_position = len(self.value)

    def remember(self, history: tuple[str, ...]) -> None:
        """Take another history; the next step begins at its end."""
        self.history = history
        self._steps_back = 0

    def action_clear_or_leave(self) -> None:
        """Esc: the least destructive step back."""
        if self.value:
            self.value = ""
            self._steps_back = 0
        else:
            self.post_message(FilterLeft())
