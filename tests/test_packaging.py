"""What others install: the wheel made from the sdist holds everything the program needs, and nothing of anyone else."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_file_of_both_packages_is_in_the_wheel(wheel: Path) -> None:
    sources = {
        path.relative_to(root).as_posix()
        for root in (ROOT / "capture", ROOT / "tui")
        for path in root.glob("httpresp_*/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {
        "httpresp_capture/py.typed",
        "httpresp_capture/sources/demo.pcapng.gz",
        "httpresp_tui/app.tcss",
        "httpresp_tui/py.typed",
    } <= sources
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name and not name.endswith(".so")}
    shared = {name for name in names if ".data/" in name}
    assert names - shared == sources
    # What `man` and the shells look for stands beside the packages.
    share = ROOT / "tui" / "share"
    files = {path.relative_to(share).as_posix() for path in share.rglob("*") if path.is_file()}
    assert {name.partition(".data/data/share/")[2] for name in shared} == files
    assert "man/man1/httpresp-tui.1" in files


def test_the_wheel_says_its_licence_and_brings_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
        assert archive.read(place) == (ROOT / "LICENSE").read_bytes()
        told = archive.read(place.replace("licenses/LICENSE", "METADATA")).decode()
        entries = archive.read(place.replace("licenses/LICENSE", "entry_points.txt")).decode()
    assert "\nLicense-Expression: GPL-2.0-or-later\n" in told
    assert "\nRequires-Python: >=3.11\n" in told
    assert entries.split("\n")[:2] == ["[console_scripts]", "httpresp-tui = httpresp_tui.cli.main:main"]


def test_the_installed_program_plays_the_demo(wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "httpresp_tui", "--demo", "--json", "-c", "3"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b'"eventName":"net_packet_http_response"') == 3


def test_the_version_is_said_once_and_the_same() -> None:
    from httpresp_tui import __version__

    assert __version__ == PROJECT["version"]
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def required(names: list[str]) -> Iterator[str]:
    """The distributions of these requirements, and of theirs."""
    seen: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in seen or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        yield name
        waiting.extend(Requirement(text) for text in metadata.requires(name) or ())


def test_no_library_of_the_process_has_a_licence_that_gpl_2_forbids() -> None:
    # Scapy is GPL-2.0-only, and the Apache licence 2.0 alone cannot be joined with that.
    names = list(required([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["codings"]]))
    assert {"scapy", "textual", "rich", "brotli"} <= set(names)
    for name in names:
        about = metadata.metadata(name)
        told = [*about.get_all("License-Expression", []), *about.get_all("Classifier", [])]
        apache = [text for text in told if "Apache" in text]
        assert not apache or any(" OR " in text for text in told), f"{name}: {apache}"
