"""The two hellos (RFC 8446 §4.1.2, §4.1.3; RFC 5246 §7.4.1), read with tolerance: what is cut or odd is left out."""

from typing import Final

from httpresp_capture.tls.names import TLS13

RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446 §4.1.3)."""
SERVER_NAME: Final = 0
GROUPS: Final = 10
POINT_FORMATS: Final = 11
SIGNATURE_ALGORITHMS: Final = 13
ALPN: Final = 16
ENCRYPT_THEN_MAC: Final = 22
SESSION_TICKET: Final = 35
PRE_SHARED_KEY: Final = 41
EARLY_DATA: Final = 42
SUPPORTED_VERSIONS: Final = 43
ENCRYPTED_CLIENT_HELLO: Final = 0xFE0D


class Hello:
    """One hello. `body` is the handshake message without its header; raises `ValueError` where it is none."""

    __slots__ = ("chosen_version", "extensions", "is_13", "random", "session", "suite", "suites", "version")

    def __init__(self, body: bytes, *, from_client: bool) -> None:
        if len(body) < 38:
            raise ValueError("too short for a hello")
        self.version = int.from_bytes(body[:2], "big")
        """As in the fixed field, which TLS 1.3 sets to 1.2."""
        self.random = body[2:34]
        end = 35 + body[34]
        self.session = body[35:end]
        self.suites: list[int] = []
        """What a client offers."""
        self.suite = 0
        """What the server chose."""
        if from_client:
            size = int.from_bytes(body[end : end + 2], "big")
            self.suites = _numbers(body[end + 2 : end + 2 + size])
            end += 2 + size
            end += 1 + (body[end] if end < len(body) else 0)
        else:
            self.suite = int.from_bytes(body[end : end + 2], "big")
            end += 3
        if end > len(body):
            raise ValueError("cut")
        self.extensions: dict[int, bytes] = {}
        """In the order in which they were sent."""
        end += 2
        while end + 4 <= len(body):
            number, size = int.from_bytes(body[end : end + 2], "big"), int.from_bytes(body[end + 2 : end + 4], "big")
            self.extensions[number] = body[end + 4 : end + 4 + size]
            end += 4 + size
        chosen = b"" if from_client else self.extensions.get(SUPPORTED_VERSIONS, b"")
        self.chosen_version = int.from_bytes(chosen[:2], "big") if len(chosen) >= 2 else self.version
        """The version that a server chose."""
        self.is_13 = self.chosen_version == TLS13
        """True for a server that chose TLS 1.3."""

    @property
    def is_retry(self) -> bool:
        """True for a HelloRetryRequest."""
        return self.random == RETRY

    @property
    def server_name(self) -> str:
        """The host that is asked for (RFC 6066 §3); Latin-1, as sent; empty when none is named."""
        data = self.extensions.get(SERVER_NAME, b"")
        return data[5 : 5 + int.from_bytes(data[3:5], "big")].decode("latin-1") if len(data) > 5 else ""

    @property
    def alpn(self) -> list[str]:
        """Protocols offered, or the one chosen (RFC 7301)."""
        return alpn_names(self.extensions.get(ALPN, b""))

    @property
    def versions(self) -> list[int]:
        """Versions that a client offers."""
        data = self.extensions.get(SUPPORTED_VERSIONS, b"")
        return _numbers(data[1 : 1 + data[0]]) if data else [self.version]

    def numbers(self, extension: int) -> list[int]:
        """An extension that is a list of 16-bit numbers behind its length."""
        return _numbers(self.extensions.get(extension, b"")[2:])

    def has(self, extension: int) -> bool:
        """True when an extension was sent."""
        return extension in self.extensions


def alpn_names(data: bytes) -> list[str]:
    """The names in the data of an ALPN extension; Latin-1."""
    names: list[str] = []
    at = 2
    while at < len(data):
        size = data[at]
        names.append(data[at + 1 : at + 1 + size].decode("latin-1"))
        at += 1 + size
    return names


def _numbers(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)]
