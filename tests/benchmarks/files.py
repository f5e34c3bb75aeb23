"""Capture files: what each tool takes for each capture, start-up measured apart and taken off."""

import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.cases import CASES, Capture, made
from benchmarks.process import Used, run
from benchmarks.tables import number, table
from benchmarks.tools import OURSELVES, TOOLS, Tool, cut

HEAD = ("tool", "CPU s", "µs/packet", "packets/CPU s", "responses/CPU s", "peak MB", "× ours")
SHORT_CUT = 600
"""Packets for the slowest tools in short mode."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A tool on a capture; the CPU is that of the whole capture, start-up not in it."""

    tool: Tool
    cpu: float
    peak: float
    scaled: bool
    failed: int
    """Exit status, when it was not zero."""


def check(captures: list[Capture]) -> None:
    """Leave when our program does not find what is there."""
    for capture in captures:
        done = subprocess.run([sys.executable, "-m", "benchmarks.checking", str(capture.path)], check=False)
        if done.returncode:
            raise SystemExit("Wrong results are not worth timing.")


def captures(names: list[str], short: bool, where: Path) -> list[Capture]:
    """The captures of the suite."""
    cases = {name: CASES[name] for name in names}
    return [made(name, case.short if short else case.full, where) for name, case in cases.items()]


def start_up(tools: list[Tool], where: Path, runs: int) -> dict[str, float]:
    """What each tool takes for a capture of one exchange: the least of some runs."""
    capture = made("flows", 1, where)
    return {tool.name: min(_run(tool, capture.path).cpu for _ in range(runs)) for tool in tools}


def measure(capture: Capture, tools: list[Tool], starting: dict[str, float], runs: int) -> list[Figure]:
    """All tools in turn, again and again; the median of each."""
    taken: dict[str, list[Used]] = {tool.name: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            path = cut(capture.path, tool.upto) if tool.upto else capture.path
            _warm(path)
            used = _run(tool, path)
            if used.status and tool == OURSELVES:
                raise SystemExit(f"{tool.name} failed on {capture.path}")
            taken[tool.name].append(used)
    figures: list[Figure] = []
    for tool in tools:
        used = taken[tool.name]
        scale = max(1.0, capture.truth.packets / tool.upto) if tool.upto else 1.0
        cpu = max(0.001, statistics.median(each.cpu for each in used) - starting[tool.name]) * scale
        figures.append(Figure(tool, cpu, max(each.peak for each in used), scale > 1, used[-1].status))
    return figures


def show(capture: Capture, figures: list[Figure]) -> str:
    """The table of one capture."""
    truth = capture.truth
    ours = next(figure.cpu for figure in figures if figure.tool == OURSELVES)
    rows = [
        (
            figure.tool.name + (" (scaled)" if figure.scaled else "") + (" (failed)" if figure.failed else ""),
            number(figure.cpu),
            number(figure.cpu / truth.packets * 1e6),
            number(truth.packets / figure.cpu),
            number(truth.responses / figure.cpu),
            f"{figure.peak:.0f}",
            number(figure.cpu / ours),
        )
        for figure in figures
    ]
    size = capture.path.stat().st_size / 1e6
    title = f"{capture.name}: {CASES[capture.name].idea}"
    what = f"{truth.packets:,} packets, {truth.responses:,} responses, {size:,.0f} MB"
    return f"\n### {title}\n\n{what}\n\n{table(HEAD, rows)}"


def report(short: bool, runs: int, where: Path, names: list[str]) -> None:
    """Make, check, measure, print."""
    tools = [replace(tool, upto=tool.upto and (SHORT_CUT if short else tool.upto)) for tool in TOOLS if tool.installed]
    missing = ", ".join(tool.name for tool in TOOLS if not tool.installed)
    made_ones = captures(names, short, where)
    check(made_ones)
    print(f"\n## Files\n\nEach capture was read right before it was timed. Not installed: {missing or 'nothing'}.")
    starting = start_up(tools, where, 1 if short else 5)
    rows = [(name, f"{cpu:.2f}") for name, cpu in starting.items()]
    print(f"\nStart-up, taken off below:\n\n{table(('tool', 'CPU s'), rows)}", flush=True)
    for capture in made_ones:
        able = [tool for tool in tools if tool.opens_tls or not CASES[capture.name].secured]
        print(show(capture, measure(capture, able, starting, runs)), flush=True)


def _run(tool: Tool, path: Path) -> Used:
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=path.parent))
    try:
        return run(tool.command(str(path)), scratch)
    finally:
        shutil.rmtree(scratch)


def _warm(path: Path) -> None:
    """Bring the capture into the system's memory, so that the first tool does not pay for the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
