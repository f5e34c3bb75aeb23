"""A private folder for one run: TLS keys open everything that was recorded, so nobody else reads them, and they go.

The folder lies in the person's runtime directory, which is memory, or else among temporary files. It holds a lock for
as long as its run lasts. A run that was killed could not remove its folder; the next one does, when it finds the lock
free.
"""

import fcntl
import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from httpresp_capture.records.errors import CaptureError

__all__ = ["PrivateFolder"]

PREFIX = "httpresp-tui-run-"
LOCK = "lock"
YOUNG = 60.0
"""Seconds in which a folder without a lock may still be in the making."""


class PrivateFolder:
    """A folder of mode 0700 and in it an empty key log of mode 0600. Raises `CaptureError` when there is no place."""

    def __init__(self, base: Path | None = None) -> None:
        base = base or _base()
        _sweep(base)
        try:
            self.path, self._lock = _locked(base)
            self.key_log = self.path / "keys"
            """The file that `SSLKEYLOGFILE` names."""
            self.sockets = self.path / "sockets"
            """The file into which the preloaded library writes which connections there are."""
            for path in (self.key_log, self.sockets):
                os.close(_make(path))
        except OSError as error:
            raise CaptureError(f"cannot make a private folder for the TLS keys in {base}: {error.strerror}.") from None

    @property
    def runs_programs(self) -> bool:
        """False where the file system was mounted so that no library can be loaded from it."""
        return not os.statvfs(self.path).f_flag & os.ST_NOEXEC

    def close(self) -> None:
        """Remove it, with the keys."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            os.close(self._lock)


def _base() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and os.access(runtime, os.W_OK | os.X_OK):
        return Path(runtime)
    return Path(gettempdir())


def _locked(base: Path) -> tuple[Path, int]:
    """A new folder, and its lock that is held. Another run that looks around just now may take the new one for one
    that was left, since its lock is free for a moment; then there is another."""
    while True:
        path = Path(mkdtemp(prefix=PREFIX, dir=base))
        try:
            lock = _make(path / LOCK)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (path / LOCK).exists():
            return path, lock
        os.close(lock)


def _make(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _sweep(base: Path) -> None:
    """Remove the folders of this user whose run is over."""
    with suppress(OSError), os.scandir(base) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX):
                with suppress(OSError):
                    _remove_if_over(Path(entry.path))


def _remove_if_over(folder: Path) -> None:
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        if time.time() - found.st_mtime > YOUNG:
            shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
