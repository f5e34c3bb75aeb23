"""IEEE 802.11 data frames that are not encrypted, bare or behind what a card tells of them: radiotap, Prism, AVS."""

from httpresp_capture.net.link.ethernet import snap
from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes
from httpresp_capture.records.unread import Kind, unread

_AVS_MAGIC = b"\x80\x21\x10"
_PADDED = 0x20


def decode_radiotap(buffer: bytes, start: int, end: int) -> Found:
    """Radiotap says its own length, little-endian; its flags may say that padding follows the 802.11 header."""
    if end - start < 8:
        return TOO_SHORT
    length = buffer[start + 2] | (buffer[start + 3] << 8)
    if not 8 <= length <= end - start:
        return TOO_SHORT
    flags = _radiotap_flags(buffer, start, start + length)
    return _frame(buffer, start + length, end, 4 if flags & _PADDED else 1)


def decode_prism(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11_PRISM: its length stands in the second word, in the order of the capturing machine; some
    drivers put the header of AVS there."""
    if end - start < 8:
        return TOO_SHORT
    if buffer[start : start + 3] == _AVS_MAGIC:
        return decode_avs(buffer, start, end)
    length = int.from_bytes(buffer[start + 4 : start + 8], "little")
    if length > 0xFFFF:
        length = int.from_bytes(buffer[start + 4 : start + 8], "big")
    return decode(buffer, start + length, end)


def decode_avs(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11_AVS: a magic number and its length, in the order of the net."""
    if end - start < 8:
        return TOO_SHORT
    return decode(buffer, start + int.from_bytes(buffer[start + 4 : start + 8], "big"), end)


def decode(buffer: bytes, start: int, end: int) -> Found:
    """A frame from its frame control on (IEEE 802.11-2020 §9.2.3)."""
    return _frame(buffer, start, end, 1)


def _frame(buffer: bytes, start: int, end: int, unit: int) -> Found:
    """`unit`: the header is filled to a multiple of so many bytes."""
    if end - start < 24:
        return TOO_SHORT if end - start < 10 else unread(Kind.WIFI_OTHER)
    control, flags = buffer[start], buffer[start + 1]
    if control & 0x0C != 0x08 or control & 0x40:  # no data frame, or no data in it
        return unread(Kind.WIFI_OTHER)
    if flags & 0x40:
        return unread(Kind.WIFI_PROTECTED)
    length = 30 if flags & 0x03 == 0x03 else 24
    if control & 0x80:
        if start + length < end and buffer[start + length] & 0x80:
            return unread(Kind.WIFI_AGGREGATED)
        length += 6 if flags & 0x80 else 2
    return snap(buffer, start + length + -length % unit, end)


def _radiotap_flags(buffer: bytes, start: int, end: int) -> int:
    """The field Flags; 0 where there is none. Only the time (bit 0, eight bytes, aligned to eight) stands before it."""
    present = int.from_bytes(buffer[start + 4 : start + 8], "little")
    place, word = start + 8, present
    while word >> 31 and place + 4 <= end:  # Another word of presence bits follows.
        word = int.from_bytes(buffer[place : place + 4], "little")
        place += 4
    if present & 1:
        place += -(place - start) % 8 + 8
    return buffer[place] if present & 2 and place < end else 0


LINK_TYPES = LinkTypes({105: decode, 119: decode_prism, 127: decode_radiotap, 163: decode_avs})
