"""The app: wiring. It puts the session's view into the widgets, and what the person does into the session.

`refresh_loop` takes in what comes, in short turns between keys. Text from the wire goes to a widget through `printable`
alone, and `ControlFilter` stands behind every widget as a second wall.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from os import urandom
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options
from httpresp_capture.query import Query, compile_query
from httpresp_capture.records.plurals import many
from httpresp_capture.redaction import Redactor
from httpresp_capture.sources import Source
from httpresp_capture.system.garbage_collection import collect_rarely
from httpresp_tui.figures import Figures, columns_of
from httpresp_tui.keys.bindings import APP_BINDINGS, EVERYWHERE, check_keys, in_force
from httpresp_tui.keys.palette import Palette, commands
from httpresp_tui.model.pacing import TimeSlices
from httpresp_tui.model.pages import Lead
from httpresp_tui.model.session import Session
from httpresp_tui.model.settings import Settings
from httpresp_tui.model.summary import summary_text
from httpresp_tui.named_keys import NamedKeys
from httpresp_tui.panes import PanesApp
from httpresp_tui.refresh_loop import INPUT_EVENTS, RefreshLoop
from httpresp_tui.scopes import SCOPES
from httpresp_tui.screens.confirm import Confirm
from httpresp_tui.screens.findings import FindingsScreen, Position
from httpresp_tui.screens.group_by import FLAT, GroupBy
from httpresp_tui.screens.help import Help, sections
from httpresp_tui.screens.main import MainScreen
from httpresp_tui.text.printable import ControlFilter
from httpresp_tui.text.run import Run
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.filter_line import FilterLine
from httpresp_tui.widgets.messages import ClassToggled, FilterChanged, FilterLeft
from httpresp_tui.widgets.response_list import ResponseList
from httpresp_tui.widgets.splitter import Splitter
from httpresp_tui.widgets.status_bar import StatusBar
from httpresp_tui.widgets.top_line import TopLine

FIRST_SCREEN = 0.03
"""Seconds in which another filter, order or grouping should find its first screen."""
ASK_ABOVE = 100
"""Responses that `ctrl+l` lets go without a question."""


class HttprespApp(PanesApp):
    """The inspector."""

    CSS_PATH = "app.tcss"
    TITLE = "httpresp-tui"
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        source: Source,
        *,
        filter_text: str = "",
        capture_filter: str = "",
        settings: Settings | None = None,
        max_responses: int | None = None,
        redact: bool = True,
        stop_after: int | None = None,
        duration: float | None = None,
        state_file: Path | None = None,
        review: Review | None = None,
        baseline_file: Path | None = None,
        host_name: str = "",
        output: Widget | None = None,
    ) -> None:
        self.settings = settings or Settings()
        check_keys(self.settings.keys, SCOPES)
        review = review or Review(Options(salt=urandom(16)))
        self.session = Session(source, capture_filter, max_responses, review, baseline_file, stop_after)
        findings = self.session.inspection.findings
        # One salt: a secret has the same tag in a header and in the evidence of a finding.
        super().__init__(
            Redactor(findings.options.salt) if redact else None,
            self.settings.copy_command,
            Run(
                host_name,
                lambda: self.session.counters,
                findings.check,
                findings.accepted,
                self.session.store.of_exchange,
            ),
            state_file,
        )
        compile = partial(compile_query, hooks=finding_hooks(findings, lambda: self.session.inspection.ledger))
        self._filter = compile(filter_text)
        self._findings_position = Position()
        self._wanted_id: int | None = None
        self._duration = duration
        self._turns = TimeSlices()
        self._detail_is_late = False
        self.choose_theme(self.settings.theme)
        self.top_line = TopLine()
        self.filter_line = FilterLine(compile, filter_text)
        self.failure_line = Static(id="failure", markup=False)
        self.rows = ResponseList(self.session.view.rows, columns_of(self.session), id="list")
        self._refresh_loop = RefreshLoop(self.session, self.rows, self._turns)
        self.detail = Detail(self.redactor, self.described_run, id="detail")
        self.output = output
        """What a command prints that is watched, if one is."""
        self.status_bar = StatusBar(NamedKeys(self.session, self.rows, self.detail, lambda: self.body.reading))
        self._figures = Figures(
            self.session, self.top_line, self.filter_line.chips, self.rows, self.failure_line, self.status_bar
        )

    # --- start and stop ---

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self._turns)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """No control byte reaches the terminal, whoever forgot the door."""
        return [*super().get_line_filters(), ControlFilter()]

    def get_key_display(self, binding: Binding) -> str:
        """`ctrl+q`, as people say it."""
        display = super().get_key_display(binding)
        return display.replace("^", "ctrl+", 1) if "ctrl" in binding.key else display

    def compose(self) -> ComposeResult:
        """Four lines of our own, the rest is for the responses."""
        yield self.top_line
        yield self.filter_line
        yield self.failure_line
        with self.body:
            yield self.rows
            yield Splitter()
            yield self.detail
        if self.output is not None:
            yield self.output
        yield self.status_bar

    def on_mount(self) -> None:
        """Begin to capture when there is a screen to show it on."""
        # A busy capture thread gives the interpreter back sooner: keys are felt.
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(0.001)
        self._collect_as_before = collect_rarely()
        self.set_keymap(self.settings.keys)
        self.theme_changed_signal.subscribe(self, lambda theme: self.remember(theme=theme.name))
        self.session.view.set_filter(None if self._filter.everything else self._filter.matches)
        self.arrange_as_remembered()
        self.filter_line.input.remember(self._memory.state.filters)
        self.rows.focus()
        self.update_figures()
        self.session.start()
        self.run_worker(self._refresh_loop.run(self._go_to_wanted, self.update_figures), name="refresh_loop")
        if self._duration is not None:
            self.set_timer(self._duration, self.session.source.stop)

    def on_unmount(self) -> None:
        """The source ends, and what it still gives is counted."""
        self.session.stop()
        sys.setswitchinterval(self._switch_interval)
        self._collect_as_before()

    @property
    def failed(self) -> str:
        """Why the capture failed; empty when it did not."""
        return self.session.failure

    def summary(self) -> str:
        """For the normal screen, after the app has gone."""
        return summary_text(self.session.summary())

    # --- from the session to the widgets ---

    def post_message(self, message: Message) -> bool:
        """Keys come through here first."""
        if isinstance(message, INPUT_EVENTS):
            self._turns.key_came()
        return super().post_message(message)

    async def on_event(self, event: events.Event) -> None:
        """What a person does is meant for the rows as they are now."""
        if isinstance(event, INPUT_EVENTS):
            self._refresh_loop.show_changed()
        await super().on_event(event)

    def update_figures(self) -> None:
        """Say what is so now, a few times a second."""
        if self._detail_is_late:
            self._show_detail()
        self.detail.update_exchange()
        self._figures.update()

    def _rework(self) -> None:
        """The view was told to show something else: the first screen of it now, the rest by and by."""
        self.session.scan(FIRST_SCREEN)
        self.rows.show(self.session.view.rows)
        self.update_figures()

    def _show_detail(self) -> None:
        self._detail_is_late = False
        self.detail.show(self.rows.current)

    # --- the filter ---

    @on(FilterChanged)
    def _filter_by(self, event: FilterChanged) -> None:
        self._set_filter(event.query)

    def _set_filter(self, query: Query) -> None:
        self._filter = query
        self.session.view.set_filter(None if query.everything else query.matches)
        self._rework()

    @on(FilterLeft)
    def _leave_filter(self, event: FilterLeft) -> None:
        if event.used:
            self.remember(filters=self._memory.state.with_filter(event.used))
            self.filter_line.input.remember(self._memory.state.filters)
        self.focus_pane()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`/` is a letter in every input, and searches in the detail pane."""
        if action != "edit_filter":
            return super().check_action(action, parameters)
        focused = self.focused
        in_detail = focused is not None and self.detail in focused.ancestors_with_self
        return self.screen is self.main and not in_detail and not isinstance(focused, Input)

    def action_edit_filter(self) -> None:
        """Write the display filter.

        The key has priority and the focus moves at once, so that what is typed quickly after it is text, not commands.
        """
        self.main.set_focus(self.filter_line.input)

    @on(ClassToggled)
    def _class_clicked(self, event: ClassToggled) -> None:
        self.action_toggle_status(event.number)

    def action_toggle_status(self, number: int) -> None:
        """Show a status class, or not."""
        self.session.view.toggle_class(number)
        self._rework()

    def action_all_classes(self) -> None:
        """Show them all."""
        self.session.view.set_classes(frozenset())
        self._rework()

    # --- the list ---

    @on(ResponseList.Chosen)
    def _chosen(self, event: ResponseList.Chosen) -> None:
        # While the newest is followed, the cursor moves with every batch; nobody reads that fast.
        same = (
            event.response is not None
            and self.detail.response is not None
            and (event.response.id == self.detail.response.id)
        )
        if self.rows.follow and not same:
            self._detail_is_late = True
        else:
            self._show_detail()

    @on(ResponseList.Opened)
    def _opened(self, event: ResponseList.Opened) -> None:
        self.detail.show(event.response)
        self.body.reading = True
        self.detail.focus()

    @on(ResponseList.FollowChanged)
    def _follow_changed(self, event: ResponseList.FollowChanged) -> None:
        self._figures.follow_changed(event.follow)

    @on(ResponseList.NoMoreErrors)
    def _no_more_errors(self, event: ResponseList.NoMoreErrors) -> None:
        self.notify(f"No error {'below' if event.step > 0 else 'above'}.", timeout=2, markup=False)

    @on(ResponseList.SortRequested)
    def _sort(self, event: ResponseList.SortRequested) -> None:
        view = self.session.view
        known = view.sorted_by is not None and view.sorted_by.key == event.column.key
        # A third click on the same title is the order of arrival again.
        view.sort_by(None if known and view.reverse else event.column, known and not view.reverse)
        self.rows.mark_sorted(view.sorted_by.key if view.sorted_by else None, view.reverse)
        self._rework()

    def action_pause(self) -> None:
        """Hold the list still, or let it go on."""
        view = self.session.view
        if view.paused:
            view.resume()
        else:
            view.pause()
        self._rework()

    def action_group(self) -> None:
        """Group, or flatten."""
        self._group_by(None if self.session.view.grouped_by else self._memory.state.group_by)

    def action_group_by(self) -> None:
        """Ask by what."""
        self.push_screen(GroupBy(self.session.view.grouped_by), self._group_by_answer)

    def _group_by_answer(self, answer: str | None) -> None:
        if answer is not None:
            self._group_by(None if answer == FLAT else answer)

    def _group_by(self, kind: str | None) -> None:
        self.session.view.group_by(kind)
        self.rows.mark_sorted(None, False)
        if kind is not None:
            self.remember(group_by=kind)
        self._rework()

    def action_fold_all(self) -> None:
        """Fold every group, or unfold them all."""
        self.rows.action_fold_all()

    def action_clear(self) -> None:
        """Let all responses go; a question first when there are many."""
        count = len(self.session.store)
        if count <= ASK_ABOVE:
            self._clear(True)
        else:
            question = Content(f"Forget {many(count, 'response')}? The capture goes on.")
            self.push_screen(Confirm(question, "Forget them", "Keep them"), self._clear)

    def _clear(self, sure: bool | None) -> None:
        if sure:
            self.session.clear()
            self._rework()

    # --- findings ---

    def action_findings(self) -> None:
        """What is wrong, each thing once."""
        session = self.session
        screen = FindingsScreen(session.inspection, session.source.label, date.today(), self._findings_position)
        self.push_screen(screen, self._follow_lead)

    def _follow_lead(self, lead: Lead | None) -> None:
        if lead is not None:
            # All of its responses, of whatever class.
            self.action_all_classes()
            self.filter_line.replace(lead.query)
            self._wanted_id = next((id for id in lead.samples if self.session.store.get(id) is not None), None)
            self.rows.focus()

    def _go_to_wanted(self) -> None:
        """To the response that was asked for, as soon as the filter has found it."""
        if self._wanted_id is None:
            return
        if self.rows.select(self._wanted_id) or not self.session.view.pending:
            self._wanted_id = None

    @on(Detail.Step)
    def _step(self, event: Detail.Step) -> None:
        shown = self.detail.response
        neighbour = self.session.view.neighbour(shown.id, event.by) if shown is not None else None
        if neighbour is not None and self.rows.select(neighbour.id):
            self.detail.show(neighbour)

    # --- help and palette ---

    def action_help(self) -> None:
        """Every key, and the words."""
        bindings = [binding for scope in SCOPES.values() for binding in in_force(scope, self.settings.keys)]
        display = {binding.key: self.get_key_display(binding) for binding in bindings}
        self.push_screen(Help(sections(bindings, display)))

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette finds; over another screen, nothing of the main one."""
        bindings = SCOPES[EVERYWHERE], SCOPES["list"], SCOPES["detail"]
        nodes = (self, self.rows, self.detail) if screen is self.main else ()
        return commands(self, zip(nodes, bindings, strict=False))
