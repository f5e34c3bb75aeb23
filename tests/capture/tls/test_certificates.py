"""What is told of a server's certificate."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from httpresp_capture.tls.certificates import Certificate, first_certificate


def read(name: x509.Name) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2025, 1, 1))
        .not_valid_after(datetime.datetime(2030, 1, 1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    size = len(made)
    return first_certificate((size + 3).to_bytes(3, "big") + size.to_bytes(3, "big") + made, is_13=False)


def test_a_long_name_is_cut_behind_a_whole_character() -> None:
    for first in ("", "a", "aa"):
        parts = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, first + "東" * 60) for _ in range(3)]
        found = read(x509.Name(parts))
        shown = found.subject.encode("latin-1").decode("utf-8")
        assert shown.startswith(f"OU={first}東")
        assert 195 <= len(found.subject) <= 200
