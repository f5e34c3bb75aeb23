"""CO-CREDS: credentials across origins for everyone (which browsers refuse) or for `null` (which is anyone)."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_JUDGED = {
    "*": (Severity.LOW, "Browsers refuse credentials with Access-Control-Allow-Origin: *, so this does not work."),
    "null": (Severity.MEDIUM, "Credentials are allowed to the origin null, which any sandboxed frame has."),
}


def look(context: Context) -> Iterator[Hit]:
    if context.first("access-control-allow-credentials") != "true":
        return
    origin = context.first("access-control-allow-origin")
    judged = _JUDGED.get(origin)
    if judged is not None:
        severity, reason = judged
        yield Hit(
            severity=severity,
            confidence=Confidence.CERTAIN,
            reason=reason,
            evidence=f"Access-Control-Allow-Origin: {origin}; Access-Control-Allow-Credentials: true",
            parameter="access-control-allow-origin",
            offset=context.offset("access-control-allow-origin"),
        )


CHECK = Check(
    id="CO-CREDS",
    title="CORS with credentials for all",
    reference="Fetch standard, CORS protocol and credentials; ASVS 3.4.2; CWE-942",
    advice="Name the origins that may use credentials, one by one.",
    look=look,
)
