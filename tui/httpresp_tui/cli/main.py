"""The command line to a running program: which source, which front end, which exit status.

The order is what matters. The source is opened first, and with it goes whatever can be refused, as a sentence on a
plain terminal; then root is given up; then the screen is taken, or events are printed. Exit status: 0 fine, 1 the run
failed, 2 the command line (or the config file, or a baseline) was wrong; of `check` and `diff`, 3 when the bar is
broken. A command is a first word without a dash; without one it is the screen or `--json`. Imports stand where they
are needed, so that `--help` costs neither Scapy nor Textual.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.sources import Source
from httpresp_tui.cli.added import load_checks, load_event_format, load_report_format, told_of_plugins
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.cli.command_line import parse
from httpresp_tui.cli.help_text import PROGRAM
from httpresp_tui.cli.output import deliver, folded, say
from httpresp_tui.cli.sources import asked_for, open_files, packets_of
from httpresp_tui.cli.validation import asks_the_checks
from httpresp_tui.cli.watching import key_log_of, openings_of, watched, with_keys
from httpresp_tui.errors import SettingsError
from httpresp_tui.terminal.stopping import BY_SIGNAL
from httpresp_tui.terminal.streams import open_missing

if TYPE_CHECKING:
    from httpresp_capture.command.child import Child

ON_THE_SCREEN, IN_LINES = 250_000_000, 1_000_000_000
"""Nanoseconds after which more is told of a response that is still open."""
FINE, FAILED, WRONG = 0, 1, 2
INTERRUPTED = BY_SIGNAL + 2
"""^C before there was anything to sum up."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit status."""
    open_missing()
    words = list(sys.argv[1:] if argv is None else argv)
    command = COMMANDS.get(words[0]) if words else None
    try:
        return told_of_plugins(_plain(words) if command is None else command(words[1:]), sys.stderr)
    except CaptureError as error:
        return _say(str(error), error.status)
    except SettingsError as error:
        return _say(str(error), WRONG)
    except KeyboardInterrupt:
        return INTERRUPTED


def _plain(words: list[str]) -> int:
    """Without a command: the screen, or events as lines."""
    arguments = parse(words)
    if arguments.list_interfaces:
        return _list_interfaces()
    if arguments.doctor:
        from httpresp_tui.cli.doctor import examine

        return examine()
    if arguments.completion is not None:
        from httpresp_tui.cli.completion import script

        return deliver(script(arguments.completion), sys.stdout, sys.stderr)
    if arguments.exports:
        return _export(arguments)
    return _print(arguments) if arguments.json else _show(arguments)


def _check(words: list[str]) -> int:
    from httpresp_tui.cli.check_command_line import parse_check

    arguments = parse_check(words)
    from datetime import date

    from httpresp_tui.cli.check import check, list_checks
    from httpresp_tui.cli.reviewing import read_baseline

    if arguments.list_checks:
        give_root_up()
        load_checks()
        return deliver(list_checks(), sys.stdout, sys.stderr)
    source, child = _ready(arguments.run, screen=False)
    # The person's own file, so it is read when the process has become that person.
    load_checks()
    load_report_format(arguments.format)
    known = read_baseline(arguments.run.checks.baseline)
    return check(watched(source, child) or source, arguments, known, sys.stdout, sys.stderr, date.today())


def _diff(words: list[str]) -> int:
    from httpresp_tui.cli.check_command_line import parse_diff

    arguments = parse_diff(words)
    from datetime import date

    from httpresp_tui.cli.diff import diff
    from httpresp_tui.cli.reviewing import read_baseline

    before, after = (open_files([path], arguments.limits) for path in (arguments.before, arguments.after))
    give_root_up()
    load_checks()
    known = read_baseline(arguments.checks.baseline)
    return diff(before, after, arguments, known, sys.stdout, sys.stderr, date.today())


COMMANDS: dict[str, Callable[[list[str]], int]] = {"check": _check, "diff": _diff}
"""By the first word."""


def open_source(arguments: Arguments, *, screen: bool) -> Source:
    """The source that was asked for, ready to be read; raises `CaptureError`. Needs root at most until it returns."""
    limits = arguments.limits
    if screen:
        limits = replace(limits, progress_ns=ON_THE_SCREEN)
    elif arguments.progress:
        limits = replace(limits, progress_ns=IN_LINES)
    (kind,) = asked_for(arguments)
    return kind.open(arguments, limits, screen)


def _ready(arguments: Arguments, *, screen: bool) -> "tuple[Source, Child | None]":
    """A source whose sockets and files are open, and the command to run, if any; the process is root no more."""
    from httpresp_capture.system import privileges

    source = open_source(arguments, screen=screen)
    openings = openings_of(arguments)
    kept = privileges.drop()
    # That root is kept matters where files may be written, or where it should have been given up.
    writes = screen or arguments.write is not None or arguments.exports
    if kept is not None and source.live and (writes or privileges.invoking_person() is not None):
        _say(kept, FINE)
    source.begin()
    return source, with_keys(source, arguments, openings)


def give_root_up() -> None:
    """Where no source is left to be opened that needs it."""
    from httpresp_capture.system import privileges

    privileges.drop()


def _list_interfaces() -> int:
    from httpresp_capture.sources.live.interfaces import describe_lines

    return deliver("".join(f"{line}\n" for line in describe_lines()), sys.stdout, sys.stderr)


def _print(arguments: Arguments) -> int:
    from httpresp_capture.system.garbage_collection import collect_rarely_for_good
    from httpresp_tui.cli.headless import print_events

    collect_rarely_for_good()
    source, child = _ready(arguments, screen=False)
    load_event_format(arguments.format)
    if arguments.findings or asks_the_checks(arguments.filter):
        load_checks()
    known = None
    if arguments.checks.baseline is not None:
        from httpresp_tui.cli.reviewing import read_baseline

        known = read_baseline(arguments.checks.baseline)
    command = watched(source, child)
    status = print_events(command or source, arguments, sys.stdout.buffer, sys.stderr, known)
    return status if command is None else command.status or status


def _export(arguments: Arguments) -> int:
    from httpresp_capture.system.garbage_collection import collect_rarely_for_good
    from httpresp_tui.cli.exporting import export_responses

    collect_rarely_for_good()
    source, child = _ready(arguments, screen=False)
    load_checks()
    command = watched(source, child)
    status = export_responses(command or source, arguments, sys.stderr)
    return status if command is None else command.status or status


def _show(arguments: Arguments) -> int:
    if not os.isatty(1):
        return _say(
            "standard output is not a terminal, so there is no screen to draw on.\n\n"
            f"  For another program, one event a line:  {PROGRAM} … --json",
            WRONG,
        )
    from datetime import date
    from socket import gethostname

    from httpresp_capture.process.engine import EngineSource
    from httpresp_capture.query import QueryError
    from httpresp_tui.cli.picking import pick
    from httpresp_tui.cli.reviewing import baseline_file, new_review
    from httpresp_tui.model.settings import load_settings
    from httpresp_tui.terminal.descriptors import NoTerminalError, screen_and_keyboard

    try:
        if not asked_for(arguments):
            with screen_and_keyboard():
                picked = pick()
            if picked.name is None:
                return BY_SIGNAL + picked.ended_by if picked.ended_by else FINE
            arguments = replace(arguments, interfaces=(picked.name,))
        source, child = _ready(arguments, screen=True)
        # The person's own file, so it is read when the process has become that person.
        settings = load_settings()
        accepted = baseline_file(arguments.checks.baseline, settings.baseline)
        review = new_review(arguments.checks, accepted, date.today())
        # A pipe is waited for on the plain terminal: what fills it may ask for a password.
        source.wait_first()
        # Before the screen, and before anything that may start a thread, is imported.
        with closing(EngineSource(source)) as engine, screen_and_keyboard():
            load_checks()
            from httpresp_tui.app import HttprespApp
            from httpresp_tui.terminal.app import run_app
            from httpresp_tui.widgets.command_output import CommandOutput

            output = CommandOutput(arguments.command)
            command = watched(engine, child, output.take)
            if command is not None:
                output.status = lambda: command.status
            app = HttprespApp(
                command or engine,
                filter_text=arguments.filter,
                capture_filter=engine.filter_text,
                settings=settings,
                max_responses=arguments.max_responses,
                redact=arguments.redact is not False,
                stop_after=arguments.count,
                duration=arguments.duration,
                review=review,
                baseline_file=accepted,
                host_name=gethostname(),
                packets=packets_of(arguments, key_log_of(arguments)),
                output=None if command is None else output,
            )
            run_app(app)
    except QueryError as error:
        # What the words alone could not tell: a field that only a run without a screen can answer.
        return _say(f"-Y: {error}", WRONG)
    except NoTerminalError as error:
        return _say(str(error), FAILED)
    deliver(f"{folded(app.summary(), sys.stdout)}\n", sys.stdout, sys.stderr)
    if app.ended_by:
        return BY_SIGNAL + app.ended_by
    if app.failed or app.return_code:
        return FAILED
    return FINE if command is None else command.status or FINE


def _say(message: str, status: int) -> int:
    say(message, sys.stderr)
    return status
