"""What an image is, from its first bytes: kind and dimensions. Nothing is decoded."""

from collections.abc import Callable


def image_in_words(data: bytes) -> str:
    """`PNG image, 640 × 480`; empty for what is no image."""
    for magic, at, name, dimensions in IMAGES:
        if data[at : at + len(magic)] == magic:
            found = dimensions(data)
            return f"{name} image, {found[0]:,} × {found[1]:,}" if found else f"{name} image"
    return ""


Dimensions = Callable[[bytes], tuple[int, int] | None]


def little(data: bytes) -> int:
    """An integer with its low byte first."""
    return int.from_bytes(data, "little")


def big(data: bytes) -> int:
    """An integer in network order."""
    return int.from_bytes(data, "big")


def png(data: bytes) -> tuple[int, int] | None:
    """PNG specification §11.2.2: IHDR comes first."""
    return (big(data[16:20]), big(data[20:24])) if data[12:16] == b"IHDR" and len(data) >= 24 else None


def gif(data: bytes) -> tuple[int, int] | None:
    """GIF89a §18: the logical screen."""
    return (little(data[6:8]), little(data[8:10])) if len(data) >= 10 else None


def bmp(data: bytes) -> tuple[int, int] | None:
    """BITMAPINFOHEADER."""
    return (little(data[18:22]), little(data[22:26])) if len(data) >= 26 else None


def ico(data: bytes) -> tuple[int, int] | None:
    """The first of its pictures; 0 means 256."""
    return (data[6] or 256, data[7] or 256) if len(data) >= 8 else None


def jpeg(data: bytes) -> tuple[int, int] | None:
    """ITU T.81 §B.2.2: the first frame header among the segments."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return big(data[at + 7 : at + 9]), big(data[at + 5 : at + 7])
        at += 2 + big(data[at + 2 : at + 4])
    return None


def webp(data: bytes) -> tuple[int, int] | None:
    """RFC 9649: extended, lossless or lossy."""
    if data[12:16] == b"VP8X" and len(data) >= 30:
        return little(data[24:27]) + 1, little(data[27:30]) + 1
    if data[12:16] == b"VP8L" and len(data) >= 25:
        bits = little(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 " and len(data) >= 30:
        return little(data[26:28]) & 0x3FFF, little(data[28:30]) & 0x3FFF
    return None


def unknown(data: bytes) -> tuple[int, int] | None:
    """For kinds whose dimensions lie deep in boxes."""
    return None


IMAGES: tuple[tuple[bytes, int, str, Dimensions], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "PNG", png),
    (b"\xff\xd8\xff", 0, "JPEG", jpeg),
    (b"GIF87a", 0, "GIF", gif),
    (b"GIF89a", 0, "GIF", gif),
    (b"WEBP", 8, "WebP", webp),
    (b"\0\0\1\0", 0, "ICO", ico),
    (b"ftypavif", 4, "AVIF", unknown),
    (b"BM", 0, "BMP", bmp),
)
"""Magic bytes, where they stand, name, dimensions. The weakest magic comes last."""
