"""The import contracts of pyproject.toml forget no room; `test_quality` has them checked."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CAPTURE = ROOT / "capture" / "httpresp_capture"
OUTSIDE = {"__init__", "command", "exporting", "iterator", "process", "response_collector", "sources", "system"}
"""Folders of capture that may know the system."""


def contract(name: str) -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if each["name"] == name)


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms() -> set[str]:
    return {path.stem for path in CAPTURE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def of_protocols() -> set[str]:
    """Folders that are reached through the table of protocols, so that no contract need name them."""
    spoken = {name.split(".")[1] for name in imported(CAPTURE / "protocols.py") if name.endswith(".protocol")}
    return spoken - {"detect"}


def test_every_room_of_parsing_is_under_its_contract() -> None:
    told = set(contract("Parsing knows no socket, thread, clock or Scapy")["source_modules"])
    missing = {f"httpresp_capture.{room}" for room in rooms() - OUTSIDE - of_protocols()} - told
    assert not missing, f"to be added to source_modules of the contract in pyproject.toml: {sorted(missing)}"
    assert told <= {f"httpresp_capture.{room}" for room in rooms()}


def test_the_map_has_a_line_for_every_room() -> None:
    drawn = ast.get_docstring(ast.parse((CAPTURE / "__init__.py").read_text(encoding="utf-8"))) or ""
    lines = {line.split()[0].rstrip("/") for line in drawn.splitlines() if line[:4] == "    " and line[4:5].strip()}
    assert rooms() - {"__init__"} == lines


def test_every_room_has_its_floor() -> None:
    assert of_protocols() >= {"http1", "http2", "tls"}
    floors = set(contract("Capture: a folder imports only what stands below it")["layers"])
    assert rooms() - {"__init__"} == floors | of_protocols()


def test_nothing_imports_the_whole_of_scapy() -> None:
    files = [*ROOT.glob("capture/**/*.py"), *ROOT.glob("tui/**/*.py")]
    assert len(files) > 100
    assert [path for path in files if "scapy.all" in imported(path)] == []


def test_only_the_live_sources_import_scapy() -> None:
    files = [*ROOT.glob("capture/**/*.py"), *ROOT.glob("tui/**/*.py")]
    users = {path.parent.name for path in files if any(name.split(".")[0] == "scapy" for name in imported(path))}
    assert users <= {"live", "system"}


def test_no_contract_has_an_exception() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    assert len(contracts) > 5
    assert [each["name"] for each in contracts if "ignore_imports" in each] == []


def test_a_file_is_one_idea() -> None:
    files = [*CAPTURE.rglob("*.py"), *(ROOT / "tui" / "httpresp_tui").rglob("*.py")]
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    assert lengths[-1] <= 400, "a file of the product is at most 400 lines long"
    assert lengths[len(lengths) // 2] < 90, "half of the files of the product have less than 90 lines"
