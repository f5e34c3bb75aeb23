"""What can be said of a TLS connection whose content is not read, from the sizes and times of its records alone."""

from dataclasses import fields
from typing import Final

from httpresp_capture.records.record import record


@record
class Encrypted:
    """One connection. Its names, version and suite are those of `Flow.tls`."""

    client_bytes: int = 0
    """Bytes of protected records that the client sent, as their headers say; of TLS 1.3 those of its handshake, too."""
    server_bytes: int = 0
    missing_bytes: int = 0
    """Bytes of TCP that were lost of both: the other figures are too low by what was in them."""
    exchanges: int = 0
    """How often the server answered after the client had spoken: an estimate of the responses, of which it is the
    least where several were under way at once."""
    first_byte_ns: int | None = None
    """The median of the waits between: an estimate of the time to first byte. None where there was no exchange."""
    overlapping: bool = False
    """True when several requests seem to have been under way at once: a burst of them counts as one exchange."""
    unframed_bytes: int = 0
    """How many of both ends' bytes stand in no record that was found, behind a loss or where the capture began: the
    framing of TLS is counted with them, and what was exchanged in them is not."""


ENCRYPTED_FIELDS: Final = tuple(field.name for field in fields(Encrypted))
"""All of them: the event codec, the JSON event and what reads it go by these."""
