"""TLS-VERSION: the server still speaks a version of TLS that is deprecated."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_DEPRECATED = ("SSL 3.0", "TLS 1.0", "TLS 1.1")


def look(context: Context) -> Iterator[Hit]:
    tls = context.response.flow.tls
    # Before the server has chosen a suite, the version is the client's offer.
    if tls is not None and tls.cipher_suite and tls.version in _DEPRECATED:
        yield Hit(
            severity=Severity.MEDIUM,
            confidence=Confidence.CERTAIN,
            reason=f"The connection uses {tls.version}, which is deprecated.",
            evidence=tls.version,
            parameter="version",
        )


CHECK = Check(
    id="TLS-VERSION",
    title="deprecated version of TLS",
    reference="RFC 8996; ASVS 12.1.1; CWE-326",
    advice="Offer TLS 1.2 and 1.3 alone.",
    look=look,
    of_connection=True,
)
