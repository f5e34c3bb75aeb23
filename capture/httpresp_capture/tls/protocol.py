"""How TLS is told from its bytes, and what reads it."""

from typing import Final

from httpresp_capture.detect import recognise
from httpresp_capture.detect.protocol import Conversation, Protocol
from httpresp_capture.detect.undetected import Detection


def _converse(detection: Detection) -> Conversation:
    from httpresp_capture.tls.conversation import TLS  # Loaded where it is spoken.

    return TLS(detection)


PROTOCOL: Final = Protocol("TLS", recognise.tls, _converse)
