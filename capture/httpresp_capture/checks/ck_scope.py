"""CK-SCOPE: a cookie reaches further, is larger or lives longer than it should."""

from collections.abc import Iterator

from httpresp_capture.checks.addresses import is_public_suffix
from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_SIZE = 4096
"""RFC 6265bis §5.6: a browser need not keep more in name and value together."""
_LABELS_ABOVE = 2
_LIFETIME = 400 * 86_400
"""RFC 6265bis §5.5: browsers cut a longer life down to 400 days."""


def look(context: Context) -> Iterator[Hit]:
    for line in context.cookies:
        cookie = line.cookie
        lifetime = cookie.lifetime(context.response.at)
        wrongs: list[tuple[str, str, str]] = []
        if context.host and cookie.domain and (reach := _too_wide(context.host, cookie.domain)):
            wrongs.append(("domain", f"Domain={cookie.domain} on {context.host}", reach))
        if cookie.size > _SIZE:
            wrongs.append(("size", f"{cookie.size} bytes", "is larger than the 4,096 bytes that browsers keep"))
        if cookie.session_like and lifetime is not None and lifetime > _LIFETIME:
            wrongs.append(("age", f"{lifetime // 86_400} days", "is a session that lives for more than 400 days"))
        for shape, evidence, what in wrongs:
            yield Hit(
                severity=Severity.LOW,
                confidence=Confidence.CERTAIN if shape == "size" else Confidence.FIRM,
                reason=f"The cookie {cookie.name} {what}.",
                evidence=f"{cookie.name}: {evidence}",
                parameter=cookie.name,
                offset=line.offset,
                shape=shape,
            )


def _too_wide(host: str, domain: str) -> str:
    if host == domain or not host.endswith("." + domain):
        return ""
    if is_public_suffix(domain):
        return "is set for a domain under which strangers have names"
    above = host.count(".") - domain.count(".")
    return f"is sent to every host {above} levels up" if above >= _LABELS_ABOVE else ""


CHECK = Check(
    id="CK-SCOPE",
    title="cookie too wide, large or long-lived",
    reference="RFC 6265bis §5.5, §5.6; ASVS 3.3.3, 3.3.5",
    advice="Leave Domain out so that the cookie stays with its host, keep it small, and let sessions end.",
    look=look,
)
