"""The last line: the keys that make sense where the focus is, eight at most. A click presses one."""

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from rich.cells import cell_len
from textual import events
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from httpresp_tui.widgets.styles import style_of

MOST = 8
"""Keys: more is a wall that nobody reads."""


LAST = "app.help"


@runtime_checkable
class SaysUseful(Protocol):
    """A widget or a screen that knows which of its keys would do nothing."""

    def is_useful(self, id: str) -> bool:
        """False while the key of a binding, named by its id, would do nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the bar."""

    text: str
    binding: Binding
    node: DOMNode

    @property
    def cells(self) -> int:
        """How wide it is drawn."""
        return cell_len(self.text) + cell_len(self.binding.description) + 3


class StatusBar(Widget):
    """Made from the bindings that are active, those of the focused widget first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"status-bar--key", "status-bar--words", "status-bar--note"}
    note: reactive[str] = reactive("")
    """A few words of ours at the right: whether the newest is followed."""
    DEFAULT_CSS = "StatusBar { height: 1; }"

    def __init__(self, program: SaysUseful | None = None) -> None:
        super().__init__()
        self._program = program
        self._drawn: list[str] = []

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._renewed)

    def _renewed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def on_unmount(self) -> None:
        """Follow it no longer."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def update(self) -> None:
        """Draw the keys anew where others do something now."""
        if [key.text for key in self.keys] != self._drawn:
            self.refresh()

    def render(self) -> Content:
        """As many as fit."""
        key_style = style_of(self, "status-bar--key")
        words_style = style_of(self, "status-bar--words")
        parts: list[Content] = []
        room = self.size.width - cell_len(self.note) - 1
        keys = self.keys
        self._drawn = [key.text for key in keys]
        for key in keys:
            parts.append(Content.styled(f" {key.text}", key_style))
            parts.append(Content.styled(f" {key.binding.description} ", words_style))
            room -= key.cells
        if self.note:
            parts.append(Content(" " * max(0, room)))
            parts.append(Content.styled(self.note, style_of(self, "status-bar--note")))
        return Content.assemble(*parts)

    @property
    def keys(self) -> list[Key]:
        """Those of the focused widget, then the program's, as many as fit."""
        found: dict[str, Key] = {}
        # Of what lies over our screen, if something does: the keys are there then.
        for active in self.app.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and self._acts(active) and not self._is_typed(binding):
                key = Key(self.app.get_key_display(binding), binding, active.node)
                found.setdefault(binding.id or binding.action, key)
        # The way to all the other keys never leaves.
        last = [found.pop(LAST)] if LAST in found else []
        room = self.size.width - (cell_len(self.note) + 2 if self.note else 0) - sum(key.cells for key in last)
        chosen: list[Key] = []
        for key in found.values():
            room -= key.cells
            if room < 0 or len(chosen) + len(last) == MOST:
                break
            chosen.append(key)
        return [*chosen, *last]

    def _acts(self, active: ActiveBinding) -> bool:
        """Whether the key would do something, as far as anybody knows."""
        id = active.binding.id or ""
        of_node = active.node.is_useful(id) if isinstance(active.node, SaysUseful) else True
        return of_node and (self._program is None or self._program.is_useful(id))

    def _is_typed(self, binding: Binding) -> bool:
        """True while the focused widget takes the key as a letter."""
        focused = self.app.screen.focused
        # Textual knows no character for some keys that have a name, such as the slash; its display is one.
        shown = self.app.get_key_display(binding)
        character = key_to_character(binding.key) or (shown if len(shown) == 1 and shown.isascii() else None)
        return focused is not None and focused.check_consume_key(binding.key, character)

    async def on_click(self, event: events.Click) -> None:
        """Run what stands under the pointer."""
        right = 0
        for key in self.keys:
            right += key.cells
            if event.x < right:
                await self.app.run_action(key.binding.action, key.node)
                return


class WithStatusBar(DOMNode):
    """A screen that has one, which names the keys of whatever lies over the screen."""

    def on_screen_suspend(self) -> None:
        """The keys are another screen's."""
        self._draw_bar()

    def on_screen_resume(self) -> None:
        """And ours again."""
        self._draw_bar()

    def _draw_bar(self) -> None:
        for bar in self.query(StatusBar):
            bar.refresh()
