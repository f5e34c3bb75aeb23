"""The body of a response as text, for the checks that read bodies.

At most 256 KiB of the decoded text are looked at. What is no text by its type or by its bytes gives none.
"""

from httpresp_capture.content import bodies, representation
from httpresp_capture.records.exchange import Response

TEXT_LIMIT = 262_144
"""What an error message or a token needs is near the beginning; the rest costs time."""
_LOOKED_AT = 4096
"""Characters in which control characters show that it is binary."""

_NEVER_TEXT = ("image/", "font/", "audio/", "video/", "text/css", "application/font", "application/zip")
_SCRIPT = frozenset(("text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript"))
_BINARY = frozenset(map(chr, (*range(9), *range(14, 27), *range(28, 32))))


def decoded_body(response: Response) -> bytes:
    """The kept bytes of the body with their codings removed, as far as they go; empty when that fails."""
    decoded = representation.decoded(response, max_output=TEXT_LIMIT, whole=False)
    return b"" if decoded.left else decoded.data


def text_of(body: bytes, media_type: str, content_type: str) -> str:
    """The decoded body as text; empty when its type or its bytes say that it is none."""
    if not body or media_type.startswith(_NEVER_TEXT) or media_type in _SCRIPT:
        return ""
    text = bodies.text(body, content_type)
    return "" if _BINARY.intersection(text[:_LOOKED_AT]) else text
