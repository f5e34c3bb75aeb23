"""Initial packets: their keys are made of what stands in clear before them (RFC 9001 §5.2), so everybody opens them."""

import hmac
from typing import TYPE_CHECKING, Final

from httpresp_capture.records.record import record
from httpresp_capture.tls.schedule import expand_label

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext

TAG: Final = 16
MOST_ID: Final = 20
"""Bytes of a connection ID (RFC 9000 §17.2)."""
MOST_FRAMES: Final = 1_000


@record
class Version:
    """What differs between versions."""

    name: str
    salt: bytes
    prefix: bytes
    """Of the labels of its keys."""
    initial: int
    """The type of an Initial packet in its long header."""
    retry: int


_V1_SALT: Final = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_V2_SALT: Final = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_DRAFT_SALT: Final = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
VERSIONS: Final[dict[bytes, Version]] = {
    b"\0\0\0\1": Version("QUIC v1", _V1_SALT, b"quic ", 0, 3),
    b"\x6b\x33\x43\xcf": Version("QUIC v2", _V2_SALT, b"quicv2 ", 1, 0),
    **{b"\xff\0\0" + bytes([draft]): Version(f"QUIC draft {draft}", _DRAFT_SALT, b"quic ", 0, 3)
       for draft in range(29, 33)},
    **{b"\xff\0\0" + bytes([draft]): Version(f"QUIC draft {draft}", _V1_SALT, b"quic ", 0, 3)
       for draft in (33, 34)},
}  # fmt: skip
"""RFC 9000 and 9001, RFC 9369, and the drafts that were spoken last."""


class Keys:
    """Those of one end's Initial packets."""

    __slots__ = ("_aead", "_iv", "_mask")

    def __init__(self, version: Version, secret: bytes, label: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        own = expand_label(secret, label, 32, "sha256")
        self._aead: AESGCM = AESGCM(expand_label(own, version.prefix + b"key", 16, "sha256"))
        self._iv = expand_label(own, version.prefix + b"iv", 12, "sha256")
        key = expand_label(own, version.prefix + b"hp", 16, "sha256")
        self._mask: CipherContext = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # RFC 9001 §5.4.3

    def open(self, packet: bytes, number_at: int) -> bytes | None:
        """The frames of a packet whose packet number is at `number_at`; None when they are not of these keys."""
        from cryptography.exceptions import InvalidTag

        sample = packet[number_at + 4 : number_at + 4 + 16]
        if len(sample) < 16:
            return None
        mask = self._mask.update(sample)
        first = packet[0] ^ (mask[0] & 0x0F)
        size = (first & 3) + 1
        number = bytes(one ^ other for one, other in zip(packet[number_at : number_at + size], mask[1:], strict=False))
        header = bytes([first]) + packet[1:number_at] + number
        nonce = (int.from_bytes(self._iv, "big") ^ int.from_bytes(number, "big")).to_bytes(12, "big")
        try:
            return self._aead.decrypt(nonce, packet[number_at + size :], header)
        except InvalidTag:
            return None


class InitialKeys:
    """Those of both ends, from the ID that the client chose for the server at first."""

    __slots__ = ("client", "server")

    def __init__(self, version: Version, destination: bytes) -> None:
        secret = hmac.digest(version.salt, destination, "sha256")
        self.client = Keys(version, secret, b"client in")
        self.server = Keys(version, secret, b"server in")


@record
class InitialPacket:
    """The clear part of one (RFC 9000 §17.2.2)."""

    version: Version
    destination: bytes
    source: bytes
    packet: bytes
    """Header and what is protected, up to its end."""
    number_at: int


@record
class AskedAgain:
    """A server wants the client to begin again: by a Retry (RFC 9000 §17.2.5), or Version Negotiation (§17.2.1)."""

    destination: bytes
    """What the client calls itself."""
    source: bytes
    """Of a Retry: what the client is to call the server."""
    versions: tuple[str, ...]
    """Of Version Negotiation: the names of those that the server speaks; empty for a Retry."""

    def asks_for(self, packet: InitialPacket) -> bool:
        """True for an Initial packet with which the client does so."""
        return packet.version.name in self.versions if self.versions else packet.destination == self.source


def asked_again(datagram: bytes) -> AskedAgain | None:
    """None for a datagram that is none of both."""
    if len(datagram) < 7 or datagram[0] < 0x80:
        return None
    destination, after = _identifier(datagram, 5)
    source, after = _identifier(datagram, after)
    if after < 0:
        return None
    if datagram[1:5] == b"\0\0\0\0":
        numbers = [datagram[at : at + 4] for at in range(after, min(len(datagram), after + 256), 4)]
        return AskedAgain(destination, source, tuple([VERSIONS[each].name for each in numbers if each in VERSIONS]))
    version = VERSIONS.get(datagram[1:5])
    if version is None or (datagram[0] >> 4) & 3 != version.retry:
        return None
    return AskedAgain(destination, source, ())


def opens_by_itself(packet: InitialPacket) -> bool:
    """True for a client's first."""
    return InitialKeys(packet.version, packet.destination).client.open(packet.packet, packet.number_at) is not None


def initial_packets(datagram: bytes) -> list[InitialPacket]:
    """Those among the packets that stand one behind the other in a datagram (RFC 9000 §12.2)."""
    found: list[InitialPacket] = []
    at = 0
    while at + 7 <= len(datagram) and datagram[at] & 0xC0 == 0xC0 and len(found) < 8:
        version = VERSIONS.get(datagram[at + 1 : at + 5])
        if version is None:
            break
        kind = (datagram[at] >> 4) & 3
        destination, after = _identifier(datagram, at + 5)
        source, after = _identifier(datagram, after)
        if after < 0 or kind == version.retry:
            break
        if kind == version.initial:
            token, after = integer(datagram, after)
            after += token
        length, number_at = integer(datagram, after)
        end = number_at + length
        if number_at < 0 or end > len(datagram) or length < 4 + TAG:
            break
        if kind == version.initial:
            found.append(InitialPacket(version, destination, source, datagram[at:end], number_at - at))
        at = end
    return found


def _identifier(data: bytes, at: int) -> tuple[bytes, int]:
    if not 0 <= at < len(data) or data[at] > MOST_ID or at + 1 + data[at] > len(data):
        return b"", -1
    return data[at + 1 : at + 1 + data[at]], at + 1 + data[at]


def integer(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer (RFC 9000 §16) and the place behind it, which is far below 0 when it is cut."""
    if not 0 <= at < len(data):
        return 0, -1 << 62
    size = 1 << (data[at] >> 6)
    if at + size > len(data):
        return 0, -1 << 62
    return int.from_bytes(data[at : at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


def crypto_frames(frames: bytes) -> tuple[list[tuple[int, bytes]], int | None]:
    """Offset and data of each CRYPTO frame, and the code of a CONNECTION_CLOSE (RFC 9000 §12.4, §19); of an Initial
    packet no other frames but these, PADDING, PING and ACK are allowed, and anything else ends it."""
    found: list[tuple[int, bytes]] = []
    at = 0
    for _ in range(MOST_FRAMES):
        while at < len(frames) and not frames[at]:
            at += 1
        if not 0 <= at < len(frames):
            break
        kind = frames[at]
        at += 1
        if kind == 0x06:
            offset, at = integer(frames, at)
            length, at = integer(frames, at)
            if at < 0 or at + length > len(frames):
                break
            found.append((offset, frames[at : at + length]))
            at += length
        elif kind in (0x02, 0x03):
            _, at = integer(frames, at)
            _, at = integer(frames, at)
            ranges, at = integer(frames, at)
            _, at = integer(frames, at)
            for _ in range(min(2 * ranges + (3 if kind == 0x03 else 0), MOST_FRAMES)):
                _, at = integer(frames, at)
        elif kind in (0x1C, 0x1D):
            return found, integer(frames, at)[0]
        elif kind != 0x01:
            break
    return found, None
