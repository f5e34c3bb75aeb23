"""CACE's Per-Packet Information: a header of fields, which names the link type of what follows."""


def behind(buffer: bytes, start: int, end: int) -> tuple[int, int]:
    """LINKTYPE_PPI: version and flags, length, link type, little-endian. Link type and place of the frame behind it;
    -1 when the header is cut."""
    if end - start < 8:
        return -1, 0
    length = buffer[start + 2] | (buffer[start + 3] << 8)
    if not 8 <= length <= end - start:
        return -1, 0
    return int.from_bytes(buffer[start + 4 : start + 8], "little"), start + length
