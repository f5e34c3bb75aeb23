"""What stands before the protocol of a connection: PROXY headers and SOCKS handshakes, read and taken off.

Both come from whoever opened the connection, as its very first bytes, and tell of a connection beyond this one: where
it came from, or where it goes. Behind them the connection begins anew, and may speak anything. `take_off` works on the
first bytes of both directions, since only the server's reply tells that a SOCKS request was granted.
"""

from typing import Final

from httpresp_capture.detect.proxy_protocol import read_header
from httpresp_capture.detect.socks import read_opening, read_reply
from httpresp_capture.detect.undetected import Undetected
from httpresp_capture.records.flow import Proxied

MOST: Final = 8
"""Headers and handshakes of one connection that are taken off: each proxy on the way may add its own."""
_FIRST: Final = frozenset(b"\x00\x04\x05\rP")
"""First bytes: of a SOCKS 4 reply, of SOCKS 4 and 5, of PROXY v2 and v1."""
_UNGRANTED: Final = 16_384
"""Bytes that may wait behind a SOCKS request for the reply to it."""


def may_begin(data: bytes) -> bool:
    """True when a direction that begins so may be one of a connection with something before its protocol."""
    return not data or data[0] in _FIRST


class Preamble:
    """What was taken off so far, of one connection."""

    __slots__ = ("count", "proxied")

    def __init__(self) -> None:
        self.count = 0
        self.proxied: Proxied | None = None

    def header(self, asks: Undetected) -> bool | None:
        """Take a PROXY header off the direction that opened the connection: True when it was there, None when more of
        it must come."""
        data = asks.bytes()
        found = read_header(data) if data and self.count < MOST else None
        if found is None:
            return False
        length, proxied = found
        if not length:
            return None
        self._learn(asks, length, proxied)
        return True

    def handshake(self, asks: Undetected, answers: Undetected | None) -> bool | None:
        """Take a SOCKS handshake off both directions; as `header`."""
        data = asks.bytes()
        found = read_opening(data) if data and self.count < MOST else None
        if found is None:
            return False
        length, proxied = found
        replied = 0 if answers is None or not answers.size else read_reply(answers.bytes(), proxied.protocol)
        if replied < 0 or asks.size > length + _UNGRANTED:
            return False
        if not length or not replied or answers is None:
            return None
        answers.take_off(replied)
        self._learn(asks, length, proxied)
        return True

    def _learn(self, asks: Undetected, length: int, proxied: Proxied) -> None:
        self.count += 1
        asks.take_off(length)
        before = self.proxied
        self.proxied = proxied if before is None else before.with_inner(proxied)
