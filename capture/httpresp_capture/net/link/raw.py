"""No header at all: a frame is an IP packet."""

from httpresp_capture.net.link.found import LinkTypes, by_version

LINK_TYPES = LinkTypes(
    {
        12: by_version,  # DLT_RAW, as OpenBSD and others write it
        14: by_version,
        101: by_version,
        228: by_version,
        229: by_version,
    }
)
