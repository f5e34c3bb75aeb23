"""OpenBSD's packet filter log: a header that says its own length, then the IP packet."""

from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes, by_version


def decode(buffer: bytes, start: int, end: int) -> Found:
    """LINKTYPE_PFLOG: the length counts no padding, which fills the header to a multiple of four."""
    if end - start < 4:
        return TOO_SHORT
    return by_version(buffer, start + (buffer[start] + 3 & ~3), end)


LINK_TYPES = LinkTypes({117: decode})
