"""Linux cooked capture, versions 1 and 2: what `any` gives."""

from httpresp_capture.net.link.ethernet import by_type
from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes


def decode_v1(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_LINUX_SLL: 16 bytes, the protocol last."""
    if end - start < 16:
        return TOO_SHORT
    return by_type(buffer, start + 16, end, (buffer[start + 14] << 8) | buffer[start + 15])


def decode_v2(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_LINUX_SLL2: 20 bytes, the protocol first."""
    if end - start < 20:
        return TOO_SHORT
    return by_type(buffer, start + 20, end, (buffer[start] << 8) | buffer[start + 1])


LINK_TYPES = LinkTypes({113: decode_v1, 276: decode_v2})
