"""The list and the detail pane, and how they share the room: side by side, one above the other, or one alone."""

from typing import ClassVar

from textual.containers import Container
from textual.reactive import reactive

from httpresp_tui.widgets.layout import Layout, resolve

LEAST, MOST = 15, 85
"""Percent that the list may be given."""


class Body(Container):
    """Holds `#list`, a splitter and `#detail`, in this order."""

    DEFAULT_CSS = """
    Body { height: 1fr; layout: horizontal; }
    Body.-below { layout: vertical; }
    Body.-below > Splitter { width: 1fr; height: 1; pointer: ns-resize; }
    Body.-alone > Splitter { display: none; }
    Body.-alone.-reading > #list { display: none; }
    Body.-alone.-listing > #detail { display: none; }
    Body > #detail { width: 1fr; height: 1fr; }
    """
    LAYOUTS: ClassVar[tuple[Layout, ...]] = (Layout.BESIDE, Layout.BELOW, Layout.ALONE)

    wanted: reactive[Layout] = reactive(Layout.AUTO)
    split: reactive[int] = reactive(50)
    """Percent of the room that the list takes."""
    reading: reactive[bool] = reactive(False)
    """The person is in the detail pane."""
    maximised: reactive[bool] = reactive(False)
    """One pane has the whole room."""

    @property
    def layout_now(self) -> Layout:
        """What the terminal allows."""
        return Layout.ALONE if self.maximised else resolve(self.wanted, self.app.size.width, self.app.size.height)

    def on_mount(self) -> None:
        """Arrange them for the first time."""
        self._arrange()

    def on_resize(self) -> None:
        """Another size may want another layout."""
        self._arrange()

    def watch_wanted(self) -> None:
        """See `on_resize`."""
        self._arrange()

    def watch_split(self) -> None:
        """See `on_resize`."""
        self._arrange()

    def watch_reading(self) -> None:
        """See `on_resize`."""
        self._arrange()

    def watch_maximised(self) -> None:
        """See `on_resize`."""
        self._arrange()

    def validate_split(self, split: int) -> int:
        """Neither pane vanishes."""
        return max(LEAST, min(MOST, split))

    def drag(self, x: int, y: int) -> None:
        """The splitter was dragged to a cell of the screen."""
        region = self.region
        if self.layout_now is Layout.BELOW:
            self.split = round(100 * (y - region.y) / max(1, region.height))
        else:
            self.split = round(100 * (x - region.x) / max(1, region.width))

    def _arrange(self) -> None:
        if not self.is_mounted:
            return
        layout = self.layout_now
        for each in self.LAYOUTS:
            self.set_class(each is layout, f"-{each}")
        self.set_class(self.reading, "-reading")
        self.set_class(not self.reading, "-listing")
        rows = self.query_one("#list")
        rows.styles.width = f"{self.split}%" if layout is Layout.BESIDE else "1fr"
        rows.styles.height = f"{self.split}%" if layout is Layout.BELOW else "1fr"
