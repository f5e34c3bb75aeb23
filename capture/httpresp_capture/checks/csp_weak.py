"""CSP-WEAK: policies that let strange scripts run.

Several policies are enforced side by side (CSP3 §8.1): what one of them keeps out stays out, so the page is as weak as
their intersection. Each weakness below is one that every policy has.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.checks.policy import Policy, inline_is_fallback, without_nonces

_NETWORK = frozenset(("http:", "https:"))
_LET_IN: dict[str, frozenset[str]] = {
    "*": frozenset("*") | _NETWORK,
    "http:": _NETWORK,
    "https:": frozenset(("https:",)),
    "data:": frozenset(("data:",)),
}
"""A source that stands for everywhere → what it lets in: CSP3 §6.7.2.8 takes `http:` for https too, `*` for both."""
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
    scripts = [script for policy in policies if (script := policy.effective_script()) is not None]
    if not scripts:
        # One that governs frames or upgrades alone is fine beside one that governs scripts.
        yield Severity.LOW, "The policy says nothing about scripts.", "; ".join(policies[0].directives)
        return
    sources = [each for _, each in scripts]
    directive = " ".join((scripts[0][0], *scripts[0][1]))
    if all(map(_lets_inline, sources)):
        yield Severity.MEDIUM, "The policy lets inline scripts run.", directive
    if anywhere := _anywhere(sources):
        yield Severity.MEDIUM, f"The policy lets scripts come from anywhere: {' '.join(anywhere)}.", directive
    if all("'unsafe-eval'" in each for each in sources):
        yield Severity.LOW, "The policy lets scripts be made from text.", directive
    if not _named(policies, "object-src", "default-src"):
        yield Severity.LOW, "The policy says nothing about plugins: no object-src and no default-src.", directive
    if not _named(policies, "base-uri") and ("'none'",) not in sources:
        yield Severity.LOW, "The policy lets a base element send relative scripts elsewhere: no base-uri.", directive


def _lets_inline(sources: tuple[str, ...]) -> bool:
    return "'unsafe-inline'" in sources and not inline_is_fallback(sources)


def _anywhere(every: list[tuple[str, ...]]) -> list[str]:
    """The widest sources that every list lets in; with 'strict-dynamic' a list lets none in by its place."""
    common: frozenset[str] | None = None
    for sources in every:
        found = () if "'strict-dynamic'" in sources else sources
        let_in: frozenset[str] = frozenset().union(*(_LET_IN.get(source, ()) for source in found))
        common = let_in if common is None else common & let_in
    left = common or frozenset()
    return sorted(left.difference(*(_LET_IN[wider] - {wider} for wider in left)))


def _named(policies: tuple[Policy, ...], *directives: str) -> bool:
    return any(directive in policy.directives for policy in policies for directive in directives)


CHECK = Check(
    id="CSP-WEAK",
    title="Content-Security-Policy that lets strange scripts run",
    reference="CSP3; ASVS 3.4.3; CWE-693",
    advice="Let scripts run by nonce or hash, with object-src 'none' and base-uri 'none'.",
    look=look,
)
