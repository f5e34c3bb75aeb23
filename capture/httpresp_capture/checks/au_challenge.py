"""AU-CHALLENGE: 401 or 407 without the header that says how to log in. Common in JSON APIs, hence inventory."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_NEEDED = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}


def look(context: Context) -> Iterator[Hit]:
    needed = _NEEDED.get(context.status)
    if needed is not None and not context.has(needed.lower()):
        yield Hit(
            severity=Severity.INFO,
            confidence=Confidence.CERTAIN,
            reason=f"A {context.status} must carry {needed}, and this one does not.",
            evidence=f"status {context.status}",
            parameter=needed.lower(),
            shape="",
        )


CHECK = Check(
    id="AU-CHALLENGE",
    title="401 or 407 without a challenge",
    reference="RFC 9110 §15.5.2, §15.5.8",
    advice="Send a challenge with a scheme of your own, or answer 403.",
    look=look,
)
