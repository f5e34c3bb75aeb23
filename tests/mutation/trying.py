"""Tries mutants of a module: pytest collects once, then each mutant has a process of its own, forked from there.

The child compiles the changed module and puts its code into the functions that are loaded already, so that whoever
holds one, a bound method or a table, runs the fault. It runs the tests that reach the changed lines, which one run
beforehand has found, and ends with the first that fails. However else it dies counts as noticed, and so does running
for ever: a child has CPU time, so that a busy machine notices no more than a quiet one, and an hour by the clock, which
ends what sleeps.
"""

import ast
import gc
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, Final

import pytest

from mutation.mutants import Mutant

SURVIVED, NOTICED, BROKEN = 0, 1, 3
"""How a child ends: each test passed, one failed, or the mutant could not be tried."""
SECONDS: Final = 20
"""CPU time of a child beyond ten times what its tests took unchanged."""
ASLEEP: Final = 3_600
"""How long a child may take by the clock, in seconds: far more than any that goes on needs."""
MEMORY: Final = 4 << 30
"""Address space of a child, in bytes."""

Lines = dict[str, tuple[set[int], float]]
"""Test: lines of the module that it reaches, and its CPU time in seconds."""


def code_of(tree: ast.Module, filename: str) -> dict[str, CodeType]:
    """The code of each function of a module's text, by qualified name."""
    ast.fix_missing_locations(tree)
    found: dict[str, CodeType] = {}
    left = [compile(tree, filename, "exec")]
    while left:
        inner = [each for each in left.pop().co_consts if isinstance(each, CodeType)]
        left += inner
        found.update((each.co_qualname, each) for each in inner)
    return found


def functions_of(module: ModuleType) -> list[FunctionType]:
    """Every function that was made from a module's text, whoever holds it."""
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType) and each.__code__.co_filename == module.__file__
    ]


def put(tree: ast.Module, functions: list[FunctionType], mutant: Mutant) -> None:
    """Have the loaded functions run the changed code. Raises LookupError when the changed function is not loaded."""
    changed = code_of(tree, functions[0].__code__.co_filename)
    if mutant.function not in {each.__code__.co_qualname for each in functions}:
        raise LookupError(mutant.function)
    for each in functions:
        code = changed.get(each.__code__.co_qualname)
        if code is None:
            continue  # It was made when the module was loaded, by what makes none any more.
        if len(code.co_freevars) != len(each.__code__.co_freevars):
            raise LookupError(f"{mutant.function} has another closure")
        each.__code__ = code


@dataclass(eq=False)
class Trying:
    """A plugin that tries mutants instead of running the tests once."""

    module_name: str
    draw: Callable[[ast.Module], list[Mutant]]
    """Which mutants of the module are tried."""
    first: tuple[str, ...] = ()
    """Names of the test files that run before others."""
    jobs: int = 1
    tried: list[Mutant] = field(default_factory=list[Mutant])
    survivors: list[Mutant] = field(default_factory=list[Mutant])
    broken: str = ""
    """Why nothing could be tried."""
    _in_child: bool = False
    _failed: str = ""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_collection(self) -> None:
        """A first failure is enough, so none is made smaller, or kept for the next run."""
        from hypothesis import Phase, settings  # pytest wants to be the first that imports it

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", settings(), phases=phases, database=None, derandomize=True)
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            if self._in_child:
                os._exit(NOTICED)
            self._failed = f"{report.nodeid} fails without a mutant: {report.longreprtext[-2_000:]}"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = f"{report.nodeid} cannot be collected: {report.longreprtext[-2_000:]}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.broken:
            return True
        module = sys.modules[self.module_name]
        if not str(module.__file__).endswith(".py"):
            raise RuntimeError(f"{module.__file__} is not Python")
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        functions = functions_of(module)
        self.tried = self.draw(tree)
        tests = session.items
        with tempfile.TemporaryDirectory() as folder:
            self._fork(lambda: self._record(tests, str(module.__file__), Path(folder, "lines")))
            if os.waitstatus_to_exitcode(os.wait()[1]) != SURVIVED:
                self.broken = Path(folder, "lines.failed").read_text("utf-8")
                return True
            lines: Lines = pickle.loads(Path(folder, "lines").read_bytes())
        running: dict[int, Mutant] = {}
        for mutant in self.tried:
            while len(running) >= self.jobs:
                self._wait(running)
            chosen = self._reaching(mutant, tests, lines)
            seconds = SECONDS + 10 * int(sum(lines[test.nodeid][1] for test in chosen))
            running[self._fork(lambda: self._try(tree, functions, mutant, chosen, seconds))] = mutant  # noqa: B023
        while running:
            self._wait(running)
        return True

    def _fork(self, run: Callable[[], None]) -> int:
        """The id of a child that does `run`, says nothing, and ends."""
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        try:
            silence = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1):
                os.dup2(silence, stream)
            run()
        except BaseException as error:
            if self._in_child:  # The mutant runs: whatever ends it, it was noticed.
                os._exit(NOTICED)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(BROKEN)
        os._exit(SURVIVED)

    def _wait(self, running: dict[int, Mutant]) -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        match os.waitstatus_to_exitcode(status):
            case code if code == BROKEN:
                self.broken = f"cannot be tried: {mutant}"
            case code if code == SURVIVED:
                self.survivors.append(mutant)
                print(mutant, flush=True)
            case _:
                pass

    def _reaching(self, mutant: Mutant, tests: list[pytest.Item], lines: Lines) -> list[pytest.Item]:
        """The tests that reach a mutant's lines, those of the room's own files first, then the quick ones."""
        found = [test for test in tests if not lines[test.nodeid][0].isdisjoint(mutant.lines)]
        return sorted(found, key=lambda test: (test.path.name not in self.first, lines[test.nodeid][1]))

    def _record(self, tests: list[pytest.Item], filename: str, into: Path) -> None:
        found: Lines = {}
        for index, test in enumerate(tests):
            following = tests[index + 1] if index + 1 < len(tests) else None
            seen: set[int] = set()
            before = time.process_time()
            sys.settrace(tracing(filename, seen))
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            sys.settrace(None)
            found[test.nodeid] = seen, time.process_time() - before
            if self._failed:
                into.with_suffix(".failed").write_text(self._failed, "utf-8")
                os._exit(NOTICED)
        into.write_bytes(pickle.dumps(found))

    def _try(
        self, tree: ast.Module, functions: list[FunctionType], mutant: Mutant, tests: list[pytest.Item], seconds: int
    ) -> None:
        mutant.apply()
        put(tree, functions, mutant)
        self._in_child = True
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(ASLEEP)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 1))
        for index, test in enumerate(tests):
            following = tests[index + 1] if index + 1 < len(tests) else None
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)


def tracing(filename: str, seen: set[int]) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that notes the lines of one file."""

    def line(frame: FrameType, event: str, _: Any) -> Any:
        seen.add(frame.f_lineno)
        return line

    def call(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename == filename else None

    return call
