"""`--keylog FILE`: what can be no key log is said at once; what is not there yet may come."""

import os
from pathlib import Path
from typing import cast

import pytest

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.sources import Source
from httpresp_tui.cli.command_line import parse
from httpresp_tui.cli.watching import with_keys


class Asked:
    """A source that remembers which keys it is to read."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def read_keys(self, path: str) -> None:
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
