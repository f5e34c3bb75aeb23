"""Choose one header of a response; gives its value back as an excerpt."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.excerpts import Excerpt, value_excerpt
from httpresp_tui.text.printable import decoded, printable
from httpresp_tui.widgets.choices import WithChoices

MOST_ROWS = 2_000
LONGEST = 200
"""Characters of a value in its row; all of it is copied."""


class ValuePicker(WithChoices, Modal[Excerpt | None]):
    """Headers in wire order, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "value",
        Groups.COPY,
        ("leave", "escape,q", "leave", "Back", "Copy nothing", True),
        ("down", "j", "move(1)", "Down", "The header below", False),
        ("up", "k", "move(-1)", "Up", "The header above", False),
    )

    def __init__(self, response: Response, redactor: Redactor | None) -> None:
        super().__init__()
        self._response = response
        self._redactor = redactor
        self._fields = response.headers.items[:MOST_ROWS]

    def compose(self) -> ComposeResult:
        """A box with the headers."""
        with Vertical() as box:
            box.border_title = "Copy one value"
            rows = (self._row(name, value) for name, value in self._fields)
            yield OptionList(*(Option(row) for row in rows), markup=False)

    def _row(self, name: str, value: str) -> Content:
        shown = self._redactor.field(name, value) if self._redactor else value
        return Content.assemble(
            printable(decoded(name), LONGEST).stylize("bold"), ": ", printable(decoded(shown), LONGEST)
        )

    def on_mount(self) -> None:
        """The first row is ready to be taken."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """This one."""
        message.stop()
        name, value = self._fields[message.option_index]
        self.dismiss(value_excerpt(self._response, name, value, self._redactor))

    def action_leave(self) -> None:
        """None of them."""
        self.dismiss(None)
