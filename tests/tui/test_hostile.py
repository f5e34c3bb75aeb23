"""Hostile text in every place, over a real pseudo terminal: what comes out holds no control byte of it.

The output is taken apart into control sequences and text. Every sequence must be of a kind that Textual itself sends,
and none may hold the marker that stands in each hostile sequence; the text must hold the marker, and no character
that could act.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile import MARK, PIECES, hostile_source
from httpresp_capture.sources.live.interfaces import InterfaceInfo, State
from httpresp_tui.screens.picker import rows
from scripted import running, screen_text, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-Z\\^-~]",  # the short ones
    re.DOTALL,
)

OURS = re.compile(
    r"\x1b\[[0-9;:]*m"  # colours
    r"|\x1b\[\d+;\d+H|\x1b\[H|\x1b\[\d*[ABCDGJK]"  # moving and erasing
    r"|\x1b\[\?\d+[hl]|\x1b\[\?\d+\$p"  # modes, and asking for them
    r"|\x1b\[[<>=]?\d*u|\x1b\[>\d+;?\d*m|\x1b\[\d*;?\d*t|\x1b\[\d* q|\x1b\[c"  # keyboard, size, cursor
    r"|\x1b\[>\d*q"  # which terminal is it
    r"|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)"  # shape of the pointer
    r"|\x1b\]11;\?\x1b\\"  # is it a light one
)
"""What Textual sends by itself, and our question."""

QUIET = 0.25
"""Seconds without output after which the screen is drawn."""


@dataclass(frozen=True)
class Shown:
    """What came out of the terminal."""

    sequences: list[str]
    text: str
    status: int


def show(arguments: list[str], keys: Sequence[bytes], seconds: float = 300) -> Shown:
    """Run a program on a pseudo terminal of 100 × 30 and press keys."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    environ = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join(str(ROOT / part) for part in ("capture", "tui", "tests")),
        TERM="xterm-256color",
        COLORTERM="truecolor",
        TEXTUAL_ANIMATIONS="none",
        LANG="C.UTF-8",
    )
    program = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environ,
        start_new_session=True,
    )
    os.close(follower)
    output = bytearray()
    until_then = time.monotonic() + seconds
    waiting = list(keys)
    try:
        while time.monotonic() < until_then:
            ready, _, _ = select.select([leader], [], [], QUIET)
            if not ready:
                # Nothing is pressed before the first screen, and one key after the other.
                if waiting and MARK.encode() in output:
                    os.write(leader, waiting.pop(0))
                continue
            try:
                data = os.read(leader, 1 << 16)
            except OSError:
                break
            if not data:
                break
            output += data
        status = program.wait(120)
    finally:
        program.kill()
        program.wait()
        os.close(leader)
    assert not waiting, f"{len(waiting)} keys left; the last output: {bytes(output[-3000:])!r}"
    text = output.decode()
    return Shown(SEQUENCE.findall(text), SEQUENCE.sub("", text), status)


def acts(char: str) -> bool:
    """Whether a character could do something to a terminal or to the order of the text."""
    if char in "\r\n":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The app, walked through."""
    folder = tmp_path_factory.mktemp("hostile")
    # A file where a folder is wanted: the state cannot be written, and the message names this path.
    file = folder / "".join(char for piece in PIECES.values() for char in piece if char not in "\0/")[:80]
    file.touch()
    pasted = "".join(PIECES.values()).replace("\x1b", "").encode()
    keys = (
        *(b"\r", b"]", b"]", b"]", b"]", b"]", b"K", b"K", b"[", b"K", b"[", b"\x1b"),  # the tabs of some responses
        *(b"t", b"-", b"T", b"jj", b"\r", b"t"),  # groups and their menu
        *(b">", b"Y", b"jj", b"\r", b"\x1b", b"\x1b"),  # a toast, the copy menu, the values in it
        *(b"/", b"\x1b[200~" + pasted + b"\x1b[201~", b"\x1b", b"\x1b"),  # a paste into the filter
        *(b"?", b"\x1b", b":", b"\x1b", b"\x11"),  # help, palette, quit
    )
    return show(["-m", "hostile", str(file)], keys)


def test_it_comes_out_as_text_that_can_be_read(shown: Shown) -> None:
    assert shown.status == 0
    for spelled in (f"␛]52;c;{MARK}␇", f"␛[31;5;9m{MARK}", f"‹U+202E›{MARK}", f"[/][b red]{MARK}", f"␛P{MARK}"):
        assert spelled in shown.text


def test_every_screen_was_walked_through(shown: Shown) -> None:
    for words in ("Metadata", "Request", "Timing", "Body", "Group by", "Cannot remember", "curl", "Stay at the newest"):
        assert words in shown.text


def test_every_sequence_is_one_that_the_screen_itself_sends(shown: Shown) -> None:
    strange = {sequence for sequence in shown.sequences if not OURS.fullmatch(sequence)}
    assert not strange


def test_no_sequence_holds_what_a_server_sent(shown: Shown) -> None:
    assert not [sequence for sequence in shown.sequences if MARK in sequence or "31;5;9" in sequence]


def test_no_character_that_could_act_comes_out(shown: Shown) -> None:
    assert not {f"U+{ord(char):04X}" for char in shown.text if acts(char)}


def test_this_test_would_see_it() -> None:
    raw = f"a\x1b[1mb\x1b]52;c;{MARK}\x07c\x9bd"
    sequences = SEQUENCE.findall(raw)
    assert sequences == ["\x1b[1m", f"\x1b]52;c;{MARK}\x07"]
    assert [bool(OURS.fullmatch(sequence)) for sequence in sequences] == [True, False]
    assert [char for char in SEQUENCE.sub("", raw) if acts(char)] == ["\x9b"]


@pytest.mark.parametrize("kind", ["host", "client", "type", "flow"])
async def test_a_group_may_be_called_anything(kind: str, tmp_path: Path) -> None:
    async with running(hostile_source(), tmp_path, size=(120, 40)) as (app, pilot):
        app.session.view.group_by(kind)
        app.rows.show(app.session.view.rows)
        await pilot.press("minus")
        await until(pilot, lambda: MARK in screen_text(app))
        assert not [char for char in screen_text(app) if acts(char)]


def test_an_interface_may_be_called_anything() -> None:
    known = [InterfaceInfo(name, index, (name,), State.UP, note=name) for index, name in enumerate(PIECES.values())]
    for row in rows(known, {}, {}):
        assert not [char for char in row.plain if acts(char)]


def test_every_piece_carries_the_marker() -> None:
    assert all(MARK in piece for piece in PIECES.values())
