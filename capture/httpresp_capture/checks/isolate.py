"""ISOLATE (opt-in): headers that keep other sites' windows and frames apart are absent from a page."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_HEADERS = (
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cross-origin-embedder-policy",
    "permissions-policy",
)


def look(context: Context) -> Iterator[Hit]:
    if not context.doc_like:
        return
    for name in _HEADERS:
        if not context.has(name):
            yield Hit(
                severity=Severity.INFO,
                confidence=Confidence.CERTAIN,
                reason=f"The page has no {name}.",
                evidence="absent",
                parameter=name,
            )


CHECK = Check(
    id="ISOLATE",
    title="page not isolated from other sites",
    reference="ASVS 3.4.8, 3.5.8; CWE-693",
    advice="Send Cross-Origin-Opener-Policy: same-origin and its companions where the page allows it.",
    look=look,
    opt_in=True,
)
