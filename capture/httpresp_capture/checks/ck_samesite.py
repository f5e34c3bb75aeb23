"""CK-SAMESITE: SameSite that browsers refuse, do not know, or that a session cookie does not have."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import cookie_line
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.cookies import SetCookie

_KNOWN = frozenset(("strict", "lax", "none"))


def look(context: Context) -> Iterator[Hit]:
    for line in context.cookies:
        cookie = line.cookie
        found = _judged(cookie)
        if found is not None:
            severity, reason, advice = found
            yield Hit(
                severity=severity,
                confidence=Confidence.CERTAIN,
                reason=reason,
                evidence=cookie_line(cookie, context.options.salt),
                parameter=cookie.name,
                offset=line.offset,
                shape=cookie.same_site or "absent",
                advice=advice,
            )


def _judged(cookie: SetCookie) -> tuple[Severity, str, str] | None:
    same_site = cookie.same_site
    if same_site is None:
        if not cookie.session_like:
            return None
        reason = f"The session cookie {cookie.name} does not say SameSite; browsers differ in what they take it for."
        return Severity.INFO, reason, "Add SameSite=Lax, or Strict where no link from elsewhere leads in."
    if same_site not in _KNOWN:
        reason = f"The cookie {cookie.name} has a SameSite value that no browser knows."
        return Severity.LOW, reason, "Use Strict, Lax or None."
    if same_site == "none" and not cookie.secure:
        reason = f"The cookie {cookie.name} says SameSite=None without Secure, and browsers refuse it."
        return Severity.MEDIUM, reason, "Add Secure, or use SameSite=Lax."
    return None


CHECK = Check(
    id="CK-SAMESITE",
    title="SameSite absent, unknown or refused",
    reference="RFC 6265bis §4.1.2.7; ASVS 3.3.2; CWE-1275",
    advice="Set SameSite by what the cookie is for.",
    look=look,
)
