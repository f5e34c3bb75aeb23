"""A short run of the fuzz targets: every seed, then seeds with a few bytes changed; with atheris where it is installed.

Changing bytes at random is no coverage-guided fuzzing and does not stand for it: `python -m fuzz` is that.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from fuzz.__main__ import NAMES
from fuzz.seeds import SEEDS
from fuzz.targets import TARGETS

TESTS = Path(__file__).parents[1]
WORDS = (
    b"\r\n",
    b"\n",
    b"HTTP/1.1 200 OK\r\n",
    b"Content-Length: ",
    b"chunked",
    b"\0",
    b"\xff\xff\xff\xff",
    b"0\r\n\r\n",
    b":",
)


FOUND_BY = {".pcap": "capture-file", ".http2": "http2"}
FOUND = Path(__file__).parents[1] / "fuzz" / "found"
"""Inputs that once broke a rule, named for what was wrong."""


def changed(rng: Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randrange(1, 9)]
            case 2:
                data[at:at] = rng.choice(WORDS)
            case _:
                data[at:at] = data[at : at + rng.randrange(40)]
        if not data:
            return seed
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_keeps_the_rules(name: str) -> None:
    target, seeds = TARGETS[name], SEEDS[name]()
    assert len(seeds) > 10
    for seed in seeds:
        target(seed)


@pytest.mark.parametrize("found", sorted(FOUND.glob("*")), ids=lambda path: path.stem)
def test_what_fuzzing_once_found_keeps_the_rules_now(found: Path) -> None:
    TARGETS[FOUND_BY.get(found.suffix, "one-direction")](found.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rounds"),
    [
        ("capture-file", 60),
        ("one-direction", 20),
        ("http2", 60),
        ("clock-steps", 60),
        ("checks", 20),
        ("redactor", 200),
        ("planted", 20),
        ("events", 200),
        ("tls", 20),
        ("quic", 10),
        ("key-log", 200),
        ("websocket", 15),
    ],
)
def test_seeds_with_bytes_changed_keep_the_rules(name: str, rounds: int) -> None:
    target: Callable[[bytes], None] = TARGETS[name]
    rng = Random(name)
    for seed in SEEDS[name]():
        for _ in range(rounds):
            data = changed(rng, seed)
            try:
                target(data)
            except Exception as error:
                error.add_note(f"{name} on {data!r}")
                raise


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_a_short_coverage_guided_run_finds_nothing(name: str, tmp_path: Path) -> None:
    paths = [str(TESTS), str(TESTS.parent / "capture"), str(TESTS.parent / "tui")]
    found = subprocess.run(
        [sys.executable, "-m", "fuzz", name, "-runs=3000", "-verbosity=0"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-3_000:]


def test_every_target_has_a_name_on_the_command_line() -> None:
    assert set(NAMES) == set(TARGETS)
