"""What a run without a screen writes: its text on standard output, and what it has to say on standard error.

Whoever reads standard output may leave before the end: `… | head` is fine, and changes no exit status.
"""

import os
from dataclasses import replace
from typing import TextIO

from httpresp_tui.help_text import PROGRAM
from httpresp_tui.spelling import printable_text
from httpresp_tui.summary import Summary, summary_text


def deliver(text: str, out: TextIO) -> int:
    """Write it all; 0, the exit status of having done so."""
    try:
        out.write(text)
        out.flush()
    except BrokenPipeError:
        # Python flushes once more at its end, and must not fail then.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())
        os.close(nowhere)
    return 0


def sum_up(summary: Summary, said: TextIO) -> None:
    """What failed, then the figures of the run."""
    for message in summary.failures:
        say("\n".join(printable_text(line) for line in message.split("\n")), said)
    print(summary_text(replace(summary, failures=())), file=said)


def say(message: str, said: TextIO) -> None:
    """One line of this program's own, as the errors of other programs look."""
    print(f"{PROGRAM}: {message}", file=said)
