"""Link types: one file each; a decoder finds where the network layer starts.

Numbers are those of https://www.tcpdump.org/linktypes.html. A type that is not in the table is counted, not guessed.
"""

from collections.abc import Callable
from typing import Final

from httpresp_capture.link import arcnet, ethernet, linux_cooked, loopback, nflog, ppp, wifi
from httpresp_capture.link.found import Found, by_version

DECODERS: Final[dict[int, Callable[[bytes, int, int], Found]]] = {
    0: loopback.decode,
    1: ethernet.decode,
    9: ppp.decode,
    12: by_version,  # DLT_RAW, as OpenBSD and others write it
    14: by_version,
    50: ppp.decode,
    101: by_version,
    105: wifi.decode,
    108: loopback.decode,
    113: linux_cooked.decode_v1,
    127: wifi.decode_radiotap,
    129: arcnet.decode,
    228: by_version,
    229: by_version,
    239: nflog.decode,
    276: linux_cooked.decode_v2,
}
