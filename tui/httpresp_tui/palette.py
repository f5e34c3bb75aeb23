"""The commands of the palette: every binding by its words, so that a key need not be known to be used."""

from collections.abc import Iterable, Iterator
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode

from httpresp_tui.bindings import unrolled

Place = tuple[DOMNode, Iterable[BindingType]]
"""Who acts, and its bindings."""


def commands(app: App[None], places: Iterable[Place]) -> Iterator[SystemCommand]:
    """One command an id; what another widget inside the place would do is left out."""
    yield SystemCommand("Theme", "Choose the colours", app.action_change_theme)
    seen = {"app.palette"}
    for node, bindings in places:
        for binding in unrolled(bindings):
            id = binding.id or ""
            if id in seen or not hasattr(node, f"action_{binding.action.partition('(')[0]}"):
                continue
            seen.add(id)
            yield SystemCommand(
                binding.tooltip or binding.description, id, partial(app.run_action, binding.action, node)
            )
