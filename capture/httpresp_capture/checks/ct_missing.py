"""CT-MISSING: the type or the charset of a body is left to guessing."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.content.charsets import BOMS
from httpresp_capture.http.directives import media_type

_HEADER = "content-type"
_TINY = 16
"""Bytes of a body, such as the `ok` of a health check, of which nobody needs to know the type."""
_DANGEROUS = frozenset(("utf-7", "iso-2022-jp"))
_DECLARED_WITHIN = 1024
"""Bytes in which HTML must say its charset."""
_CHARSET = re.compile(rb"charset\s{0,5}=", re.IGNORECASE)


def look(context: Context) -> Iterator[Hit]:
    if not context.has_body or context.status == 206:
        return
    values = context.all(_HEADER)
    if len({value.lower() for value in values}) > 1:
        yield _hit(context, Severity.LOW, "The body has two types that differ.", "conflict")
    elif not context.media_type and context.response.body_bytes > _TINY:
        reason = "The type of the body cannot be read." if context.first(_HEADER) else "The body has no type."
        yield _hit(context, Severity.INFO, reason, "missing")
    if context.charset in _DANGEROUS:
        reason = f"The charset {context.charset} lets text turn into script unseen."
        yield _hit(context, Severity.MEDIUM, reason, "charset")
    elif context.media_type == "text/html" and not context.charset and not _says_charset(context):
        yield _hit(context, Severity.INFO, "The page does not say its charset.", "no charset")


def _says_charset(context: Context) -> bool:
    """In the page itself; True as well where too little of it was seen to know."""
    data = context.decoded
    if not context.whole_body and len(data) < _DECLARED_WITHIN:
        return True
    if data.startswith(tuple(mark for mark, _ in BOMS)):
        return True
    declared = media_type(context.first(_HEADER))[1]
    return not data or "charset" in declared or _CHARSET.search(data, 0, _DECLARED_WITHIN) is not None


def _hit(context: Context, severity: Severity, reason: str, shape: str) -> Hit:
    return Hit(
        severity=severity,
        confidence=Confidence.CERTAIN,
        reason=reason,
        evidence="; ".join(f"Content-Type: {value}" for value in context.all(_HEADER)) or "no Content-Type",
        parameter=_HEADER,
        offset=context.offset(_HEADER),
        shape=shape,
    )


CHECK = Check(
    id="CT-MISSING",
    title="type or charset left to guessing",
    reference="RFC 9110 §8.3; ASVS 4.1.1; CWE-436",
    advice="Send one Content-Type that is true, with charset=utf-8 for text.",
    look=look,
)
