"""Keep the program's own files in reach after root is given up.

Installed by root, a program often stands below a home directory that nobody else may enter, and modules that are
imported later would be lost. A directory that was opened while it could be reached is still there under
/proc/self/fd, whatever lies above it; so those on the import path move there.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Places", "as_person", "move", "places"]

Places = dict[str, str]
"""A directory of the import path: the same one under /proc/self/fd."""


def places() -> Places:
    """Open every directory of the import path; to be called as root."""
    if sys.platform != "linux":
        return {}
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    return {path: f"/proc/self/fd/{os.open(path, flags)}" for path in sys.path if os.path.isdir(path)}


@contextmanager
def as_person(user: int, group: int, groups: list[int]) -> Generator[None]:
    """For a moment, see the files as somebody else does."""
    own = os.getgroups()
    os.setgroups(groups)
    os.setegid(group)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(own)


def move(hidden: Places) -> None:
    """Import from there, and say so to whoever asks a module where its files are."""
    sys.path[:] = [hidden.get(path, path) for path in sys.path]
    sys.path_importer_cache.clear()
    for module in list(sys.modules.values()):
        file, parts = getattr(module, "__file__", None), getattr(module, "__path__", None)
        if isinstance(file, str):
            module.__file__ = _moved(file, hidden)
        if isinstance(parts, list):
            module.__path__ = [_moved(part, hidden) for part in parts if isinstance(part, str)]


def _moved(path: str, hidden: Places) -> str:
    for directory in sorted(hidden, key=len, reverse=True):
        if path.startswith(directory + "/"):
            return hidden[directory] + path[len(directory) :]
    return path
