"""What is recognised in a stream of bytes, and what reads it: a line for each protocol (see `detect.protocol`)."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.http1.conversation import HTTP1
from httpresp_capture.http2.conversation import HTTP2
from httpresp_capture.tls.conversation import TLS

PROTOCOLS: Final = (
    Protocol("HTTP/1", recognise.http1, HTTP1, recognise.http1_within, prevails=True),
    Protocol("TLS", recognise.tls, TLS),
    Protocol("HTTP/2", recognise.http2, HTTP2, recognise.http2_within),
)
"""In the order in which they are asked: the first that knows the bytes, or may with more of them, is taken."""
