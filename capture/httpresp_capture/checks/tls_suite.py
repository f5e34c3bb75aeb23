"""TLS-SUITE: the cipher suite that the server chose is broken, or has no forward secrecy."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_BROKEN = re.compile(r"_(?:NULL|anon|EXPORT|EXPORT1024|RC4|RC2|DES40|DES|3DES|MD5)(?:_|$)|^TLS_SHA(?:256|384)_")
"""The last two protect nothing from being read (RFC 9150)."""
_FIXED = re.compile(r"TLS_(?:RSA|DH_RSA|DH_DSS|ECDH_RSA|ECDH_ECDSA|PSK|RSA_PSK|KRB5)_WITH_")
"""Whose keys follow from one that stays."""


def look(context: Context) -> Iterator[Hit]:
    tls = context.response.flow.tls
    if tls is None or not tls.cipher_suite:
        return
    suite = tls.cipher_suite
    if _BROKEN.search(suite):
        severity, what = Severity.MEDIUM, "is broken or nearly so"
    elif _FIXED.match(suite):
        severity, what = Severity.LOW, "has no forward secrecy: who gets the key that stays reads what was recorded"
    else:
        return
    yield Hit(
        severity=severity,
        confidence=Confidence.CERTAIN,
        reason=f"The cipher suite {what}.",
        evidence=suite,
        parameter="cipher suite",
        shape=suite,
    )


CHECK = Check(
    id="TLS-SUITE",
    title="weak cipher suite",
    reference="RFC 9325 §4.1, §4.2; RFC 7465; ASVS 12.1.2; CWE-327",
    advice="Offer suites with ECDHE and AEAD alone.",
    look=look,
    of_connection=True,
)
