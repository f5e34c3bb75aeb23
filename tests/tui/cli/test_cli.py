"""The command line: what each option becomes, what is said of a mistake, and what `--help` costs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from httpresp_capture.records.limits import Limits
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.cli.check_command_line import parse_check
from httpresp_tui.cli.command_line import build_parser, parse

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "capture" / "httpresp_capture" / "sources" / "demo.pcapng.gz"


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """The program in a process of its own, without a terminal."""
    path = os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui")))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def program(*words: str) -> "subprocess.CompletedProcess[str]":
    """`httpresp-tui` with these words."""
    return run("-m", "httpresp_tui", *words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", Arguments()),
        ("-i eth0 -i lo,wlan0", Arguments(interfaces=("eth0", "lo", "wlan0"))),
        ("-r -", Arguments(read=("-",))),
        ("-r b.pcap -r a.pcap", Arguments(read=("b.pcap", "a.pcap"))),
        ("-r f.pcap -Y 5xx", Arguments(read=("f.pcap",), filter="5xx")),
        ("-r f.pcap -Y -type:image", Arguments(read=("f.pcap",), filter="-type:image")),
        ("-i lo -p 80,443 -p 8000-8100 --host ::1", Arguments(("lo",), ports=("80,443", "8000-8100"), hosts=("::1",))),
        ("-i lo --no-promisc -s 96 -w o.pcapng", Arguments(("lo",), promiscuous=False, snaplen=96, write="o.pcapng")),
        ("--demo --json --strict-tracee -c 1,000", Arguments(demo=True, json=True, strict=True, count=1000)),
        ("--demo --json --findings", Arguments(demo=True, json=True, findings=True)),
        ("--demo --redact", Arguments(demo=True, redact=True)),
        ("--demo --no-redact", Arguments(demo=True, redact=False)),
        ("-i lo -a duration:1.5", Arguments(("lo",), duration=1.5)),
        ("-i lo -a 60", Arguments(("lo",), duration=60.0)),
        ("-D", Arguments(list_interfaces=True)),
        (
            "--body-limit all --head-limit 64Ki --held-limit 2m --max-flows 9 --max-responses 7",
            Arguments(max_responses=7, limits=Limits(flows=9, held_bytes=2_000_000, head_bytes=65_536, body_bytes=-1)),
        ),
    ],
)
def test_words_become_arguments(words: str, expected: Arguments) -> None:
    assert parse(words.split()) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--jsn"], "unknown option --jsn: did you mean --json?"),
        (["--zzz"], "unknown option --zzz."),
        (["--nope"], "unknown option --nope."),
        (["capture.pcap"], "what is 'capture.pcap'? A capture file goes after -r: httpresp-tui -r capture.pcap"),
        (["eth0"], "what is 'eth0'? An interface goes after -i: httpresp-tui -i eth0"),
        (["-i", "lo", "tcp", "port", "80"], "what is 'tcp port 80'? A capture filter goes in quotes: -f 'tcp port 80'"),
        (["-i", "lo", "-r", "f"], "-i and -r cannot be read at once: choose one."),
        (["-i", "lo", "-f", "tcp", "-p", "80"], "put the ports and hosts into it"),
        (["-r", "f", "-p", "80"], "To choose among the responses, use -Y port:80."),
        (["--demo", "-w", "f"], "-w is for live capture, and goes with -i."),
        (["--demo", "--strict-tracee"], "--strict-tracee goes with --json."),
        (
            ["--demo", "--json", "--strict-tracee", "--format", "tracee"],
            "--strict-tracee is a format of its own: leave --format tracee out, or this.",
        ),
        (["--demo", "--redact", "--no-redact"], "--redact and --no-redact: choose one."),
        (["--demo", "--no-redact", "--json", "--redact"], "--redact and --no-redact: choose one."),
        (["--json"], "--json needs something to read: -i IFACE, -r FILE or --demo."),
        (["-c", "0"], "'0' is no number from 1"),
        (["-a", "filesize:1"], "'filesize:1' is no duration: write duration:60 for a minute."),
        (["--body-limit", "much"], "'much' is no size: write 65536, 64Ki or 'all'."),
        (["-i", "lo", "-p", "http"], "'http' is no port"),
        (["-i", "lo", "--host", "example.org"], "'example.org' is no address"),
    ],
)
def test_a_mistake_names_the_thing_and_the_way_on(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parse(words)
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("httpresp-tui: ")
    assert said in error


def test_a_mistake_in_the_filter_is_marked_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["-r", "f", "-Y", "404 http.foo == 1"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "httpresp-tui: -Y: Unknown field 'http.foo': did you mean 'host'?\n\n    404 http.foo == 1\n        ^^^^^^^^\n"
    )


def test_no_control_byte_of_the_command_line_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["-Y", "is:\x1b[2J"], ["\x1b]0;x\x07"], ["--\x1b[2J"], ["-c", "\x9b2J"]):
        with pytest.raises(SystemExit):
            parse(words)
        error = capsys.readouterr().err
        assert all(character == "\n" or character.isprintable() for character in error)


def test_help_fits_a_terminal_of_80_columns() -> None:
    assert max(map(len, build_parser().format_help().splitlines())) < 80


def test_every_option_of_the_table_is_explained() -> None:
    text = build_parser().format_help()
    for action in build_parser()._actions:  # pyright: ignore[reportPrivateUsage]  # argparse has no public list
        assert not action.option_strings or action.help
        assert all(option in text for option in action.option_strings)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_import_neither_scapy_nor_textual(word: str) -> None:
    done = run("-X", "importtime", "-m", "httpresp_tui", word)
    assert done.returncode == 0
    assert done.stdout
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in modules
    assert not modules & {"scapy", "textual", "rich", "asyncio", "pyperclip"}


def test_json_imports_no_textual() -> None:
    done = run("-X", "importtime", "-m", "httpresp_tui", "-r", str(DEMO), "--json", "-c", "1")
    assert done.returncode == 0
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "httpresp_capture" in modules
    assert not modules & {"scapy", "textual", "rich"}


def test_standard_output_that_is_no_terminal_is_said() -> None:
    done = program("--demo")
    assert done.returncode == 2
    assert "standard output is not a terminal" in done.stderr
    assert "--json" in done.stderr


def test_a_file_that_is_no_capture_is_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no capture, just notes\n")
    done = program("-r", str(text), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"httpresp-tui: {text}")
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_one_sentence() -> None:
    done = program("-r", "/nowhere/f.pcap", "--json")
    assert done.returncode == 1
    assert done.stderr.startswith("httpresp-tui: /nowhere/f.pcap: no such file.")


def test_an_interface_that_is_not_there_is_answered_with_those_that_are() -> None:
    done = program("-i", "loo", "--json")
    assert done.returncode == 1
    assert done.stderr.startswith("httpresp-tui: no interface 'loo'.")
    assert "lo " in done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or "SUDO_UID" in os.environ, reason="needs to be plain root")
@pytest.mark.slow
def test_that_root_is_kept_is_said_where_files_are_written(tmp_path: Path) -> None:
    silent = program("-i", "lo", "-p", "1", "--json", "-a", "0.2")
    assert (silent.returncode, "Running as root" in silent.stderr) == (0, False)
    writing = program("-i", "lo", "-p", "1", "--json", "-a", "0.2", "-w", str(tmp_path / "o.pcapng"))
    assert (writing.returncode, "Running as root" in writing.stderr) == (0, True)


def test_the_interfaces_are_listed() -> None:
    done = program("-D")
    assert done.returncode == 0
    assert any(line.split()[0] == "lo" for line in done.stdout.splitlines())


def test_the_doctor_says_what_is_there() -> None:
    done = program("--doctor")
    assert done.returncode == 0
    for subject in ("Python", "libraries", "packet loop", "capture", "libpcap", "interfaces", "clipboard", "terminal"):
        assert subject in done.stdout


def test_the_doctor_tries_the_clipboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "copied"
    config = tmp_path / "httpresp-tui" / "config.toml"
    config.parent.mkdir()
    config.write_text(f"copy_command = \"sh -c 'cat >{copied}'\"\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    done = program("--doctor")
    assert done.returncode == 0
    assert "ok  clipboard    tried: Copied a line (53 B) to the clipboard\n" in done.stdout
    assert copied.read_text() == "httpresp-tui --doctor: a copy reaches this clipboard\n"
    config.write_text('copy_command = "false"\n')
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "--  clipboard    tried: No clipboard took a line" in program("--doctor").stdout


SCREEN = """
import os
from httpresp_tui.terminal.descriptors import NoTerminalError, screen_and_keyboard
before = [os.fstat(number).st_ino for number in (0, 2)]
try:
    with screen_and_keyboard():
        print("taken", os.isatty(0), os.isatty(2), flush=True)
except NoTerminalError as error:
    print("refused:", error, flush=True)
print("put back", before == [os.fstat(number).st_ino for number in (0, 2)], flush=True)
"""


def test_without_a_terminal_of_its_own_a_piped_run_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCREEN], env={**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False, start_new_session=True,
    )  # fmt: skip
    assert "refused: standard input is no terminal" in done.stdout
    assert "put back True" in done.stdout


@pytest.mark.skipif(shutil.which("script") is None, reason="needs script, of util-linux")
def test_a_pipe_on_standard_input_leaves_the_keyboard_and_the_screen() -> None:
    # util-linux's `script` gives the process a terminal of its own.
    inner = f"true | {sys.executable} -c '{SCREEN}' 2>/dev/null"
    done = subprocess.run(
        ["script", "-qec", inner, "/dev/null"], env={**os.environ, "PYTHONPATH": f"{ROOT / 'capture'}:{ROOT / 'tui'}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "taken True True" in done.stdout
    assert "put back True" in done.stdout


@pytest.mark.parametrize("words", ["--demo --json", "--demo --export har:x.har", "check --demo"])
def test_without_a_screen_no_filter_counts_back_from_the_end(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, *rest = words.split()
    with pytest.raises(SystemExit) as left:
        parse_check([*rest, "-Y", "since:10m"]) if first == "check" else parse([first, *rest, "-Y", "since:10m"])
    assert left.value.code == 2
    assert "counts back from the newest packet" in capsys.readouterr().err
    assert parse(["--demo", "-Y", "since:10m"]).filter == "since:10m"
