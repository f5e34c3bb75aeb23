"""CK-CLEAR: a cookie is set in clear text, where everyone on the way can take it."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import cookie_line
from httpresp_capture.checks.exposure import hop, in_clear
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    for line in context.cookies:
        cookie = line.cookie
        severity = in_clear(context, Severity.HIGH if cookie.session_like else Severity.LOW)
        if severity is not None:
            what = "The session cookie" if cookie.session_like else "The cookie"
            yield Hit(
                severity=severity,
                confidence=Confidence.CERTAIN,
                reason=f"{what} {cookie.name} is set in clear text{hop(context)}.",
                evidence=cookie_line(cookie, context.options.salt, value=True),
                parameter=cookie.name,
                offset=line.offset,
                shape=("session" if cookie.session_like else "") + hop(context),
            )


CHECK = Check(
    id="CK-CLEAR",
    title="cookie set in clear text",
    reference="RFC 6265 §8.3; ASVS 12.2.1, 3.3.1; CWE-319",
    advice="Set cookies over TLS alone, with Secure.",
    look=look,
)
