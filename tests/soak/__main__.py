"""`python -m soak [CASE …] [--scale X] [--minutes N]`: RSS, cost per packet, and what was let go. See the package."""

import argparse
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.flow import Interface
from soak.case import Packet
from soak.cases import CASES

BATCH = 4_096
ETHERNET = Interface(0, "soak0", 1)
TELLING = (
    "flows", "flows_evicted", "responses", "requests", "unanswered", "gaps", "gap_bytes", "repeats", "conflicts",
    "held_dropped", "fragments", "fragments_lost", "bodies_cut",
)  # fmt: skip


def resident() -> float:
    """Megabytes of this process in memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4_096 / 1_048_576


class Soaker:
    """A pipeline that is fed, and whose events are thrown away."""

    def __init__(self, *, keys: bool = False) -> None:
        self.pipeline = Pipeline()
        if keys:
            self.pipeline.expect_secrets()
        self.packets = 0
        self.spent = 0.0
        self.events = 0

    def feed(self, batch: list[Packet]) -> float:
        """Seconds of CPU that the batch took; making it is not counted."""
        feed = self.pipeline.feed
        before = time.process_time()
        for at, frame in batch:
            feed(at, frame, 0, len(frame), len(frame), ETHERNET)
        self.events += len(self.pipeline.take())
        spent = time.process_time() - before
        self.packets += len(batch)
        self.spent += spent
        return spent


def run_case(name: str, scale: float) -> None:
    """One case in this process: a line of figures."""
    case = CASES[name]
    total = max(BATCH, int(case.full * scale))
    source = islice(case.packets(), total)
    before = peak = resident()
    soaker = Soaker(keys=case.keys)
    costs: list[float] = []
    while batch := list(islice(source, BATCH)):
        costs.append(soaker.feed(batch) / len(batch) * 1e6)
        peak = max(peak, resident())
    started = time.process_time()
    soaker.pipeline.finish()
    soaker.events += len(soaker.pipeline.take())
    finishing = time.process_time() - started
    tenth = max(1, len(costs) // 10)
    first, last = sum(costs[:tenth]) / tenth, sum(costs[-tenth:]) / tenth
    counters = soaker.pipeline.counters()
    told = " ".join(f"{key}={getattr(counters, key)}" for key in TELLING if getattr(counters, key))
    print(
        f"{name:17} {soaker.packets:>9,} packets  {soaker.spent / soaker.packets * 1e6:6.1f} µs each "
        f"(first tenth {first:.1f}, last {last:.1f}, worst {max(costs):.1f})  RSS {before:.0f} → {peak:.0f} MB, "
        f"after the end {resident():.0f}; finish {finishing:.1f} s; {soaker.events:,} events; {told}",
        flush=True,
    )


def run_minutes(minutes: float) -> None:
    """Mixed traffic at full speed: the memory curve."""
    source = CASES["ordinary"].packets()
    soaker = Soaker()
    started = shown = time.monotonic()
    while (now := time.monotonic()) - started < minutes * 60:
        soaker.feed(list(islice(source, BATCH)))
        if now - shown >= 15:
            shown = now
            counters = soaker.pipeline.counters()
            print(
                f"{now - started:6.0f} s  {soaker.packets:>12,} packets  {soaker.spent / soaker.packets * 1e6:5.1f} µs "
                f"each  {counters.responses:>11,} responses  RSS {resident():.1f} MB",
                flush=True,
            )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("case", nargs="*", choices=[[], *CASES], help="all where none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a full run")
    parser.add_argument("--minutes", type=float, default=0.0, help="mixed traffic for so long")
    parser.add_argument("--here", action="store_true", help="in this process, not one of its own")
    options = parser.parse_args()
    if options.minutes:
        run_minutes(options.minutes)
        return 0
    names: list[str] = options.case or list(CASES)
    failed = 0
    for name in names:
        if options.here:
            run_case(name, options.scale)
        else:
            command = [sys.executable, "-m", "soak", name, "--here", "--scale", str(options.scale)]
            failed |= subprocess.run(command, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
