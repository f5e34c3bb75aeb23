"""AU-TRACE: the server answers TRACE, which repeats a request with its credentials."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.directives import split_outside_quotes

_METHODS = frozenset(("TRACE", "TRACK"))


def look(context: Context) -> Iterator[Hit]:
    if context.status == 200 and context.media_type == "message/http":
        yield Hit(
            severity=Severity.LOW,
            confidence=Confidence.CERTAIN,
            reason="The response repeats a request, so TRACE is answered.",
            evidence="Content-Type: message/http",
            parameter="content-type",
            offset=context.offset("content-type"),
        )
    for header in ("allow", "access-control-allow-methods"):
        for nth, value in enumerate(context.all(header)):
            listed = _METHODS.intersection(split_outside_quotes(value.upper(), ","))
            if listed:
                yield Hit(
                    severity=Severity.LOW,
                    reason=f"The header {header} lists {' and '.join(sorted(listed))}.",
                    evidence=f"{header}: {value}",
                    parameter=header,
                    offset=context.offset(header, nth),
                    shape="",
                )


CHECK = Check(
    id="AU-TRACE",
    title="TRACE is answered",
    reference="RFC 9110 §9.3.8; ASVS 13.4.4",
    advice="Switch TRACE off.",
    look=look,
)
