"""Files that are there whole or not at all, for their owner alone, never over another without being asked."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpresp_capture.system.drafts import DraftFile, DraftFolder


@pytest.fixture(autouse=True)
def _open_to_all() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """The widest that a shell may ask for."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    file = DraftFile(path)
    file.write(b"all of it")
    assert not path.exists()
    assert file.keep() == 9
    assert (path.read_bytes(), mode(path), os.listdir(tmp_path)) == (b"all of it", 0o600, ["f"])


def test_of_one_that_is_dropped_nothing_is_left(tmp_path: Path) -> None:
    file = DraftFile(tmp_path / "f")
    file.write(b"half")
    file.drop()
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_there_stays_also_one_that_came_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "f"
    early = DraftFile(path)
    early.write(b"new")
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        DraftFile(path)
    with pytest.raises(FileExistsError):
        early.keep()
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["f"])


def test_one_that_is_to_be_replaced_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o644)
    file = DraftFile(path, replace=True)
    file.write(b"new")
    assert path.read_bytes() == b"old"
    file.keep()
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)


def test_a_link_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    link, folder = tmp_path / "link", tmp_path / "folder"
    link.symlink_to("/dev/null")
    folder.mkdir()
    to_file, to_folder = tmp_path / "to-file", tmp_path / "to-folder"
    (folder / "f").touch()
    (folder / "empty").mkdir()
    to_file.symlink_to(folder / "f")
    to_folder.symlink_to(folder / "empty")
    for path in (link, to_file, folder, tmp_path / "no" / "f"):
        with pytest.raises(OSError, match=r"\w"):
            DraftFile(path, replace=True)
    with pytest.raises(FileExistsError):
        DraftFolder(to_folder)
    assert sorted(os.listdir(tmp_path)) == ["folder", "link", "to-file", "to-folder"]


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    file = DraftFile(full)
    file.write(b"x")
    with pytest.raises(OSError, match="space"):
        file.keep()
    assert full.exists()


def test_a_folder_takes_the_place_of_an_empty_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.mkdir()
    folder = DraftFolder(path)
    folder.add("a", b"one")
    folder.add("b", b"three")
    assert os.listdir(path) == []
    assert folder.keep() == 8
    assert (sorted(os.listdir(path)), mode(path), mode(path / "a")) == (["a", "b"], 0o700, 0o600)
    with pytest.raises(FileExistsError):
        DraftFolder(path)
    assert os.listdir(tmp_path) == ["f"]


def test_a_file_of_a_folder_that_fails_is_not_left_half_written(tmp_path: Path) -> None:
    folder = DraftFolder(tmp_path / "f")
    with pytest.raises(TypeError):
        folder.add("a", "no bytes")  # pyright: ignore[reportArgumentType]
    assert os.listdir(folder.draft) == []
    folder.drop()


def test_of_a_folder_that_is_dropped_nothing_is_left(tmp_path: Path) -> None:
    folder = DraftFolder(tmp_path / "f")
    folder.add("a", b"one")
    folder.drop()
    assert os.listdir(tmp_path) == []
