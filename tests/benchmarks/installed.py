"""The program as an installation has it: compiled where a compiler is at hand."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from hatch_build import ASKED, has_compiler

ROOT = Path(__file__).parents[2]
SITE = "BENCHMARKS_SITE"
"""Names the unpacked wheel in the environment of everything that is measured; not set where source is."""


def absolute() -> None:
    """Let every child find what this process finds, whatever folder it is started in."""
    paths = os.environ.get("PYTHONPATH", "").split(":")
    os.environ["PYTHONPATH"] = ":".join(os.path.abspath(path) for path in paths if path)


def install(folder: Path) -> None:
    """Build the wheel, and let this process and all its children take the program from it."""
    made = folder / f"wheel-{os.getpid()}"
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(made), str(ROOT)],
        env={**os.environ, ASKED: "1" if has_compiler() else "0"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (wheel,) = made.glob("*.whl")
    site = made / "site"
    ZipFile(wheel).extractall(site)
    os.environ[SITE] = str(site)
    os.environ["PYTHONPATH"] = f"{site}:{os.environ.get('PYTHONPATH', '')}"
    sys.path.insert(0, str(site))


def plain() -> str:
    """PYTHONPATH for the same program as plain Python."""
    paths = os.environ.get("PYTHONPATH", "").split(":")
    return ":".join(path for path in paths if path != os.environ.get(SITE))
