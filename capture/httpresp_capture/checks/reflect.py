"""REFLECT (opt-in): what stood in the request's query stands in the page as it was, markup included."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import beginning
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_LENGTH = 6
_QUERY_LIMIT = 4096


def look(context: Context) -> Iterator[Hit]:
    query = context.path.partition("?")[2][:_QUERY_LIMIT]
    if not query or not context.media_type.startswith(("text/html", "application/xhtml")):
        return
    for name, value in parse_qsl(query):
        if len(value) < _LENGTH or not any(mark in value for mark in "<\"'"):
            continue
        at = context.text.find(value)
        if at >= 0:
            yield Hit(
                severity=Severity.MEDIUM,
                confidence=Confidence.TENTATIVE,
                reason=f"The query's {name} stands in the page unescaped.",
                evidence=beginning(f"{name}={value}", 80),
                parameter=name,
                offset=context.body_offset(at),
                shape="",
            )


CHECK = Check(
    id="REFLECT",
    title="query repeated in the page unescaped",
    reference="ASVS 1.2.1; CWE-79",
    advice="Escape what comes from the request for the place where it goes.",
    look=look,
    opt_in=True,
)
