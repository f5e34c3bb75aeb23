"""`python -m mutation [ROOM …] [--most N] [--seed N]`: how many faults in the heart of the engine the tests notice.

Each room's mutants are tried, at most `--most` of them drawn by `--seed`, on a copy of the sources: the room's tests
run until the first one fails. What no test notices is printed with its line; the last line is the score. Mutants that
run for ever count as noticed.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from mutation.mutants import mutants_of

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = Path("capture", "httpresp_capture")
EVERYWHERE: Final = (
    "test_scenarios.py",
    "test_every_split.py",
    "test_below_tcp.py",
    "test_loss.py",
    "test_pairs_under_loss.py",
)
ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "pairing": ("test_pairing.py",),
    "framing": ("test_framing.py",),
    "dialogue": ("test_connection.py", "test_verdicts.py", "test_unread.py", "test_preamble.py"),
    "flows": ("test_flow_table.py", "test_networks.py", "test_bounds.py"),
    "assembler": ("test_assembler.py",),
}
"""Room: the test files of its own, which run before those that concern every room."""
SECONDS: Final = 120


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mutation")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--most", type=int, default=40, help="mutants of a room")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    unknown = set(options.rooms) - set(ROOMS)
    if unknown:
        parser.error(f"no such room: {', '.join(sorted(unknown))}; there are {', '.join(ROOMS)}")
    noticed = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        for part in ("capture", "tui", "tests"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        for room in options.rooms or ROOMS:
            path = copy / PACKAGE / f"{room}.py"
            source = path.read_text("utf-8")
            every = list(mutants_of(source))
            chosen = random.Random(options.seed).sample(every, min(options.most, len(every)))
            killed = 0
            for mutant in sorted(chosen, key=lambda one: one.line):
                path.write_text(mutant.source, "utf-8")
                if is_noticed(copy, room):
                    killed += 1
                else:
                    print(f"{room}.py:{mutant.line}: {mutant.change}", flush=True)
            path.write_text(source, "utf-8")
            print(f"{room}: {killed} of {len(chosen)} noticed ({len(every)} in all)", flush=True)
            noticed += killed
            tried += len(chosen)
    print(f"{noticed} of {tried} noticed, {noticed / tried:.0%}" if tried else "nothing to try")
    return 0


def is_noticed(copy: Path, room: str) -> bool:
    """True when a test of this room fails, or does not come to an end."""
    tests = copy / "tests" / "capture"
    files = [str(tests / name) for name in (*ROOMS[room], *EVERYWHERE) if (tests / name).is_file()]
    words = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", "not slow"]
    try:
        done = subprocess.run(
            [*words, *files],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(str(copy / part) for part in ("capture", "tui", "tests"))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
