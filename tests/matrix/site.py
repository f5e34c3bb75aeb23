"""What is asked of every server, the files that answer it, and a certificate of an authority of our own."""

import datetime
import ipaddress
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST: Final = "localhost"
ASKED: Final = (
    ("GET", "/small.json"),
    ("GET", "/text.txt"),
    ("GET", "/large.bin"),
    ("GET", "/empty"),
    ("GET", "/missing"),
    ("POST", "/small.json"),
    ("HEAD", "/text.txt"),
)
"""In this order, on one connection where the client keeps it. A body to HEAD that is not there comes last: tshark 4.0
waits for it."""
PAGE: Final = "/page.html"
"""Has a browser ask the same."""
_SCRIPT: Final = """<!doctype html><title>matrix</title><link rel="icon" href="data:,"><script>
for (const [method, path] of %s) {
  const asked = new XMLHttpRequest();
  asked.open(method, path, false);
  asked.send(method === "POST" ? "some=content" : null);
}
</script>
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Paths of what a server needs. The authority is for clients: they check what they are shown."""

    files: Path
    certificate: Path
    key: Path
    authority: Path


def make_site(folder: Path) -> Site:
    """Write it all; readable for servers that give root up."""
    folder.chmod(0o755)
    files = folder / "www"
    files.mkdir()
    (files / "small.json").write_text('{"answer": 42}\n')
    (files / "text.txt").write_text(
        "".join(f"Line {number} of some text that can be packed.\n" for number in range(200))
    )
    (files / "large.bin").write_bytes(random.Random(1).randbytes(150_000))
    (files / "empty").write_bytes(b"")
    (files / "page.html").write_text(_SCRIPT % [list(asked) for asked in ASKED])
    site = Site(files, folder / "server.pem", folder / "server.key", folder / "authority.pem")
    _certify(site)
    return site


def _certify(site: Site) -> None:
    now = datetime.datetime.now(datetime.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Matrix Test Authority")])

    def certificate(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(authority_name, name, public, x509.random_serial_number())
        return builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(90))

    authority = (
        certificate(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = (
        certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), key.public_key())
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    site.authority.write_bytes(authority.public_bytes(pem))
    site.certificate.write_bytes(leaf.public_bytes(pem))
    plain, unsealed = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    site.key.write_bytes(key.private_bytes(pem, plain, unsealed))
