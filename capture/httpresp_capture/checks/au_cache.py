"""AU-CACHE: what was made for one user may be kept by a cache and handed to another.

Only pages, JSON and XML: static files that carry a tracking cookie are no secret.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    if not (context.doc_like or context.media_type.endswith(("/json", "+json", "/xml", "+xml"))):
        return
    session = next((line.cookie.name for line in context.cookies if line.cookie.session_like), "")
    if not session and "authorization" not in context.request_headers:
        return
    if context.cacheable:
        why = f"sets the session cookie {session}" if session else "answers a request with Authorization"
        header = "expires" if context.cacheable.startswith("Expires") else "cache-control"
        yield Hit(
            severity=Severity.MEDIUM,
            reason=f"The response {why} and lets caches keep it.",
            evidence=context.cacheable,
            parameter=header,
            offset=context.offset(header),
        )


CHECK = Check(
    id="AU-CACHE",
    title="personal response that caches may keep",
    reference="RFC 9111 §3.5, §7.3; ASVS 14.3.2, 14.2.2; CWE-525",
    advice="Send Cache-Control: no-store, or at least private.",
    look=look,
)
