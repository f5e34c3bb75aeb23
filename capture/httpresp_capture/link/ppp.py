"""PPP (RFC 1661), with or without its HDLC bytes, and what PPPoE and GRE carry of it."""

from httpresp_capture.link.found import IPV4, IPV6, NOTHING, TOO_SHORT, Found

_PROTOCOLS = {0x21: IPV4, 0x57: IPV6, 0x281: 0x8847}


def decode(buffer: bytes, start: int, end: int) -> Found:
    """From the address byte or from the protocol on; the protocol may be compressed to one byte (§6.5)."""
    if buffer[start : min(start + 2, end)] == b"\xff\x03":
        start += 2
    if end - start < 2:
        return TOO_SHORT
    protocol = buffer[start]
    start += 1
    if not protocol & 1:
        protocol = (protocol << 8) | buffer[start]
        start += 1
    kind = _PROTOCOLS.get(protocol)
    return NOTHING if kind is None else (kind, start, ())
