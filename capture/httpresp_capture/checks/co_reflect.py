"""CO-REFLECT: the server lets in whatever origin asks, with credentials.

One origin may be a partner on a list, so it is tentative until a second one, of another site, was let in too.
"""

from collections.abc import Iterator

from httpresp_capture.checks.addresses import site_of
from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.records.targets import authority_of


def look(context: Context) -> Iterator[Hit]:
    allowed = context.first("access-control-allow-origin")
    if allowed in ("", "*", "null") or context.first("access-control-allow-credentials") != "true":
        return
    asked = context.request_headers.get("origin")
    if asked != allowed or not context.host:
        return
    site = site_of(authority_of(asked))
    if site != site_of(context.host):
        yield Hit(
            severity=Severity.MEDIUM,
            confidence=Confidence.TENTATIVE,
            reason="The server allows the origin that asked, of another site, with credentials.",
            evidence=f"Origin and Access-Control-Allow-Origin: {allowed}",
            parameter="access-control-allow-origin",
            offset=context.offset("access-control-allow-origin"),
            shape="",
            variant=site,
        )


CHECK = Check(
    id="CO-REFLECT",
    title="CORS lets in who asks",
    reference="ASVS 3.4.2; CWE-942",
    advice="Compare Origin with a list of those that may use credentials.",
    look=look,
    variants_needed=2,
)
