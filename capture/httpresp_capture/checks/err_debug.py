"""ERR-DEBUG: a framework's debug mode shows, in a header or in the body."""

from base64 import b64decode
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_NAMES = frozenset(("x-chromelogger-data", "x-chromephp-data", "x-debugkit-id", "phpdebugbar-id"))
_PREFIX = "x-debug-"
_BODY_MARKS = (
    ("Werkzeug", "__debugger__=yes"),
    ("Django", "You're seeing this error because you have <code>DEBUG = True"),
    ("Django", "You&#x27;re seeing this error because you have <code>DEBUG = True"),
)


def look(context: Context) -> Iterator[Hit]:
    for name in context.by_name:
        if name in _NAMES or name.startswith(_PREFIX):
            value = context.first(name)
            yield Hit(
                severity=Severity.MEDIUM,
                reason=f"The header {name} is set by a debugger, so debug mode is on.",
                evidence=f"{name}: {len(value)} characters{_decoded_size(value)}",
                parameter=name,
                offset=context.offset(name),
                shape=name,
            )
    text = context.text
    for family, mark in _BODY_MARKS:
        at = text.find(mark) if text else -1
        if at >= 0:
            yield Hit(
                severity=Severity.MEDIUM,
                confidence=Confidence.FIRM if context.status >= 400 else Confidence.TENTATIVE,
                reason=f"The body is the debug page of {family}.",
                evidence=mark,
                parameter=family,
                offset=context.body_offset(at),
            )


def _decoded_size(value: str) -> str:
    try:
        return f", {len(b64decode(value, validate=True))} bytes decoded" if len(value) > 32 else ""
    except ValueError:
        return ""


CHECK = Check(
    id="ERR-DEBUG",
    title="debug mode",
    reference="ASVS 13.4.2; CWE-489",
    advice="Switch debug mode off wherever strangers can reach the service.",
    look=look,
)
