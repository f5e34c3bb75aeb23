"""The menu of `e`: what to export and as what, then under which name; gives all of that back.

The formats are those of `FORMATS`, each with its key. What is exported is the first of the scopes that has rows, until
Tab chooses another one; secrets are hidden until `r` shows them. Whatever cannot be had says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from httpresp_capture.exporting.export import Format
from httpresp_capture.exporting.formats import FORMATS
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.screens.export_name import ExportName
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.choices import WithChoices

WIDTH = 56


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be exported."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person wants."""

    format: Format
    scope: str
    path: Path
    replace: bool
    redact: bool
    keys: bool
    """TLS secrets go along with packets."""


class ExportMenu(WithChoices, Modal[Wish | None]):
    """Choose a format."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(
            "export",
            Groups.FILE,
            ("leave", "escape,q", "leave", "Back", "Export nothing", True),
            ("scope", "tab", "scope", "What", "Selected, marked, or what the filter shows", True),
            ("secrets", "r", "secrets", "Secrets", "Hide secrets in what is exported, or show them", True),
            ("keys", "K", "keys", "Keys", "Write TLS secrets along with packets, or not", True),
            ("menu-down", "j", "move(1)", "Down", "The row below", False),
            ("menu-up", "k", "move(-1)", "Up", "The row above", False),
        ),
        *(
            Binding(each.key, f"choose('{name}')", each.title, id=f"export.{name}", group=Groups.FILE, show=False)
            for name, each in FORMATS.items()
        ),
    ]

    def __init__(
        self,
        scopes: Sequence[Scope],
        proposed: Callable[[Format], Path],
        missing: Callable[[Format], str],
        *,
        may_redact: bool,
        may_have_keys: bool,
    ) -> None:
        super().__init__()
        self._scopes = [scope for scope in scopes if scope.count]
        self._scope = 0
        self._proposed = proposed
        self._missing = missing
        """Why a format cannot be had; empty where it can."""
        self._may_redact = may_redact
        self._hidden = may_redact
        self._may_have_keys = may_have_keys
        self._keys = False

    def compose(self) -> ComposeResult:
        """A box: what, the formats, and what becomes of secrets."""
        with Vertical() as box:
            box.border_title = "Export"
            yield Static(id="export-scope", markup=False)
            yield OptionList(*map(self._option, FORMATS.values()), markup=False)
            yield Static(id="export-secrets", markup=False)

    def on_mount(self) -> None:
        """The first row is ready to be taken."""
        self._fill()
        self.query_one(OptionList).focus()

    def is_useful(self, id: str) -> bool:
        """Without redaction nothing is hidden; one scope is no choice."""
        if id == "export.secrets":
            return self._may_redact
        if id == "export.keys":
            return self._may_have_keys
        return id != "export.scope" or len(self._scopes) > 1

    def _option(self, format: Format) -> Option:
        note = "not here" if self._missing(format) else ""
        words = f"{format.key}  {format.title}"
        row = Content.assemble(words, " " * max(2, WIDTH - len(words) - len(note)), (note, "dim"))
        return Option(row, id=format.name, disabled=bool(note))

    def _fill(self) -> None:
        parts: list[Content] = []
        for number, scope in enumerate(self._scopes):
            words = f" {scope.name} {count_text(scope.count)} "
            parts.append(Content.styled(words, "reverse") if number == self._scope else Content(words))
        self.query_one("#export-scope", Static).update(Content("  ").join(parts))
        words = "Secrets are hidden. r shows them." if self._hidden else "Secrets are written as they are."
        if self._keys:
            words += "\nTLS secrets go along with packets. K leaves them out."
        self.query_one("#export-secrets", Static).update(words)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """This format."""
        message.stop()
        self.action_choose(message.option.id or "")

    def action_choose(self, name: str) -> None:
        """A format; the name of the file is asked for next."""
        format = FORMATS[name]
        if why := self._missing(format):
            self.query_one("#export-secrets", Static).update(Content(f"{format.title}: {why}"))
            return

        def named(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                self.dismiss(Wish(format, self._scopes[self._scope].name, *answer, self._hidden, self._keys))

        self.app.push_screen(ExportName(format, self._proposed(format)), named)

    def action_scope(self) -> None:
        """The next of what may be exported."""
        self._scope = (self._scope + 1) % len(self._scopes)
        self._fill()

    def action_leave(self) -> None:
        """Export nothing."""
        self.dismiss(None)

    def action_secrets(self) -> None:
        """Hide or show."""
        if self._may_redact:
            self._hidden = not self._hidden
            self._fill()

    def action_keys(self) -> None:
        """Along with packets, or not."""
        self._keys = self._may_have_keys and not self._keys
        self._fill()
