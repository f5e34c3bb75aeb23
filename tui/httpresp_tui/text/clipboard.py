"""Getting a text to the clipboard of whoever sits before the terminal, and saying only what is known of it.

The ways are tried in the order of `WAYS` until one takes the text. The person may be on another machine, inside tmux,
under sudo: so nothing is assumed of a display, each tool's exit status is looked at, none may write over the screen,
and each has a time limit. Everything runs beside the UI loop.
"""

import asyncio
import base64
import os
import shlex
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from httpresp_tui.text.excerpts import Excerpt
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import size_text

TIME_LIMIT = 3.0
"""Seconds; a display at the other end of a slow ssh connection answers within one."""
OSC52_LIMIT = 74_994
"""Bytes; in base64 and with its frame that is the 100,000 bytes which xterm and others take at most."""
SCREEN_CHUNK = 76
"""GNU screen hands on strings of 256 bytes in its oldest versions; this is what its users' scripts send."""
DUMB_TERMINALS = ("", "dumb", "linux")
"""Terminals that know no clipboard, and would show the sequence or choke on it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is to copy with: all that would otherwise be asked of the system."""

    environ: Mapping[str, str]
    platform: str
    """As `sys.platform`."""
    copy_command: tuple[str, ...]
    """From the configuration: takes the text on standard input. Empty for none."""
    write: Callable[[str], None] | None
    """Writes to the terminal between two frames; None when there is none."""
    folder: Path
    """Where a file goes when nothing else works."""
    time_limit: float = TIME_LIMIT

    @classmethod
    def here(cls, copy_command: str = "", write: Callable[[str], None] | None = None) -> "Surroundings":
        """Those of this process."""
        folder = os.environ.get("XDG_RUNTIME_DIR", "")
        return cls(
            environ=dict(os.environ),
            platform=sys.platform,
            copy_command=tuple(shlex.split(copy_command)),
            write=write,
            folder=Path(folder if os.access(folder, os.W_OK) else tempfile.gettempdir()),
        )

    def which(self, tool: str) -> str | None:
        """Where a program is, by this PATH."""
        return shutil.which(tool, path=self.environ.get("PATH"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went."""

    words: str
    """A sentence for the person; printable."""
    confirmed: bool
    """True when whoever took the text said so."""
    way: str
    """Which of the ways it was; empty when none worked."""


PacketPath = Callable[[Excerpt, Surroundings], Awaitable[Outcome | None]]
"""Tries one way; None means that it is not there or did not work."""


async def copy(excerpt: Excerpt, surroundings: Surroundings) -> Outcome:
    """Hand the text over by the first way that takes it."""
    for way in WAYS:
        outcome = await way(excerpt, surroundings)
        if outcome is not None:
            if surroundings.copy_command and way is not by_command:
                return Outcome(f"{outcome.words}. copy_command did not work", outcome.confirmed, outcome.way)
            return outcome
    folder = printable_text(str(surroundings.folder))
    return Outcome(f"Nothing was copied: no clipboard was found, and no file can be made in {folder}", False, "")


async def by_command(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """The person's own command knows best."""
    if not surroundings.copy_command:
        return None
    worked = await fed(surroundings.copy_command, excerpt.text.encode(), surroundings)
    return copied(excerpt, "copy_command") if worked else None


async def by_tmux(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """tmux drops OSC 52 of programs by default, and passes its own on: so the text becomes one of its buffers."""
    socket = tmux_socket(surroundings)
    if socket is None or (tmux := surroundings.which("tmux")) is None:
        return None
    data = excerpt.text.encode()
    # -w, "and to the terminal too", came with tmux 3.2.
    for options in (("-w",), ()):
        if await fed((tmux, *socket, "load-buffer", *options, "-"), data, surroundings):
            return copied(excerpt, "tmux", " of tmux")
    return None


def tmux_socket(surroundings: Surroundings) -> tuple[str, ...] | None:
    """Options that name the server we are in: none are needed with $TMUX, which sudo takes away."""
    environ = surroundings.environ
    if environ.get("TMUX"):
        return ()
    user = environ.get("SUDO_UID", "")
    inside = environ.get("TERM", "").startswith(("tmux", "screen")) and not environ.get("STY")
    if not inside or not user.isdecimal():
        return None
    path = Path(environ.get("TMUX_TMPDIR", "/tmp"), f"tmux-{user}", "default")
    try:
        found = path.stat()
    except OSError:
        return None
    # Anybody may make a folder of this name where there is none.
    return ("-S", str(path)) if stat.S_ISSOCK(found.st_mode) and found.st_uid == int(user) else None


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that sets the clipboard of a display from its standard input."""

    needs: str
    """The variable without which it cannot work."""
    command: tuple[str, ...]
    encoding: str = "utf-8"


TOOLS: tuple[Tool, ...] = (
    Tool("WAYLAND_DISPLAY", ("wl-copy",)),
    Tool("DISPLAY", ("xclip", "-selection", "clipboard", "-in")),
    Tool("DISPLAY", ("xsel", "--clipboard", "--input")),
    Tool("WSL_DISTRO_NAME", ("clip.exe",), "utf-16-le"),
)
"""The tools that pyperclip would run, which looks neither at their exit status nor keeps them from the screen."""


async def by_display(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """The display of this machine, or one that ssh carries here."""
    if surroundings.platform in ("darwin", "win32", "cygwin"):
        return await by_pyperclip(excerpt, surroundings)
    for tool in TOOLS:
        if not surroundings.environ.get(tool.needs):
            continue
        program = surroundings.which(tool.command[0])
        if program is None:
            continue
        if await fed((program, *tool.command[1:]), excerpt.text.encode(tool.encoding), surroundings):
            return copied(excerpt, tool.command[0])
    return None


async def by_pyperclip(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """What other systems have; read back, since pyperclip reports no failure of its tools."""
    if surroundings.environ.get("SSH_CONNECTION"):
        return None  # the clipboard of that machine is not the one before which the person sits

    def there_and_back() -> bool:
        import pyperclip

        try:
            pyperclip.copy(excerpt.text)
            return pyperclip.paste().replace("\r\n", "\n") == excerpt.text
        except (pyperclip.PyperclipException, OSError):
            return False

    with suppress(TimeoutError):
        if await asyncio.wait_for(asyncio.to_thread(there_and_back), surroundings.time_limit):
            return copied(excerpt, "pyperclip")
    return None


async def by_terminal(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """OSC 52: the terminal itself is asked, and does not say whether it did."""
    environ = surroundings.environ
    data = excerpt.text.encode()
    term = environ.get("TERM", "")
    if surroundings.write is None or term in DUMB_TERMINALS or environ.get("TMUX") or len(data) > OSC52_LIMIT:
        return None
    surroundings.write(osc52(data, under_screen=bool(environ.get("STY")) or term.startswith("screen")))
    words = f"Sent {size_text(len(data))} to your terminal (OSC 52). If paste is empty, press e to save a file"
    return Outcome(words, False, "osc52")


def osc52(data: bytes, *, under_screen: bool) -> str:
    """The sequence that sets the clipboard; under GNU screen in pieces of DCS, which it hands on unread."""
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\x07"
    if not under_screen:
        return sequence
    pieces = (sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


async def by_file(excerpt: Excerpt, surroundings: Surroundings) -> Outcome | None:
    """A file that only this user can read."""

    def save() -> str:
        handle, path = tempfile.mkstemp(excerpt.suffix, "httpresp-tui-", surroundings.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(excerpt.text)
        return path

    try:
        path = await asyncio.to_thread(save)
    except OSError:
        return None
    size = size_text(len(excerpt.text.encode()))
    return Outcome(f"No clipboard took {excerpt.what} ({size}): saved it as {printable_text(path)}", True, "file")


WAYS: tuple[PacketPath, ...] = (by_command, by_tmux, by_display, by_terminal, by_file)
"""In the order in which they are tried."""


def copied(excerpt: Excerpt, way: str, whose: str = "") -> Outcome:
    """The words for a way that confirms."""
    size = size_text(len(excerpt.text.encode()))
    return Outcome(f"Copied {excerpt.what} ({size}) to the clipboard{whose}", True, way)


async def fed(command: tuple[str, ...], data: bytes, surroundings: Surroundings) -> bool:
    """Run a program with the data on its standard input; True when it took them and ended well, in time.

    Its output goes nowhere. xclip and wl-copy leave a child that keeps the selection; it is not waited for. One that
    hangs is ended after the time limit, and with us.
    """
    nowhere = asyncio.subprocess.DEVNULL
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=nowhere,
            stderr=nowhere,
            env=dict(surroundings.environ),
            start_new_session=True,
        )
    )
    try:
        process = await asyncio.shield(starting)
    except OSError:
        return False
    except asyncio.CancelledError:
        # It may run already, and is known only when it was started wholly.
        with suppress(OSError):
            await _end(await starting)
        raise
    try:
        await asyncio.wait_for(process.communicate(data), surroundings.time_limit)
    except TimeoutError:
        await _end(process)
        return False
    except asyncio.CancelledError:
        # The app has ended, or is about to.
        await _end(process)
        raise
    return process.returncode == 0


async def _end(process: asyncio.subprocess.Process) -> None:
    """It, and all that it started: a child of its own would hold our pipe, and outlive us."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
