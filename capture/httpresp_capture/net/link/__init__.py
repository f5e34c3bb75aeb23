"""Link types: one file each; a decoder finds where the network layer starts.

The table is `frames`; here stands what names the link type of a frame inside it. A type that is in neither is counted,
not guessed.
"""

from typing import Final

from httpresp_capture.net.link import pktap, ppi
from httpresp_capture.net.link.found import TOO_SHORT, Decoder, Found
from httpresp_capture.net.link.frames import FRAMES
from httpresp_capture.records.unread import Kind, unread


def by_link_type(link_type: int, buffer: bytes, start: int, end: int) -> Found:
    """A frame inside another header, which says its link type."""
    decode = FRAMES.get(link_type)
    return unread(Kind.LINK_TYPE, link_type) if decode is None else decode(buffer, start, end)


def _ppi(buffer: bytes, start: int, end: int) -> Found:
    link_type, place = ppi.behind(buffer, start, end)
    return TOO_SHORT if link_type < 0 else by_link_type(link_type, buffer, place, end)


def _pktap(buffer: bytes, start: int, end: int) -> Found:
    link_type, place = pktap.behind(buffer, start, end)
    return TOO_SHORT if link_type < 0 else by_link_type(link_type, buffer, place, end)


def _user2(buffer: bytes, start: int, end: int) -> Found:
    """Anybody may use this number; Darwin's tcpdump does for PKTAP."""
    link_type, place = pktap.behind(buffer, start, end)
    if link_type not in FRAMES:
        return unread(Kind.LINK_TYPE, 149)
    return by_link_type(link_type, buffer, place, end)


DECODERS: Final[dict[int, Decoder]] = {**FRAMES, 149: _user2, 192: _ppi, 258: _pktap}
