"""What every part of the app stands on: the session, the panes, the filter in force, and what is remembered."""

from collections.abc import Callable
from functools import partial
from os import urandom
from pathlib import Path
from typing import Any, TypedDict, Unpack

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from httpresp_capture.analysis.finding_hooks import CHECK_NAMES, finding_values
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options as CheckOptions
from httpresp_capture.exporting.export import Packets
from httpresp_capture.query import Hooks, Query, compile_query
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources import Source
from httpresp_tui.errors import SettingsError
from httpresp_tui.figures import Figures, columns_of
from httpresp_tui.keys.bindings import did_you_mean
from httpresp_tui.model.session import Session
from httpresp_tui.model.settings import Memory, Settings
from httpresp_tui.named_keys import NamedKeys
from httpresp_tui.terminal.app import TerminalApp
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.run import Run
from httpresp_tui.widgets.body import Body
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.filter_line import FilterLine
from httpresp_tui.widgets.response_list import ResponseList
from httpresp_tui.widgets.status_bar import StatusBar
from httpresp_tui.widgets.top_line import TopLine

FIRST_SCREEN = 0.03
"""Seconds in which another filter, order or grouping should find its first screen."""


class Options(TypedDict, total=False):
    """How the app begins."""

    filter_text: str
    """The display filter, in its language."""
    capture_filter: str
    """What the kernel was told, to be shown."""
    settings: Settings | None
    max_responses: int | None
    """How many are kept; None for the usual bound."""
    redact: bool
    """Whether secrets leave as tags (True where it is not said)."""
    stop_after: int | None
    """Responses after which the capture ends."""
    state_file: Path | None
    """What is remembered from one run to the next; None for nothing."""
    review: Review | None
    baseline_file: Path | None
    host_name: str
    """Of this machine, for events."""
    packets: Packets
    """Where those of the responses are to be had, for exports."""


class Inspector(TerminalApp[None]):
    """The state of the app, and what more than one of its parts does with it."""

    def __init__(self, source: Source, **options: Unpack[Options]) -> None:
        super().__init__()
        self.settings = options.get("settings") or Settings()
        if self.settings.reduced_motion:
            self.animation_level = "none"
        review = options.get("review") or Review(CheckOptions(salt=urandom(16)))
        self.session = Session(
            source,
            options.get("capture_filter", ""),
            options.get("max_responses"),
            review,
            options.get("baseline_file"),
            options.get("stop_after"),
        )
        findings = self.session.inspection.findings
        # One salt: a secret has the same tag in a header and in the evidence of a finding.
        self.redactor = Redactor(findings.options.salt) if options.get("redact", True) else None
        self.described_run = Run(
            options.get("host_name", ""),
            lambda: self.session.counters,
            findings.check,
            findings.accepted,
            self.session.store.of_exchange,
            self.session.marks.values,
        )
        self.packets = options.get("packets") or Packets()
        self.exported: list[str] = []
        """What became of each export, in words."""
        self.memory = Memory(options.get("state_file"))
        answers = finding_values(findings, lambda: self.session.inspection.ledger)
        marked = self.session.marks.values
        self.compile: Callable[[str], Query] = partial(
            compile_query,
            hooks=Hooks(
                {**answers, "mark": marked, "marked": marked},
                CHECK_NAMES,
                span=lambda: self.session.capture_span,
            ),
        )
        """A display filter from its text."""
        filter_text = options.get("filter_text", "")
        self.filter = self.compile(filter_text)
        """The display filter in force."""
        self.filter_line = FilterLine(self.compile, filter_text)
        chosen = self.settings.columns or self.memory.state.columns
        self.rows = ResponseList(self.session.view.rows, columns_of(self.session, chosen), id="list")
        self.detail = Detail(self.redactor, self.described_run, id="detail")
        self.body = Body()
        self.wanted_id: int | None = None
        """The response that the cursor goes to as soon as the filter has found it."""
        self.top_line = TopLine()
        self.failure_line = Static(id="failure", markup=False)
        self.status_bar = StatusBar(NamedKeys(self.session, self.rows, self.detail, lambda: self.body.reading))
        self.figures = Figures(
            self.session, self.top_line, self.filter_line.chips, self.rows, self.failure_line, self.status_bar
        )
        self.figures.chosen = chosen

    @property
    def main(self) -> Screen[Any]:
        """The main screen, whatever lies over it."""
        return self.screen_stack[0]

    @property
    def in_hand(self) -> Response | None:
        """What is read, or what the cursor is on: the response that the keys are about."""
        return self.detail.response if self.body.reading else self.rows.current

    def chosen_response(self) -> Response | None:
        """The one in hand; says so where there is none."""
        if self.in_hand is None:
            self.notify("No response is chosen.", timeout=2, markup=False)
        return self.in_hand

    def update_figures(self) -> None:
        """Say what is so now, a few times a second."""
        self.figures.update()

    # --- what is shown ---

    def set_filter(self, query: Query) -> None:
        """Put another display filter in force; what its line says is the caller's."""
        self.filter = query
        self.session.view.set_filter(None if query.everything else query.matches)
        self.rework()

    def rework(self) -> None:
        """The view was told to show something else: the first screen of it now, the rest by and by."""
        self.session.scan(FIRST_SCREEN)
        self.rows.show(self.session.view.rows)
        self.update_figures()

    def go_to_wanted(self) -> None:
        """To the response that was asked for, if it is there by now."""
        if self.wanted_id is None:
            return
        if self.rows.select(self.wanted_id) or not self.session.view.pending:
            self.wanted_id = None

    def go_to(self, id: int) -> None:
        """To a response that is visible, or folded away; and where one is read, to reading that one."""
        rows = self.session.view.rows
        index = rows.index_of(id)
        if index is not None and rows.key_at(index) != id:
            rows.fold(id, True)
            self.rows.sync()
        if self.rows.select(id) and self.body.reading:
            self.detail.show(self.rows.current)

    def focus_pane(self) -> None:
        """The keys go to the pane that is in front."""
        pane: Widget = self.detail if self.body.reading else self.rows
        pane.focus()

    # --- what is remembered ---

    def remember(self, **changes: Any) -> None:
        """For the next run; says once when that cannot be written."""
        if problem := self.memory.change(**changes):
            self.notify(printable_text(problem), severity="warning", markup=False)

    def theme_chosen(self, name: str) -> None:
        """Another theme is in force: remembered, unless nobody chose it."""
        if name != self.theme_of_terminal:
            self.theme_of_terminal = ""
            self.remember(theme=name)

    def choose_theme(self, chosen: str) -> None:
        """The one of the settings, else the last one; raises `SettingsError`."""
        if chosen and chosen not in self.available_themes:
            raise SettingsError(f"theme: there is no theme {chosen!r}{did_you_mean(chosen, self.available_themes)}")
        theme = chosen or self.memory.state.theme
        if theme in self.available_themes:
            self.theme = theme
        else:
            self.choose_theme_by_terminal()
