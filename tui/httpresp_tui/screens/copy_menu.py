"""The menu of `Y`: what of a response to copy, with its size; gives the chosen excerpt back.

`COPIES` is the menu: one entry a row. Secrets are hidden in every row but the one that says otherwise, until `r` shows
them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from httpresp_capture.content.representation import decoded
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.redaction import Redactor
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.screens.modal import Modal
from httpresp_tui.screens.value_picker import ValuePicker
from httpresp_tui.text.excerpts import Excerpt, body_excerpt, curl_excerpt, headers_excerpt, json_excerpt
from httpresp_tui.text.run import NO_RUN, Run
from httpresp_tui.text.units import size_text
from httpresp_tui.widgets.choices import WithChoices

WIDTH = 46


@dataclass(frozen=True, slots=True)
class Copy:
    """One row."""

    key: str
    title: str
    make: Callable[[Response, Redactor | None, Run], Excerpt]
    missing: Callable[[Response], str]
    """Why it cannot be copied; empty when it can."""
    size: Callable[[Response], str] | None = None
    """Its size without making it, where that takes long; it is then made when it is chosen, beside the UI loop."""


def present(_: Response) -> str:
    """For what every response has."""
    return ""


def no_head(response: Response) -> str:
    """For a request that got no response."""
    if response.encrypted is not None:
        return "encrypted"
    return "no response" if response.unanswered else ""


def no_body(response: Response) -> str:
    """For what was not sent, or not kept."""
    return "" if response.body else ("not kept" if response.body_bytes else "no body")


def no_request(response: Response) -> str:
    """For what was sent before the capture began."""
    return "" if response.request and response.request.head else "request not seen"


def body_size(response: Response) -> str:
    """The decoded size, looked for up to a megabyte."""
    plain = decoded(response, max_output=MEGABYTE, whole=False)
    return f"over {size_text(MEGABYTE)}" if len(plain.data) == MEGABYTE else size_text(len(plain.data))


MEGABYTE = 1_000_000
WHOLE = "json-whole"
"""A row only while secrets are hidden: else it would be the one above it."""
COPIES: tuple[Copy, ...] = (
    Copy("json", "JSON event", json_excerpt, present),
    Copy(WHOLE, "JSON event, secrets shown", lambda response, _, run: json_excerpt(response, None, run), present),
    Copy("headers", "Header block", lambda response, redactor, _: headers_excerpt(response, redactor), no_head),
    Copy("body", "Body, decoded", lambda response, redactor, _: body_excerpt(response, redactor), no_body, body_size),
    Copy("curl", "Request as curl", lambda response, redactor, _: curl_excerpt(response, redactor), no_request),
)
"""Every row but the one that asks for a header."""
VALUE = "value"


class CopyMenu(WithChoices, Modal[Excerpt | None]):
    """Choose what to copy."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "copy",
        Groups.COPY,
        ("leave", "escape,q", "leave", "Back", "Copy nothing", True),
        ("secrets", "r", "secrets", "Secrets", "Hide secrets in what is copied, or show them", True),
        ("menu-down", "j", "move(1)", "Down", "The row below", False),
        ("menu-up", "k", "move(-1)", "Up", "The row above", False),
    )

    def __init__(self, response: Response, redactor: Redactor | None, run: Run = NO_RUN) -> None:
        super().__init__()
        self._run = run
        self._response = response
        self._redactor = redactor
        self._hidden = redactor is not None
        self._excerpts: dict[str, Excerpt] = {}

    def compose(self) -> ComposeResult:
        """A box with the rows, and what becomes of secrets."""
        with Vertical() as box:
            box.border_title = f"Copy of #{self._response.id}"
            yield OptionList(markup=False)
            yield Static(id="copy-secrets", markup=False)

    def on_mount(self) -> None:
        """Rows with their sizes."""
        self._fill()
        self.query_one(OptionList).focus()

    @property
    def redactor(self) -> Redactor | None:
        """Hides secrets, unless the reader wants them."""
        return self._redactor if self._hidden else None

    def is_useful(self, id: str) -> bool:
        """Without redaction nothing is hidden."""
        return id != "copy.secrets" or self._redactor is not None

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        before = options.highlighted_option
        options.clear_options()
        self._excerpts = {}
        for copy in COPIES:
            if copy.key == WHOLE and self.redactor is None:
                continue
            size = copy.missing(self._response)
            missing = bool(size)
            if not missing and copy.size:
                size = copy.size(self._response)
            elif not missing:
                self._excerpts[copy.key] = copy.make(self._response, self.redactor, self._run)
                size = size_text(len(self._excerpts[copy.key].text.encode()))
            options.add_option(Option(row(copy.title, size), id=copy.key, disabled=missing))
            if copy.key == "headers":
                count = len(self._response.headers)
                options.add_option(Option(row("One value…", many(count, "header")), id=VALUE, disabled=not count))
        ids = [option.id for option in options.options]
        options.highlighted = ids.index(before.id) if before is not None and before.id in ids else 0
        words = "Secrets are hidden. r shows them." if self._hidden else "Secrets are copied as they are. r hides them."
        self.query_one("#copy-secrets", Static).update(words if self._redactor else "Secrets are copied as they are.")

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Give the excerpt back; one value is asked for first."""
        message.stop()
        key = message.option.id or ""
        if key == VALUE:
            self.app.push_screen(ValuePicker(self._response, self.redactor), self._value_chosen)
        elif key in self._excerpts:
            self.dismiss(self._excerpts[key])
        else:
            self.run_worker(self._make(next(copy for copy in COPIES if copy.key == key)), exclusive=True)

    async def _make(self, copy: Copy) -> None:
        self.dismiss(await asyncio.to_thread(copy.make, self._response, self.redactor, self._run))

    def _value_chosen(self, excerpt: Excerpt | None) -> None:
        if excerpt is not None:
            self.dismiss(excerpt)

    def action_leave(self) -> None:
        """Copy nothing."""
        self.dismiss(None)

    def action_secrets(self) -> None:
        """Hide or show."""
        if self._redactor is not None:
            self._hidden = not self._hidden
            self._fill()


def row(title: str, size: str) -> Content:
    """Title on the left, size on the right."""
    return Content.assemble(title, " " * max(1, WIDTH - len(title) - len(size)), (size, "dim"))
