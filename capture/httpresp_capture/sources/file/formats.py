"""Which capture format the first bytes belong to."""

from httpresp_capture.sources.file.pcap import MAGICS, PcapReader
from httpresp_capture.sources.file.pcapng import MAGIC, PcapngReader
from httpresp_capture.sources.file.reader import CaptureReader

__all__ = ["ENOUGH", "READERS"]

ENOUGH = 4
"""Bytes that tell every format of `READERS`."""

READERS: dict[bytes, type[CaptureReader]] = {MAGIC: PcapngReader, **dict.fromkeys(MAGICS, PcapReader)}
"""By the first bytes."""
