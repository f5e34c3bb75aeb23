"""Files that people write: config, baselines. UTF-8, with or without a byte order mark; what is wrong is one sentence.

The sentence follows the name of the file, and says what the file is and how it becomes readable.
"""

import codecs

from httpresp_capture.records.errors import CaptureError

__all__ = ["LARGEST", "text_of"]

LARGEST = 4_194_304
"""Bytes; a file that somebody wrote has no more, and one that has is the wrong file."""
MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""Byte order marks. That of UTF-32 begins as that of UTF-16 does."""
PACKED: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x0a\x0d\x0d\x0a", "a pcapng capture"),
    (b"\xd4\xc3\xb2\xa1", "a pcap capture"),
    (b"\xa1\xb2\xc3\xd4", "a pcap capture"),
)


def text_of(data: bytes, name: str) -> str:
    """The text in a file of ours; raises `CaptureError`, a sentence that begins with `name`."""
    if len(data) > LARGEST:
        raise CaptureError(f"{name} has more than {LARGEST:,} bytes; this is not a file that somebody wrote.")
    for magic, what in PACKED:
        if data.startswith(magic):
            raise CaptureError(f"{name} is {what}, where a text in UTF-8 is expected.")
    for mark, encoding in MARKS:
        if data.startswith(mark):
            raise CaptureError(f"{name} is {encoding}. {_way(encoding)}")
    if b"\0" in data[:1024]:
        wide = data[1:2] == b"\0" or data[:1] == b"\0"
        raise CaptureError(f"{name} is UTF-16. {_way('UTF-16')}" if wide else f"{name} is no text: it has zero bytes.")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise CaptureError(
            f"{name} is not UTF-8: byte 0x{data[error.start]:02x} in line {line}, column {column}; perhaps it is "
            f"Latin-1 or Windows-1252. {_way('WINDOWS-1252')}"
        ) from error


def _way(encoding: str) -> str:
    return f"Save it as UTF-8, or: iconv -f {encoding} -t UTF-8"
