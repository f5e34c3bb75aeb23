"""`python -m fuzz TARGET [CORPUS …] [libFuzzer options]`; with a file instead of a corpus, that input alone."""

import importlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = (
    "capture-file",
    "frame",
    "one-direction",
    "http2",
    "clock-steps",
    "checks",
    "redactor",
    "planted",
    "events",
    "tls",
    "quic",
    "key-log",
    "websocket",
)
"""Of `targets.TARGETS`, which cannot be asked: what it imports must be instrumented first."""


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"usage: python -m fuzz {{{','.join(NAMES)}}} [CORPUS …] [libFuzzer options]", file=sys.stderr)
        return 2
    try:
        # Not a dependency, so not known to type checkers.
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        print("python -m fuzz needs atheris: pip install atheris", file=sys.stderr)
        return 1
    name, rest = sys.argv[1], sys.argv[2:]
    # Python code is instrumented as it is imported: nothing of the project may have been imported before.
    with atheris.instrument_imports(include=["httpresp_capture"]):
        targets = importlib.import_module("fuzz.targets")
        seeds = importlib.import_module("fuzz.seeds")
    target: Callable[[bytes], None] = targets.TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds.SEEDS[name]()):
            Path(folder, f"seed-{number}").write_bytes(seed)
        alone = any(Path(word).is_file() for word in rest)
        atheris.Setup([sys.argv[0], *rest, *([] if alone else [folder])], target)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
