"""What it costs to be there: `--help`, and the first row of `--demo` on a terminal."""

import sys
import tempfile
from pathlib import Path

from benchmarks.process import cpu_of, run
from benchmarks.tables import table
from benchmarks.terminal import Terminal

OURS = [sys.executable, "-m", "httpresp_tui"]
ROW = rb"GET|POST|HEAD"
"""Any row of the demo shows one."""


def first_paint() -> float:
    """CPU seconds until the demo's first row is on the screen."""
    terminal = Terminal([*OURS, "--demo"])
    if terminal.read_until(ROW, 30) is None:
        raise SystemExit("the demo did not appear")
    cpu = cpu_of(terminal.pid)
    terminal.idle(0.3)
    terminal.press(b"q")
    terminal.rest(10)
    terminal.wait()
    return cpu


def report(short: bool) -> None:
    """The least of some runs."""
    runs = 2 if short else 7
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        bare = min(run([sys.executable, "-c", ""], where).cpu for _ in range(runs))
        asked = min(run([*OURS, "--help"], where).cpu for _ in range(runs))
    shown = min(first_paint() for _ in range(runs))
    rows = [
        ("Python alone", f"{bare:.3f}"),
        ("--help", f"{asked:.3f}"),
        ("--demo, to its first row", f"{shown:.3f}"),
    ]
    print(f"\n## Start\n\n{table(('', 'CPU s'), rows)}", flush=True)
