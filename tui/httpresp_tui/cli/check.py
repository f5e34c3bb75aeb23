"""`check`: a source read to its end, what is wrong in it as a report, and an exit status that a build can act on.

0 nothing open at the bar, 3 the bar is broken, 1 the run failed. A finding that was seen is true however the capture
ended, so 3 wins over 1; nothing found in half a capture, or in one without a response whose head is whole, proves
nothing and is 1.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

from httpresp_capture.analysis import baseline
from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.finding_hooks import finding_hooks
from httpresp_capture.analysis.findings import Findings
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import CHECKS_BY_ID
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.query import compile_query
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.plurals import many
from httpresp_capture.records.severity import SEVERITIES, Severity
from httpresp_capture.sources import Source
from httpresp_capture.system.private import replace_text, why
from httpresp_tui import __version__
from httpresp_tui.cli.arguments import CheckArguments
from httpresp_tui.cli.check_command_line import NEVER
from httpresp_tui.cli.collecting import collect
from httpresp_tui.cli.output import TEXT, deliver, folded, say, sum_up
from httpresp_tui.cli.reviewing import options_of, tell_expired
from httpresp_tui.text.sanitising import printable_text

FINE, FAILED, BROKEN = 0, 1, 3
ACCEPTED_FOR = timedelta(days=90)
"""How long what `--write-baseline` accepts is accepted."""
ACCEPTED_BECAUSE = "seen when the baseline was written"


def check(source: Source, arguments: CheckArguments, known: Baseline, out: TextIO, said: TextIO, today: date) -> int:
    """Read, report on `out`, sum up on `said`; the exit status."""
    review = Review(options_of(arguments.run.checks), known, today)
    summary = collect(
        source,
        compile_query(arguments.run.filter, finding_hooks(review.findings)),
        review,
        count=arguments.run.count,
        seconds=arguments.run.duration,
    )
    coverage = review.findings.coverage(summary.counters, summary.ours, summary.failures)
    overview = review.overview(source.label, __version__, coverage)
    bar = Severity.LOW if arguments.fail_on == NEVER else SEVERITIES[arguments.fail_on]
    text = REPORTS[arguments.format].overview(overview, bar)
    unwritten = deliver(folded(text, out) if arguments.format == TEXT else text, out, said)
    sum_up(summary, said)
    tell_expired(known, today, said)
    if arguments.write_baseline is not None:
        accepted = accept_open(review.findings, known, today)
        _write_baseline(Path(arguments.write_baseline), accepted)
        say(f"{len(accepted.accepted)} accepted in {printable_text(arguments.write_baseline)}.", said)
    if arguments.fail_on != NEVER and (broken := overview.report.breaks(bar)):
        say(f"{many(len(broken), 'open finding')} of severity {bar.word} or worse.", said)
        return BROKEN
    if not overview.report.responses:
        if summary.encrypted:
            connections = many(summary.encrypted, "connection")
            say(f"no response was checked, only the TLS of {connections} whose content is not read.", said)
        else:
            say("no response was checked, so nothing is proven.", said)
        return FAILED
    if not coverage.checked:
        say("no response has a whole head, so nothing was checked and nothing is proven.", said)
        return FAILED
    return FAILED if summary.failures or unwritten else FINE


def accept_open(findings: Findings, known: Baseline, today: date) -> Baseline:
    """The baseline with everything accepted that is open, and without what had expired."""
    kept = [each for each in known.accepted if each.expires >= today]
    new = dict.fromkeys((row.check, row.parameter, row.origin) for row in findings.rows(accepted=False))
    made = [baseline.accepting(*each, ACCEPTED_BECAUSE, today + ACCEPTED_FOR) for each in new]
    return Baseline((*kept, *made))


def list_checks() -> str:
    """One line a check."""
    width = max(map(len, CHECKS_BY_ID))
    return "".join(
        f"{check.id:<{width}}  {check.title}{' (only with --enable)' if check.opt_in else ''}\n"
        for check in CHECKS_BY_ID.values()
    )


def _write_baseline(path: Path, accepted: Baseline) -> None:
    try:
        replace_text(path, baseline.to_toml(accepted))
    except OSError as error:
        raise CaptureError(f"cannot write {printable_text(str(path))}: {why(error)}.") from error
