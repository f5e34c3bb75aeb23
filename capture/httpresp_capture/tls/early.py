"""Early data of TLS 1.3 (RFC 8446 §4.2.10): a request that the server may refuse, and that is sent again then.

So it is held until it is known whether the server takes it: EncryptedExtensions say so; where those are missing, an
EndOfEarlyData does, which a client sends only after data that was taken.
"""

from typing import Final

from httpresp_capture.tls.side import COST, Came

MOST: Final = 1 << 20
"""Bytes of one connection that are held; servers take some 16 KiB."""


class EarlyData:
    """What the client of one connection sent before the handshake was over."""

    __slots__ = ("_held", "_size", "taken")

    def __init__(self) -> None:
        self.taken: bool | None = None
        """None while that is not known."""
        self._held: list[tuple[bytes, Came]] = []
        self._size = 0

    def add(self, data: bytes, came: Came) -> list[tuple[bytes, Came]]:
        """The content of a record; what is to be read now."""
        if self.taken is None:
            self._size += len(data) + COST
            if self._size <= MOST:
                self._held.append((data, came))
            return []
        return [(data, came)] if self.taken else []

    def decide(self, taken: bool) -> list[tuple[bytes, Came]]:
        """It is known whether the server takes it; what is to be read now."""
        if self.taken is not None:
            return []
        self.taken = taken
        held, self._held = self._held, []
        return held if taken else []
