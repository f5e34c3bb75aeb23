"""IEEE 802.11 data frames that are not encrypted, bare or behind a radiotap header."""

from httpresp_capture.link.ethernet import snap
from httpresp_capture.link.found import NOTHING, TOO_SHORT, Found


def decode_radiotap(buffer: bytes, start: int, end: int) -> Found:
    """The radiotap header says its own length, little-endian; its first field may say that an FCS follows."""
    if end - start < 4:
        return TOO_SHORT
    return decode(buffer, start + (buffer[start + 2] | (buffer[start + 3] << 8)), end)


def decode(buffer: bytes, start: int, end: int) -> Found:
    """A frame from its frame control on (IEEE 802.11-2020 §9.2.3)."""
    if end - start < 24:
        return TOO_SHORT
    control, flags = buffer[start], buffer[start + 1]
    if control & 0x0C != 0x08 or control & 0x40 or flags & 0x40:  # no data frame, no data in it, or protected
        return NOTHING
    length = 30 if flags & 0x03 == 0x03 else 24
    if control & 0x80:
        length += 6 if flags & 0x80 else 2
    return snap(buffer, start + length, end)
