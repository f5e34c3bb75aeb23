"""Run a program and say what it took, as the kernel counts it.

The peak of memory is never below that of the process that starts it (Linux carries the mark over exec), so the suite
imports little and leaves all heavy work to children.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Used:
    """What one run of a program took."""

    cpu: float
    """Seconds, user and system, children included."""
    wall: float
    peak: float
    """Megabytes."""
    status: int
    """Exit status."""


def run(command: Sequence[str], where: Path, out: int = subprocess.DEVNULL) -> Used:
    """Run it to its end in a folder; what it prints goes to `out`."""
    process = subprocess.Popen(command, cwd=where, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
    return waited(process)


def waited(process: "subprocess.Popen[bytes]") -> Used:
    """Wait for a process."""
    started = time.monotonic()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Used(cpu, time.monotonic() - started, usage.ru_maxrss / 1_024, process.returncode)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a living process has taken in all of its threads (Linux)."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
