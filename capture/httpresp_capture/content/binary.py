"""Whether bytes are text that a person can read."""

import re

from httpresp_capture.content.bodies import text

_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 4096
"""Bytes that show whether the rest is text."""


def is_binary(data: bytes, content_type: str = "") -> bool:
    """True when the beginning, read by its charset, holds control characters that text has no use for."""
    return _BINARY.search(text(data[:_LOOKED_AT], content_type)) is not None
