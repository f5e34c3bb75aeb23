"""What a link-layer decoder answers."""

from typing import Final

Found = tuple[int, int, tuple[int, ...]]
"""EtherType of what is carried, where it starts in the buffer, and the VLAN ids met, outermost first."""

IPV4: Final = 0x0800
IPV6: Final = 0x86DD
UNKNOWN: Final = -1
SHORT: Final = -2

NOTHING: Final[Found] = (UNKNOWN, 0, ())
"""Carries something that is not ours."""
TOO_SHORT: Final[Found] = (SHORT, 0, ())
"""The frame ends inside its own header."""


def by_version(buffer: bytes, start: int, end: int) -> Found:
    """What starts with an IP header of either version."""
    if start >= end:
        return TOO_SHORT
    version = buffer[start] >> 4
    return (IPV4 if version == 4 else IPV6 if version == 6 else UNKNOWN), start, ()
