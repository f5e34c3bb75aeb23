"""CSP-WEAK: policies that let strange scripts run.

Several policies are enforced side by side (CSP3 §8.1): what one of them keeps out stays out, so the page is as weak as
their intersection. Each weakness below is one that every policy has.
"""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.checks.policy import ELEMENTS, HANDLERS, Policy, lets_inline, without_nonces

_NETWORK = frozenset(("http:", "https:"))
_LET_IN: dict[str, frozenset[str]] = {
    "*": frozenset("*") | _NETWORK,
    "http:": _NETWORK,
    "https:": frozenset(("https:",)),
    "data:": frozenset(("data:",)),
}
"""A source that stands for everywhere → what it lets in: CSP3 §6.7.2.8 takes `http:` for https too, `*` for both."""
_ANY_HOST = re.compile(r"(?:(https?:)//)?\*(?::(?:\*|\d{1,5}))?/?")
_HEADER = "content-security-policy"
_REPORT_ONLY = "content-security-policy-report-only"


def look(context: Context) -> Iterator[Hit]:
    if not context.doc_like:
        return
    if not context.policies:
        if context.has(_REPORT_ONLY):
            yield Hit(
                severity=Severity.INFO,
                confidence=Confidence.CERTAIN,
                reason="The page's policy only reports; nothing is kept out.",
                evidence=_REPORT_ONLY,
                parameter=_REPORT_ONLY,
                offset=context.offset(_REPORT_ONLY),
            )
        return
    for severity, reason, directive in weaknesses(context.policies):
        yield Hit(
            severity=severity,
            confidence=Confidence.CERTAIN,
            reason=reason,
            evidence=without_nonces(directive),
            parameter=directive.partition(" ")[0],
            offset=context.offset(_HEADER),
            shape=reason,
        )


def weaknesses(policies: tuple[Policy, ...]) -> Iterator[tuple[Severity, str, str]]:
    """(severity, reason, directive) of everything that all of these policies let through."""
    if any(policy.runs_nothing for policy in policies):
        return
    scripts = _governing(policies, ELEMENTS)
    if not scripts:
        # One that governs frames or upgrades alone is fine beside one that governs scripts.
        yield Severity.LOW, "The policy says nothing about scripts.", "; ".join(policies[0].directives)
        return
    sources = [each for _, each in scripts]
    directive = _words(scripts[0])
    handlers = _governing(policies, HANDLERS)
    if all(map(lets_inline, sources)):
        yield Severity.MEDIUM, "The policy lets inline scripts run.", directive
    elif all(lets_inline(each) for _, each in handlers):
        reason = "The policy lets inline event handlers run."
        yield Severity.MEDIUM, reason, _words(handlers[0]) if handlers else directive
    if anywhere := _anywhere(sources):
        yield Severity.MEDIUM, f"The policy lets scripts come from anywhere: {' '.join(anywhere)}.", directive
    if all("'unsafe-eval'" in each for _, each in _governing(policies, "script-src")):
        yield Severity.LOW, "The policy lets scripts be made from text.", directive
    if not _named(policies, "object-src", "default-src"):
        yield Severity.LOW, "The policy says nothing about plugins: no object-src and no default-src.", directive
    if not _named(policies, "base-uri") and not any(set(each) <= {"'none'"} for each in sources):
        yield Severity.LOW, "The policy lets a base element send relative scripts elsewhere: no base-uri.", directive


def _governing(policies: tuple[Policy, ...], name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Of each policy the directive that governs `name`; one without lets in everything, and counts for nothing."""
    return [found for policy in policies if (found := policy.governs(name)) is not None]


def _words(directive: tuple[str, tuple[str, ...]]) -> str:
    return " ".join((directive[0], *directive[1]))


def _anywhere(every: list[tuple[str, ...]]) -> list[str]:
    """The widest sources that every list lets in; with 'strict-dynamic' a list lets none in by its place."""
    common: frozenset[str] | None = None
    for sources in every:
        found = () if "'strict-dynamic'" in sources else sources
        let_in: frozenset[str] = frozenset().union(*(_LET_IN.get(_place(source), ()) for source in found))
        common = let_in if common is None else common & let_in
    left = common or frozenset()
    return sorted(left.difference(*(_LET_IN[wider] - {wider} for wider in left)))


def _place(source: str) -> str:
    """A source without what lets in any host all the same: `https://*`, `*:443`."""
    found = _ANY_HOST.fullmatch(source)
    return (found[1] or "*") if found is not None else source


def _named(policies: tuple[Policy, ...], *directives: str) -> bool:
    return any(directive in policy.directives for policy in policies for directive in directives)


CHECK = Check(
    id="CSP-WEAK",
    title="Content-Security-Policy that lets strange scripts run",
    reference="CSP3; ASVS 3.4.3; CWE-693",
    advice="Let scripts run by nonce or hash, with object-src 'none' and base-uri 'none'.",
    look=look,
)
