"""Arithmetic of TCP sequence numbers, which wrap at 2^32 (RFC 9293 §3.4)."""

from typing import Final

MASK: Final = 0xFFFFFFFF
_HALF: Final = 0x80000000

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
ACK: Final = 0x10
URG: Final = 0x20
NEAR: Final = 1 << 20
"""Bytes that may lie between where a direction stands and what the other has acknowledged: a large window."""


def distance(later: int, earlier: int) -> int:
    """How far `later` lies after `earlier`; negative when it lies before. Right within 2 GiB of each other."""
    return ((later - earlier + _HALF) & MASK) - _HALF
