"""What the numbers of HTTP/2 are called (RFC 9113 §7, and the registry of IANA)."""

from typing import Final

_ERRORS: Final = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)  # fmt: skip
NO_ERROR: Final = 0
HEADER_TABLE_SIZE: Final = 1
MAX_FRAME_SIZE: Final = 5


def error_name(code: int) -> str:
    """The error code of RST_STREAM or GOAWAY by name, else as a number."""
    return _ERRORS[code] if code < len(_ERRORS) else f"error 0x{code:x}"
