"""The command line of the suite; see the package."""

import argparse
import os
import platform
import sys
from pathlib import Path

from benchmarks.cases import CASES, folder
from benchmarks.installed import absolute, install

PARTS = ("files", "scale", "startup", "checks", "screen", "live")


def machine() -> str:
    """What this was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model or platform.machine()}, {os.cpu_count()} cores, {system}"


def main() -> int:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="all where none is named")
    parser.add_argument("--short", action="store_true", help="small captures, one run")
    parser.add_argument("--runs", type=int, help="runs of each tool (3, in short mode 1)")
    parser.add_argument("--capture", action="append", choices=list(CASES), help="only these captures; repeatable")
    parser.add_argument("--plain", action="store_true", help="plain Python, not the compiled wheel (--short: too)")
    options = parser.parse_args()
    runs = options.runs or (1 if options.short else 3)
    parts = options.part or PARTS
    print(f"Measured on {machine()}.", flush=True)
    absolute()
    if not (options.plain or options.short):
        install(folder())
    # Imported where they are needed: what this process holds is the least that any peak of memory can be.
    if "files" in parts:
        from benchmarks import files

        files.report(options.short, runs, folder(), options.capture or list(CASES))
    if "scale" in parts:
        from benchmarks import scale

        scale.report(options.short, runs, folder() / "growth.svg")
    if "startup" in parts:
        from benchmarks import startup

        startup.report(options.short)
    if "checks" in parts:
        from benchmarks import checks

        checks.report(options.short)
    if "screen" in parts:
        from benchmarks import screen

        screen.report(options.short)
    if "live" in parts:
        from benchmarks import live

        live.report(options.short)
    return 0


if __name__ == "__main__":
    sys.exit(main())
