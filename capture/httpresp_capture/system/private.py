"""Files that this program writes: nobody but their owner reads them, and no link is followed on the way.

Captures and what is said of them hold secrets, so a file has mode 0600 whatever the umask says. A name may lie in a
directory where others write too, and be a link of theirs to a file of ours, so it is opened without following one.
Where root could not be given up, the file goes to whoever called: it is theirs.
"""

import errno
import os
import stat
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from httpresp_capture.system.privileges import invoking_person

__all__ = ["append_text", "hand_over", "is_special", "new_file", "open_special", "replace_text", "why"]

MODE = 0o600
FLAGS = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
"""A directory of a path may be a link all the same: it was named."""


def new_file(path: Path, *, replace: bool = False) -> BinaryIO:
    """A file that was not there before; raises `FileExistsError` when it was, unless it is to be replaced.

    What is no regular file (a pipe with a name, `/dev/null`) is written to as it is.
    """
    if is_special(path):
        return os.fdopen(open_special(path), "wb")
    if replace and os.path.lexists(path):
        # Not truncated: it may have another owner, a wider mode, or a second name.
        os.unlink(path)
    return os.fdopen(_made(path), "wb")


def append_text(path: Path, text: str) -> None:
    """At the end of a file, which is made where it is not there."""
    try:
        descriptor = _made(path)
    except FileExistsError:
        descriptor = os.open(path, FLAGS | os.O_APPEND)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def replace_text(path: Path, text: str) -> None:
    """All of a file at once: whoever reads it finds the old or the new one, whole. What is no regular file is written
    to as it is, and stays."""
    if is_special(path):
        with os.fdopen(open_special(path), "w", encoding="utf-8") as file:
            file.write(text)
        return
    descriptor, draft = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        hand_over(descriptor)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def why(error: OSError) -> str:
    """In words, why a file could not be written."""
    if error.errno == errno.ELOOP:
        return "it is a link, and links are not followed"
    return error.strerror or str(error)


def is_special(path: Path) -> bool:
    """True for a pipe with a name, a terminal, `/dev/null`."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISLNK(mode)


def open_special(path: Path) -> int:
    """A descriptor to write to it."""
    return os.open(path, FLAGS)


def _made(path: Path) -> int:
    descriptor = os.open(path, FLAGS | os.O_CREAT | os.O_EXCL, MODE)
    hand_over(descriptor)
    return descriptor


def hand_over(made: int | Path) -> None:
    """A file (its descriptor) or a folder that was just made goes to whoever called."""
    person = invoking_person() if os.geteuid() == 0 else None
    if person is not None:
        os.chown(made, person.user, person.group)
