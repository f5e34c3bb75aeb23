"""ARCNET as Linux captures it, with the encapsulation of RFC 1201."""

from httpresp_capture.net.link.found import IPV4, TOO_SHORT, Found, LinkTypes
from httpresp_capture.records.unread import Kind, unread

_IP = frozenset({0xD4, 0xF0})


def decode(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_ARCNET_LINUX: addresses and an offset (4 bytes), then the protocol, split flag and sequence number."""
    if end - start < 8:
        return TOO_SHORT
    if buffer[start + 4] not in _IP:
        return unread(Kind.ARCNET)
    if buffer[start + 4] == 0xF0:  # RFC 1051 has no split flag
        return IPV4, start + 5, ()
    if buffer[start + 5] == 0xFF:  # an exception packet, padded past the sizes that ARCNET cannot send
        return IPV4, start + 12, ()
    return (IPV4, start + 8, ()) if buffer[start + 5] == 0 else unread(Kind.ARCNET)


LINK_TYPES = LinkTypes({129: decode})
