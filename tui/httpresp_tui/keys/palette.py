"""The commands of the palette: every binding by its words, so that a key need not be known to be used."""

from collections.abc import Iterable, Iterator
from functools import partial

from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.message import Message
from textual.widgets import Input, OptionList

from httpresp_tui.keys.bindings import unrolled
from httpresp_tui.terminal.textual_private import Gate


class Palette(Gate, CommandPalette):
    """Textual's, of which a second Enter that comes before it has gone is no second choice."""

    _has_chosen = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go, once."""
        self._has_chosen = True
        return super().dismiss(result)

    def lets_in(self, message: Message) -> bool:
        """No second choice."""
        return not (self._has_chosen and isinstance(message, Input.Submitted | OptionList.OptionSelected))


Scope = tuple[DOMNode, Iterable[BindingType]]
"""Who acts, and its bindings."""


def commands(app: App[None], scopes: Iterable[Scope]) -> Iterator[SystemCommand]:
    """One command an id; what another widget inside the place would do is left out."""
    yield SystemCommand("Theme", "Choose the colours", app.action_change_theme)
    seen = {"app.palette"}
    for node, bindings in scopes:
        for binding in unrolled(bindings):
            id = binding.id or ""
            if id in seen or not hasattr(node, f"action_{binding.action.partition('(')[0]}"):
                continue
            seen.add(id)
            yield SystemCommand(
                binding.tooltip or binding.description, id, partial(app.run_action, binding.action, node)
            )
