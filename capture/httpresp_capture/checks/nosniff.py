"""NOSNIFF: browsers may guess another type than the one that was declared."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_HEADER = "x-content-type-options"
_SNIFFED = frozenset(
    (
        "",
        "text/html",
        "application/xhtml+xml",
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/css",
        "application/json",
        "text/plain",
        "application/octet-stream",
    )
)
"""Types that browsers sniff or that must not be taken for script or style; empty for a body without a type."""


def look(context: Context) -> Iterator[Hit]:
    if not 200 <= context.status < 300 or not context.has_body or context.media_type not in _SNIFFED:
        return
    value = context.first(_HEADER)
    # Fetch, "determine nosniff": the first value of the list decides.
    if value.partition(",")[0].strip().lower() == "nosniff":
        return
    yield Hit(
        severity=Severity.LOW,
        confidence=Confidence.CERTAIN,
        reason="Browsers may take the body for another type than the declared one.",
        evidence=f"Content-Type: {context.media_type or 'absent'}; "
        + (f"X-Content-Type-Options: {value}" if value else "no X-Content-Type-Options"),
        parameter=_HEADER,
        offset=context.offset(_HEADER),
        shape="",
    )


CHECK = Check(
    id="NOSNIFF",
    title="X-Content-Type-Options is not nosniff",
    reference="Fetch standard, X-Content-Type-Options; ASVS 3.4.4; CWE-693",
    advice="Send X-Content-Type-Options: nosniff with everything.",
    look=look,
)
