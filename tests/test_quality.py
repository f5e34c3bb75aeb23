"""Types, style and import contracts hold: the tools run as tests, so that pytest is the one command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

TOOLS = {
    # The interpreter that runs the tests has the dependencies, whatever `python` is on PATH.
    "pyright finds no error": ("-m", "pyright", "--pythonpath", sys.executable),
    "ruff finds nothing": ("-m", "ruff", "check", "--no-cache"),
    "ruff would format nothing": ("-m", "ruff", "format", "--check", "--no-cache"),
    "the import contracts are kept": (
        "-c",
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
        "--no-cache",
    ),
}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=name, marks=[pytest.mark.slow] if "pyright" in words else [])
        for name, words in TOOLS.items()
    ],
)
def test_quality(words: tuple[str, ...]) -> None:
    paths = os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))
    # Pyright's wrapper would ask the network for a newer one, and say so.
    environment = {**os.environ, "PYTHONPATH": paths, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
