"""How HTTP/1 is told from its bytes, and what reads it."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.http1.conversation import HTTP1

PROTOCOL: Final = Protocol("HTTP/1", recognise.http1, HTTP1, recognise.http1_within, prevails=True)
