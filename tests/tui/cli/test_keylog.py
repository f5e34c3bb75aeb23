"""`--keylog FILE`: what can be no key log is said at once; what is not there yet may come."""

import os
from pathlib import Path
from typing import cast

import pytest

from exchanges import frames_of, ok
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.sources import Source
from httpresp_tui.cli.command_line import parse
from httpresp_tui.cli.main import main
from httpresp_tui.cli.watching import with_keys
from traffic.captures import pcap


class Asked:
    """A source that remembers which keys it is to read."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def read_keys(self, path: str, *, named: bool = False) -> None:
        self.paths.append(path)


def paths_read(*words: str) -> list[str]:
    source = Asked()
    assert with_keys(cast(Source, source), parse(["-r", "a.pcap", *words])) is None
    return source.paths


def test_a_file_that_is_there_and_one_that_may_come(tmp_path: Path) -> None:
    there = tmp_path / "keys"
    there.touch()
    for path in (there, tmp_path / "later"):
        assert paths_read("--keylog", str(path)) == [str(path)]


def test_the_environment_names_one_that_the_option_outranks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/keys")
    assert paths_read() == ["/nowhere/keys"]
    assert paths_read("--keylog", str(tmp_path / "k")) == [str(tmp_path / "k")]
    monkeypatch.delenv("SSLKEYLOGFILE")
    assert paths_read() == []


def written(path: Path) -> str:
    """A capture of one response."""
    frames = frames_of(ok(body=path.name.encode()))
    path.write_bytes(pcap(frames, frames[0].link_type))
    return str(path)


@pytest.mark.parametrize("command", ["--json", "check", "both"])
def test_a_file_without_a_line_of_a_key_log_is_said_and_what_can_be_read_is_read(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys"
    keys.write_bytes("CLIENT_RANDOM 0a 0b\r\n".encode("utf-16"))
    words = ["check"] if command == "check" else ["--json"]
    if command == "both":
        words += ["-r", written(tmp_path / "b.pcap")]
    assert main([*words, "-r", written(tmp_path / "a.pcap"), "--keylog", str(keys)]) == 1
    out, told = capsys.readouterr()
    assert f"--keylog: {keys} is text in UTF-16, and a key log is ASCII" in told
    assert told.count("--keylog") == 1
    assert "net_packet_http_response" in out or "1 response" in out


def test_a_file_that_nobody_named_is_not_spoken_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys"
    keys.write_bytes(b"these are words\n")
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    assert main(["--json", "-r", written(tmp_path / "a.pcap")]) == 0
    assert "key log" not in capsys.readouterr().err


def test_what_can_be_no_key_log_is_said_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, sentence in (
        (pipe, f"--keylog: {pipe} is no regular file."),
        (tmp_path, f"--keylog: {tmp_path} is no regular file."),
        (tmp_path / "no" / "keys", f"--keylog: there is no directory for {tmp_path / 'no' / 'keys'}."),
    ):
        with pytest.raises(CaptureError) as said:
            paths_read("--keylog", str(path))
        assert str(said.value) == sentence
