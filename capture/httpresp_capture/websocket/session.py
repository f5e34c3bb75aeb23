"""Both directions of one WebSocket, from the response that opened it to the end of its connection, or stream."""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.websocket import WebSocket, WebSocketMessage
from httpresp_capture.websocket.deflate import Inflater, agreed, keeps_context
from httpresp_capture.websocket.frames import FrameReader

__all__ = ["Session"]

MESSAGES: Final = 50
"""Messages of which more than their number is told."""


class Session:
    """A reader for each direction; `ended`, if any, is called once, when neither goes on, with all that came.

    `extensions` is the value of `Sec-WebSocket-Extensions` in the response.
    """

    def __init__(self, extensions: str, ended: Callable[[WebSocket, int], None] | None = None) -> None:
        self._compressed = agreed(extensions)
        self._ended = ended
        self._open = 2
        self._messages: list[WebSocketMessage] = []
        self.client = _Reader(self, True, self._inflater(extensions, client=True))
        self.server = _Reader(self, False, self._inflater(extensions, client=False))

    def told(self) -> WebSocket:
        """What came so far."""
        messages = tuple(self._messages)
        return WebSocket(self.client.told(), self.server.told(), self._compressed, messages, not self._open)

    def amount(self) -> int:
        """Frames and bytes of payload so far: it grows with whatever comes."""
        return self.client.amount() + self.server.amount()

    def end(self, reason: EndReason, at: int) -> None:
        """Neither direction goes on."""
        self.client.end(reason, at)
        self.server.end(reason, at)

    def take(self, message: WebSocketMessage) -> None:
        """One message more."""
        if len(self._messages) < MESSAGES:
            self._messages.append(message)

    def close(self, at: int) -> None:
        """One direction is over."""
        self._open -= 1
        if not self._open and self._ended is not None:
            self._ended(self.told(), at)

    def _inflater(self, extensions: str, *, client: bool) -> Inflater | None:
        return Inflater(keeps_context(extensions, client=client)) if self._compressed else None


class _Reader(FrameReader):
    """A direction of a session, which says when it is over."""

    __slots__ = ("_over", "_session")

    def __init__(self, session: Session, from_client: bool, inflater: Inflater | None) -> None:
        super().__init__(from_client, inflater, session.take)
        self._session = session
        self._over = False

    def end(self, reason: EndReason, at: int) -> None:
        """See `FrameReader`."""
        if not self._over:
            super().end(reason, at)
            self._over = True
            self._session.close(at)
