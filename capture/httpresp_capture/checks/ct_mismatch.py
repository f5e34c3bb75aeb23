"""CT-MISMATCH: the body is plainly of another type than the declared one, and browsers are not told not to guess."""

import json
import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import beginning
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_MARKUP = re.compile(rb"<(?:!doctype html|html|head|script|iframe|svg)[\s>]", re.IGNORECASE)
_TAKEN_FOR_OTHER = frozenset(("text/plain", "application/octet-stream", "application/json"))
_JSON_LIMIT = 65_536


def look(context: Context) -> Iterator[Hit]:
    declared = context.media_type
    if not context.has_body or context.status == 206:
        return
    if context.first("x-content-type-options").partition(",")[0].strip().lower() == "nosniff":
        return
    start = context.decoded[:512].lstrip(b" \t\r\n\x0c")
    if not start:
        return
    if declared in _TAKEN_FOR_OTHER or (declared.startswith("image/") and declared != "image/svg+xml"):
        attached = context.first("content-disposition").lower().startswith("attachment")
        sniffed = "text/html" if _MARKUP.match(start) and not attached else ""
    elif declared == "text/html" and start[:1] in (b"{", b"[") and _is_json(context):
        sniffed = "application/json"
    else:
        return
    if sniffed:
        yield Hit(
            severity=Severity.MEDIUM,
            confidence=Confidence.FIRM,
            reason=f"The body is declared {declared} and looks like {sniffed}.",
            evidence=f"declared {declared}, found {sniffed}: {beginning(start.decode('latin-1'), 16)}",
            parameter="content-type",
            offset=context.offset("content-type"),
            shape=f"{declared} {sniffed}",
        )


def _is_json(context: Context) -> bool:
    if not context.whole_body or len(context.decoded) > _JSON_LIMIT:
        return False
    try:
        return isinstance(json.loads(context.decoded), dict | list)
    except (ValueError, RecursionError):
        return False


CHECK = Check(
    id="CT-MISMATCH",
    title="body of another type than declared",
    reference="WHATWG MIME Sniffing, computed MIME type; ASVS 4.1.1, 3.2.1; CWE-430",
    advice="Declare the true type, and send X-Content-Type-Options: nosniff.",
    look=look,
)
