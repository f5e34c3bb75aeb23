"""TLS keys, from a file or from a command; and `-- COMMAND`, which is run while its traffic is captured."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.sources import Source
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.text.sanitising import printable_text

if TYPE_CHECKING:
    from httpresp_capture.command.child import Child
    from httpresp_capture.command.source import CommandSource
    from httpresp_capture.sources.live.openings import Openings

KEYS = "SSLKEYLOGFILE"


def with_keys(source: Source, arguments: Arguments, openings: "Openings | None" = None) -> "Child | None":
    """Have the source read the keys that were asked for; the command to run, if one was given, with its `openings`.

    Root must have been given up: the files and the command are the person's. Raises `CaptureError` for what cannot be.
    """
    if arguments.command:
        from httpresp_capture.command.child import Child
        from httpresp_capture.command.folder import PrivateFolder

        folder = PrivateFolder()
        try:
            child = Child(arguments.command, folder, openings)
        except BaseException:
            folder.close()
            if openings is not None:
                openings.close()
            source.close()
            raise
        source.read_keys(str(folder.key_log))
        return child
    path = key_log_of(arguments)
    if path is not None:
        if arguments.keylog is not None:
            _check(arguments.keylog)
        source.read_keys(str(path), named=arguments.keylog is not None)
    return None


def openings_of(arguments: Arguments) -> "Openings | None":
    """What tells of connections as they are opened, where a command is run; it needs root until it returns."""
    if not arguments.command:
        return None
    from httpresp_capture.sources.live.openings import open_openings

    return open_openings()


def key_log_of(arguments: Arguments) -> Path | None:
    """The key log that was asked for, or that the environment names."""
    path = arguments.keylog if arguments.keylog is not None else os.environ.get(KEYS, "")
    return Path(path) if path else None


def watched(
    source: Source, child: "Child | None", output: Callable[[bytes], None] | None = None
) -> "CommandSource | None":
    """The source that runs the command and tells of its flows alone; None where there is none. Without `output` what
    the command prints goes to standard error."""
    if child is None:
        return None
    from httpresp_capture.command.source import CommandSource

    return CommandSource(source, child, output)


def _check(path: str) -> None:
    """A file that is there must be readable; one that is not may come. A pipe would be waited for, and is none."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        regular = stat.S_ISREG(os.fstat(file).st_mode)
        os.close(file)
    except FileNotFoundError:
        if not os.path.isdir(os.path.dirname(path) or "."):
            raise CaptureError(f"--keylog: there is no directory for {printable_text(path)}.") from None
    except OSError as error:
        raise CaptureError(f"--keylog: {printable_text(path)} cannot be read: {error.strerror}.") from None
    else:
        if not regular:
            raise CaptureError(f"--keylog: {printable_text(path)} is no regular file.")
