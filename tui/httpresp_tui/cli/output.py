"""What a run without a screen writes: its text on standard output, and what it has to say on standard error.

Whoever reads standard output may leave before the end: `… | head` is fine, and changes no exit status. A stream that
takes nothing (closed, a full disk, a terminal that is gone) is said on the other one and never ends a run by itself;
what an encoding cannot hold is written as an escape. Descriptors are written directly, so that nothing is left over
for Python to fail with at its end.
"""

import os
import re
import select
from contextlib import suppress
from dataclasses import replace
from typing import Any, TextIO

from httpresp_tui.cli.help_text import PROGRAM
from httpresp_tui.model.summary import Summary, summary_text
from httpresp_tui.text.sanitising import printable_text

TEXT = "text"
"""The format of reports that is for people: on a terminal its lines are folded."""
LONGEST_LINE = 10_000
NARROWEST = 40
"""Columns under which wrapping would help nobody."""


def write_all(data: bytes, out: Any) -> None:
    """Write all of it to a stream of bytes; raises OSError. One that is full and does not block is waited for."""
    try:
        descriptor = out.fileno()
    except (OSError, ValueError):
        # A stream in memory.
        out.write(data)
        return
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select((), (descriptor,), ())


def deliver(text: str, out: TextIO, said: TextIO) -> int:
    """Write a text: 0 when it is out, or its reader has left; 1 after saying why it is not."""
    try:
        _write_text(text, out)
    except BrokenPipeError:
        pass
    except OSError as error:
        say(not_written(error), said)
        return 1
    return 0


def not_written(error: OSError) -> str:
    """Why standard output took nothing."""
    return f"cannot write to standard output: {error.strerror}."


def sum_up(summary: Summary, said: TextIO) -> None:
    """What failed, then the figures of the run."""
    for message in summary.failures:
        say(message, said)
    tell(summary_text(replace(summary, failures=())), said)


def say(message: str, said: TextIO) -> None:
    """One line of this program's own, as the errors of other programs look."""
    tell(f"{PROGRAM}: {message}", said)


def tell(text: str, said: TextIO) -> None:
    """Lines for standard error, in which nothing acts. When that cannot be written there is nobody left to tell."""
    shown = folded("\n".join(printable_text(line, LONGEST_LINE) for line in text.split("\n")), said)
    with suppress(OSError):
        _write_text(f"{shown}\n", said)


def folded(text: str, stream: TextIO) -> str:
    """A text whose lines fit the terminal that it is written to; as it is for anything else."""
    width = _width(stream)
    return "\n".join(wrapped(line, width) for line in text.split("\n"))


def _width(stream: TextIO) -> int:
    """Columns of a terminal; 0 for anything else, where a line stays one line."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):
        return 0


def wrapped(line: str, width: int) -> str:
    """Broken at blanks, below the words that it begins with, or a little further in than it begins itself."""
    if len(line) <= width or width < NARROWEST:
        return line
    named = re.match(r"  [a-z ]{12} |[A-Z]{3,6} +(?=[A-Z])", line)
    indent = " " * (len(named[0]) if named else max(4, len(line) - len(line.lstrip()) + 2))
    import textwrap  # Loaded for a terminal.

    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _write_text(text: str, stream: TextIO) -> None:
    try:
        stream.fileno()
    except (OSError, ValueError):
        stream.write(text)
        return
    stream.flush()
    write_all(text.encode(stream.encoding or "utf-8", "backslashreplace"), stream)
