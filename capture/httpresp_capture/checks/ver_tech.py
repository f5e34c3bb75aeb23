"""VER-TECH: a header that only tells what the service is made with.

The names are those that OWASP's Secure Headers project says to remove, without tracing ids and cache state: these
are useful to who reads the capture, and tell a stranger nothing.
"""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_NAMES = frozenset(
    [
        "liferay-portal",
        "oraclecommercecloud-version",
        "pega-host",
        "powered-by",
        "product",
        "x-aspnet-version",
        "x-aspnetmvc-version",
        "x-beserver",
        "x-calculatedbetarget",
        "x-cf-powered-by",
        "x-cms",
        "x-cocoon-version",
        "x-content-encoded-by",
        "x-diaginfo",
        "x-feserver",
        "x-framework",
        "x-generated-by",
        "x-generator",
        "x-jitsi-release",
        "x-mod-pagespeed",
        "x-owa-version",
        "x-page-speed",
        "x-php-version",
        "x-powered-by",
        "x-powered-by-plesk",
        "x-powered-cms",
        "x-redirect-by",
        "x-runtime",
        "x-server-powered-by",
        "x-sourcefiles",
        "x-turbo-charged-by",
        "x-umbraco-version",
        "x-varnish-backend",
        "x-varnish-server",
    ]
)
_PREFIX = "x-drupal-"
_VERSION = re.compile(r"\d\.\d")
_MEASURES = frozenset(("x-runtime",))
"""The number in these is a time, not a version."""


def look(context: Context) -> Iterator[Hit]:
    for name, values in context.by_name.items():
        if name not in _NAMES and not name.startswith(_PREFIX):
            continue
        for nth, value in enumerate(values):
            version = name not in _MEASURES and _VERSION.search(value) is not None
            yield Hit(
                severity=Severity.LOW if version else Severity.INFO,
                confidence=Confidence.CERTAIN,
                reason=f"The header {name} tells what the service is made with"
                + (", with its version." if version else "."),
                evidence=f"{name}: {value}",
                parameter=name,
                offset=context.offset(name, nth),
                shape=value if version else "",
            )


CHECK = Check(
    id="VER-TECH",
    title="header that tells the technology",
    reference="OWASP Secure Headers, headers to remove; ASVS 13.4.6; CWE-497",
    advice="Remove the header.",
    look=look,
)
