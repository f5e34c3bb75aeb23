"""FRAME: a page that any other page may put into a frame.

`frame-ancestors` wins where it stands; X-Frame-Options counts only with the two values that browsers know.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_VALID = frozenset(("DENY", "SAMEORIGIN"))
_HEADER = "x-frame-options"


def look(context: Context) -> Iterator[Hit]:
    if not context.doc_like or any("frame-ancestors" in policy.directives for policy in context.policies):
        return
    values = {part.strip().upper() for value in context.all(_HEADER) for part in value.split(",")}
    if not values:
        reason = "The page may be framed by any other page."
    elif not values <= _VALID:
        reason = "The page's X-Frame-Options has a value that browsers do not know, so it does nothing."
    elif len(values) > 1:
        reason = "The page has two X-Frame-Options that differ, and browsers differ in which one counts."
    else:
        return
    yield Hit(
        severity=Severity.LOW,
        confidence=Confidence.CERTAIN,
        reason=reason,
        evidence=f"X-Frame-Options: {', '.join(context.all(_HEADER))}" if values else "no X-Frame-Options",
        parameter=_HEADER,
        offset=context.offset(_HEADER),
    )


CHECK = Check(
    id="FRAME",
    title="page that may be framed",
    reference="RFC 7034 §2.1; CSP3 frame-ancestors; ASVS 3.4.6; CWE-1021",
    advice="Send Content-Security-Policy: frame-ancestors 'none' or 'self'.",
    look=look,
)
