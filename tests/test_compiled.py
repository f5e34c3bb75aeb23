"""The compiled rooms are the ones that were read: the tests of the capture package, once more, on the wheel's."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from hatch_build import ASKED, ROOMS, has_compiler

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

needs_compiler = pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no header files of Python")


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("site")
    ZipFile(wheel).extractall(folder)
    return folder


def compiled_rooms(folder: Path) -> set[str]:
    """Rooms of an unpacked wheel that have machine code beside them."""
    package = folder / "httpresp_capture"
    return {path.relative_to(package).as_posix().split(".")[0] for path in package.rglob("*.so")}


@needs_compiler
def test_the_hot_rooms_are_compiled_where_a_compiler_is(site: Path) -> None:
    assert compiled_rooms(site) == set(ROOMS)


@needs_compiler
def test_the_tests_of_the_capture_package_hold_for_the_compiled_rooms(site: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            f"pythonpath={site} tests",
            "-m",
            "not slow",
            "tests/capture",
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8_000:]
    told = subprocess.run(
        [sys.executable, "-c", "from httpresp_capture import pipeline; print(pipeline.__file__)"],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip().endswith(".so")


def build(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `python -m build` says and leaves in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)],
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("setting", [{}, {ASKED: "0"}, {ASKED: ""}])
def test_who_does_not_ask_for_it_gets_plain_python(setting: dict[str, str], tmp_path: Path) -> None:
    assert build(tmp_path, **setting).returncode == 0
    (found,) = tmp_path.glob("*-py3-none-any.whl")
    assert not [name for name in ZipFile(found).namelist() if name.endswith(".so")]


def test_who_asks_without_a_compiler_is_told_so(tmp_path: Path) -> None:
    done = build(tmp_path, CC="/nowhere/cc", **{ASKED: "1"})
    assert done.returncode
    assert f"{ASKED} is set, but there is no C compiler" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))


@needs_compiler
def test_a_compiler_that_fails_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'cc: no space left' >&2\nexit 1\n")
    broken.chmod(0o755)
    done = build(tmp_path, CC=str(broken), **{ASKED: "1"})
    assert done.returncode
    told = done.stdout + done.stderr
    assert "compiling failed" in told
    assert "cc: no space left" in told
    assert not list(tmp_path.glob("*.whl"))
