"""Types, style and import contracts hold: the tools run as tests, so that pytest is the one command."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

from hatch_build import OPTIONS, ROOMS

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


FRONT_END = """
import sys
from mypyc.build import mypyc_build
from mypyc.options import CompilerOptions
mypyc_build(sys.argv[2:], CompilerOptions(multi_file=False, target_dir=sys.argv[1]))
"""


def front_end(capture: Path, scratch: Path, cache: Path) -> "subprocess.CompletedProcess[str]":
    """What mypyc says of the hot rooms before any C compiler is asked."""
    return subprocess.run(
        [sys.executable, "-c", FRONT_END, str(scratch), *OPTIONS, *[f"httpresp_capture/{room}.py" for room in ROOMS]],
        cwd=capture,
        env={**os.environ, "MYPY_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_hot_rooms_can_be_compiled(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Otherwise the wheel is plain Python, and says so where few look. Sources that passed are not asked again."""
    capture = ROOT / "capture"
    digest = sha256(f"{sys.version} {version('mypy')} {OPTIONS} {ROOMS}".encode())
    for path in sorted(capture.rglob("*.py")):
        digest.update(path.read_bytes())
    cache = pytestconfig.cache if hasattr(pytestconfig, "cache") else None
    if cache is not None and cache.get("httpresp/compilable", "") == digest.hexdigest():
        return
    done = front_end(capture, tmp_path, tmp_path / "mypy" if cache is None else cache.mkdir("mypy"))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    if cache is not None:
        cache.set("httpresp/compilable", digest.hexdigest())


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", ["x: int = ''", "class Two(str, int): ...\n\nclass Under(int):\n    pass"], ids=["type", "class"]
)
def test_a_room_that_cannot_be_compiled_is_seen(fault: str, tmp_path: Path) -> None:
    copy = tmp_path / "capture"
    shutil.copytree(ROOT / "capture", copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "httpresp_capture" / "streams" / "position.py").open("a", encoding="utf-8") as file:
        file.write(fault + "\n")
    done = front_end(copy, tmp_path, tmp_path / "mypy")
    assert done.returncode
    assert "position.py" in done.stdout + done.stderr
