"""The library that is loaded into a command: it is compiled into the private folder, where a C compiler is at hand.

A library that was made beforehand and stands beside its source is taken as it is.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from httpresp_capture.command.folder import PrivateFolder

__all__ = ["preload_library"]

SOURCE: Final = Path(__file__).with_name("preload.c")
READY: Final = Path(__file__).with_name("preload.so")
COMPILERS: Final = ("cc", "gcc", "clang")
PATIENCE: Final = 20.0
"""Seconds that a compiler has; it needs a tenth of one."""


def preload_library(folder: PrivateFolder, ready: Path = READY) -> Path | None:
    """The library, or None where none can be had or none can be loaded from where it would lie."""
    if ready.is_file():
        return ready
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or not folder.runs_programs:
        return None
    library = folder.path / "preload.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return library if done.returncode == 0 else None
