"""The app: wiring. It puts the widgets on the screen and starts the session; what keys do stands in `actions`.

`refresh_loop` takes in what comes, in short turns between keys. Text from the wire goes to a widget through `printable`
alone, and `ControlFilter` stands behind every widget as a second wall.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Unpack

from textual import events
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from httpresp_capture.sources import Source
from httpresp_capture.system.garbage_collection import collect_rarely
from httpresp_tui.actions.columns import ChoosingColumns
from httpresp_tui.actions.copying import Copying
from httpresp_tui.actions.findings import Findings
from httpresp_tui.actions.follow import Following
from httpresp_tui.actions.inspector import Options
from httpresp_tui.actions.listing import Listing
from httpresp_tui.actions.marking import Marking
from httpresp_tui.actions.only_this import OnlyThis
from httpresp_tui.actions.overview import Overviews
from httpresp_tui.actions.panes import Panes
from httpresp_tui.actions.sorting import Sorting
from httpresp_tui.keys.bindings import APP_BINDINGS, EVERYWHERE, check_keys, in_force
from httpresp_tui.keys.palette import Palette, commands
from httpresp_tui.model.pacing import TimeSlices
from httpresp_tui.model.settings import Settings
from httpresp_tui.model.summary import summary_text
from httpresp_tui.refresh_loop import INPUT_EVENTS, RefreshLoop
from httpresp_tui.scopes import SCOPES
from httpresp_tui.screens.help import Help, sections
from httpresp_tui.screens.main import MainScreen
from httpresp_tui.text.printable import ControlFilter
from httpresp_tui.widgets.splitter import Splitter


class HttprespApp(Copying, Panes, Marking, OnlyThis, Sorting, ChoosingColumns, Listing, Findings, Overviews, Following):
    """The inspector."""

    CSS_PATH = "app.tcss"
    TITLE = "httpresp-tui"
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self, source: Source, *, duration: float | None = None, output: Widget | None = None, **options: Unpack[Options]
    ) -> None:
        settings = options.get("settings") or Settings()
        check_keys(settings.keys, SCOPES)
        super().__init__(source, **options)
        self._duration = duration
        self._turns = TimeSlices()
        self.choose_theme(settings.theme)
        self._refresh_loop = RefreshLoop(self.session, self.rows, self._turns)
        self.output = output
        """What a command prints that is watched, if one is."""

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
        self.theme_changed_signal.subscribe(self, lambda theme: self.theme_chosen(theme.name))
        self.session.view.set_filter(None if self.filter.everything else self.filter.matches)
        self.arrange_as_remembered()
        self.filter_line.input.remember(self.memory.state.filters)
        self.rows.focus()
        self.update_figures()
        self.session.start()
        self.run_worker(self._refresh_loop.run(self.go_to_wanted, self.update_figures), name="refresh_loop")
        if self._duration is not None:
            self.set_timer(self._duration, self.session.source.stop)

    async def on_unmount(self) -> None:
        """The source ends, and what it still gives is counted."""
        await self.end_export()
        self.session.stop()
        sys.setswitchinterval(self._switch_interval)
        self._collect_as_before()

    @property
    def failed(self) -> str:
        """Why the capture failed; empty when it did not."""
        return self.session.failure

    def summary(self) -> str:
        """For the normal screen, after the app has gone."""
        return summary_text(replace(self.session.summary(), exported=tuple(self.exported)))

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
