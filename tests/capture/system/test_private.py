"""Files that are written: for their owner alone, never through a link, never over another."""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpresp_capture.bpf import filter_for_rules
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.live.source import LiveSource
from httpresp_capture.system.private import append_text, new_file, replace_text, why

NOBODY = pwd.getpwnam("nobody")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(autouse=True)
def _open_to_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """The widest that a shell may ask for."""
    for name in ("SUDO_UID", "SUDO_GID", "DOAS_USER", "PKEXEC_UID"):
        monkeypatch.delenv(name, raising=False)
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "f.pcapng"
    with new_file(path) as file:
        file.write(b"packets")
    assert (path.read_bytes(), mode(path)) == (b"packets", 0o600)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "f.pcapng"
    path.write_bytes(b"of yesterday")
    with pytest.raises(FileExistsError):
        new_file(path)
    assert path.read_bytes() == b"of yesterday"


def test_one_that_is_to_be_replaced_is_another_file_with_the_same_name(tmp_path: Path) -> None:
    path, second_name = tmp_path / "f.pcapng", tmp_path / "kept"
    path.write_bytes(b"of yesterday")
    path.chmod(0o644)
    second_name.hardlink_to(path)
    with new_file(path, replace=True) as file:
        file.write(b"packets")
    assert (path.read_bytes(), mode(path)) == (b"packets", 0o600)
    assert second_name.read_bytes() == b"of yesterday"


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("is_there", [False, True])
def test_no_link_is_followed(tmp_path: Path, replace: bool, is_there: bool) -> None:
    theirs, path = tmp_path / "theirs", tmp_path / "f.pcapng"
    if is_there:
        theirs.write_bytes(b"precious")
    path.symlink_to(theirs)
    if replace:
        new_file(path, replace=True).close()
        assert not path.is_symlink()
    else:
        with pytest.raises(FileExistsError):
            new_file(path)
    assert theirs.exists() == is_there
    assert not is_there or theirs.read_bytes() == b"precious"


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with new_file(pipe) as file:
        file.write(b"packets")
    assert os.read(reader, 100) == b"packets"
    os.close(reader)


def test_text_is_appended_to_a_file_and_to_no_link(tmp_path: Path) -> None:
    path, link = tmp_path / "accepted.toml", tmp_path / "link"
    append_text(path, "one\n")
    append_text(path, "two ü\n")
    assert (path.read_text("utf-8"), mode(path)) == ("one\ntwo ü\n", 0o600)
    link.symlink_to(path)
    with pytest.raises(OSError) as refused:  # noqa: PT011
        append_text(link, "three\n")
    assert "is a link" in why(refused.value)
    assert path.read_text("utf-8") == "one\ntwo ü\n"


def test_text_is_replaced_at_once_and_the_link_with_it(tmp_path: Path) -> None:
    theirs, path = tmp_path / "theirs", tmp_path / "state.json"
    theirs.write_text("precious")
    path.symlink_to(theirs)
    replace_text(path, "{}")
    assert (path.read_text(), mode(path)) == ("{}", 0o600)
    assert theirs.read_text() == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state.json", "theirs"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_where_root_was_kept_a_file_is_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_UID", str(NOBODY.pw_uid))
    monkeypatch.setenv("SUDO_GID", str(NOBODY.pw_gid))
    path = tmp_path / "f.pcapng"
    new_file(path).close()
    replace_text(tmp_path / "text", "")
    for each in (path, tmp_path / "text"):
        assert (each.stat().st_uid, each.stat().st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid)


def test_a_recording_says_that_its_file_is_there_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "f.pcapng"
    path.write_bytes(b"of yesterday")
    source = LiveSource([], filter_for_rules((), (), False), Pipeline(Limits()), path)
    with pytest.raises(CaptureError, match=r"is there already, and is not overwritten(.|\n)*--force"):
        source.begin()
    again = LiveSource([], filter_for_rules((), (), False), Pipeline(Limits()), path, replace=True)
    again.begin()
    again.close()
    assert path.read_bytes().startswith(b"\x0a\x0d\x0d\x0a")


def test_a_pipe_with_a_name_is_written_to_and_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    replace_text(path, "accepted")
    assert os.read(reader, 100) == b"accepted"
    os.close(reader)
    assert stat.S_ISFIFO(path.lstat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        replace_text(tmp_path / "f", "\ud800")
    assert list(tmp_path.iterdir()) == []
