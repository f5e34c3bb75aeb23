"""The command line of `check`, and that of `diff`."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from httpresp_capture.export.reports import COMPARISONS, REPORTS
from httpresp_capture.records.severity import SEVERITIES
from httpresp_tui.cli import option_groups as options
from httpresp_tui.cli.arguments import Arguments, CheckArguments, DiffArguments, arguments_of, limits_of
from httpresp_tui.cli.check_options import add_checks, checks_of
from httpresp_tui.cli.command_line import read_words, refuse_mistakes, split_command
from httpresp_tui.cli.help_text import CHECK_DESCRIPTION, CHECK_EPILOG, DIFF_DESCRIPTION, DIFF_EPILOG, PROGRAM
from httpresp_tui.cli.option_values import Names, report_formats
from httpresp_tui.cli.sources import CHOICE, USAGE, asked_for
from httpresp_tui.cli.validation import filter_mistake

NEVER = "never"
BARS = (*SEVERITIES, NEVER)
"""The severities, and no bar at all."""


def parse_check(words: Sequence[str]) -> CheckArguments:
    """Read the words after `check`; leaves with 0 for `--help`, with 2 for a mistake."""
    parser = build_check_parser()
    words, command = split_command(parser, words)
    given = read_words(parser, words)
    run = replace(arguments_of(given), checks=checks_of(parser, given), command=command)
    of_check = given.fail_on, given.format, given.write_baseline
    nothing = tuple(map(parser.get_default, ("fail_on", "format", "write_baseline")))
    if given.list_checks and (run, *of_check) != (Arguments(), *nothing):
        parser.error("--list names the checks and leaves: nothing else goes with it.")
    _refuse_mistakes(parser, run)
    if not (asked_for(run) or given.list_checks):
        parser.error(f"check needs something to read: {CHOICE}.")
    return CheckArguments(
        run=run,
        list_checks=given.list_checks,
        fail_on=given.fail_on,
        format=given.format,
        write_baseline=given.write_baseline,
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
    _refuse_mistakes(parser, Arguments(read=(before,), filter=given.filter))
    return DiffArguments(
        before=before,
        after=after,
        fail_on=given.fail_on,
        format=given.format,
        any_origin=given.any_origin,
        checks=checks_of(parser, given),
        filter=given.filter,
        limits=limits_of(given),
    )


def _refuse_mistakes(parser: options.OptionParser, run: Arguments) -> None:
    """Those of the line, then what a filter can ask of a screen alone."""
    refuse_mistakes(parser, run)
    if mistake := filter_mistake(replace(run, json=True)):
        parser.error(mistake)


def build_check_parser() -> options.OptionParser:
    """The options of `check`."""
    program = f"{PROGRAM} check"
    parser = options.new_parser(program, f"{program} {USAGE} [options]", CHECK_DESCRIPTION, CHECK_EPILOG)
    options.add_sources(parser, picker=False)
    add = parser.add_argument_group("what is asked").add_argument
    options.add_filter(add, "check")
    add("--list", dest="list_checks", action="store_true", help="list the checks and leave")
    add_checks(parser, "findings that were accepted, with reason and day, as TOML")
    add = parser.add_argument_group("what comes of it").add_argument
    _add_verdict(
        add, "medium", "exit with 3 at an open finding of this severity or worse", tuple(REPORTS), report_formats
    )
    add("--write-baseline", metavar="FILE", help="accept every open finding for 90 days, into this file")
    options.add_kernel(parser)
    options.add_stops(parser)
    options.add_bounds(parser, screen=False)
    options.add_about(parser, doctor=False)
    return parser


def build_diff_parser() -> options.OptionParser:
    """The options of `diff`."""
    program = f"{PROGRAM} diff"
    parser = options.new_parser(program, f"{program} BEFORE AFTER [options]", DIFF_DESCRIPTION, DIFF_EPILOG)
    add = parser.add_argument_group("what is compared").add_argument
    options.add_filter(add, "compare")
    add("--any-origin", action="store_true", help="compare routes whatever host answers: staging and production")
    add_checks(parser, "findings that were accepted are not new")
    add = parser.add_argument_group("what comes of it").add_argument
    _add_verdict(
        add,
        NEVER,
        "exit with 3 at a new finding of this severity or worse",
        tuple(COMPARISONS),
        lambda: tuple(COMPARISONS),
    )
    options.add_bounds(parser, screen=False)
    options.add_about(parser, doctor=False)
    return parser


def _add_verdict(
    add: options.Adder, bar: str, meaning: str, formats: tuple[str, ...], all_formats: Callable[[], tuple[str, ...]]
) -> None:
    words = ", ".join(BARS)
    add("--fail-on", metavar="SEVERITY", choices=BARS, default=bar, help=f"{meaning}: {words}; default {bar}")
    add("--format", metavar="FORMAT", choices=Names(all_formats), default="text", help=", ".join(formats))
