"""What a response says against itself: passive checks, one a file, entered in one table.

`examine` runs them over one response. It is called when somebody looks, never per packet, and never reports from a
head that is not whole. Findings of many responses are put together in `httpresp_capture.analysis.findings`.
"""

from httpresp_capture.checks import (
    au_basic,
    au_cache,
    au_challenge,
    au_token,
    au_trace,
    bomb,
    ck_clear,
    ck_httponly,
    ck_prefix,
    ck_samesite,
    ck_scope,
    ck_secure,
    ck_url,
    co_creds,
    co_reflect,
    co_vary,
    csp_missing,
    csp_weak,
    ct_mismatch,
    ct_missing,
    depr,
    err_debug,
    err_internal,
    err_listing,
    err_sql,
    err_trace,
    frame,
    framing,
    hsts,
    inject,
    isolate,
    nosniff,
    openredir,
    plain_doc,
    redir_down,
    reflect,
    refpol,
    split,
    ver_server,
    ver_tech,
)
from httpresp_capture.checks.context import Context, Options
from httpresp_capture.checks.finding import SEVERITIES, Check, Confidence, Finding, Severity
from httpresp_capture.records.exchange import Response

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

CHECKS: tuple[Check, ...] = (
    # error messages
    err_trace.CHECK,
    err_sql.CHECK,
    err_debug.CHECK,
    err_listing.CHECK,
    err_internal.CHECK,
    # cookies
    ck_clear.CHECK,
    ck_secure.CHECK,
    ck_httponly.CHECK,
    ck_samesite.CHECK,
    ck_prefix.CHECK,
    ck_scope.CHECK,
    ck_url.CHECK,
    # access
    au_basic.CHECK,
    au_challenge.CHECK,
    au_cache.CHECK,
    au_token.CHECK,
    au_trace.CHECK,
    # what headers protect
    co_creds.CHECK,
    co_reflect.CHECK,
    co_vary.CHECK,
    csp_missing.CHECK,
    csp_weak.CHECK,
    frame.CHECK,
    hsts.CHECK,
    plain_doc.CHECK,
    redir_down.CHECK,
    nosniff.CHECK,
    # versions
    ver_server.CHECK,
    ver_tech.CHECK,
    # types, splitting, framing
    ct_missing.CHECK,
    ct_mismatch.CHECK,
    split.CHECK,
    framing.CHECK,
    inject.CHECK,
    # only when asked for
    refpol.CHECK,
    isolate.CHECK,
    depr.CHECK,
    reflect.CHECK,
    openredir.CHECK,
    bomb.CHECK,
)
"""In the order of the catalogue."""

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
    """Everything that one response says against itself, the worst first; nothing when its head is not whole."""
    options = options or Options()
    context = Context(response, options)
    if not context.head_ok:
        return ()
    found = [finding for check in chosen(options) for finding in check(context)]
    found.sort(key=lambda finding: -finding.severity)
    return tuple(found)
