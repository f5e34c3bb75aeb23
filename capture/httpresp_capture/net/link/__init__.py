"""Link types: one file each; a decoder finds where the network layer starts.

Numbers are those of https://www.tcpdump.org/linktypes.html. A type that is not in the table is counted, not guessed.
"""

from collections.abc import Callable
from typing import Final

from httpresp_capture.net.link import (
    arcnet,
    cisco_hdlc,
    ethernet,
    linux_cooked,
    loopback,
    nflog,
    pflog,
    pktap,
    ppi,
    ppp,
    wifi,
)
from httpresp_capture.net.link.found import PPPOE, TOO_SHORT, Found, by_version
from httpresp_capture.records.unread import Kind, unread

Decoder = Callable[[bytes, int, int], Found]

FRAMES: Final[dict[int, Decoder]] = {
    0: loopback.decode,
    1: ethernet.decode,
    9: ppp.decode,
    12: by_version,  # DLT_RAW, as OpenBSD and others write it
    14: by_version,
    50: ppp.decode,
    51: lambda buffer, start, end: (PPPOE, start, ()),
    100: ethernet.snap,
    101: by_version,
    104: cisco_hdlc.decode,
    105: wifi.decode,
    108: loopback.decode,
    113: linux_cooked.decode_v1,
    117: pflog.decode,
    119: wifi.decode_prism,
    127: wifi.decode_radiotap,
    129: arcnet.decode,
    163: wifi.decode_avs,
    204: lambda buffer, start, end: ppp.decode(buffer, start + 1, end),  # a byte of direction first
    205: lambda buffer, start, end: cisco_hdlc.decode(buffer, start + 1, end),
    228: by_version,
    229: by_version,
    239: nflog.decode,
    276: linux_cooked.decode_v2,
}


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
