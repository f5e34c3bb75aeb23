"""What is known of the TLS of a connection, from what both ends say in clear and, with keys, from all of it."""

from dataclasses import fields
from typing import Final

from httpresp_capture.records.record import record


@record
class Tls:
    """One TLS connection, as far as it has come. Text from the wire is Latin-1."""

    version: str = ""
    """`TLS 1.3`, once the server has chosen; before that the highest that the client offers."""
    sni: str = ""
    """The server name that the client asks for (RFC 6066 §3); empty where it names none."""
    alpn: str = ""
    """The protocol inside that the server chose (RFC 7301), where that is visible; else what the client offers, with
    commas."""
    state: str = ""
    """One of `STATES`, or `LOST` and how much."""
    cipher_suite: str = ""
    resumed: bool | None = None
    """None where that is not known."""
    retried: bool = False
    """True when the server asked for another hello (HelloRetryRequest)."""
    encrypted_hello: bool = False
    """True when the client's real hello is encrypted (ECH, or GREASE that looks like it)."""
    alert: str = ""
    """The first alert that was sent in clear or could be read, but close_notify: who sent it, and its name."""
    handshake_ns: int | None = None
    """From the client's hello to the server's; None where that is not known."""
    ja3: str = ""
    ja3s: str = ""
    ja4: str = ""
    client_random: str = ""
    """In hexadecimal: what the lines of a key log are found by; no secret."""
    certificate_subject: str = ""
    """Who the server's certificate names (RFC 5280), where that is visible: up to TLS 1.2, and with keys."""
    certificate_issuer: str = ""
    certificate_not_after: str = ""
    """The end of its validity: `2026-12-01T10:00:00Z`."""

    @property
    def is_read(self) -> bool:
        """True when what it carries is read."""
        return self.state == READ or self.state.startswith(LOST)


TLS_FIELDS: Final = tuple(field.name for field in fields(Tls))
"""All of them: the event codec, Tracee's event and what reads it go by these."""
HANDSHAKE = "handshake"
NO_KEY = "no key"
"""None came, or too late."""
UNSUPPORTED = "unsupported suite"
MIDSTREAM = "joined midstream"
SOUGHT = "joined midstream, its keys are sought"
NOT_FOUND = "joined midstream, no key was found"
INCOMPLETE = "handshake incomplete"
FAILED = "decrypt failed"
MALFORMED = "malformed"
EMPTY = "opened, and it carried nothing"
READ = "decrypted"
LOST = "decrypted but for "
BEGINNING = "its beginning"
"""What is lost of a connection that was joined midstream."""
