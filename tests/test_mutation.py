"""The mutation runner tells the truth: what it says was noticed ran, and failed; what it says was not noticed ran."""

import ast
import os
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from mutation.__main__ import EQUIVALENT, ROOMS, equivalent, module_of
from mutation.mutants import Mutant, mutants_of

TESTS = Path(__file__).parent
ROOM = """
import time

class Base:
    def __init__(self) -> None:
        self.made = 6

class Room(Base):
    def __init__(self) -> None:
        super().__init__()

    def doubled(self, number: int) -> int:
        if number > 100:
            number = 100
        return number + number

    def endless(self, number: int) -> int:
        while number:
            number -= 1
        return 3

    def untested(self) -> int:
        return 4

    def table(self) -> int:
        return 5

    def asleep(self) -> int:
        while self.made != 6:
            time.sleep(self.made)
        return 8

    def left(self) -> None:
        if self.made != 6:
            raise KeyboardInterrupt


double = Room().doubled
TABLE = {"it": Room().table}
"""
TEST = """
from room import TABLE, Room, double

def test_room():
    assert [double(each) for each in (2, 7, 200)] == [4, 14, 200]
    assert Room().endless(3) == 3

def test_table():
    assert TABLE["it"]() == 5

def test_made():
    room = Room()
    assert room.made == 6
    assert room.asleep() == 8
    room.left()
"""
RUN = """
import sys
import pytest
import mutation.trying as trying
from mutation.mutants import mutants_of
trying.SECONDS, trying.ASLEEP = 1, 15
found = trying.Trying("room", lambda tree: list(mutants_of(tree)), jobs=2)
pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:asyncio", "test_room.py"], plugins=[found])
print(found.broken or f"{len(found.tried)} tried")
"""


def run(folder: Path, test: str) -> list[str]:
    (folder / "room.py").write_text(ROOM)
    (folder / "test_room.py").write_text(test)
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(TESTS)))},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_each_mutant_runs_and_what_no_test_notices_is_told(tmp_path: Path) -> None:
    *survivors, count = run(tmp_path, TEST)
    assert int(count.split()[0]) == len(every_mutant())
    assert sorted(line.partition(": ")[2] for line in survivors if not line.startswith(" ")) == [
        "Room.asleep: left out: time.sleep(self.made)",
        "Room.doubled: compared otherwise: number > 100",
        "Room.doubled: one more: 100",
        "Room.left: never: if self.made != 6:",
        "Room.untested: left out: return 4",
        "Room.untested: one more: 4",
    ]


@pytest.mark.slow
def test_tests_that_fail_without_a_mutant_are_no_measure(tmp_path: Path) -> None:
    (told, *_) = run(tmp_path, "from room import double\n\ndef test_room():\n    assert double(2) == 5\n")
    assert "test_room.py::test_room fails without a mutant" in told


def every_mutant() -> list[Mutant]:
    return list(mutants_of(ast.parse(ROOM)))


def test_a_mutant_is_one_changed_place() -> None:
    for number, each in enumerate(every_mutant()):
        tree = ast.parse(ROOM)
        mutant = list(mutants_of(tree))[number]
        assert mutant.key == each.key
        mutant.apply()
        changed, before = ast.unparse(tree).splitlines(), ast.unparse(ast.parse(ROOM)).splitlines()
        places = [each for each in SequenceMatcher(None, before, changed).get_opcodes() if each[0] != "equal"]
        assert len(places) == 1, str(each)


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_said_to_change_nothing_is_still_there(room: str) -> None:
    package, _, rest = module_of(room).partition(".")
    folder = TESTS.parent / package.removeprefix("httpresp_") / package
    source = (folder / f"{rest.replace('.', '/')}.py").read_text("utf-8")
    there = {each.key for each in mutants_of(ast.parse(source))}
    known = equivalent(room)
    assert set(known) <= there, f"in {EQUIVALENT.name}"
    assert all(known.values()), "each has its reason"
