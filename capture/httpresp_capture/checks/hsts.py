"""HSTS: Strict-Transport-Security absent, switched off, short, doubled, or sent where browsers ignore it."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context, Transport
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.directives import directives, number

_HEADER = "strict-transport-security"
_YEAR = 31_536_000


def look(context: Context) -> Iterator[Hit]:
    values = context.all(_HEADER)
    if context.transport is Transport.CLEAR:
        if values:
            yield _hit(context, Severity.INFO, "Strict-Transport-Security came in clear text; browsers ignore it.")
        return
    if not values:
        if context.doc_like:
            # A terminator may add it further out.
            sure = context.transport is Transport.TLS
            confidence = Confidence.CERTAIN if sure else Confidence.TENTATIVE
            reason = "The page has no Strict-Transport-Security, so a first visit can be kept on plain HTTP."
            yield _hit(context, Severity.LOW, reason, confidence)
        return
    if len(values) > 1:
        yield _hit(context, Severity.LOW, "Strict-Transport-Security came more than once; only the first counts.")
    age = number(directives(values[:1], ";").get("max-age", ""))
    if age is None:
        yield _hit(context, Severity.MEDIUM, "Strict-Transport-Security has no readable max-age, so it does nothing.")
    elif age == 0:
        yield _hit(context, Severity.MEDIUM, "Strict-Transport-Security: max-age=0 switches it off.")
    elif age < _YEAR:
        yield _hit(context, Severity.LOW, "Strict-Transport-Security lasts for less than a year.")


def _hit(context: Context, severity: Severity, reason: str, confidence: Confidence = Confidence.CERTAIN) -> Hit:
    values = context.all(_HEADER)
    return Hit(
        severity=severity,
        confidence=confidence,
        reason=reason,
        evidence="; ".join(f"Strict-Transport-Security: {value}" for value in values) or "absent",
        parameter=_HEADER,
        offset=context.offset(_HEADER),
        shape=reason,
    )


CHECK = Check(
    id="HSTS",
    title="Strict-Transport-Security absent or weak",
    reference="RFC 6797 §6.1, §7.2, §8.1; ASVS 3.4.1; CWE-319",
    advice="Send Strict-Transport-Security: max-age=31536000; includeSubDomains, over TLS alone.",
    look=look,
)
