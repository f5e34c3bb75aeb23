"""How HTTP/2 is told from its bytes, and what reads it."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.http2.conversation import HTTP2

PROTOCOL: Final = Protocol("HTTP/2", recognise.http2, HTTP2, recognise.http2_within)
