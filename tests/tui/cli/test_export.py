"""`--export`: what the filter lets through goes into files; what is wrong is a sentence, and nothing is left of it."""

import json
import os
import sys
from pathlib import Path

import pytest

from exchanges import frames_of, ok
from httpresp_capture.exporting.formats import FORMATS
from httpresp_tui.cli.command_line import parse
from httpresp_tui.cli.main import main
from httpresp_tui.cli.option_values import EXPORT_FORMATS
from traffic.captures import pcap


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Two exchanges, one of them an error."""
    path = tmp_path / "f.pcap"
    bad = ok(b"Set-Cookie: session=3f786850e387550fdab836ed7e6dc881", status=b"500 Oops")
    frames = [*frames_of(ok(body=b"fine"), port=81), *frames_of(bad, port=82)]
    path.write_bytes(pcap(frames, frames[0].link_type))
    return path


def test_the_names_on_the_command_line_are_those_of_the_table() -> None:
    assert tuple(FORMATS) == EXPORT_FORMATS


def test_what_matches_goes_into_every_file(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [f"--export={name}:{tmp_path / name}" for name in ("har", "csv", "ndjson", "pcapng", "markdown", "bundle")]
    assert main(["-r", str(capture), "-Y", "5xx", *words]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "secrets in them are not hidden" in said.err
    assert "exported     1 row as HAR 1.2 to" in said.err
    assert "6 packets of 1 connection as Packets as pcapng" in said.err
    (entry,) = json.loads((tmp_path / "har").read_text())["log"]["entries"]
    assert entry["response"]["status"] == 500
    assert "‹cookie 32B #" in entry["response"]["cookies"][0]["value"]
    (event,) = (tmp_path / "ndjson").read_text().splitlines()
    assert "3f786850" not in event
    assert json.loads((tmp_path / "bundle" / "manifest.json").read_text())["filters"]["display"] == "5xx"


def test_secrets_are_written_where_that_is_asked_for(capture: Path, tmp_path: Path) -> None:
    assert main(["-r", str(capture), "--no-redact", "--export", f"ndjson:{tmp_path / 'n'}"]) == 0
    assert "3f786850e387550fdab836ed7e6dc881" in (tmp_path / "n").read_text()


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.har"
    path.write_text("old")
    words = ["-r", str(capture), "--export", f"csv:{tmp_path / 'b.csv'}", "--export", f"har:{path}"]
    assert main(words) == 1
    assert "a.har is there already, and is not overwritten." in capsys.readouterr().err
    assert (path.read_text(), sorted(os.listdir(tmp_path))) == ("old", ["a.har", "f.pcap"])
    assert main([*words, "--force"]) == 0
    assert json.loads(path.read_text())["log"]["version"] == "1.2"


def test_one_that_cannot_be_written_is_told_and_the_others_are_there(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    assert main(["-r", str(capture), "--export", "har:/dev/full", "--export", f"csv:{tmp_path / 'b'}"]) == 1
    assert "/dev/full was not written: No space left on device." in capsys.readouterr().err
    assert (tmp_path / "b").read_bytes().count(b"\r\n") == 3


def test_standard_input_has_no_packets_a_second_time(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = os.dup(0)
    with capture.open("rb") as file:
        os.dup2(file.fileno(), 0)
    try:
        assert main(["-r", "-", "--export", f"pcapng:{tmp_path / 's'}"]) == 1
    finally:
        os.dup2(kept, 0)
        os.close(kept)
    assert "standard input cannot be read twice" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["f.pcap"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-r a --export out.har", "in which format? Write har:out.har"),
        ("-r a --export out.md", "Write markdown:out.md"),
        ("-r a --export hra:out", "unknown format 'hra': did you mean har?"),
        ("-r a --export har:", "which file? Write har:FILE."),
        ("-r a --export xlsx:f", "There are har, csv"),
        ("--export har:f", "--export needs something to read"),
        ("-r a --json --export har:f", "--json prints and --export writes"),
        ("-r a --export har:f --export csv:f", "two things would be written to f"),
        ("-r a --export har:f --max-responses 5", "--max-responses is for the screen"),
        ("-r a --export har:f --write-keys", "--write-keys goes with -w, or an export of packets."),
        ("-r a --force", "--force goes with -w or --export."),
    ],
)
def test_a_mistake_says_what_was_meant(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(words.split())
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_what_is_read_is_not_written_over(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["-r", str(capture), "--force", "--export", f"pcapng:{capture}"])
    assert "is being read" in capsys.readouterr().err


def test_help_loads_no_format() -> None:
    before = {name for name in sys.modules if name.startswith("httpresp_capture.exporting")}
    for name in before:
        del sys.modules[name]
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert not any(name.startswith("httpresp_capture.exporting") for name in sys.modules)
