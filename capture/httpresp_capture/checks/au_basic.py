"""AU-BASIC: the server asks for a password that will cross the wire in clear, or weakly hashed."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import beginning
from httpresp_capture.checks.exposure import hop, in_clear
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.directives import challenges


def look(context: Context) -> Iterator[Hit]:
    for header in ("www-authenticate", "proxy-authenticate"):
        for challenge in challenges(context.all(header)):
            realm = challenge.parameters.get("realm", "")
            if challenge.scheme == "basic":
                severity = in_clear(context, Severity.HIGH)
                reason = f"The server asks for a password by Basic in clear text{hop(context)}."
            elif challenge.scheme == "digest" and challenge.parameters.get("algorithm", "md5").lower() in (
                "md5",
                "md5-sess",
            ):
                severity = in_clear(context, Severity.LOW)
                reason = f"The server asks for a password by Digest with MD5 in clear text{hop(context)}."
            else:
                continue
            if severity is not None:
                yield Hit(
                    severity=severity,
                    confidence=Confidence.CERTAIN,
                    reason=reason,
                    evidence=f'{challenge.scheme.capitalize()} realm="{beginning(realm, 80)}"',
                    parameter=header,
                    offset=context.offset(header),
                    shape=challenge.scheme + hop(context),
                )


CHECK = Check(
    id="AU-BASIC",
    title="password asked for in clear text",
    reference="RFC 7617 §4; RFC 7616 §3.3; ASVS 12.2.1; CWE-319",
    advice="Ask for passwords over TLS alone.",
    look=look,
)
