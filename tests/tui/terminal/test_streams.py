"""Standard streams that are closed, full or broken, and encodings that cannot hold what is said: never a traceback,
always the exit status."""

import codecs
import fcntl
import io
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exchanges import RAW_IP, frames_of, page
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from httpresp_tui.cli.output import folded, wrapped, write_all
from positives import SESSION
from traffic.captures import pcap

ROOT = Path(__file__).parents[3]
PROGRAM = f"{sys.executable} -m httpresp_tui"
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}", "PYTHONWARNINGS": "error"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A small capture in which a session is set in clear."""
    path = tmp_path / "bad.pcap"
    path.write_bytes(pcap(frames_of(page(SESSION)), RAW_IP.link_type))
    return path


def run(line: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """What a shell makes of the line; standard input is the null device unless the line says otherwise."""
    done = subprocess.run(
        ["bash", "-c", line], env=ENVIRONMENT | environment, capture_output=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    for text in (done.stdout, done.stderr):
        assert b"Traceback" not in text
        assert b"Exception ignored" not in text
    return done


NO_SPACE = b"httpresp-tui: cannot write to standard output: No space left on device.\n"
CLOSED = b"httpresp-tui: cannot write to standard output: Bad file descriptor.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "unwritten"),
    [
        ("--help", 0, 1),
        ("--version", 0, 1),
        ("--doctor", 0, 1),
        ("-D", 0, 1),
        ("check --list", 0, 1),
        ("-r {bad} --json", 0, 1),
        # What was found is true, whoever could read of it.
        ("check -r {bad}", 3, 3),
        ("check -r {bad} --fail-on never", 0, 1),
        ("diff {bad} {bad}", 0, 1),
        ("-r nowhere.pcap --json", 1, 1),
        ("--nonsense", 2, 2),
    ],
)
def test_any_stream_may_be_closed_or_full(words: str, status: int, unwritten: int, bad: Path) -> None:
    line = f"{PROGRAM} {words.format(bad=bad)}"
    assert run(f"{line} <&-").returncode == status
    for broken in ("2>&-", "2>/dev/full", "2> >(exit)"):
        assert run(f"{line} {broken}").returncode == status
    for broken, said in ((">&-", CLOSED), (">/dev/full", NO_SPACE)):
        done = run(f"{line} {broken}")
        assert done.returncode == unwritten
        assert (said in done.stderr) is (words.startswith("check -r") or status != unwritten)
    for broken in (">&- 2>&- <&-", ">/dev/full 2>/dev/full"):
        assert run(f"{line} {broken}").returncode == unwritten


def test_a_full_disk_leaves_the_exit_status_of_the_findings(bad: Path) -> None:
    done = run(f"{PROGRAM} check -r {bad} >/dev/full")
    assert done.returncode == 3
    assert NO_SPACE in done.stderr


def test_no_capture_takes_the_number_of_a_closed_stream(bad: Path) -> None:
    done = run(f"{PROGRAM} -r {bad} --json <&- 2>&- | wc -l")
    assert done.stdout.strip() == b"1"


def test_a_closed_standard_input_is_said() -> None:
    done = run(f"{PROGRAM} -r - --json <&-")
    assert done.returncode == 1
    assert b"httpresp-tui: standard input cannot be read: Bad file descriptor.\n" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file whose first read fails is one of Linux")
def test_a_file_whose_first_read_fails_is_said() -> None:
    with pytest.raises(CaptureError, match=r"^/proc/self/mem cannot be read: Input/output error\.$"):
        FileSource.open("/proc/self/mem", Limits())


@pytest.mark.parametrize(
    "encoding",
    [
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("ascii", "latin-1", "cp1252", "koi8-r")),
        "cp437",
        "ascii:strict",
    ],
)
def test_any_encoding_gives_the_report_and_its_status(encoding: str, bad: Path) -> None:
    done = run(f"{PROGRAM} check -r {bad}", PYTHONIOENCODING=encoding)
    assert done.returncode == 3
    assert done.stdout.startswith(b"HIGH   CK-CLEAR")
    assert b"open findings of severity medium or worse" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize(
    "words", ["check -r {0} --format markdown", "diff {0} {0}", "-r {0} --json", "-r nø.pcap --json"]
)
def test_every_command_speaks_any_encoding(encoding: str, words: str, bad: Path) -> None:
    assert run(f"{PROGRAM} {words.format(bad)}", PYTHONIOENCODING=encoding).returncode in (0, 1, 3)


PLAIN_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""The locale of many services and containers, where Python does not put UTF-8 in its place."""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("check -r {0}", 3),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("check -r {0} --format markdown", 3),
                ("diff {0} {0}", 0),
                ("-r {0} --json", 0),
                ("-r {0} --json -Y 'header:x:ø'", 0),
                ("-r nø.pcap --json", 1),
                ("--help", 0),
                ("--doctor", 0),
            )
        ),
    ],
)
def test_the_plain_locale_gives_everything_and_its_status(words: str, status: int, bad: Path) -> None:
    asked = run(f"{sys.executable} -c 'import sys; print(sys.stdout.encoding)'", **PLAIN_C)
    assert codecs.lookup(asked.stdout.decode().strip()).name == "ascii"
    name = bad.with_name("ø→.pcap")
    bad.rename(name)
    done = run(f"{PROGRAM} {words.format(name)}", **PLAIN_C)
    assert done.returncode == status, done.stderr
    assert done.stdout or done.stderr


def test_the_plain_locale_reads_a_filter_as_utf8(tmp_path: Path) -> None:
    asked = "GET /köln HTTP/1.1\r\nHost: a.test\r\n\r\n".encode()
    capture = tmp_path / "f.pcap"
    capture.write_bytes(pcap(frames_of(page(), asked), RAW_IP.link_type))
    for word, found in (("köln", 1), ("bonn", 0)):
        done = run(f"{PROGRAM} --json -r {capture} -Y {word}", **PLAIN_C)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, found), done.stderr


def test_xml_is_well_formed_in_any_encoding(bad: Path) -> None:
    done = run(f"{PROGRAM} check -r {bad} --format junit", PYTHONIOENCODING="latin-1")
    assert done.returncode == 3
    assert ElementTree.fromstring(done.stdout).get("failures") == "3"


def test_a_file_name_that_is_no_text_is_written_as_escapes(tmp_path: Path, bad: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[2J.pcap"
    os.rename(bad, name)
    done = subprocess.run(
        [sys.executable, "-m", "httpresp_tui", "check", "-r", name], env=ENVIRONMENT, capture_output=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_pipe_that_does_not_block_and_is_full_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    data = os.urandom(300_000)
    child = os.fork()
    if child == 0:
        os.close(writing)
        got = b""
        while chunk := os.read(reading, 65_536):
            got += chunk
        os._exit(0 if got == data else 1)
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        write_all(data, out)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirections", "encoding"), [("<&-", "utf-8"), ("2>&-", "utf-8"), ("<&- 2>&-", "utf-8"), ("", "ascii:strict")]
)
def test_the_screen_is_drawn_whatever_is_closed(redirections: str, encoding: str, tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        environ = ENVIRONMENT | {
            "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "TERM": "xterm-256color",
            "PYTHONIOENCODING": encoding,
        }  # fmt: skip
        os.execvpe("bash", ["bash", "-c", f"{PROGRAM} --demo {redirections}"], environ)
    seen, pressed, until = b"", False, time.monotonic() + 300
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65_536)
            except OSError:
                break
        if b"Deutsch" in seen or b"shop" in seen:
            # Once the list is drawn; a key that comes too early may be lost.
            os.write(terminal, b"" if pressed else b"\x11")
            pressed = True
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert b"Traceback" not in seen
    assert status == 0, seen[-3000:]
    assert b"\x1b[?1049l" in seen
    assert b"demo: " in seen


def test_on_a_terminal_lines_are_broken_at_blanks() -> None:
    line = f"  not read     {', '.join(['3 encrypted connections'] * 6)}"
    shown = wrapped(line, 80).split("\n")
    assert all(len(each) <= 80 for each in shown)
    assert all(each.startswith(" " * 15) for each in shown[1:])
    assert " ".join(each.strip() for each in shown).split() == line.split()
    for text, indent in (("       The body shows " + "words " * 20, 9), ("HIGH   AU-BASIC  " + "words " * 20, 7)):
        first, *others = wrapped(text, 80).split("\n")
        assert first == text[: len(first)]
        assert [len(each) - len(each.lstrip()) for each in others] == [indent] * len(others)
    assert wrapped(line, 0) == line
    assert wrapped("x" * 200, 80) == "x" * 200
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with os.fdopen(theirs, "w") as terminal:
        assert folded(f"{line}\n{line}", terminal).split("\n") == [*shown, *shown]
    os.close(ours)
    assert folded(line, io.StringIO()) == line
