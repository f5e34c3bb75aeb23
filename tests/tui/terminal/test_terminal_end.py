"""The app on a pseudo terminal: whoever ends it, the terminal is given back; one that has gone ends it."""

import os
import pwd
import re
import shlex
import signal
import time
from pathlib import Path

import pytest

from httpresp_tui.terminal.stopping import heeded
from on_terminal import PROGRAM, Runs, children, cpu_of

DEMO = (*PROGRAM, "--demo")
PICKER = PROGRAM
ENDING = 2.0
"""Seconds of CPU: many times what the end of the app takes."""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_the_app_in_order(runs: Runs, number: signal.Signals) -> None:
    app = runs.start(*DEMO)
    app.until(b"200")
    (engine,) = children(app.pid)
    app.send(number)
    assert app.end() == 128 + number
    assert app.is_as_before
    assert re.search(
        rb"demo: \d+ responses.*\r\n.*errors.*\r\n.*lost         0 packets while recording, 0 rows here\r\n",
        app.output,
    )
    assert b"Traceback" not in app.output
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


@pytest.mark.slow
def test_a_signal_ends_the_picker_in_order(runs: Runs) -> None:
    picker = runs.start(*PICKER)
    picker.until(b"Listen on which interface?")
    picker.send(signal.SIGTERM)
    assert picker.end() == 128 + signal.SIGTERM
    assert picker.is_as_before


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")
def test_root_is_given_up_before_the_picker_is_drawn(runs: Runs) -> None:
    nobody = pwd.getpwnam("nobody")
    picker = runs.start(*PICKER, SUDO_UID=str(nobody.pw_uid), SUDO_GID=str(nobody.pw_gid))
    picker.until(b"Listen on which interface?")
    (drawing,) = children(picker.pid)
    status = dict(
        line.split(":\t") for line in Path(f"/proc/{drawing}/status").read_text().splitlines() if ":\t" in line
    )
    if status["Uid"].split()[0] == "0":
        pytest.skip("nobody may not read where this program is installed")
    assert set(status["Uid"].split()) == {str(nobody.pw_uid)}
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    picker.press(b"q")
    assert picker.end() == 0


@pytest.mark.slow
@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["told", "nohup"])
def test_a_terminal_that_has_gone_ends_the_app(runs: Runs, ignored: tuple[int, ...]) -> None:
    app = runs.start(*DEMO, ignored=ignored)
    app.until(b"200")
    (engine,) = children(app.pid)
    before = cpu_of(app.pid) + cpu_of(engine)
    app.hang_up()
    assert app.end() != 0
    assert app.used - before < ENDING
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


@pytest.mark.slow
def test_the_app_is_suspended_and_comes_back_whole(runs: Runs) -> None:
    app = runs.start("/bin/sh", "-m", "-c", f"{shlex.join(DEMO)}; echo in the shell; fg; echo ended with $?")
    app.until(b"200")
    app.press(b"\x1a")
    app.until(b"in the shell")
    assert app.output.rindex(b"\x1b[?1049l") < app.output.index(b"in the shell")
    app.until(b"display filter")
    app.press(b"q")
    app.until(b"ended with 0")
    assert app.end() == 0
    assert app.is_as_before


@pytest.mark.slow
def test_where_there_is_no_shell_the_app_is_not_suspended(runs: Runs) -> None:
    app = runs.start(*DEMO)
    app.until(b"200")
    app.press(b"\x1a")
    app.until(b"no shell to go back to")
    app.press(b"q")
    assert app.end() == 0


@pytest.mark.slow
def test_the_terminal_is_taken_once_however_often_the_app_is_told_to_go_on(runs: Runs) -> None:
    app = runs.start(*DEMO)
    app.until(b"READING ")
    threads = list(Path(f"/proc/{app.pid}/task").iterdir())
    app.send(signal.SIGCONT)
    app.until(b"display filter")
    assert len(list(Path(f"/proc/{app.pid}/task").iterdir())) == len(threads)
    app.press(b"q")
    assert app.end() == 0
    assert app.is_as_before


def test_a_signal_that_was_to_be_ignored_is() -> None:
    assert set(heeded()) >= {signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in heeded()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
@pytest.mark.parametrize("suspended", [False, True], ids=["drawing", "being suspended"])
def test_a_terminal_that_takes_no_bytes_does_not_prevent_the_end(runs: Runs, *, suspended: bool) -> None:
    app = runs.start(*DEMO)
    app.until(b"display filter")
    (engine,) = children(app.pid)
    for _ in range(200):
        # Nobody reads what is drawn after each of these.
        app.press(b"z")
        time.sleep(0.02)
    if suspended:
        app.send(signal.SIGTSTP)
        time.sleep(0.5)
    app.send(signal.SIGTERM)
    assert app.end(reading=False) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)
    assert app.is_as_before
    assert b"Traceback" not in app.output
