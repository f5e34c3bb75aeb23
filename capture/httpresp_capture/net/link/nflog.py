"""Linux netfilter log: an address family, then attributes, one of which is the packet."""

from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes, by_version
from httpresp_capture.records.unread import Kind, unread

_PAYLOAD = 9


def decode(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_NFLOG; attribute lengths are in the order of the capturing machine, little-endian where we met it."""
    if end - start < 8:
        return TOO_SHORT
    at = start + 4
    while end - at >= 4:
        length = buffer[at] | (buffer[at + 1] << 8)
        kind = buffer[at + 2] | (buffer[at + 3] << 8)
        if length < 4:
            return TOO_SHORT
        if kind == _PAYLOAD:
            return by_version(buffer, at + 4, end)
        at += (length + 3) & ~3
    return unread(Kind.NO_IP)


LINK_TYPES = LinkTypes({239: decode})
