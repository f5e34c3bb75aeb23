"""Responses for a program of one's own: an iterator over a file, or over an interface as they end."""

from collections import deque
from collections.abc import Iterator
from os import PathLike, fspath
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Self

from httpresp_capture.query import Query, compile_query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.response_collector import ResponseCollector
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
    return Responses(source, query)


class Responses(Iterator[Response]):
    """Iterates over the responses of a source that have ended, each once. Reading goes on behind, on a thread.

    `close`, or the end of a `with`, ends it early. What was wrong with the source is raised as `CaptureError` after
    the last response that it gave.
    """

    def __init__(self, source: Source, query: Query) -> None:
        self._source = source
        self._batches: Queue[list[CaptureEvent] | None] = Queue(_BATCHES)
        self._ready: deque[Response] = deque()
        self._collector = ResponseCollector(query, self, source.stop)
        self._over = False
        self._thread = Thread(target=self._read, name="responses", daemon=True)
        self._thread.start()

    @property
    def counters(self) -> Counters:
        """What was read so far and what could not be: look here before a number is believed."""
        return self._collector.counters

    def __next__(self) -> Response:
        """The next response that has ended and matches."""
        while not self._ready:
            batch = None if self._over else self._batches.get()
            if batch is None:
                self._over = True
                failures, self._collector.failures = self._collector.failures, []
                if failures:
                    raise CaptureError("\n".join(failures))
                raise StopIteration
            self._collector.take(batch)
        return self._ready.popleft()

    def add(self, response: Response) -> None:
        """For the collector: one that has ended."""
        self._ready.append(response)

    def amend(self, response: Response, before: Response) -> None:
        """For the collector: late evidence, which takes the place of a response that nobody was given yet."""
        for place, waiting in enumerate(self._ready):
            if waiting.id == response.id:
                self._ready[place] = response

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Read no more, and give no more."""
        self._collector.end()
        self._ready.clear()
        while not self._over and self._batches.get() is not None:
            pass  # The thread may wait for room.
        self._over = True
        self._thread.join()

    def _read(self) -> None:
        try:
            self._source.run(self._batches.put)
        finally:
            self._batches.put(None)
