"""CSP-MISSING: a page without a Content-Security-Policy, in its head or in the page itself."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_META = re.compile(r"<meta\b[^>]{0,300}http-equiv\s{0,5}=\s{0,5}[\"']?content-security-policy", re.IGNORECASE)
_SEEN_ENOUGH = 32_768
"""Characters within which a policy in the page must stand to do any good."""


def look(context: Context) -> Iterator[Hit]:
    if not context.doc_like:
        return
    if context.has("content-security-policy") or context.has("content-security-policy-report-only"):
        # Report-only alone is CSP-WEAK's business.
        return
    text = context.text
    if _META.search(text, 0, _SEEN_ENOUGH):
        return
    seen = bool(text) and (context.whole_body or len(text) >= _SEEN_ENOUGH)
    yield Hit(
        severity=Severity.LOW,
        confidence=Confidence.FIRM if seen else Confidence.TENTATIVE,
        reason="The page has no Content-Security-Policy"
        + ("." if seen else " in its head; the beginning of its body was not seen whole."),
        evidence=f"status {context.status}, {context.media_type}",
        parameter="content-security-policy",
        shape="",
    )


CHECK = Check(
    id="CSP-MISSING",
    title="page without a Content-Security-Policy",
    reference="CSP3; ASVS 3.4.3; CWE-693",
    advice="Send a Content-Security-Policy; begin with default-src 'self' in report-only mode.",
    look=look,
)
