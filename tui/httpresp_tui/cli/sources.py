"""Each kind of source: how it is recognised on the command line, and how it is opened. One table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import record
from httpresp_capture.sources import Source
from httpresp_tui.cli.arguments import Arguments

if TYPE_CHECKING:
    from httpresp_capture.exporting.export import Packets


@record
class SourceKind:
    """One entry."""

    flag: str
    usage: str
    """The flag and what it takes."""
    asked: Callable[[Arguments], object]
    """True where the command line names it."""
    open: Callable[[Arguments, Limits, bool], Source]
    """Ready to be read, for the screen or without one; raises `CaptureError`. Needs root at most until it returns."""
    live: bool = False
    """True where the kernel is asked for packets, and so can leave some out."""


EVERY_INTERFACE = "any"
"""Where a command is listened to, unless interfaces are named."""


def open_files(paths: Sequence[str], limits: Limits) -> Source:
    """Files that are one capture; raises `CaptureError`."""
    from httpresp_capture.sources.file.several import SeveralFiles
    from httpresp_capture.sources.file.source import FileSource

    return FileSource.open(paths[0], limits) if len(paths) == 1 else SeveralFiles.open(paths, limits)


def _open_demo(_: Arguments, limits: Limits, screen: bool) -> Source:
    from httpresp_capture.sources.demo import SECONDS, DemoSource

    return DemoSource(limits, SECONDS if screen else 0)


def _open_live(arguments: Arguments, limits: Limits, _: bool) -> Source:
    from httpresp_capture.sources.live.source import LiveSource

    return LiveSource.open(
        arguments.interfaces or (EVERY_INTERFACE,),
        filter_text=arguments.capture_filter,
        ports=arguments.ports,
        hosts=arguments.hosts,
        tunnels=arguments.tunnels,
        quic=arguments.quic,
        promiscuous=arguments.promiscuous,
        snaplen=arguments.snaplen,
        limits=limits,
        write_path=None if arguments.write is None else Path(arguments.write),
        replace=arguments.force,
        write_keys=arguments.write_keys,
    )


SOURCES: tuple[SourceKind, ...] = (
    SourceKind("-i", "-i IFACE", lambda given: given.interfaces or given.command, _open_live, live=True),
    SourceKind("-r", "-r FILE", lambda given: given.read, lambda given, limits, screen: open_files(given.read, limits)),
    SourceKind("--demo", "--demo", lambda given: given.demo, _open_demo),
)
"""In the order in which the help names them."""

USAGE = f"[{' | '.join(kind.usage for kind in SOURCES)}]"
"""For the first line of a help."""
CHOICE = f"{', '.join(kind.usage for kind in SOURCES[:-1])} or {SOURCES[-1].usage}"
"""For a sentence."""


def packets_of(given: Arguments, key_log: Path | None) -> "Packets":
    """Captures that hold the packets of what was read, and the TLS secrets beside them."""
    from httpresp_capture.exporting.export import Packets

    if given.demo:
        from httpresp_capture.sources.demo import demo_file

        return Packets((demo_file(),))
    if "-" in given.read:
        return Packets(why="standard input cannot be read twice: save it to a file, and read that with -r FILE.")
    if given.read:
        return Packets(tuple(map(Path, given.read)), key_log=key_log)
    if given.write is not None:
        return Packets((Path(given.write),), key_log=key_log)
    return Packets(why="packets are not kept: record them with -w FILE.")


def asked_for(given: Arguments) -> list[SourceKind]:
    """The kinds that a command line names; more than one is a mistake."""
    return [kind for kind in SOURCES if kind.asked(given)]
