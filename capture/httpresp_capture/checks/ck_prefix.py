"""CK-PREFIX: a cookie's name promises what its attributes do not keep, so browsers refuse it without a word."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import cookie_attributes, cookie_line
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.cookies import SetCookie


def look(context: Context) -> Iterator[Hit]:
    for line in context.cookies:
        cookie = line.cookie
        broken = broken_promises(cookie)
        if broken:
            yield Hit(
                severity=Severity.MEDIUM,
                confidence=Confidence.CERTAIN,
                reason=f"Browsers refuse the cookie {cookie.name}: its name needs {' and '.join(broken)}.",
                evidence=cookie_line(cookie, context.options.salt),
                parameter=cookie.name,
                offset=line.offset,
                shape=cookie_attributes(cookie, context.options.salt),
            )


def broken_promises(cookie: SetCookie) -> list[str]:
    """What the prefix of the name asks for and the attributes lack; prefixes are matched in any case (RFC 6265bis)."""
    name = cookie.name.lower()
    if not name.startswith(("__host-", "__secure-")):
        return []
    broken = [] if cookie.secure else ["Secure"]
    if name.startswith("__host-"):
        if cookie.attribute("domain"):
            broken.append("no Domain")
        if cookie.path != "/":
            broken.append("Path=/")
    return broken


CHECK = Check(
    id="CK-PREFIX",
    title="cookie prefix not kept",
    reference="RFC 6265bis §4.1.3; ASVS 3.3.1, 3.3.3",
    advice="Give the cookie the attributes that its name promises, or another name.",
    look=look,
)
