"""The link types of frames that name no other link type, a line for each file of them (see `records.table`)."""

# ruff: noqa: F401
# pyright: reportUnusedImport=false
from typing import Final

from httpresp_capture.net.link.arcnet import LINK_TYPES as arcnet
from httpresp_capture.net.link.cisco_hdlc import LINK_TYPES as cisco_hdlc
from httpresp_capture.net.link.ethernet import LINK_TYPES as ethernet
from httpresp_capture.net.link.found import Decoder, LinkTypes
from httpresp_capture.net.link.linux_cooked import LINK_TYPES as linux_cooked
from httpresp_capture.net.link.loopback import LINK_TYPES as loopback
from httpresp_capture.net.link.nflog import LINK_TYPES as nflog
from httpresp_capture.net.link.pflog import LINK_TYPES as pflog
from httpresp_capture.net.link.ppp import LINK_TYPES as ppp
from httpresp_capture.net.link.raw import LINK_TYPES as raw
from httpresp_capture.net.link.wifi import LINK_TYPES as wifi
from httpresp_capture.records.table import entries

FRAMES: Final[dict[int, Decoder]] = {
    number: decode for types in entries(__name__, LinkTypes) for number, decode in types.items()
}
