"""BSD loopback: a protocol family in four bytes, in the order of the capturing machine (NULL) or of the net (LOOP)."""

from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes, by_version


def decode(buffer: bytes, start: int, end: int) -> Found:
    """The family's number for IPv6 differs by system; the version of the packet behind it does not."""
    if end - start < 5:
        return TOO_SHORT
    return by_version(buffer, start + 4, end)


LINK_TYPES = LinkTypes({0: decode, 108: decode})
