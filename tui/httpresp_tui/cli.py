"""The command line to a running program: which source, which front end, which exit status.

The order is what matters. The source is opened first, and with it goes whatever can be refused, as a sentence on a
plain terminal; then root is given up; then the screen is taken, or events are printed. Exit status: 0 fine, 1 the run
failed, 2 the command line (or the config file) was wrong. Imports stand where they are needed, so that `--help` costs
neither Scapy nor Textual.
"""

import os
import sys
from collections.abc import Sequence

from httpresp_capture.errors import CaptureError
from httpresp_capture.sources import Source
from httpresp_tui.arguments import PROGRAM, Arguments, parse

FINE, FAILED, WRONG = 0, 1, 2
INTERRUPTED = 130
"""As a shell reports a program that ^C has ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit status."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        if arguments.list_interfaces:
            return _list_interfaces()
        if arguments.doctor:
            from httpresp_tui.doctor import examine

            return examine()
        if arguments.json:
            return _print(arguments)
        return _show(arguments)
    except CaptureError as error:
        return _say(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def open_source(arguments: Arguments, interfaces: Sequence[str]) -> Source:
    """The source that was asked for, ready to be read; raises `CaptureError`. Needs root at most until it returns."""
    if arguments.demo:
        from httpresp_capture.sources.demo import SECONDS, DemoSource

        return DemoSource(arguments.limits, 0 if arguments.json else SECONDS)
    if arguments.read is not None:
        from httpresp_capture.sources.files import FileSource

        return FileSource.open(arguments.read, arguments.limits)
    from pathlib import Path

    from httpresp_capture.sources.live import LiveSource

    return LiveSource.open(
        interfaces,
        filter_text=arguments.capture_filter,
        ports=arguments.ports,
        hosts=arguments.hosts,
        tunnels=arguments.tunnels,
        promiscuous=arguments.promiscuous,
        snaplen=arguments.snaplen,
        limits=arguments.limits,
        write_path=None if arguments.write is None else Path(arguments.write),
    )


def _ready(arguments: Arguments, interfaces: Sequence[str]) -> Source:
    """A source whose sockets and files are open, and a process that is root no more."""
    from httpresp_capture import privileges

    source = open_source(arguments, interfaces)
    kept = privileges.drop()
    if kept is not None and interfaces:
        _say(kept, FINE)
    begin = getattr(source, "open_recording", None)
    if begin is not None:
        # After root has gone, so that the file is the person's.
        begin()
    return source


def _list_interfaces() -> int:
    from httpresp_capture.sources.interfaces import describe_lines

    return _write("".join(f"{line}\n" for line in describe_lines()))


def _print(arguments: Arguments) -> int:
    from httpresp_tui.headless import print_events

    return print_events(_ready(arguments, arguments.interfaces), arguments, sys.stdout.buffer)


def _show(arguments: Arguments) -> int:
    if not os.isatty(1):
        return _say(
            "standard output is not a terminal, so there is no screen to draw on.\n\n"
            f"  For another program, one event a line:  {PROGRAM} … --json",
            WRONG,
        )
    from httpresp_tui.settings import SettingsError, load_settings
    from httpresp_tui.terminal import NoTerminalError, screen_and_keyboard

    try:
        interfaces = arguments.interfaces
        if not (interfaces or arguments.read or arguments.demo):
            with screen_and_keyboard():
                from httpresp_tui.screens.picker import pick_interface

                chosen = pick_interface()
            if chosen is None:
                return FINE
            interfaces = (chosen,)
        source = _ready(arguments, interfaces)
        # The person's own file, so it is read when the process has become that person.
        settings = load_settings()
        # A pipe is waited for on the plain terminal: what fills it may ask for a password.
        wait = getattr(source, "wait_first", None)
        if wait is not None:
            wait()
        with screen_and_keyboard():
            from httpresp_tui.app import HttprespApp

            app = HttprespApp(
                source,
                filter_text=arguments.filter,
                capture_filter=getattr(source, "filter_text", ""),
                settings=settings,
                max_responses=arguments.max_responses,
                redact=arguments.redact is not False,
                stop_after=arguments.count,
                duration=arguments.duration,
            )
            app.run()
    except SettingsError as error:
        return _say(str(error), WRONG)
    except NoTerminalError as error:
        return _say(str(error), FAILED)
    _write(f"{app.summary()}\n")
    return FAILED if app.failed or app.return_code else FINE


def _say(message: str, status: int) -> int:
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return status


def _write(text: str) -> int:
    """Text on standard output; a reader who has left is fine."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FINE
