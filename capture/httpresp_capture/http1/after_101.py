"""A WebSocket on a connection of HTTP/1: what it carries is told of the 101 that opened it, which has ended before."""

from dataclasses import replace

from httpresp_capture.http.rows import tell_late
from httpresp_capture.http1.response_reader import ResponseReader
from httpresp_capture.records.events import ResponseGrew
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.sink import Sink, Timed
from httpresp_capture.websocket.session import Session


class After101(Timed):
    """Tells how far the frames have come, where somebody asked for progress, and all of them when they have ended."""

    __slots__ = ("_answers", "_sink", "_told", "_told_at", "session")

    def __init__(self, sink: Sink, answers: ResponseReader, response: Response) -> None:
        self._sink = sink
        self._answers = answers
        """Its newest response is the 101."""
        self._told = 0
        self._told_at = response.at
        self.session = Session(response.header("sec-websocket-extensions"), self._ended)
        if sink.limits.progress_ns:
            sink.growing[self] = None

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Timed`, and `Row.grow`."""
        came, opened = self.session.amount(), self._answers.last
        if came == self._told or (0 <= at - self._told_at < self._sink.limits.progress_ns and not quiet):
            return False
        if opened is None or not opened.id:
            return False  # It is not told itself yet.
        self._told = came
        self._told_at = at
        self._sink.emit(ResponseGrew(replace(opened, websocket=self.session.told())))
        return True

    def _ended(self, websocket: WebSocket, at: int) -> None:
        self._sink.growing.pop(self, None)
        opened = self._answers.last
        if opened is not None and opened.id:
            self._answers.last = replace(opened, websocket=websocket)
            tell_late(self._sink, self._answers.last, opened)
