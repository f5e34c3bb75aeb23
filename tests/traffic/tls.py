"""TLS connections made by OpenSSL in memory: what both ends put on the wire, and the key log of the client."""

import datetime
import ssl
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from traffic.values import Frame
from wrapped import ethernet, ip4, tcp

MSS = 1_400
ADDRESSES = bytes([10, 0, 0, 9, 10, 0, 0, 1])
BACK = ADDRESSES[4:] + ADDRESSES[:4]
PORTS = 50_000, 443
START = 1_700_000_000_000_000_000
STEP = 1_000_000
"""Nanoseconds between two packets."""
ACK, PSH_ACK, SYN, SYN_ACK, FIN_ACK = 0x10, 0x18, 0x02, 0x12, 0x11


@cache
def folder() -> Path:
    """With a certificate for EC and one for RSA."""
    made = Path(tempfile.mkdtemp(prefix="httpresp-tui-tests-"))
    keys = {
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    }
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    begins = datetime.datetime(2025, 1, 1)
    for kind, key in keys.items():
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(7)
            .not_valid_before(begins)
            .not_valid_after(begins + datetime.timedelta(days=36_500))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (made / f"{kind}.pem").write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return made


@dataclass
class Conversation:
    """One connection, made step by step; `flights` is what was sent, in order."""

    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ciphers: str = ""
    """For TLS up to 1.2, in OpenSSL's language."""
    certificate: str = "ec"
    alpn: tuple[str, ...] = ()
    name: str = "shop.example"
    curve: str = ""
    """The one that the server wants; of another than the client guesses it asks for a second hello."""
    tickets: bool = True
    """False for a server that remembers sessions of TLS up to 1.2 by their ids."""
    before: "Conversation | None" = None
    """An earlier connection, whose session is resumed."""
    flights: list[tuple[bool, bytes]] = field(default_factory=list[tuple[bool, bytes]])
    keys: bytes = b""

    def __post_init__(self) -> None:
        self._key_log = Path(tempfile.mkdtemp(dir=folder())) / "keys"
        if self.before is not None:
            client, server = self.before.contexts
        else:
            client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(folder() / f"{self.certificate}.pem")
            if self.curve:
                server.set_ecdh_curve(self.curve)
            if not self.tickets:
                server.options |= ssl.OP_NO_TICKET
            client.check_hostname = False
            client.verify_mode = ssl.CERT_NONE
            for context in (client, server):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # Of versions that nobody should speak.
                    context.minimum_version = context.maximum_version = self.version
                if self.ciphers:
                    context.set_ciphers(self.ciphers)
                if self.alpn:
                    context.set_alpn_protocols(list(self.alpn))
        client.keylog_filename = str(self._key_log)
        self.contexts = client, server
        self._bios = [ssl.MemoryBIO() for _ in range(4)]
        to_client, to_server = self._bios[0], self._bios[1]
        session = self.before.client.session if self.before is not None else None
        self.client = client.wrap_bio(to_client, self._bios[2], server_hostname=self.name, session=session)
        self.server = server.wrap_bio(to_server, self._bios[3], server_side=True)
        self._shake()

    def ask(self, data: bytes) -> None:
        """The client sends, the server reads all of it."""
        self._say(self.client, self.server, data)

    def answer(self, data: bytes) -> None:
        """The server sends, the client reads all of it."""
        self._say(self.server, self.client, data)

    def close(self) -> "Conversation":
        """Both say that they are done; the keys are known then."""
        for end in (self.client, self.server):
            with suppress(ssl.SSLError):
                end.unwrap()
            self._carry()
        self.keys = self._key_log.read_bytes()
        return self

    def _shake(self) -> None:
        left = {self.client, self.server}
        while left:
            for end in (self.client, self.server):
                if end in left:
                    try:
                        end.do_handshake()
                        left.discard(end)
                    except ssl.SSLWantReadError:
                        pass
                self._carry()

    def _say(self, sender: ssl.SSLObject, receiver: ssl.SSLObject, data: bytes) -> None:
        sender.write(data)
        self._carry()
        left = len(data)
        while left:
            left -= len(receiver.read(left))

    def _carry(self) -> None:
        """What each end has written reaches the other."""
        for from_client, source, target in ((True, 2, 1), (False, 3, 0)):
            data = self._bios[source].read()
            if data:
                self.flights.append((from_client, data))
                self._bios[target].write(data)

    def frames(
        self, *, ports: tuple[int, int] = PORTS, start: int = START, mss: int = MSS, step: int = STEP
    ) -> list[Frame]:
        """Ethernet frames of a TCP connection that carries the flights."""
        return frames_of(self.flights, ports=ports, start=start, mss=mss, step=step)


def frames_of(
    flights: Sequence[tuple[bool, bytes]],
    *,
    ports: tuple[int, int] = PORTS,
    start: int = START,
    mss: int = MSS,
    step: int = STEP,
) -> list[Frame]:
    """Ethernet frames of a TCP connection on which this is said: whether by the client, and what."""
    made: list[Frame] = []
    numbers = {True: 1_000, False: 5_000}

    def send(from_client: bool, flags: int, data: bytes = b"") -> None:
        seq, ack = numbers[from_client], numbers[not from_client]
        source, target = ports if from_client else ports[::-1]
        segment = tcp(source, target, seq, ack if flags & ACK else 0, flags, data)
        packet = ethernet(ip4(segment, ADDRESSES if from_client else BACK))
        made.append(Frame(start + len(made) * step, 1, packet, len(packet)))
        numbers[from_client] = seq + len(data) + (flags & 3 != 0)

    send(True, SYN)
    send(False, SYN_ACK)
    send(True, ACK)
    for from_client, data in flights:
        for at in range(0, len(data), mss):
            send(from_client, PSH_ACK, data[at : at + mss])
    send(True, FIN_ACK)
    send(False, FIN_ACK)
    send(True, ACK)
    return made
