"""Messages of the handshake (RFC 8446 §4), and what is known of a connection from them."""

from dataclasses import replace
from typing import Final

from httpresp_capture.records.tls import Tls
from httpresp_capture.tls.certificates import first_certificate
from httpresp_capture.tls.fingerprints import ja3, ja3s, ja4
from httpresp_capture.tls.hello import ALPN, EARLY_DATA, ENCRYPTED_CLIENT_HELLO, PRE_SHARED_KEY, Hello, alpn_names
from httpresp_capture.tls.names import suite_name, version_name
from httpresp_capture.tls.resumption import is_resumed

CLIENT_HELLO: Final = 1
SERVER_HELLO: Final = 2
NEW_SESSION_TICKET: Final = 4
END_OF_EARLY_DATA: Final = 5
ENCRYPTED_EXTENSIONS: Final = 8
CERTIFICATE: Final = 11
SERVER_HELLO_DONE: Final = 14
FINISHED: Final = 20
KEY_UPDATE: Final = 24
MOST: Final = 1 << 18
"""Bytes of one message; certificates are long."""
MOST_NAME: Final = 255
"""Bytes that are kept of the server's name, which the DNS bounds (RFC 1035 §2.3.4), and of the list of protocols."""


class Messages:
    """The content of handshake records of one direction → messages."""

    __slots__ = ("_buffer", "too_long")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.too_long = False
        """True when a message is longer than any that is read: nothing more comes out."""

    def add(self, data: bytes) -> None:
        """The next content."""
        if not self.too_long:
            self._buffer += data

    def take(self) -> tuple[int, bytes] | None:
        """Type and body of the next message; None when there is none."""
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        end = 4 + int.from_bytes(buffer[1:4], "big")
        if end > MOST:
            self.too_long = True
            buffer.clear()
            return None
        if len(buffer) < end:
            return None
        message = buffer[0], bytes(buffer[4:end])
        del buffer[:end]
        return message

    def clear(self) -> None:
        """Some of it is missing."""
        self._buffer.clear()


def with_client_hello(known: Tls, hello: Hello) -> Tls:
    """What the client offers."""
    return replace(
        known,
        sni=hello.server_name[:MOST_NAME],
        version=version_name(max((number for number in hello.versions if number >> 8 == 3), default=hello.version)),
        alpn=",".join(hello.alpn)[:MOST_NAME],
        encrypted_hello=hello.has(ENCRYPTED_CLIENT_HELLO),
        ja3=ja3(hello),
        ja4=ja4(hello),
        client_random=hello.random.hex(),
    )


def with_server_hello(known: Tls, client: Hello, server: Hello, took_ns: int) -> Tls:
    """What the server chose."""
    resumed = None
    if server.is_13:
        resumed = server.has(PRE_SHARED_KEY) if client.has(PRE_SHARED_KEY) else False
    elif is_resumed(client, server):
        resumed = True
    return replace(
        known,
        version=version_name(server.chosen_version),
        cipher_suite=suite_name(server.suite),
        alpn=server.alpn[0] if server.alpn else known.alpn if server.is_13 else "",
        resumed=resumed,
        handshake_ns=took_ns if took_ns >= 0 else None,  # Else the clock was set back in between.
        ja3s=ja3s(server),
    )


def with_certificate(known: Tls, body: bytes, *, is_13: bool) -> Tls:
    """Who the server is, by the certificate that it shows."""
    found = first_certificate(body, is_13=is_13)
    return replace(
        known,
        certificate_subject=found.subject,
        certificate_issuer=found.issuer,
        certificate_not_after=found.not_after,
    )


def encrypted_extensions(body: bytes) -> tuple[str, bool]:
    """EncryptedExtensions (RFC 8446 §4.3.1): the protocol inside, empty when none is named; and whether early data is
    taken."""
    alpn, early = "", False
    at = 2
    while at + 4 <= len(body):
        number, size = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        if number == ALPN:
            alpn = next(iter(alpn_names(body[at + 4 : at + 4 + size])), "")
        elif number == EARLY_DATA:
            early = True
        at += 4 + size
    return alpn, early
