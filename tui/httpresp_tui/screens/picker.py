"""Which interface to listen on: asked when neither -i nor -r was given, before any socket is opened.

A small app of its own, since there is no source yet that the inspector could show. The packet counts are live: the
interface on which something happens is the one whose number moves.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from httpresp_capture.sources.live.interfaces import InterfaceInfo, State, list_interfaces, packet_counts
from httpresp_tui.model.settings import load_remembered
from httpresp_tui.terminal.app import TerminalApp
from httpresp_tui.text.printable import ControlFilter, printable_text
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.choices import WithChoices

SECOND = 1.0
_NAME = 18
_ADDRESSES = 200
NOT_ALLOWED = (
    "This process may not capture (CAP_NET_RAW is needed), so none will be opened.\n"
    "Choose one to see the command that may, or leave and use --demo or -r FILE."
)


def rows(known: Sequence[InterfaceInfo], before: Mapping[str, int], now: Mapping[str, int]) -> list[Content]:
    """One line an interface: name, state, packets and how many came since the last count, addresses."""
    names = [printable_text(interface.name, 64) for interface in known]
    width = min(_NAME, max(map(len, names), default=0))
    lines: list[Content] = []
    for interface, name in zip(known, names, strict=True):
        count = now.get(interface.name, interface.packets)
        more = count - before.get(interface.name, count)
        grown = f"+{count_text(more)}/s" if more > 0 else ""
        addresses = printable_text(", ".join(interface.addresses), _ADDRESSES)
        remark = f"{printable_text(interface.remark, 40)}  " if interface.remark else ""
        text = f" {name:{width}}  {interface.state:7} {count_text(count):>11} packets {grown:>8}  {remark}{addresses}"
        lines.append(Content(text) if interface.state is State.UP else Content.styled(text, "dim"))
    return lines


class Picker(WithChoices, TerminalApp[str]):
    """Gives the name of an interface; nothing when it was left."""

    TITLE = "httpresp-tui"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "../app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", id="picker.down"),
        Binding("k", "move(-1)", "Up", id="picker.up"),
        Binding("q,escape,ctrl+c,ctrl+q", "leave", "Leave", id="picker.leave", priority=True),
    ]

    def __init__(
        self,
        known: Sequence[InterfaceInfo],
        counts: Callable[[], Mapping[str, int]],
        theme: str = "",
        *,
        allowed: bool = True,
    ) -> None:
        super().__init__()
        self._allowed = allowed
        self._known = known
        self._counts = counts
        self._last = counts()
        if theme in self.available_themes:
            self.theme = theme
        else:
            self.choose_theme_by_terminal()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """An interface may be called anything."""
        return [*super().get_line_filters(), ControlFilter()]

    def compose(self) -> ComposeResult:
        """The list, and its keys."""
        with Vertical(id="picker"):
            yield Static("Listen on which interface?", classes="question")
            if not self._allowed:
                yield Static(NOT_ALLOWED, classes="refusal")
            yield OptionList(*map(Option, rows(self._known, self._last, self._last)))
        yield Static(" Enter listens   j k move   q leaves", id="picker-keys")

    def on_mount(self) -> None:
        """The first is the default route, or the best there is."""
        options = self.query_one(OptionList)
        options.highlighted = 0 if self._known else None
        options.focus()
        self.set_interval(SECOND, self._count)

    def _count(self) -> None:
        now = self._counts()
        options = self.query_one(OptionList)
        for index, row in enumerate(rows(self._known, self._last, now)):
            options.replace_option_prompt_at_index(index, row)
        self._last = now

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.exit(self._known[event.option_index].name)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.exit(None)


def new_picker(*, allowed: bool = True) -> Picker:
    """One that asks of the interfaces that there are."""
    return Picker(list_interfaces(), packet_counts, load_remembered().theme, allowed=allowed)
