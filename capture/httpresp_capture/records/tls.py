"""What a connection shows of its TLS, keys or not."""

from dataclasses import fields
from typing import Final

from httpresp_capture.records.record import record


@record
class Tls:
    """Text from the wire is Latin-1. What was not seen is empty."""

    version: str = ""
    """The one that both ends agreed on: `TLS 1.3`."""
    sni: str = ""
    """The server name that the client asked for (RFC 6066 §3)."""
    alpn: str = ""
    """The protocol inside that the server chose (RFC 7301), else the first that the client offered."""


TLS_FIELDS: Final = tuple(field.name for field in fields(Tls))
"""All of them: the event codec, Tracee's event and what reads it go by these."""
