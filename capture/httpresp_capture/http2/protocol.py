"""How HTTP/2 is told from its bytes, and what reads it."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Conversation, Protocol
from httpresp_capture.detect.undetected import Detection


def _converse(detection: Detection) -> Conversation:
    from httpresp_capture.http2.conversation import HTTP2  # Loaded where it is spoken.

    return HTTP2(detection)


PROTOCOL: Final = Protocol("HTTP/2", recognise.http2, _converse, recognise.http2_within)
