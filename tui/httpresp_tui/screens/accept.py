"""Accept a finding: why, and until when."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from httpresp_capture.analysis.findings import FindingRow
from httpresp_tui.keys.bindings import Groups
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable

DAYS = 90
"""An acceptance that nobody renews ends after so many days."""


@dataclass(frozen=True, slots=True)
class Accepting:
    """What the person said."""

    reason: str
    expires: date


class Accept(Modal[Accepting | None]):
    """Gives None when nothing is to be accepted."""

    AUTO_FOCUS = "#reason"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="accept.leave", tooltip="Accept nothing", group=Groups.APP),
        Binding("down,up", "app.focus_next", "Other line", id="accept.other", group=Groups.APP, show=False),
    ]

    def __init__(self, row: FindingRow, file: str, today: date) -> None:
        super().__init__(classes="dialog")
        self._row = row
        self._file = file
        self._today = today

    def compose(self) -> ComposeResult:
        """Two lines to fill in; the second is filled in already."""
        row = self._row
        with Vertical(classes="dialog-box accept-box"):
            yield Static("Accept this finding", classes="dialog-title")
            yield Static(
                printable(f"{row.check} {row.parameter} at {row.origin}", 200), classes="dialog-text", markup=False
            )
            yield Static("Reason", classes="accept-name")
            yield Input(id="reason", compact=True, placeholder="why it may stay as it is")
            yield Static("Last day", classes="accept-name")
            yield Input(str(self._today + timedelta(days=DAYS)), id="expires", compact=True)
            yield Static(self._where, id="accept-message", markup=False)

    @property
    def _where(self) -> Content:
        return Content.assemble("Enter writes it into ", printable(self._file, 200))

    @on(Input.Changed)
    def _written(self) -> None:
        self._say(self._where)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        reason = self.query_one("#reason", Input)
        expires = self.query_one("#expires", Input)
        if not reason.value.strip():
            reason.focus()
            self._say(Content("A reason is needed: whoever reads it next will want to know."), wrong=True)
            return
        try:
            day = date.fromisoformat(expires.value.strip())
        except ValueError:
            day = None
        if day is None or day < self._today:
            expires.focus()
            self._say(Content(f"The last day is a date from today on, as {self._today}."), wrong=True)
            return
        self.dismiss(Accepting(reason.value.strip(), day))

    def _say(self, words: Content, *, wrong: bool = False) -> None:
        message = self.query_one("#accept-message", Static)
        message.update(words)
        message.set_class(wrong, "-wrong")
