"""The command line: options in the letters of tcpdump and tshark, read into one frozen value.

Nothing here opens or imports what it names, so that `--help` costs little. What can be known to be wrong without
looking at the system is wrong here, with the thing and the way on, and ends with exit status 2.
"""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from httpresp_tui.cli import option_groups as options
from httpresp_tui.cli.arguments import Arguments, arguments_of
from httpresp_tui.cli.check_options import add_checks, checks_of
from httpresp_tui.cli.help_text import COMMANDS, DESCRIPTION, EPILOG, PROGRAM
from httpresp_tui.cli.option_values import EXPORT_FORMATS, Names, event_formats, export_order
from httpresp_tui.cli.sources import USAGE
from httpresp_tui.cli.validation import MISTAKES, bare, stray


def parse(words: Sequence[str]) -> Arguments:
    """Read the words after the program's name; leaves with 0 for `--help` and `--version`, with 2 for a mistake."""
    parser = build_parser()
    words, command = split_command(parser, words)
    given = read_words(parser, words)
    arguments = replace(arguments_of(given), checks=checks_of(parser, given), command=command)
    arguments = replace(arguments, json=arguments.json or arguments.linear or arguments.event_format != "")
    refuse_mistakes(parser, arguments)
    return arguments


def split_command(parser: options.OptionParser, words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """What stands before `--`, and the command behind it; without `--` no command."""
    if "--" not in words:
        return list(words), ()
    at = list(words).index("--")
    if at + 1 == len(words):
        parser.error(f"which command? It goes after --: {parser.prog} -- curl -s https://a.example/")
    return list(words[:at]), tuple(words[at + 1 :])


def read_words(parser: options.OptionParser, words: Sequence[str], *, names: bool = False) -> Namespace:
    """The words as the parser's values; what it does not know is a mistake that names what was meant.

    With `names`, words that belong to no option are kept in `rest`.
    """
    given, rest = parser.parse_known_args(_joined(words))
    if rest or (given.rest and not names):
        parser.error(stray(rest[0], parser) if rest else bare(given.rest, parser.prog, COMMANDS))
    return given


def refuse_mistakes(parser: options.OptionParser, arguments: Arguments) -> None:
    """Leave with the first mistake there is."""
    for find in MISTAKES:
        mistake = find(arguments)
        if mistake:
            parser.error(mistake)


def _joined(words: Sequence[str]) -> list[str]:
    """A filter may begin with a minus, which argparse would take for an option: bind it to its flag."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("-Y", "--filter"):
            joined[-1] = f"--filter={word}"
        else:
            joined.append(word)
    return joined


def build_parser() -> options.OptionParser:
    """The table of options."""
    parser = options.new_parser(PROGRAM, f"{PROGRAM} {USAGE} [options]", DESCRIPTION, EPILOG)
    options.add_sources(parser, picker=True)
    options.add_kernel(parser)
    show = parser.add_argument_group("what is shown and printed").add_argument
    options.add_filter(show, "show")
    show(
        "--json",
        action="store_true",
        help="no screen: one event a line on standard output, as Tracee's "
        "net_packet_http_response, when the response ends",
    )
    show(
        "--linear",
        action="store_true",
        help="no screen: one plain line of words a response, for screen readers, serial lines and scripts",
    )
    show(
        "--format",
        dest="event_format",
        metavar="FORMAT",
        choices=Names(event_formats),
        default="",
        help="the same in another format: tracee (which is --json), tracee-strict, or one that a package adds",
    )
    show("--json-progress", dest="progress", action="store_true", help="with --json: lines of open responses, too")
    show("--findings", action="store_true", help="with --json: what is wrong with each response, in httpresp.findings")
    show(
        "--strict-tracee",
        dest="strict",
        action="store_true",
        help="headers as Tracee prints them: Go's spelling, sorted; interface 'any'",
    )
    show("--redact", action=options.EitherWay, default=None, help="hide secrets in what leaves the screen; see below")
    show(
        "--export",
        dest="exports",
        metavar="FORMAT:FILE",
        action="append",
        type=export_order,
        default=[],
        help="no screen: write what matches to a new file, or a folder of bodies; repeatable. FORMAT: "
        + ", ".join(EXPORT_FORMATS),
    )
    show("-w", dest="write", metavar="FILE", help="also write the packets to a new file (live)")
    show(
        "--write-keys",
        action="store_true",
        help="with -w, or an export of packets: the TLS secrets of what was read too, for who opens the file",
    )
    show("--force", action="store_true", help="with -w or --export: replace a file that is there")
    add_checks(parser, "findings that are accepted; the screen adds to it, and makes it")
    options.add_stops(parser)
    options.add_bounds(parser, screen=True)
    options.add_about(parser, doctor=True)
    return parser
