"""CK-SECURE: a cookie of a TLS site lacks Secure, so that it travels in clear as soon as one link says http."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import cookie_attributes, cookie_line
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    if not context.edge_tls:
        return
    for line in context.cookies:
        cookie = line.cookie
        if not cookie.secure:
            yield Hit(
                severity=Severity.MEDIUM if cookie.session_like else Severity.LOW,
                confidence=Confidence.CERTAIN,
                reason=f"The cookie {cookie.name} has no Secure, so browsers send it over plain HTTP too.",
                evidence=cookie_line(cookie, context.options.salt, value=True),
                parameter=cookie.name,
                offset=line.offset,
                shape=cookie_attributes(cookie, context.options.salt),
            )


CHECK = Check(
    id="CK-SECURE",
    title="cookie without Secure",
    reference="RFC 6265 §4.1.2.5; ASVS 3.3.1; CWE-614",
    advice="Add Secure to the cookie.",
    look=look,
)
