"""Ethernet with any depth of VLAN tags (IEEE 802.1Q, 802.1ad), and 802.2 LLC/SNAP behind a length."""

from httpresp_capture.link.found import NOTHING, TOO_SHORT, Found

_TAGS = frozenset({0x8100, 0x88A8, 0x9100, 0x9200, 0x9300})
_DEEPEST = 16


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
            return NOTHING
        vlans = (*vlans, ((buffer[start] << 8) | buffer[start + 1]) & 0x0FFF)
        kind = (buffer[start + 2] << 8) | buffer[start + 3]
        start += 4
    if kind < 0x0600:
        kind, start, _ = snap(buffer, start, end)
    return kind, start, vlans


def snap(buffer: bytes, start: int, end: int) -> Found:
    """LLC with a SNAP header (RFC 1042), or LLC's own number for IP."""
    if end - start < 3:
        return TOO_SHORT
    if buffer[start : start + 3] == b"\xaa\xaa\x03" and end - start >= 8:
        return (buffer[start + 6] << 8) | buffer[start + 7], start + 8, ()
    if buffer[start : start + 2] == b"\x06\x06":
        return 0x0800, start + 3, ()
    return NOTHING
