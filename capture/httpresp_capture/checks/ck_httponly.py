"""CK-HTTPONLY: a session cookie can be read by scripts.

Worse on a page whose policy would let a stranger's inline script run.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import cookie_attributes, cookie_line
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    for line in context.cookies:
        cookie = line.cookie
        if cookie.session_like and not cookie.http_only:
            exposed = context.doc_like and not any(policy.protects_scripts for policy in context.policies)
            yield Hit(
                severity=Severity.MEDIUM if exposed else Severity.LOW,
                confidence=Confidence.CERTAIN,
                reason=f"The session cookie {cookie.name} has no HttpOnly, so scripts can read it"
                + (", and no policy keeps strange scripts out." if exposed else "."),
                evidence=cookie_line(cookie, context.options.salt, value=True),
                parameter=cookie.name,
                offset=line.offset,
                shape=cookie_attributes(cookie, context.options.salt),
            )


CHECK = Check(
    id="CK-HTTPONLY",
    title="session cookie without HttpOnly",
    reference="RFC 6265 §4.1.2.6; ASVS 3.3.4; CWE-1004",
    advice="Add HttpOnly unless a script of the site must read the cookie.",
    look=look,
)
