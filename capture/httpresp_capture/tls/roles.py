"""Which end of a connection is the client, where nothing that was said before has told.

Records of TLS are the same from either end, so that who sent the first packet that was captured is nothing to go by.
Ports are: a server has one that its clients know, and a client one that its system draws. It is a guess: a hello and
keys know better.
"""

from typing import Final

from httpresp_capture.streams.byte_streams import Streams

SYSTEM: Final = 1_024
"""Ports below are those of services (RFC 6335 §6)."""
DRAWN: Final = 32_768
"""From here on systems draw ports: Linux, whose range reaches down the furthest, does."""


def looks_turned(connection: Streams) -> bool:
    """True where the ports alone tell, and tell that its server asks."""
    if not connection.midstream or connection.proxied is not None:
        return False
    flow = connection.flow()
    return _rank(flow.client_port) < _rank(flow.server_port)


def _rank(port: int) -> int:
    return (port >= SYSTEM) + (port >= DRAWN)
