"""What a link-layer decoder answers, and for which link types."""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.unread import Kind, unread

Found = tuple[int, int, tuple[int, ...]]
"""EtherType of what is carried, where it starts in the buffer, and the VLAN ids met, outermost first. What is not read
has a negative number: `SHORT`, or that of `unread`."""

Decoder = Callable[[bytes, int, int], Found]
"""Of a buffer in which a frame starts and ends."""


class LinkTypes(dict[int, Decoder]):
    """What a file decodes, by the numbers of https://www.tcpdump.org/linktypes.html."""


IPV4: Final = 0x0800
IPV6: Final = 0x86DD
PPPOE: Final = 0x8864
SHORT: Final = -1

TOO_SHORT: Final[Found] = (SHORT, 0, ())
"""The frame ends inside its own header."""


def by_version(buffer: bytes, start: int, end: int) -> Found:
    """What starts with an IP header of either version."""
    if start >= end:
        return TOO_SHORT
    version = buffer[start] >> 4
    if version == 4:
        return IPV4, start, ()
    return (IPV6, start, ()) if version == 6 else unread(Kind.NO_IP)
