"""`diff`: two captures read one after the other and held against each other.

0 when they could be compared, 1 when one of them could not be read to its end, 3 when `--fail-on` was given and there
is a new finding at that bar; what is new is true however the capture ended, so 3 wins over 1.
"""

from datetime import date
from typing import TextIO

from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.comparison import Side, compare
from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.export.reports import COMPARISONS
from httpresp_capture.query import compile_query
from httpresp_capture.records.plurals import many
from httpresp_capture.records.severity import SEVERITIES
from httpresp_capture.sources import Source
from httpresp_tui.cli.arguments import DiffArguments
from httpresp_tui.cli.check_command_line import NEVER
from httpresp_tui.cli.collecting import collect
from httpresp_tui.cli.output import TEXT, deliver, folded, say, sum_up
from httpresp_tui.cli.reviewing import options_of, tell_expired

FINE, FAILED, BROKEN = 0, 1, 3


def diff(
    before: Source, after: Source, arguments: DiffArguments, known: Baseline, out: TextIO, said: TextIO, today: date
) -> int:
    """Read both, report on `out`, sum up on `said`; the exit status."""
    # One salt for both: a tag in one report means the same on either side.
    options = options_of(arguments.checks)
    failed = False
    sides: list[Side] = []
    for source in (before, after):
        side = Side(options, any_origin=arguments.any_origin, baseline=known, today=today)
        summary = collect(source, compile_query(arguments.filter, finding_hooks(side.findings)), side)
        sum_up(summary, said)
        coverage = side.coverage = side.findings.coverage(summary.counters, summary.ours, summary.failures)
        failed = failed or bool(summary.failures) or not coverage.checked
        if not side.responses:
            say("no response there, so nothing was compared.", said)
        elif not coverage.checked:
            say("no response there has a whole head, so no finding was compared.", said)
        sides.append(side)
    comparison = compare(*sides)
    text = COMPARISONS[arguments.format](comparison, before.label, after.label)
    if deliver(folded(text, out) if arguments.format == TEXT else text, out, said):
        failed = True
    tell_expired(known, today, said)
    if arguments.fail_on != NEVER:
        bar = SEVERITIES[arguments.fail_on]
        new = sum(row.severity >= bar and row.accepted is None for row in comparison.findings_new)
        if new:
            say(f"{many(new, 'new finding')} of severity {bar.word} or worse.", said)
            return BROKEN
    return FAILED if failed else FINE
