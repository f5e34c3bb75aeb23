"""What the command prints that is run to be watched: its last lines, and how it ended.

A thread gives the bytes (`take`); a few times a second they are put into lines. What programs write to move the cursor
or to colour their words is taken out; what is left goes through `printable`.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from signal import valid_signals
from typing import ClassVar, Final

from textual.content import Content
from textual.widget import Widget

from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.styles import style_of

INTERVAL: Final = 0.1
"""Seconds."""
LINES: Final = 6
"""Lines that are shown, the title apart."""
MOST_LINE: Final = 4_096
"""Bytes of one line; the rest of a longer one is left out."""
MOST_WAITING: Final = 64
"""Blocks that wait to be put into lines; the oldest leave."""
_SIGNALS: Final = valid_signals()
_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Control sequences of ECMA-48: CSI, OSC and the short ones."""


class CommandOutput(Widget):
    """The last lines of a command, below the panes."""

    DEFAULT_CSS = f"CommandOutput {{ height: {LINES + 2}; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }}"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"command-output--title"}

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(id="command-output")
        self._command = printable_text(" ".join(words), 1_000)
        self.status: Callable[[], int | None] = lambda: None
        """Gives the command's exit status, None while it runs."""
        self._status: int | None = None
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._rest = b""
        self._lines: deque[str] = deque(maxlen=LINES)

    def take(self, data: bytes) -> None:
        """What came; from any thread."""
        self._waiting.append(data)

    def on_mount(self) -> None:
        """Look for more, as long as there is a screen."""
        self.set_interval(INTERVAL, self.sync)

    def sync(self) -> None:
        """Put what came into lines."""
        status = self.status()
        changed = status != self._status
        self._status = status
        parts: list[bytes] = []
        while self._waiting:
            parts.append(self._waiting.popleft())
        if parts:
            self._put(b"".join(parts))
        if changed or parts:
            self.refresh()

    def render(self) -> Content:
        """The title and the lines."""
        lines = [*self._lines, _line(self._rest)] if self._rest else [*self._lines]
        # The end is what a person waits for: the command gives way to it.
        said = f" · {self._words()}"
        command = Content(self._command).truncate(max(0, self.size.width - len(said)), ellipsis=True)
        title = Content.styled(f"{command.plain}{said}", style_of(self, "command-output--title"))
        return Content("\n").join([title, *map(Content, lines[-LINES:])])

    def _words(self) -> str:
        if self._status is None:
            return "running"
        number = self._status - 128
        return f"ended by signal {number}" if number in _SIGNALS else f"exit status {self._status}"

    def _put(self, data: bytes) -> None:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()[-MOST_LINE:]
        for line in lines[-LINES:]:
            self._lines.append(_line(line))


def _line(data: bytes) -> str:
    """One line as it stands when it has been written: what a carriage return was written over is gone."""
    shown = _ESCAPE.sub(b"", data).rstrip(b"\r").rpartition(b"\r")[2]
    return printable_text(shown[:MOST_LINE].expandtabs(8), MOST_LINE)
