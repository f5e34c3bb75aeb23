"""Record protection: one direction's records opened one after the other (RFC 8446 §5.2, RFC 5246 §6.2.3).

Each of these has a sequence number that counts records; where records are lost, whoever reads them sets it on trial.
"""

import hmac
from collections.abc import Callable
from hashlib import new as new_hash
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from httpresp_capture.tls.names import TLS11, TLS12
from httpresp_capture.tls.protected import NotOpenedError, Protection
from httpresp_capture.tls.schedule import expand_label, key_block
from httpresp_capture.tls.suites import Kind, Suite

HEADER: Final = 5
EXPLICIT: Final = 8
"""Bytes of a nonce that stand in each record of AES-GCM and CCM in TLS 1.2."""
BLOCK: Final = 16


def _decrypt(suite: Suite, key: bytes) -> Callable[[bytes, bytes, bytes], bytes]:
    """From a nonce, what was encrypted and the additional data to the plaintext."""
    match suite.kind:
        case Kind.CHACHA20:
            return ChaCha20Poly1305(key).decrypt
        case Kind.CCM:
            return AESCCM(key, tag_length=suite.tag_bytes).decrypt
        case _:
            return AESGCM(key).decrypt


class Protection13(Protection):
    """TLS 1.3, one traffic secret."""

    __slots__ = ("_decrypt", "_iv", "_secret", "_suite")

    def __init__(self, secret: bytes, suite: Suite) -> None:
        super().__init__(HEADER + suite.tag_bytes + 1, recovers=True)
        self._secret = secret
        self._suite = suite
        self._decrypt = _decrypt(suite, expand_label(secret, b"key", suite.key_bytes, suite.hash))
        self._iv = int.from_bytes(expand_label(secret, b"iv", 12, suite.hash), "big")

    def open(self, record: bytes) -> tuple[int, bytes]:
        """See `Protection`; padding is taken off (RFC 8446 §5.4)."""
        try:
            plain = self._decrypt((self._iv ^ self.sequence).to_bytes(12, "big"), record[5:], record[:5])
        except (InvalidTag, ValueError):
            raise NotOpenedError from None
        self.sequence += 1
        if plain and plain[-1]:
            return plain[-1], plain[:-1]
        plain = plain.rstrip(b"\0")
        if not plain:
            raise NotOpenedError
        return plain[-1], plain[:-1]

    def updated(self) -> "Protection13":
        """The keys after a KeyUpdate (RFC 8446 §7.2)."""
        secret = expand_label(self._secret, b"traffic upd", len(self._secret), self._suite.hash)
        return Protection13(secret, self._suite)


class Protection12(Protection):
    """An AEAD suite of TLS 1.2."""

    __slots__ = ("_decrypt", "_explicit", "_iv")

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        explicit = EXPLICIT if suite.kind is not Kind.CHACHA20 else 0
        super().__init__(HEADER + explicit + suite.tag_bytes, recovers=True)
        self._decrypt = _decrypt(suite, key)
        self._iv = iv
        self._explicit = explicit

    def open(self, record: bytes) -> tuple[int, bytes]:
        """See `Protection`."""
        explicit = self._explicit
        length = len(record) - self.overhead
        if length < 0:
            raise NotOpenedError
        if explicit:
            nonce = self._iv + record[HEADER : HEADER + explicit]
        else:
            nonce = (int.from_bytes(self._iv, "big") ^ self.sequence).to_bytes(12, "big")
        extra = self.sequence.to_bytes(8, "big") + record[:3] + length.to_bytes(2, "big")
        try:
            plain = self._decrypt(nonce, record[HEADER + explicit :], extra)
        except (InvalidTag, ValueError):
            raise NotOpenedError from None
        self.sequence += 1
        return record[0], plain


class ProtectionCbc(Protection):
    """A CBC suite of TLS 1.0 to 1.2; the MAC first, or last (RFC 7366)."""

    __slots__ = ("_cipher", "_hash", "_iv", "_mac_bytes", "_mac_key", "_mac_last")

    def __init__(self, suite: Suite, key: bytes, mac_key: bytes, iv: bytes, *, mac_last: bool) -> None:
        mac_bytes = new_hash(suite.mac).digest_size
        super().__init__(HEADER + mac_bytes + 1 + (0 if iv else BLOCK), recovers=not iv)
        self._cipher = algorithms.AES(key)
        self._hash = suite.mac
        self._mac_key = mac_key
        self._mac_bytes = mac_bytes
        self._iv = iv
        """Of TLS 1.0, where each record begins with the last block of the one before; empty since."""
        self._mac_last = mac_last

    def open(self, record: bytes) -> tuple[int, bytes]:
        """See `Protection`."""
        body = record[HEADER:]
        prefix = self.sequence.to_bytes(8, "big") + record[:3]
        size = self._mac_bytes
        if self._mac_last:
            body, sent = body[:-size], body[-size:]
            if not self._fits(prefix, body, sent):
                raise NotOpenedError
        iv = self._iv
        if not iv:
            iv, body = body[:BLOCK], body[BLOCK:]
        if not body or len(body) % BLOCK or len(iv) != BLOCK:
            raise NotOpenedError
        opener = Cipher(self._cipher, modes.CBC(iv)).decryptor()
        plain = opener.update(body) + opener.finalize()
        padding = plain[-1] + 1
        if padding + (0 if self._mac_last else size) > len(plain):
            raise NotOpenedError
        plain = plain[:-padding]
        if not self._mac_last:
            plain, sent = plain[:-size], plain[-size:]
            if not self._fits(prefix, plain, sent):
                raise NotOpenedError
        if self._iv:
            self._iv = body[-BLOCK:]
        self.sequence += 1
        return record[0], plain

    def _fits(self, prefix: bytes, data: bytes, sent: bytes) -> bool:
        made = hmac.digest(self._mac_key, prefix + len(data).to_bytes(2, "big") + data, self._hash)
        return hmac.compare_digest(made, sent)


def both_directions(
    master_secret: bytes, client_random: bytes, server_random: bytes, version: int, suite: Suite, *, mac_last: bool
) -> tuple[Protection, Protection]:
    """The client's and the server's protection of TLS 1.0 to 1.2 (RFC 5246 §6.3)."""
    mac = new_hash(suite.mac).digest_size if suite.kind is Kind.CBC else 0
    iv = suite.iv_bytes or (BLOCK if suite.kind is Kind.CBC and version < TLS11 else 0)
    sizes = (mac, mac, suite.key_bytes, suite.key_bytes, iv, iv)
    hash = suite.hash if version >= TLS12 else ""
    block = key_block(master_secret, server_random, client_random, sum(sizes), hash)
    parts: list[bytes] = []
    at = 0
    for size in sizes:
        parts.append(block[at : at + size])
        at += size

    def one(direction: int) -> Protection:
        if suite.kind is Kind.CBC:
            return ProtectionCbc(suite, parts[2 + direction], parts[direction], parts[4 + direction], mac_last=mac_last)
        return Protection12(suite, parts[2 + direction], parts[4 + direction])

    return one(0), one(1)
