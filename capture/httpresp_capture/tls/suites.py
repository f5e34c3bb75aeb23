"""What a cipher suite asks for: which cipher, which key, which hash. 3DES, RC4 and Camellia are not opened."""

from enum import Enum, auto
from typing import Final

from httpresp_capture.records.record import record


class Kind(Enum):
    """How a record is protected."""

    GCM = auto()
    CHACHA20 = auto()
    CCM = auto()
    CBC = auto()


@record
class Suite:
    """One cipher suite."""

    kind: Kind
    key_bytes: int
    hash: str
    """Of the key schedule."""
    tag_bytes: int = 16
    mac: str = ""
    """The hash of the HMAC of a CBC suite."""

    @property
    def iv_bytes(self) -> int:
        """What the key block of TLS 1.2 holds of a nonce (RFC 5288 §3, RFC 7905 §2)."""
        return {Kind.CHACHA20: 12, Kind.GCM: 4, Kind.CCM: 4, Kind.CBC: 0}[self.kind]


_GCM_128: Final = (
    0x9C, 0x9E, 0xA0, 0xA2, 0xA4, 0xA6, 0xA8, 0xAA, 0xAC, 0xC02B, 0xC02D, 0xC02F, 0xC031, 0xD001,
)  # fmt: skip
_GCM_256: Final = (
    0x9D, 0x9F, 0xA1, 0xA3, 0xA5, 0xA7, 0xA9, 0xAB, 0xAD, 0xC02C, 0xC02E, 0xC030, 0xC032, 0xD002,
)  # fmt: skip
_SHA_128: Final = (
    0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0xC004, 0xC009, 0xC00E, 0xC013, 0xC018, 0x8C, 0x90, 0x94, 0xC01D, 0xC01E,
    0xC01F, 0xC035,
)  # fmt: skip
_SHA_256: Final = (
    0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0xC005, 0xC00A, 0xC00F, 0xC014, 0xC019, 0x8D, 0x91, 0x95, 0xC020, 0xC021,
    0xC022, 0xC036,
)  # fmt: skip
_SHA256_128: Final = (
    0x3C, 0x3E, 0x3F, 0x40, 0x67, 0x6C, 0xC023, 0xC025, 0xC027, 0xC029, 0xAE, 0xB2, 0xB6, 0xC037,
)  # fmt: skip
SUITES: Final[dict[int, Suite]] = {
    0x1301: Suite(Kind.GCM, 16, "sha256"),
    0x1302: Suite(Kind.GCM, 32, "sha384"),
    0x1303: Suite(Kind.CHACHA20, 32, "sha256"),
    0x1304: Suite(Kind.CCM, 16, "sha256"),
    0x1305: Suite(Kind.CCM, 16, "sha256", 8),
    **dict.fromkeys(_GCM_128, Suite(Kind.GCM, 16, "sha256")),
    **dict.fromkeys(_GCM_256, Suite(Kind.GCM, 32, "sha384")),
    **dict.fromkeys(range(0xCCA8, 0xCCAF), Suite(Kind.CHACHA20, 32, "sha256")),
    **dict.fromkeys((0xC09C, 0xC09E, 0xC0AC, 0xC0A4, 0xC0A6, 0xD005), Suite(Kind.CCM, 16, "sha256")),
    **dict.fromkeys((0xC09D, 0xC09F, 0xC0AD, 0xC0A5, 0xC0A7), Suite(Kind.CCM, 32, "sha256")),
    **dict.fromkeys((0xC0A0, 0xC0A2, 0xC0AE, 0xC0A8, 0xC0AA, 0xD003), Suite(Kind.CCM, 16, "sha256", 8)),
    **dict.fromkeys((0xC0A1, 0xC0A3, 0xC0AF, 0xC0A9, 0xC0AB), Suite(Kind.CCM, 32, "sha256", 8)),
    **dict.fromkeys(_SHA_128, Suite(Kind.CBC, 16, "sha256", mac="sha1")),
    **dict.fromkeys(_SHA_256, Suite(Kind.CBC, 32, "sha256", mac="sha1")),
    **dict.fromkeys(_SHA256_128, Suite(Kind.CBC, 16, "sha256", mac="sha256")),
    **dict.fromkeys((0x3D, 0x68, 0x69, 0x6A, 0x6B, 0x6D), Suite(Kind.CBC, 32, "sha256", mac="sha256")),
    **dict.fromkeys(
        (0xC024, 0xC026, 0xC028, 0xC02A, 0xAF, 0xB3, 0xB7, 0xC038), Suite(Kind.CBC, 32, "sha384", mac="sha384")
    ),
}
"""By number; https://www.iana.org/assignments/tls-parameters."""
