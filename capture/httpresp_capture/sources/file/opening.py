"""Opening a capture file by its path, and the one sentence when that cannot be done."""

import difflib
import os
import stat

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped

__all__ = ["STANDARD_INPUT", "open_capture"]

STANDARD_INPUT = "standard input"


def open_capture(path: str) -> int:
    name = escaped(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise CaptureError(f"{name}: no such file.{_nearest(path)}") from error
    except PermissionError as error:
        raise CaptureError(f"{name}: no permission to read it{_rights(path)}.") from error
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path.
        what = error.strerror if isinstance(error, OSError) else error
        raise CaptureError(f"{name} cannot be opened: {what}.") from error
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CaptureError(f"{name} is a directory. Name a capture file in it.")
    return descriptor


def _nearest(path: str) -> str:
    folder, wanted = os.path.split(path)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return f" There is no folder {escaped(folder)} either." if folder else ""
    close = difflib.get_close_matches(wanted, names, 1)
    return f" Did you mean {escaped(os.path.join(folder, close[0]))}?" if close else ""


def _rights(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return ", nor to look into its folder"
    return f" (owner {status.st_uid}, mode {stat.S_IMODE(status.st_mode):04o}). Try sudo, or its owner"
