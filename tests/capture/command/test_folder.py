"""The folder that holds a command's TLS keys: private, and gone with its run."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from httpresp_capture.command.folder import PREFIX, PrivateFolder
from httpresp_capture.records.errors import CaptureError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_nobody_else_reads_the_keys(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = PrivateFolder(tmp_path)
    finally:
        os.umask(before)
    assert (mode(folder.path), mode(folder.key_log), mode(folder.sockets)) == (0o700, 0o600, 0o600)
    folder.close()


def test_it_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path)
    folder.key_log.write_bytes(b"CLIENT_RANDOM 00 00\n")
    folder.close()
    assert not list(tmp_path.iterdir())


def test_a_second_run_leaves_the_first_alone(tmp_path: Path) -> None:
    first = PrivateFolder(tmp_path)
    second = PrivateFolder(tmp_path)
    assert first.key_log.exists()
    assert first.path != second.path
    first.close()
    second.close()


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from httpresp_capture.command.folder import PrivateFolder;"
        "folder = PrivateFolder(Path(sys.argv[1])); print('made', flush=True); time.sleep(600)"
    )
    killed = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"made\n"
    (left,) = tmp_path.iterdir()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert (left / "keys").exists()
    PrivateFolder(tmp_path).close()
    assert not list(tmp_path.iterdir())


def test_one_that_is_in_the_making_is_left(tmp_path: Path) -> None:
    young, old = tmp_path / f"{PREFIX}young", tmp_path / f"{PREFIX}old"
    for folder in (young, old):
        folder.mkdir()
    long_ago = time.time() - 3_600
    os.utime(old, (long_ago, long_ago))
    PrivateFolder(tmp_path).close()
    assert [each.name for each in tmp_path.iterdir()] == [young.name]


def test_a_link_with_such_a_name_is_no_folder_of_ours(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "lock").write_text("")
    (tmp_path / f"{PREFIX}x").symlink_to(theirs)
    PrivateFolder(tmp_path).close()
    assert (theirs / "lock").exists()


def test_the_runtime_directory_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = PrivateFolder()
    assert folder.path.parent == tmp_path
    folder.close()


def test_no_place_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"cannot make a private folder for the TLS keys in .*: No such file"):
        PrivateFolder(tmp_path / "nowhere")


def test_one_that_another_run_removes_in_the_making_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def lock(descriptor: int, operation: int) -> None:
        """As another run does, between the making of the lock and its holding."""
        if not made:
            (young,) = tmp_path.iterdir()
            made.append(young.name)
            shutil.rmtree(young)

    monkeypatch.setattr(fcntl, "flock", lock)
    folder = PrivateFolder(tmp_path)
    assert folder.key_log.exists()
    assert folder.path.name not in made
    folder.close()
