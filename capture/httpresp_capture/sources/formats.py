"""Which capture format the first bytes belong to, and what to say when it is none."""

from httpresp_capture.sources.pcap import MAGICS, PcapReader
from httpresp_capture.sources.pcapng import MAGIC, PcapngReader
from httpresp_capture.sources.reader import CaptureReader

__all__ = ["ENOUGH", "READERS", "what_it_is"]

ENOUGH = 4
"""Bytes that tell every format of `READERS`."""

READERS: dict[bytes, type[CaptureReader]] = {MAGIC: PcapngReader, **dict.fromkeys(MAGICS, PcapReader)}
"""By the first bytes."""

STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "zstd -dc"),
    (b"\xfd7zXZ", "compressed with xz", "xz -dc"),
    (b"BZh", "compressed with bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "lz4 -dc"),
    (b"PK\x03\x04", "a zip archive", "unzip -p"),
    (b"snoop\0\0\0", "a snoop capture", "tshark -F pcapng -w - -r"),
)
"""First bytes, what they are, and the command that turns such a file into a capture on its standard output."""

READABLE = "Readable are pcap, pcapng and events as JSON lines, and gzip of these."


def what_it_is(name: str, first: bytes) -> str:
    """Two sentences on input that is no capture: what it seems to be, and the way on."""
    for magic, what, command in STRANGERS:
        if first.startswith(magic):
            return f"{name} is {what}. Try: {command} {name} | httpresp-tui -r -"
    return f"{name} is not a capture: it begins with {ascii(first[:16])[1:]}. {READABLE}"
