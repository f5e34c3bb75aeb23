"""Whether any key material of a key log stands in some bytes: in any of the ways in which programs write bytes."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator

from httpresp_capture.tls.schedule import expand_label

LEAST = 12
"""Bytes of a secret that may not stand together anywhere."""


def secrets_in(key_log: bytes) -> list[bytes]:
    """The secrets, and the keys that TLS 1.3 derives from them."""
    words = [line.split() for line in key_log.splitlines()]
    found = [bytes.fromhex(each[2].decode()) for each in words if len(each) == 3 and each[0] != b"#"]
    assert found
    derived = [
        expand_label(secret, label, size, "sha256" if len(secret) == 32 else "sha384")
        for secret in found
        for label, size in ((b"key", 16), (b"key", 32), (b"iv", 12))
    ]
    return found + derived


def ways(part: bytes) -> Iterator[bytes]:
    """As it is, in hexadecimal, in a Python or C literal, as numbers, and in base64 at each of its three places."""
    yield part
    for separator in ("", ":", " "):
        text = part.hex(separator) if separator else part.hex()
        yield text.encode()
        yield text.upper().encode()
    yield "".join(f"\\x{byte:02x}" for byte in part).encode()
    yield repr(part)[2:-1].encode()
    yield ", ".join(map(str, part)).encode()
    yield ",".join(map(str, part)).encode()
    for encode in (b64encode, urlsafe_b64encode):
        for skipped in range(3):
            whole = part[skipped:]
            yield encode(whole[: len(whole) // 3 * 3])


def told_of(key_log: bytes, data: bytes) -> list[bytes]:
    """What stands in the data, from the beginning or the end of a secret."""
    parts = [part for secret in secrets_in(key_log) for part in (secret[:LEAST], secret[-LEAST:])]
    return [way for part in parts for way in ways(part) if way in data]
