"""CSP-WEAK: a policy that lets strange scripts run. Each policy is judged by itself."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.checks.policy import Policy, inline_is_fallback, without_nonces

_ANYWHERE = frozenset(("*", "http:", "https:", "data:"))
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
    for policy in context.policies:
        for severity, reason, directive in weaknesses(policy, context.policies):
            yield Hit(
                severity=severity,
                confidence=Confidence.CERTAIN,
                reason=reason,
                evidence=without_nonces(directive),
                parameter=directive.partition(" ")[0],
                offset=context.offset(_HEADER),
                shape=reason,
            )


def weaknesses(policy: Policy, all_policies: tuple[Policy, ...]) -> Iterator[tuple[Severity, str, str]]:
    """(severity, reason, directive) of everything weak in one policy."""
    script = policy.effective_script()
    if script is None:
        # One that governs frames or upgrades alone is fine beside one that governs scripts.
        if not any(other.effective_script() for other in all_policies):
            yield Severity.LOW, "The policy says nothing about scripts.", "; ".join(policy.directives)
        return
    name, sources = script
    directive = " ".join((name, *sources))
    fallback = inline_is_fallback(sources)
    if "'unsafe-inline'" in sources and not fallback:
        yield Severity.MEDIUM, "The policy lets inline scripts run.", directive
    if "'strict-dynamic'" not in sources and (anywhere := sorted(_ANYWHERE.intersection(sources))):
        yield Severity.MEDIUM, f"The policy lets scripts come from anywhere: {' '.join(anywhere)}.", directive
    if "'unsafe-eval'" in sources:
        yield Severity.LOW, "The policy lets scripts be made from text.", directive
    if "object-src" not in policy.directives and "default-src" not in policy.directives:
        yield Severity.LOW, "The policy says nothing about plugins: no object-src and no default-src.", directive
    if "base-uri" not in policy.directives and sources != ("'none'",):
        yield Severity.LOW, "The policy lets a base element send relative scripts elsewhere: no base-uri.", directive


CHECK = Check(
    id="CSP-WEAK",
    title="Content-Security-Policy that lets strange scripts run",
    reference="CSP3; ASVS 3.4.3; CWE-693",
    advice="Let scripts run by nonce or hash, with object-src 'none' and base-uri 'none'.",
    look=look,
)
