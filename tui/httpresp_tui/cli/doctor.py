"""`--doctor`: what this machine has and lacks, one line each.

It looks, and changes nothing but the clipboard, which gets a line of text: nothing else shows that a copy works.

Each check is an entry in `CHECKS` and gives a `Finding`; nothing is imported or run that the program would not need
anyway, and no root is asked for.
"""

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from httpresp_capture import pipeline
from httpresp_capture.bpf import libpcap
from httpresp_capture.records.escaping import escaped
from httpresp_capture.sources.live.interfaces import State, list_interfaces
from httpresp_capture.system.permission import may_capture
from httpresp_tui import __version__
from httpresp_tui.cli.help_text import PROGRAM
from httpresp_tui.cli.output import deliver
from httpresp_tui.text.sanitising import printable_text

NEEDED = ("textual", "scapy", "pyperclip", "platformdirs")
USEFUL = (("brotli", "bodies coded with br"), ("zstandard", "bodies coded with zstd"))
COPIED = f"{PROGRAM} --doctor: a copy reaches this clipboard\n"
"""What is put into it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw."""

    good: bool | None
    """None for what is neither good nor bad."""
    subject: str
    text: str
    vital: bool = False
    """The program does not work without it."""


def examine() -> int:
    """Print every check; 1 when something vital is missing."""
    findings = [check() for check in CHECKS]
    signs = {True: "ok", False: "--", None: "  "}
    lines = [f"  {signs[each.good]}  {each.subject:<12} {printable_text(each.text)}\n" for each in findings]
    unwritten = deliver(f"{PROGRAM} {__version__}\n{''.join(lines)}", sys.stdout, sys.stderr)
    return 1 if unwritten or any(finding.vital and not finding.good for finding in findings) else 0


def _python() -> Finding:
    return Finding(sys.version_info >= (3, 11), "Python", f"{platform.python_version()} on {platform.platform()}", True)


def _libraries() -> Finding:
    found, missing = _versions(NEEDED)
    return Finding(not missing, "libraries", ", ".join([*found, *(f"{name} is missing" for name in missing)]), True)


def _rooms() -> Finding:
    compiled = not (pipeline.__file__ or "").endswith(".py")
    text = "compiled" if compiled else "plain Python; installed with HTTPRESP_TUI_COMPILE=1 it needs half the time"
    return Finding(True if compiled else None, "packet loop", text)


def _decoders() -> Finding:
    missing = [(name, use) for name, use in USEFUL if not _versions((name,))[0]]
    text = ", ".join(f"{name} is not installed: {use} stay as they are" for name, use in missing)
    return Finding(None if missing else True, "decoders", text or "gzip, deflate, br, zstd")


def _versions(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    missing: list[str] = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    return found, missing


def _capture_right() -> Finding:
    if may_capture():
        return Finding(True, "capture", "this process may open packet sockets (CAP_NET_RAW)")
    return Finding(False, "capture", "no CAP_NET_RAW: live capture needs sudo; --demo and -r do not")


def _libpcap() -> Finding:
    if libpcap.library() is None:
        return Finding(None, "libpcap", "not installed: -f cannot be used; -p and --host can")
    return Finding(True, "libpcap", "found, for -f")


def _interfaces() -> Finding:
    up = [escaped(interface.name) for interface in list_interfaces() if interface.state is State.UP]
    return Finding(bool(up), "interfaces", f"up: {', '.join(up)}" if up else "none is up")


def _clipboard() -> Finding:
    from httpresp_capture.system import privileges

    # The command of the config file is the person's, and so is the clipboard.
    privileges.drop()
    from httpresp_tui.errors import SettingsError
    from httpresp_tui.model.settings import load_settings
    from httpresp_tui.text.clipboard import Surroundings, copy
    from httpresp_tui.text.excerpts import Excerpt

    try:
        command = load_settings().copy_command
    except SettingsError as error:
        return Finding(False, "clipboard", f"not tried: {error}")
    write = _write_to_terminal if sys.stdout.isatty() else None
    outcome = asyncio.run(copy(Excerpt("a line", COPIED), Surroundings.here(command, write)))
    if outcome.way == "osc52":
        return Finding(None, "clipboard", "no tool took a line; the terminal was asked to (OSC 52): paste to see")
    return Finding(outcome.confirmed and outcome.way != "file", "clipboard", f"tried: {outcome.words}")


def _write_to_terminal(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _terminal() -> Finding:
    if not sys.stdout.isatty():
        return Finding(None, "terminal", "standard output is not one: --json only")
    columns, lines = shutil.get_terminal_size()
    colours = os.environ.get("COLORTERM", "") or "colours by name"
    size = f"{os.environ.get('TERM', '')} {columns}x{lines}"
    return Finding(columns >= 80 and lines >= 24, "terminal", f"{size}, {colours}")


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python, _libraries, _rooms, _decoders, _capture_right, _libpcap, _interfaces, _clipboard, _terminal,
)  # fmt: skip
"""In the order in which they are printed."""
