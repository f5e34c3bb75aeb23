"""Apple's PKTAP, what tcpdump on macOS writes: a header with interface and process, which names the link type."""

_SMALLEST = 108
_LARGEST = 1_024


def behind(buffer: bytes, start: int, end: int) -> tuple[int, int]:
    """LINKTYPE_PKTAP, and DLT_USER2 (149), which Darwin's libpcap has for it: length of the header, type of the record,
    link type, little-endian. Link type and place of the frame behind it; -1 when this is no such header."""
    if end - start < _SMALLEST:
        return -1, 0
    length = int.from_bytes(buffer[start : start + 4], "little")
    if not _SMALLEST <= length <= min(end - start, _LARGEST):
        return -1, 0
    return int.from_bytes(buffer[start + 8 : start + 12], "little"), start + length
