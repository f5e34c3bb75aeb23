"""TLS 1.3 record by record, for what OpenSSL in memory cannot be made to say: early data, renewed keys, padding.

The secrets are made up and stand in the key log; nothing of a handshake but what an observer looks at is there.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

RANDOM = bytes(range(32))
ALERT, HANDSHAKE, DATA = 21, 22, 23
SUITE = b"\x13\x01"
EARLY_DATA = b"\x00\x2a"


def derived(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 §7.1), by another hand than that which is tested."""
    name = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    return HKDFExpand(hashes.SHA256(), length, info).derive(secret)


@dataclass
class Keys:
    """One traffic secret, and the records it has protected."""

    secret: bytes
    sent: int = 0

    def record(self, kind: int, content: bytes, padding: int = 0) -> bytes:
        """RFC 8446 §5.2."""
        inner = content + bytes([kind]) + bytes(padding)
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = int.from_bytes(derived(self.secret, b"iv", 12), "big") ^ self.sent
        self.sent += 1
        sealed = AESGCM(derived(self.secret, b"key", 16)).encrypt(nonce.to_bytes(12, "big"), inner, header)
        return header + sealed

    def renewed(self) -> "Keys":
        """After a KeyUpdate (RFC 8446 §7.2)."""
        return Keys(derived(self.secret, b"traffic upd", 32))


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(number: bytes, value: bytes = b"") -> bytes:
    return number + len(value).to_bytes(2, "big") + value


def listed(*extensions: bytes) -> bytes:
    joined = b"".join(extensions)
    return len(joined).to_bytes(2, "big") + joined


def in_clear(content: bytes) -> bytes:
    return b"\x16\x03\x03" + len(content).to_bytes(2, "big") + content


@dataclass
class Written:
    """A connection in the making: `flights` is what was sent, as in `traffic.tls`."""

    early: bool = False
    """The client sends early data."""
    accepted: bool = False
    """The server takes it."""
    flights: list[tuple[bool, bytes]] = field(default_factory=list[tuple[bool, bytes]])

    def __post_init__(self) -> None:
        labels = (
            "CLIENT_EARLY_TRAFFIC_SECRET",
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
        )
        made = [Keys(bytes([number + 1]) * 32) for number in range(len(labels))]
        self.early_keys, self._client, self._server, self.client, self.server = made
        self.key_lines = [
            f"{label} {RANDOM.hex()} {keys.secret.hex()}\n".encode() for label, keys in zip(labels, made, strict=True)
        ]
        versions = extension(b"\x00\x2b", b"\x02\x03\x04")
        offered = [versions, extension(EARLY_DATA)] if self.early else [versions]
        hello = b"\x03\x03" + RANDOM + b"\0" + b"\0\x02" + SUITE + b"\x01\0" + listed(*offered)
        self.flights.append((True, in_clear(message(1, hello))))

    @property
    def keys(self) -> bytes:
        """The key log."""
        return b"".join(self.key_lines)

    def ask_early(self, data: bytes) -> "Written":
        """Early data."""
        self.flights.append((True, self.early_keys.record(DATA, data)))
        return self

    def shake(self) -> "Written":
        """The rest of the handshake, the server's in one flight and many small records."""
        hello = b"\x03\x03" + RANDOM[::-1] + b"\0" + SUITE + b"\0" + listed(extension(b"\x00\x2b", b"\x03\x04"))
        told = message(8, listed(extension(EARLY_DATA)) if self.accepted else listed())
        told += message(11, bytes(900)) + message(20, bytes(32))
        sealed = [self._server.record(HANDSHAKE, told[at : at + 200]) for at in range(0, len(told), 200)]
        self.flights.append((False, in_clear(message(2, hello)) + b"".join(sealed)))
        ending = self.early_keys.record(HANDSHAKE, message(5)) if self.accepted else b""
        self.flights.append((True, ending + self._client.record(HANDSHAKE, message(20, bytes(32)))))
        return self

    def ask(self, data: bytes, padding: int = 0) -> "Written":
        self.flights.append((True, self.client.record(DATA, data, padding)))
        return self

    def answer(self, data: bytes, padding: int = 0) -> "Written":
        self.flights.append((False, self.server.record(DATA, data, padding)))
        return self

    def renew(self) -> "Written":
        """Both ends renew their keys."""
        self.flights.append((True, self.client.record(HANDSHAKE, message(24, b"\x01"))))
        self.flights.append((False, self.server.record(HANDSHAKE, message(24, b"\0"))))
        self.client, self.server = self.client.renewed(), self.server.renewed()
        return self
