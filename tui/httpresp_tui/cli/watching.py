"""`-- COMMAND`: a command is run while its traffic is captured."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpresp_capture.sources import Source
from httpresp_tui.cli.arguments import Arguments

if TYPE_CHECKING:
    from httpresp_capture.command.source import CommandSource


def watched_command(
    source: Source, arguments: Arguments, output: Callable[[bytes], None] | None = None
) -> "CommandSource | None":
    """The source that runs the command and tells of its flows alone; None where no command was given.

    Root must have been given up: the command runs as whoever called, and the private folder is theirs. Without
    `output` what the command prints goes to standard error. Raises `CaptureError` where it cannot be run.
    """
    if not arguments.command:
        return None
    from httpresp_capture.command.child import Child
    from httpresp_capture.command.folder import PrivateFolder
    from httpresp_capture.command.source import CommandSource

    folder = PrivateFolder()
    try:
        return CommandSource(source, Child(arguments.command, folder), output)
    except BaseException:
        folder.close()
        source.close()
        raise
