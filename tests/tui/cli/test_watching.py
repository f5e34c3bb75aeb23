"""`-- COMMAND`: a command's own traffic, its output and its exit status."""

import http.server
import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from capturing import needs_capture
from httpresp_tui.cli.check_command_line import parse_check
from httpresp_tui.cli.command_line import parse

curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def test_what_stands_behind_the_dashes_is_the_command() -> None:
    arguments = parse(["--json", "-p", "80", "--", "curl", "-s", "--", "http://a.example"])
    assert (arguments.json, arguments.ports) == (True, ("80",))
    assert arguments.command == ("curl", "-s", "--", "http://a.example")


def test_check_takes_one_too() -> None:
    assert parse_check(["--fail-on", "high", "--", "pytest", "-q"]).run.command == ("pytest", "-q")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--"], "which command? It goes after --"),
        (["-r", "a.pcap", "--", "curl"], "a command is captured while it runs: leave -r and --demo out"),
        (["--demo", "--", "curl"], "a command is captured while it runs"),
        (["-D", "--", "curl"], "-D lists the interfaces and leaves: nothing else goes with it"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with the path that was asked for."""

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-m", "httpresp_tui", *words], capture_output=True, timeout=120, check=False)


def paths(output: bytes) -> list[str]:
    """Of the requests whose responses were printed."""
    return [json.loads(line)["httpresp"]["request"]["target"] for line in output.splitlines()]


@pytest.mark.slow
@needs_capture
@curl
def test_only_its_own_responses_are_printed_and_its_status_is_ours(site: str) -> None:
    stop = threading.Event()

    def other() -> None:
        while not stop.wait(0.05):
            with urllib.request.urlopen(f"{site}/other") as answer:
                answer.read()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        done = run("--json", "-i", "lo", "--", "sh", "-c", f"curl -s {site}/a; sleep 1; curl -s {site}/b; exit 7")
    finally:
        stop.set()
        thread.join()
    assert paths(done.stdout) == ["/a", "/b"]
    assert done.returncode == 7
    assert b"/a/b" in done.stderr
    assert b"of other programs' HTTP or TLS" in done.stderr


@pytest.mark.slow
@needs_capture
@curl
def test_check_judges_what_the_command_did(site: str) -> None:
    done = run("check", "--format", "json", "--fail-on", "never", "-i", "lo", "--", "curl", "-s", f"{site}/a")
    assert json.loads(done.stdout)["responses"] == 1
    assert done.returncode == 0


@needs_capture
def test_a_command_that_is_not_there_is_a_sentence() -> None:
    done = run("--json", "-i", "lo", "--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, b"")
    assert b"cannot run no-such-command: there is no such command." in done.stderr
