"""The command line of `check`, and that of `diff`."""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from httpresp_tui import option_groups as options
from httpresp_tui.arguments import Arguments, CheckArguments, DiffArguments, arguments_of, limits_of
from httpresp_tui.command_line import read_words, refuse_mistakes
from httpresp_tui.help_text import CHECK_DESCRIPTION, CHECK_EPILOG, DIFF_DESCRIPTION, DIFF_EPILOG, PROGRAM

NEVER = "never"
BARS = ("info", "low", "medium", "high", NEVER)
"""The severities, and no bar at all. Written out: the checks themselves are imported only when they run."""
CHECK_FORMATS = ("text", "json", "sarif", "junit", "markdown")
DIFF_FORMATS = ("text", "json", "markdown")
ALL = "all"


def parse_check(words: Sequence[str]) -> CheckArguments:
    """Read the words after `check`; leaves with 0 for `--help`, with 2 for a mistake."""
    parser = build_check_parser()
    given = read_words(parser, words)
    run = arguments_of(given)
    refuse_mistakes(parser, run)
    if not (run.interfaces or run.read or run.demo or given.list_checks):
        parser.error("check needs something to read: -i IFACE, -r FILE or --demo.")
    return CheckArguments(
        run=run,
        list_checks=given.list_checks,
        fail_on=given.fail_on,
        format=given.format,
        write_baseline=given.write_baseline,
        enable=_checks(parser, "--enable", given.enable),
        disable=_checks(parser, "--disable", given.disable),
    )


def parse_diff(words: Sequence[str]) -> DiffArguments:
    """Read the words after `diff`; leaves with 0 for `--help`, with 2 for a mistake."""
    parser = build_diff_parser()
    given = read_words(parser, words, names=True)
    if len(given.rest) != 2:
        parser.error(f"diff compares two captures: {PROGRAM} diff BEFORE AFTER")
    before, after = given.rest
    if before == after == "-":
        parser.error("standard input can be one of the two, not both.")
    refuse_mistakes(parser, Arguments(read=(before,), filter=given.filter))
    return DiffArguments(
        before=before,
        after=after,
        fail_on=given.fail_on,
        format=given.format,
        any_origin=given.any_origin,
        behind_tls=given.behind_tls,
        filter=given.filter,
        limits=limits_of(given),
    )


def _checks(parser: ArgumentParser, option: str, texts: Iterable[str]) -> frozenset[str]:
    """Ids of checks, in any case, several with commas; `all` is every one."""
    names = [name for text in texts for name in text.upper().split(",") if name]
    if not names:
        return frozenset()
    from httpresp_capture.checks import CHECKS_BY_ID

    if names == [ALL.upper()]:
        return frozenset(CHECKS_BY_ID)
    for name in names:
        if name not in CHECKS_BY_ID:
            close = get_close_matches(name, CHECKS_BY_ID, 1, 0.6)
            way = f"did you mean {close[0]}?" if close else f"{PROGRAM} check --list names them."
            parser.error(f"{option}: no check is called {name}: {way}")
    return frozenset(names)


def build_check_parser() -> ArgumentParser:
    """The options of `check`."""
    program = f"{PROGRAM} check"
    parser = options.new_parser(
        program, f"{program} [-i IFACE | -r FILE | --demo] [options]", CHECK_DESCRIPTION, CHECK_EPILOG
    )
    options.add_sources(parser, picker=False)
    add = parser.add_argument_group("what is asked").add_argument
    add("-Y", "--filter", dest="filter", metavar="FILTER", default="", help="check only responses that match")
    add("--behind-tls", action="store_true", help="users reach all of it by TLS, which ended before this wire")
    add("--enable", metavar="CHECK", action="append", default=[], help="run a noisy check, too; repeatable; 'all'")
    add("--disable", metavar="CHECK", action="append", default=[], help="leave a check out; repeatable")
    add("--list", dest="list_checks", action="store_true", help="list the checks and leave")
    add = parser.add_argument_group("what comes of it").add_argument
    _add_verdict(add, "medium", "exit with 3 at an open finding of this severity or worse", CHECK_FORMATS)
    add("--baseline", metavar="FILE", help="findings that were accepted, with reason and day, as TOML")
    add("--write-baseline", metavar="FILE", help="accept every open finding for 90 days, into this file")
    options.add_kernel(parser)
    options.add_stops(parser)
    options.add_bounds(parser, screen=False)
    options.add_about(parser, doctor=False)
    return parser


def build_diff_parser() -> ArgumentParser:
    """The options of `diff`."""
    program = f"{PROGRAM} diff"
    parser = options.new_parser(program, f"{program} BEFORE AFTER [options]", DIFF_DESCRIPTION, DIFF_EPILOG)
    add = parser.add_argument_group("what is compared").add_argument
    add("-Y", "--filter", dest="filter", metavar="FILTER", default="", help="compare only responses that match")
    add("--any-origin", action="store_true", help="compare routes whatever host answers: staging and production")
    add("--behind-tls", action="store_true", help="users reach all of it by TLS, which ended before this wire")
    add = parser.add_argument_group("what comes of it").add_argument
    _add_verdict(add, NEVER, "exit with 3 at a new finding of this severity or worse", DIFF_FORMATS)
    options.add_bounds(parser, screen=False)
    options.add_about(parser, doctor=False)
    return parser


def _add_verdict(add: options.Adder, bar: str, meaning: str, formats: tuple[str, ...]) -> None:
    words = ", ".join(BARS)
    add("--fail-on", metavar="SEVERITY", choices=BARS, default=bar, help=f"{meaning}: {words}; default {bar}")
    add("--format", metavar="FORMAT", choices=formats, default="text", help=", ".join(formats))
