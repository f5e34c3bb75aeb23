"""DEPR (opt-in): headers that do nothing any more, or do harm."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_NAMES = frozenset(
    [
        "public-key-pins",
        "public-key-pins-report-only",
        "expect-ct",
        "feature-policy",
        "p3p",
        "x-webkit-csp",
        "x-content-security-policy",
        "pragma",
    ]
)
_XSS = "x-xss-protection"


def look(context: Context) -> Iterator[Hit]:
    for name in context.by_name:
        if name in _NAMES or (name == _XSS and context.first(name).startswith("1")):
            yield Hit(
                severity=Severity.INFO,
                confidence=Confidence.CERTAIN,
                reason=f"No browser of today heeds {name}.",
                evidence=f"{name}: {context.first(name)}",
                parameter=name,
                offset=context.offset(name),
                shape="",
            )


CHECK = Check(
    id="DEPR",
    title="header without effect",
    reference="MDN, deprecated HTTP headers",
    advice="Leave it out, and use what has replaced it.",
    look=look,
    opt_in=True,
)
