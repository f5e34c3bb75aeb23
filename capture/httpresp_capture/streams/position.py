"""Positions in a stream of bytes: they may begin anywhere and wrap at 2^32.

TCP's sequence numbers are such (RFC 9293 §3.4), and so that those serve as they are, the positions of any other stream
wrap like them. Only `distance` compares two.
"""

from typing import Final

MASK: Final = 0xFFFFFFFF
_HALF: Final = 0x80000000


def distance(later: int, earlier: int) -> int:
    """How far `later` lies after `earlier`; negative when it lies before. Right within 2 GiB of each other."""
    return ((later - earlier + _HALF) & MASK) - _HALF
