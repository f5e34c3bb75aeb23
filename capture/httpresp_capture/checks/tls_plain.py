"""TLS-PLAIN: a client that spoke TLS was answered in clear text, so one of both ends has the wrong port or scheme."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    for problem in context.response.problems:
        if problem.name == "no-request" and problem.detail == "the client sent TLS":
            yield Hit(
                severity=Severity.LOW,
                confidence=Confidence.CERTAIN,
                reason="The client spoke TLS, and the server answered in clear text.",
                evidence=context.response.status_line,
                parameter="scheme",
            )


CHECK = Check(
    id="TLS-PLAIN",
    title="clear-text answer to TLS",
    reference="RFC 9110 §4.2.2; ASVS 12.2.1; CWE-319",
    advice="Let the client use http, or the server speak TLS on this port.",
    look=look,
)
