"""Responses for a program of one's own: an iterator over a file, or over an interface as they end."""

from collections import deque
from collections.abc import Callable, Iterator
from os import PathLike, fspath
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Self

from httpresp_capture.query import compile_query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    ResponseAmended,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Source

_BATCHES = 64
"""How many may wait; then the source waits, and of a network the kernel drops and counts."""


def responses(
    file: str | PathLike[str] | None = None,
    *,
    interface: str | None = None,
    filter: str = "",
    limits: Limits | None = None,
) -> "Responses":
    """The responses of a capture file, or those that end on an `interface` from now on.

    `filter` is a display filter. Of a request without a response there is a row too (`Response.unanswered`). Raises
    `CaptureError` for what cannot be opened, and `QueryError` for what is no filter.
    """
    if (file is None) == (interface is None):
        raise CaptureError("either a file or an interface is read.")
    query = compile_query(filter)
    limits = limits or Limits()
    source: Source
    if file is not None:
        from httpresp_capture.sources.file.source import FileSource

        source = FileSource.open(fspath(file), limits)
    else:
        from httpresp_capture.sources.live.source import LiveSource

        source = LiveSource.open([interface or ""], limits=limits)
    return Responses(source, None if query.everything else query.matches)


class Responses(Iterator[Response]):
    """Iterates over the responses of a source that have ended, each once. Reading goes on behind, on a thread.

    `close`, or the end of a `with`, ends it early. What was wrong with the source is raised as `CaptureError` after
    the last response that it gave.
    """

    def __init__(self, source: Source, matches: Callable[[Response], bool] | None) -> None:
        self.counters = Counters()
        """What was read so far and what could not be: look here before a number is believed."""
        self._source = source
        self._matches = matches
        self._batches: Queue[list[CaptureEvent] | None] = Queue(_BATCHES)
        self._ready: deque[Response] = deque()
        self._failure = ""
        self._over = False
        self._thread = Thread(target=self._read, name="responses", daemon=True)
        self._thread.start()

    def __next__(self) -> Response:
        """The next response that has ended and matches."""
        while not self._ready:
            batch = None if self._over else self._batches.get()
            if batch is None:
                self._over = True
                if self._failure:
                    failure, self._failure = self._failure, ""
                    raise CaptureError(failure)
                raise StopIteration
            self._take(batch)
        return self._ready.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Read no more, and give no more."""
        self._ready.clear()
        self._source.stop()
        while not self._over and self._batches.get() is not None:
            pass  # The thread may wait for room.
        self._over = True
        self._thread.join()

    def _read(self) -> None:
        try:
            self._source.run(self._batches.put)
        finally:
            self._batches.put(None)

    def _take(self, batch: list[CaptureEvent]) -> None:
        for event in batch:
            if isinstance(event, (ResponseSeen, ResponseChanged)):
                response = event.response
                ended = response.end is not None and not isinstance(event, ResponseAmended)
                if ended and (self._matches is None or self._matches(response)):
                    self._ready.append(response)
            elif isinstance(event, CaptureStatus):
                self.counters = event.counters
            elif isinstance(event, CaptureFailed):
                self._failure = event.message
