"""Which capture format the first bytes belong to."""

from httpresp_capture.sources.pcap import MAGICS, PcapReader
from httpresp_capture.sources.pcapng import MAGIC, PcapngReader
from httpresp_capture.sources.reader import CaptureReader

__all__ = ["ENOUGH", "READERS"]

ENOUGH = 4
"""Bytes that tell every format of `READERS`."""

READERS: dict[bytes, type[CaptureReader]] = {MAGIC: PcapngReader, **dict.fromkeys(MAGICS, PcapReader)}
"""By the first bytes."""
