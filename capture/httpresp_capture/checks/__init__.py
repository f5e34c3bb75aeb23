"""What a response says against itself: passive checks, one a file, entered in one table.

`examine` runs them over one response. It is called when somebody looks, never per packet, and never reports from a
head that is not whole. Findings of many responses are put together in `httpresp_capture.analysis.findings`.
"""

from httpresp_capture.checks.catalogue import CHECKS
from httpresp_capture.checks.context import Context, Options
from httpresp_capture.checks.finding import Check, Confidence, Finding
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.severity import SEVERITIES, Severity

__all__ = [
    "CHECKS",
    "CHECKS_BY_ID",
    "SEVERITIES",
    "Check",
    "Confidence",
    "Context",
    "Finding",
    "Options",
    "Severity",
    "examine",
]

CHECKS_BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}
"""These, and behind them what `plugins` adds: the table that everybody asks."""


def chosen(options: Options) -> tuple[Check, ...]:
    """The checks that run: all that are not opt-in, with those asked for and without those switched off."""
    return tuple(
        check
        for check in CHECKS_BY_ID.values()
        if check.id not in options.off and (not check.opt_in or check.id in options.opt_in)
    )


def examine(response: Response, options: Options | None = None) -> tuple[Finding, ...]:
    """Everything that one response says against itself, the worst first; of one whose head is not whole, and of a
    connection that is not read, what its connection says alone."""
    options = options or Options()
    context = Context(response, options)
    if not context.head_ok and response.flow.tls is None:
        return ()
    whole = context.head_ok
    found = [finding for check in chosen(options) if whole or check.of_connection for finding in check(context)]
    found.sort(key=lambda finding: -finding.severity)
    return tuple(found)
