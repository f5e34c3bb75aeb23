"""The line between list and detail, which can be dragged."""

from textual import events
from textual.content import Content
from textual.widget import Widget

from httpresp_tui.widgets.messages import SplitMoved


class Splitter(Widget):
    """Tells where it was dragged to; its parent moves it."""

    DEFAULT_CSS = "Splitter { width: 1; height: 1fr; pointer: ew-resize; }"

    def render(self) -> Content:
        """A line along the longer side."""
        width, height = self.size
        return Content("\n".join("│" * height)) if height > width else Content("─" * width)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the mouse until it is let go."""
        self.capture_mouse()
        event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let it go."""
        self.release_mouse()
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say where it is now."""
        if self.app.mouse_captured is self:
            self.post_message(SplitMoved(event.screen_x, event.screen_y))
