"""The display filter: text that filters as it is written, and the status classes beside it.

The text is compiled a moment after the last key. What cannot be compiled is marked where it stands and explained in a
line below; the last good filter stays at work meanwhile, and is named.
"""

from collections.abc import Callable

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from httpresp_capture.query import Query, QueryError
from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.class_chips import NARROW, ClassChips
from httpresp_tui.widgets.filter_input import FilterInput
from httpresp_tui.widgets.messages import FilterChanged, FilterLeft

PAUSE = 0.12
"""Seconds after a key before the filter is tried: shorter than between two words, longer than between two letters."""

_NAME = Content(" display filter ")

Compile = Callable[[str], Query]


class FilterLine(Vertical):
    """Posts `FilterChanged` for every filter that is good and another one."""

    DEFAULT_CSS = """
    FilterLine { height: auto; }
    FilterLine > Horizontal { height: 1; }
    FilterLine #filter-name { width: auto; height: 1; }
    FilterLine FilterInput { width: 1fr; }
    FilterLine #filter-error { height: auto; max-height: 2; text-wrap: nowrap; text-overflow: ellipsis; display: none; }
    FilterLine.-wrong #filter-error { display: block; }
    FilterLine.-narrow.-editing ClassChips { display: none; }
    """

    def __init__(self, compile_query: Compile, text: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compile = compile_query
        self._active = text
        """The text of the filter at work."""
        self.input = FilterInput("/ to write one")
        self.chips = ClassChips()
        self._error = Static(id="filter-error", markup=False)
        self._timer: Timer | None = None
        self._message = ""
        self._wrong_at = 0

    def compose(self) -> ComposeResult:
        """The name tells it from the capture filter in the line above."""
        with Horizontal():
            yield Static(_NAME, id="filter-name")
            yield self.input
            yield self.chips
        yield self._error

    def on_mount(self) -> None:
        """Show the filter that the app began with; it is at work already."""
        with self.prevent(Input.Changed):
            self.input.value = self._active

    def on_descendant_focus(self) -> None:
        """Its name lights up."""
        self.add_class("-editing")

    def on_descendant_blur(self) -> None:
        """Its name fades."""
        self.remove_class("-editing")

    def replace(self, text: str) -> None:
        """Another text, from the palette or a menu; at work at once."""
        self.input.value = text
        self.apply()

    @on(Input.Changed)
    def _wait_for_more(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self.apply)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self.apply():
            self.post_message(FilterLeft(used=self._active))

    def apply(self) -> bool:
        """Try the text now. False when it is wrong."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        text = self.input.value
        try:
            query = self._compile(text)
        except QueryError as error:
            self._explain(error)
            return False
        self.input.mark(0, 0)
        self.remove_class("-wrong")
        if text != self._active:
            self._active = text
            self.post_message(FilterChanged(query))
        return True

    def _explain(self, error: QueryError) -> None:
        self.input.mark(error.start, error.end)
        self._message = printable_text(str(error), 300)
        self._wrong_at = error.start
        self.add_class("-wrong")
        self._place_message()

    def _place_message(self) -> None:
        """Below the part that it means, or as near as the line allows."""
        column = self.input.column(self._wrong_at)
        width = self.app.size.width
        indent = max(0, min(column, width - cell_len(self._message) - 3))
        text = " " * indent + ("╰ " if indent == column else "  ") + self._message
        active = printable_text(self._active, 60)
        in_force = f"(still filtering by: {active})" if active else "(no filter is at work)"
        beside = f"{text}  {in_force}"
        if cell_len(beside) < width:
            text = beside
        elif self._active:
            # What is shown follows from a text that stands nowhere else now.
            text += f"\n  {in_force}"
        self._error.update(Content(text))

    def on_resize(self) -> None:
        """The part moves when the terminal grows; where it is narrow, what is written has the whole line."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        if self.has_class("-wrong"):
            self._place_message()
