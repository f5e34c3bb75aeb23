"""The certificate that a server shows (RFC 5280), as far as a person asks for it: who, by whom, until when.

Up to TLS 1.2 it is sent in clear; that of TLS 1.3 is seen with keys alone. What cannot be read is left out.
"""

import hashlib
import warnings
from typing import TYPE_CHECKING, Final

from httpresp_capture.records.record import record

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as X509
    from cryptography.x509 import Name

REMEMBERED: Final = 256
"""Certificates whose facts are kept: a server shows the same one again and again."""
MOST_NAME: Final = 200
"""Bytes of a name."""


@record
class Certificate:
    """What is told of one; names are UTF-8 taken for Latin-1, like all text from the wire."""

    subject: str = ""
    """The common name, else the first DNS name that it is for (RFC 5280 §4.2.1.6), else the whole name."""
    issuer: str = ""
    """The common name, else the whole name."""
    not_after: str = ""
    """The end of its validity: `2026-12-01T10:00:00Z`."""


UNREADABLE: Final = Certificate()
_known: dict[bytes, Certificate] = {}
"""By their SHA-256: they themselves may be long."""


def first_certificate(body: bytes, *, is_13: bool) -> Certificate:
    """The server's own certificate in a Certificate message (RFC 5246 §7.4.2, RFC 8446 §4.4.2)."""
    at = (1 + body[0] if is_13 and body else 0) + 3
    size = int.from_bytes(body[at : at + 3], "big")
    data = body[at + 3 : at + 3 + size]
    if not size or len(data) < size:
        return UNREADABLE
    key = hashlib.sha256(data).digest()
    found = _known.get(key)
    if found is None:
        if len(_known) >= REMEMBERED:
            _known.clear()
        found = _known[key] = _read(data)
    return found


def _read(data: bytes) -> Certificate:
    from cryptography import x509  # Loaded where a certificate comes.

    faults = (
        ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # What is odd about a stranger's certificate is not said on our terminal.
        try:
            read = x509.load_der_x509_certificate(data)
            until = read.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
            subject = _common_name(read.subject) or _dns_name(read) or read.subject.rfc4514_string()
            issuer = _common_name(read.issuer) or read.issuer.rfc4514_string()
        except faults:
            return UNREADABLE
    return Certificate(_wire(subject), _wire(issuer), until)


def _common_name(name: "Name") -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else ""


def _dns_name(certificate: "X509") -> str:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return next(iter(names.get_values_for_type(x509.DNSName)), "")


def _wire(name: str) -> str:
    # Cut behind a whole character, or none of it would be taken for UTF-8.
    cut = name.encode("utf-8", "replace")[:MOST_NAME].decode("utf-8", "ignore")
    return cut.encode().decode("latin-1")
