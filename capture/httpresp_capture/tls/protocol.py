"""How TLS is told from its bytes, and what reads it."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.tls.conversation import TLS

PROTOCOL: Final = Protocol("TLS", recognise.tls, TLS)
