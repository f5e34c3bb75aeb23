"""`python -m shared_files` writes what is installed under `share/` of an environment: the manual page, completions.

They are made from the options and keys of the program, and kept in `tui/share`, since a build has no Textual to ask.
"""

from collections.abc import Iterator
from pathlib import Path

from textual.keys import format_key

from httpresp_tui.cli.completion import script
from httpresp_tui.cli.man_page import man_page
from httpresp_tui.keys.bindings import in_force
from httpresp_tui.scopes import SCOPES
from httpresp_tui.screens.help import sections

SHARE = Path(__file__).parents[1] / "tui" / "share"


def files() -> Iterator[tuple[Path, str]]:
    """Each file, and what stands in it."""
    bindings = [binding for scope in SCOPES.values() for binding in in_force(scope, {})]
    display = {binding.key: _display(binding.key) for binding in bindings}
    yield SHARE / "man/man1/httpresp-tui.1", man_page(sections(bindings, display))
    yield SHARE / "bash-completion/completions/httpresp-tui", script("bash")
    yield SHARE / "zsh/site-functions/_httpresp-tui", script("zsh")
    yield SHARE / "fish/vendor_completions.d/httpresp-tui.fish", script("fish")


def _display(key: str) -> str:
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, format_key(last)))


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text)
