"""Config, baseline and state as an editor, or an accident, left them: a sentence that names the file, no traceback."""

from pathlib import Path

import pytest

from httpresp_tui.cli.reviewing import read_baseline
from httpresp_tui.errors import SettingsError
from httpresp_tui.model.settings import Remembered, load_remembered, load_settings

ACCEPTED = """
[[accepted]]
check = "CK-SECURE"
origin = "shop.example:8080"
reason = "getestet von Jürgen"
expires = 2027-03-31
"""
ODD: list[tuple[str, bytes, str]] = [
    ("utf-16", ACCEPTED.encode("utf-16"), "is UTF-16"),
    ("latin-1", ACCEPTED.encode("latin-1"), "is not UTF-8: byte 0xfc in line 5"),
    ("binary", b"\x7fELF\0\1", "is no text"),
    ("gzip", b"\x1f\x8b\x08\x00", "is compressed with gzip"),
    ("not toml", b"a = = 1", "TOML"),
    ("deep", b"a = " + b"[" * 100_000, "is nested too deeply"),
    ("huge number", b"a = 1" + b"0" * 5_000, "TOML"),
]


@pytest.mark.parametrize(("data", "message"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_a_config_or_a_baseline_that_cannot_be_read_is_a_sentence(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "file.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match=message) as config:
        load_settings(path)
    assert str(path) in str(config.value)
    with pytest.raises(SettingsError, match=message) as known:
        read_baseline(str(path))
    assert str(path) in str(known.value)
    assert load_remembered(path) == Remembered()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_of_another_editor_is_read(tmp_path: Path, mark: bytes, end: str) -> None:
    path = tmp_path / "file.toml"
    path.write_bytes(mark + ACCEPTED.replace("\n", end).encode())
    assert [each.reason for each in read_baseline(str(path)).accepted] == ["getestet von Jürgen"]
    path.write_bytes(mark + f'theme = "nord"{end}'.encode())
    assert load_settings(path).theme == "nord"


def test_a_state_file_nested_without_end_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"[" * 200_000)
    assert load_remembered(path) == Remembered()
