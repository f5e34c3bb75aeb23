"""TLS-CERT: the certificate that the server shows has expired when the capture was made, or is about to."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.query.texts import utf8
from httpresp_capture.records.plurals import many

DAYS: Final = 14
"""About to: so many days before."""
_DAY: Final = 86_400


def look(context: Context) -> Iterator[Hit]:
    tls = context.response.flow.tls
    if tls is None or not tls.certificate_not_after:
        return
    try:
        until = datetime.fromisoformat(tls.certificate_not_after.replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return
    left = until - context.response.at / 1_000_000_000
    if left >= DAYS * _DAY:
        return
    severity = Severity.MEDIUM if left < 0 else Severity.LOW
    when = "had expired" if left < 0 else f"expires within {many(int(left // _DAY) + 1, 'day')}"
    subject = utf8(tls.certificate_subject)
    yield Hit(
        severity=severity,
        confidence=Confidence.CERTAIN,
        reason=f"The server's certificate {when}, by the clock of the capture.",
        evidence=f"{subject} until {tls.certificate_not_after}",
        parameter="certificate",
        shape=f"{subject} {tls.certificate_not_after}",
    )


CHECK = Check(
    id="TLS-CERT",
    title="certificate expired or about to",
    reference="RFC 5280 §4.1.2.5; ASVS 12.3.4; CWE-298",
    advice="Renew it, and let a program do so from now on.",
    look=look,
    of_connection=True,
)
