"""Cisco HDLC, what serial lines between Cisco routers speak: an address, a control byte, and an EtherType."""

from httpresp_capture.net.link.ethernet import by_type
from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes

ADDRESSES = frozenset({0x0F, 0x8F})
"""Unicast and broadcast; PPP has 0xFF there."""


def decode(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_C_HDLC."""
    if end - start < 4:
        return TOO_SHORT
    return by_type(buffer, start + 4, end, (buffer[start + 2] << 8) | buffer[start + 3])


LINK_TYPES = LinkTypes(
    {
        104: decode,
        205: lambda buffer, start, end: decode(buffer, start + 1, end),  # a byte of direction first
    }
)
