"""Files and folders that are there whole, or not at all.

They are made under another name beside the one they will have, and get that name when all is written. Whatever goes
wrong before, a full disk or a person who stops it, nothing is left. Nobody but their owner reads them (`private`), and
what stands there already is not replaced unless that is asked for; a folder never is.
"""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp, mkstemp
from typing import BinaryIO, Protocol

from httpresp_capture.system.private import hand_over, is_special, open_special

__all__ = ["Draft", "DraftFile", "DraftFolder", "check_free", "give_name", "new_folder"]

PREFIX = ".httpresp-"
"""Of names while they are written; short, since the name of a file may be as long as the system takes."""


class Draft(Protocol):
    """Something that is being written."""

    path: Path
    """What it will be called."""

    def keep(self) -> int:
        """It is whole: give it its name. How many bytes it has; raises OSError, and then nothing is left of it."""
        ...

    def drop(self) -> None:
        """Take away what was written."""
        ...


class DraftFile:
    """A file; raises OSError where it cannot be made, `FileExistsError` where it is there and not to be replaced.

    What is no regular file (a pipe with a name, `/dev/stdout`) is written to as it is.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self.path = path
        self._replace = replace
        self.draft: Path | None = None
        """What it is called until it is kept; None where there is no other name."""
        if is_special(path):
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            descriptor = open_special(path)
        else:
            check_free(path, replace=replace)
            descriptor, name = mkstemp(prefix=PREFIX, dir=path.parent)
            self.draft = Path(name)
            hand_over(descriptor)
        self.file: BinaryIO = os.fdopen(descriptor, "wb", 1 << 16)
        self.write = self.file.write

    def keep(self) -> int:
        """See `Draft`."""
        try:
            self.file.flush()
            size = os.fstat(self.file.fileno()).st_size
            self.file.close()
            if self.draft is not None:
                give_name(self.draft, self.path, replace=self._replace)
        except BaseException:
            self.drop()
            raise
        self.draft = None
        return size

    def drop(self) -> None:
        """See `Draft`."""
        with suppress(OSError):
            self.file.close()
        if self.draft is not None:
            with suppress(OSError):
                self.draft.unlink()


class DraftFolder:
    """A folder, which only its owner looks into; raises `FileExistsError` where there is anything but an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if os.path.lexists(path) and not (path.is_dir() and not path.is_symlink() and not any(path.iterdir())):
            raise FileExistsError(path)
        self.draft = new_folder(path)

    def add(self, name: str, data: bytes) -> None:
        """A whole file in it."""
        file = DraftFile(self.draft / name)
        try:
            file.write(data)
        except BaseException:
            file.drop()
            raise
        file.keep()

    def keep(self) -> int:
        """See `Draft`."""
        try:
            size = sum(entry.stat().st_size for entry in os.scandir(self.draft))
            # An empty folder of that name is replaced, and no other (rename(2)).
            os.rename(self.draft, self.path)
        except BaseException:
            self.drop()
            raise
        return size

    def drop(self) -> None:
        """See `Draft`."""
        shutil.rmtree(self.draft, ignore_errors=True)


def check_free(path: Path, *, replace: bool) -> None:
    """Raise `FileExistsError` for a file that is there and not to be replaced, and OSError for what never is: a link,
    a folder, a device."""
    if not os.path.lexists(path):
        return
    if not replace:
        raise FileExistsError(path)
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if not path.is_file():
        raise OSError(errno.EISDIR, "it is no regular file")


def new_folder(path: Path) -> Path:
    """A private folder beside what will have this name."""
    folder = Path(mkdtemp(prefix=PREFIX, dir=path.parent))
    hand_over(folder)
    return folder


def give_name(draft: Path, path: Path, *, replace: bool) -> None:
    """Give a file its name; where one of that name has come meanwhile, it stays, and `FileExistsError` is raised."""
    if replace:
        os.replace(draft, path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without second names.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(draft, path)
    else:
        draft.unlink()
