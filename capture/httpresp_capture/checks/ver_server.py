"""VER-SERVER: the Server header tells the version. A name with a digit in it is no version: `s3`, `HTTP API/2`."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_VERSION = re.compile(r"(?<![\w.-])([\w.-]{1,60})/(\d{1,6}(?:\.\d{1,6})+)")
_SYSTEM = re.compile(
    r"\((Ubuntu|Debian|CentOS|Red Hat[^)]{0,30}|Fedora|AlmaLinux|Rocky Linux|Amazon[^)]{0,20}|FreeBSD|Unix|Win\d\d)\)"
)
_ENDED: dict[str, tuple[str, ...]] = {
    "apache": ("1.", "2.0.", "2.2."),
    "nginx": ("0.",),
    "php": ("3.", "4.", "5.", "7."),
    "openssl": ("0.", "1.0.", "1.1."),
    "microsoft-iis": ("4.", "5.", "6.", "7.", "8."),
    "python": ("2.",),
    "lighttpd": ("1.3.",),
}
"""Versions that get no repairs any more, by product."""


def look(context: Context) -> Iterator[Hit]:
    for nth, value in enumerate(context.all("server")):
        versions = _VERSION.findall(value)
        system = _SYSTEM.search(value)
        if not versions and system is None:
            continue
        ended = next((name for name, version in versions if version.startswith(_ENDED.get(name.lower(), ("#",)))), "")
        yield Hit(
            severity=Severity.LOW if ended else Severity.INFO,
            confidence=Confidence.CERTAIN,
            reason=f"The Server header tells a version of {ended} that gets no repairs any more."
            if ended
            else "The Server header tells the " + ("version." if versions else "operating system."),
            evidence=f"Server: {value}",
            parameter="server",
            offset=context.offset("server", nth),
            shape=value,
        )


CHECK = Check(
    id="VER-SERVER",
    title="version in the Server header",
    reference="RFC 9110 §10.2.4; ASVS 13.4.6; CWE-497",
    advice="Shorten the header to the product's name, and keep the product up to date.",
    look=look,
)
