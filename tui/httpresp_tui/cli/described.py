"""The command line as a table, for what is made from it: completions of shells, and the manual page."""

from argparse import SUPPRESS, Action
from collections.abc import Iterator
from enum import Enum

from httpresp_capture.records.record import record
from httpresp_tui.cli.check_command_line import build_check_parser, build_diff_parser
from httpresp_tui.cli.command_line import build_parser
from httpresp_tui.cli.help_text import COMMANDS
from httpresp_tui.cli.option_groups import OptionParser


class Takes(Enum):
    """What stands behind an option."""

    NOTHING = "nothing"
    FILE = "file"
    INTERFACE = "interface"
    WORD = "word"
    """One of a few, if `words` has any."""


@record
class Option:
    """One option."""

    flags: tuple[str, ...]
    metavar: str
    """Of what it takes; empty for nothing."""
    help: str
    takes: Takes
    words: tuple[str, ...]
    group: str
    """The heading of `--help` that it stands under."""


@record
class Command:
    """One table of options: without a name that of the program itself."""

    name: str
    meaning: str
    usage: str
    description: str
    epilog: str
    files: bool
    """It takes files without an option before them."""
    options: tuple[Option, ...]


def command_line() -> tuple[Command, ...]:
    """The program's own options, and those of each of its commands."""
    return (
        _command("", "", build_parser(), files=False),
        _command("check", COMMANDS["check"], build_check_parser(), files=False),
        _command("diff", COMMANDS["diff"], build_diff_parser(), files=True),
    )


_FILES = frozenset({"read", "keylog", "write", "baseline", "write_baseline"})
"""Options that take the path of a file, by where their value is kept."""


def _command(name: str, meaning: str, parser: OptionParser, *, files: bool) -> Command:
    usage = (parser.usage or "").replace("%(prog)s", parser.prog)
    return Command(name, meaning, usage, parser.description or "", parser.epilog or "", files, tuple(_options(parser)))


def _options(parser: OptionParser) -> Iterator[Option]:
    return (_option(action) for action in parser.table() if action.help is not SUPPRESS)


def _option(action: Action) -> Option:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    if action.nargs == 0:
        takes = Takes.NOTHING
    elif action.dest in _FILES:
        takes = Takes.FILE
    elif action.dest == "interfaces":
        takes = Takes.INTERFACE
    else:
        takes = Takes.WORD
    words = tuple(map(str, action.choices)) if action.choices is not None else ()
    # argparse puts it there, without a promise.
    heading = str(getattr(getattr(action, "container", None), "title", ""))
    return Option(tuple(action.option_strings), metavar, action.help or "", takes, words, heading)
