"""OPENREDIR (opt-in): a redirect to another host whose whole address stood in the request's query."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from httpresp_capture.checks.addresses import host_name
from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.records.targets import authority_of

_QUERY_LIMIT = 8192


def look(context: Context) -> Iterator[Hit]:
    location = context.first("location")
    if not 300 <= context.status < 400 or not location.lower().startswith(("http://", "https://")):
        return
    target = host_name(authority_of(location))
    if not context.host or target == context.host:
        return
    for name, value in parse_qsl(context.path.partition("?")[2][:_QUERY_LIMIT]):
        if value == location:
            yield Hit(
                severity=Severity.LOW,
                confidence=Confidence.TENTATIVE,
                reason=f"The request's {name} decided where the redirect leads: to another host.",
                evidence=f"{context.host} → {target}",
                parameter=name,
                offset=context.offset("location"),
                shape="",
            )
            return


CHECK = Check(
    id="OPENREDIR",
    title="redirect to where the request said",
    reference="ASVS 3.7.2; CWE-601",
    advice="Redirect to places on a list.",
    look=look,
    opt_in=True,
)
