"""Ethernet with any depth of VLAN tags (IEEE 802.1Q, 802.1ad) and of what switches of data centres put in, and 802.2
LLC/SNAP behind a length."""

from typing import Final

from httpresp_capture.net.link.found import TOO_SHORT, Found, LinkTypes
from httpresp_capture.records.unread import Kind, unread

_TAGS: Final = frozenset({0x8100, 0x88A8, 0x9100, 0x9200, 0x9300})
_CISCO_METADATA: Final = 0x8909
_SHIMS: Final = {
    0x8926: 4,  # VN-TAG
    0x893F: 6,  # E-TAG (IEEE 802.1BR)
    _CISCO_METADATA: 2,  # version and length; then so many options of four bytes
}
"""Bytes that stand before the next EtherType, and say nothing of networks."""
_DEEPEST: Final = 16


def decode(buffer: bytes, start: int, end: int) -> Found:
    """A frame from its destination address on."""
    if end - start < 14:
        return TOO_SHORT
    return by_type(buffer, start + 14, end, (buffer[start + 12] << 8) | buffer[start + 13])


def by_type(buffer: bytes, start: int, end: int, kind: int) -> Found:
    """What follows an EtherType or length `kind`."""
    vlans: tuple[int, ...] = ()
    while kind in _TAGS:
        if end - start < 4:
            return TOO_SHORT
        if len(vlans) >= _DEEPEST:
            return unread(Kind.TOO_DEEP)
        vlans = (*vlans, ((buffer[start] << 8) | buffer[start + 1]) & 0x0FFF)
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        start += 4
    if kind in _SHIMS:
        return _behind_shims(buffer, start, end, kind, vlans)
    if kind < 0x0600:
        kind, start, _ = snap(buffer, start, end)
    return kind, start, vlans


def _behind_shims(buffer: bytes, start: int, end: int, kind: int, vlans: tuple[int, ...]) -> Found:
    """The same where something else than VLAN tags is in between; they may follow it."""
    depth = len(vlans)
    while kind in _TAGS or kind in _SHIMS:
        depth += 1
        if depth > _DEEPEST:
            return unread(Kind.TOO_DEEP)
        size = _SHIMS.get(kind, 2)
        if kind == _CISCO_METADATA:
            size += (buffer[start + 1] or 1) << 2 if start + 2 <= end else 4
        if end - start < size + 2:
            return TOO_SHORT
        if kind in _TAGS:
            vlans = (*vlans, ((buffer[start] << 8) | buffer[start + 1]) & 0x0FFF)
        start += size
        kind = (buffer[start] << 8) | buffer[start + 1]
        start += 2
    if kind < 0x0600:
        kind, start, _ = snap(buffer, start, end)
    return kind, start, vlans


def snap(buffer: bytes, start: int, end: int) -> Found:
    """LLC with a SNAP header (RFC 1042), or LLC's own number for IP."""
    if end - start < 3:
        return TOO_SHORT
    if buffer[start : start + 3] == b"\xaa\xaa\x03" and end - start >= 8:
        kind = (buffer[start + 6] << 8) | buffer[start + 7]
        return (kind, start + 8, ()) if kind >= 0x0600 else unread(Kind.LLC)
    if buffer[start : start + 2] == b"\x06\x06":
        return 0x0800, start + 3, ()
    return unread(Kind.LLC)


LINK_TYPES = LinkTypes({1: decode, 100: snap})
