"""Under which name an export is written: Enter takes the one that is proposed."""

import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from httpresp_capture.exporting.export import Format
from httpresp_tui.keys.bindings import Groups
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable

Named = tuple[Path, bool]
"""The path, and whether a file that is there may be replaced."""


class ExportName(Modal[Named | None]):
    """Gives None when nothing is to be written."""

    AUTO_FOCUS = "#export-name"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="export-name.leave", tooltip="Write nothing", group=Groups.FILE),
        # A quick Enter comes before the line has the focus.
        Binding("enter", "take", "Write", id="export-name.take", tooltip="Write the file", group=Groups.FILE),
    ]

    def __init__(self, format: Format, proposed: Path) -> None:
        super().__init__(classes="dialog")
        self._format = format
        self._proposed = str(proposed)
        self._asked = ""
        """The name of a file that is there, of which the question stands."""

    def compose(self) -> ComposeResult:
        """One line to fill in, which is filled in already."""
        with Vertical(classes="dialog-box export-box"):
            yield Static(self._format.title, classes="dialog-title", markup=False)
            yield Input(self._proposed, id="export-name", compact=True)
            yield Static(self._first_words, id="export-message", markup=False)

    @property
    def _first_words(self) -> Content:
        words = "Enter writes a folder." if not self._format.suffix else "Enter writes it."
        return Content(f"{self._format.raw} {words}".strip())

    @on(Input.Changed)
    def _written(self) -> None:
        self._asked = ""
        self._say(self._first_words)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        """Give the name back; a question first where a file is there."""
        fields = self.query("#export-name")
        text = fields.first(Input).value.strip() if fields else self._proposed
        if not text:
            self._say(Content("A name is needed."), wrong=True)
            return
        path = Path(text).expanduser()
        try:
            there = os.path.lexists(path) and not (path.is_dir() and not path.is_symlink() and not any(path.iterdir()))
        except (OSError, ValueError) as error:
            self._say(printable(str(error), 200), wrong=True)
            return
        if not there:
            self.dismiss((path, False))
        elif not path.is_file() or path.is_symlink():
            self._say(Content("Something of this name is there that is no file, and is not replaced."), wrong=True)
        elif self._asked == text:
            self.dismiss((path, True))
        else:
            self._asked = text
            self._say(Content("A file of this name is there. Enter replaces it."), wrong=True)

    def _say(self, words: Content, *, wrong: bool = False) -> None:
        for message in self.query("#export-message").results(Static):
            message.update(words)
            message.set_class(wrong, "-wrong")
