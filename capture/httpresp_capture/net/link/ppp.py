"""PPP (RFC 1661), with or without its HDLC bytes, and what PPPoE, L2TP and GRE carry of it."""

from httpresp_capture.net.link import cisco_hdlc
from httpresp_capture.net.link.found import IPV4, IPV6, PPPOE, TOO_SHORT, Found, LinkTypes
from httpresp_capture.records.unread import Kind, unread

_PROTOCOLS = {0x21: IPV4, 0x57: IPV6, 0x281: 0x8847}


def decode(buffer: bytes, start: int, end: int) -> Found:
    """From the address byte or from the protocol on; the protocol may be compressed to one byte (§6.5).

    A serial line of this type may speak Cisco HDLC instead.
    """
    if buffer[start : min(start + 2, end)] == b"\xff\x03":
        start += 2
    elif start + 2 <= end and buffer[start] in cisco_hdlc.ADDRESSES and not buffer[start + 1]:
        return cisco_hdlc.decode(buffer, start, end)
    if end - start < 2:
        return TOO_SHORT
    protocol = buffer[start]
    start += 1
    if not protocol & 1:
        protocol = (protocol << 8) | buffer[start]
        start += 1
    kind = _PROTOCOLS.get(protocol)
    return unread(Kind.PPP, protocol) if kind is None else (kind, start, ())


LINK_TYPES = LinkTypes(
    {
        9: decode,
        50: decode,
        51: lambda buffer, start, end: (PPPOE, start, ()),
        204: lambda buffer, start, end: decode(buffer, start + 1, end),  # a byte of direction first
    }
)
