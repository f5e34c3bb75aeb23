"""What an image is, from its first bytes: kind and dimensions. Nothing is decoded."""

from io import BytesIO


def image_in_words(data: bytes) -> str:
    """`PNG image, 640 × 480`; empty for what is no image. The dimensions are as stored, before any rotation."""
    for magic, at, name in IMAGES:
        if data[at : at + len(magic)] == magic:
            width, height = _dimensions(data, name)
            return f"{name} image, {width:,} × {height:,}" if width > 0 and height > 0 else f"{name} image"
    return ""


IMAGES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "PNG"),
    (b"\xff\xd8\xff", 0, "JPEG"),
    (b"GIF87a", 0, "GIF"),
    (b"GIF89a", 0, "GIF"),
    (b"WEBP", 8, "WebP"),
    (b"\0\0\1\0", 0, "ICO"),
    (b"ftypavif", 4, "AVIF"),
    (b"ftypavis", 4, "AVIF"),
    (b"ftyphei", 4, "HEIC"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", 0, "JPEG 2000"),
    (b"II*\0", 0, "TIFF"),
    (b"MM\0*", 0, "TIFF"),
    (b"BM", 0, "BMP"),
)
"""Magic bytes, where they stand, name. The weakest magic comes last."""


def _dimensions(data: bytes, name: str) -> tuple[int, int]:
    """Width and height in pixels; not above 0 where the bytes do not tell."""
    if name == "ICO":  # which the library does not know; the first of its pictures, 0 means 256
        return (data[6] or 256, data[7] or 256) if len(data) >= 8 else (0, 0)
    # Only now, as the library brings XML and HTTP along. It is given bytes, which it neither parses as XML nor fetches.
    # The rotation is not asked for: 64 KiB of AVIF can hold what reads it for minutes, by extents that take no byte.
    import imagesize

    return imagesize.get(BytesIO(data), exif_rotation=False)
