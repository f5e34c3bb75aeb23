"""The responses of a source that is read without a screen: the one place that says when a response has ended.

`ResponseCollector` takes the batches of a source. Each response that has ended and is wanted goes to its taker once;
late evidence about it goes there as an amendment, beside the record that it replaces, so that nobody counts it twice.
The rest is counted. `--json`, `check`, `diff` and `responses()` stand on it.
"""

from collections.abc import Callable
from typing import Final, Protocol

from httpresp_capture.query import Query
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.error_responses import is_failed_call
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureStatus,
    FlowEnded,
    LateEvidence,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response

LATE_KEPT: Final = 4_096
"""So many are remembered that late evidence has made unwanted: there may be more of it, long after."""


class Taker(Protocol):
    """What is done with the responses that are wanted."""

    def add(self, response: Response, /) -> object:
        """One that has ended; it comes once."""
        ...

    def amend(self, response: Response, before: Response, /) -> object:
        """Late evidence about one that was added: its record now, and the one that it replaces."""
        ...


class ResponseCollector:
    """Takes batches of events, and hands the responses that have ended to a taker."""

    def __init__(
        self,
        query: Query,
        taker: Taker,
        stop: Callable[[], None],
        count: int | None = None,
        still_open: Callable[[Response], object] | None = None,
    ) -> None:
        self._matches = None if query.everything else query.matches
        self._taker = taker
        self._stop = stop
        self._left = count
        self._still_open = still_open
        """Takes those that have not ended, or whose WebSocket has not, each time they are told; they count nowhere."""
        self.over = False
        """True when nothing more is wanted."""
        self.counters = Counters()
        self.by_class = [0] * 6
        """Responses that were wanted, by status class; 0 for what has none."""
        self.read = 0
        """Responses that have ended, wanted or not."""
        self.unanswered = 0
        """Requests without response that were wanted."""
        self.failed_calls = 0
        """Calls of gRPC that failed with a status that is no error, in responses that were wanted."""
        self.encrypted = 0
        """Connections that are not read, and were wanted."""
        self.failures: list[str] = []
        self._unwanted: dict[int, None] = {}
        """Ids of those that were added, and that their late evidence has made unwanted since."""

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source."""
        for event in batch:
            # The frequent ones first.
            if isinstance(event, ResponseSeen):
                self._see(event.response)
            elif isinstance(event, FlowEnded):
                pass
            elif isinstance(event, LateEvidence):
                if not self.over:
                    self._amend(event.response, event.before)
            elif isinstance(event, ResponseGrew):
                self._see_open(event.response)
            elif isinstance(event, ResponseChanged):
                self._see(event.response)
            elif isinstance(event, CaptureStatus):
                self.counters = event.counters
            else:
                self.failures.append(event.message)

    @property
    def chooses(self) -> bool:
        """True when not everything is wanted."""
        return self._matches is not None

    def end(self) -> None:
        """Nothing more is wanted."""
        self.over = True
        self._stop()

    def _see(self, response: Response) -> None:
        if response.end is None:
            self._see_open(response)
        elif not self.over:
            self.read += response.is_response
            if self._matches is None or self._matches(response):
                self._add(response)

    def _see_open(self, response: Response) -> None:
        take = self._still_open
        if not (self.over or take is None) and (self._matches is None or self._matches(response)):
            take(response)

    def _amend(self, response: Response, before: Response) -> None:
        matches = self._matches
        if matches is None or response.id in self._unwanted or matches(before):
            self._taker.amend(response, before)
            if matches is not None and not matches(response):
                self._unwanted[response.id] = None
                if len(self._unwanted) > LATE_KEPT:
                    del self._unwanted[next(iter(self._unwanted))]
        elif matches(response):
            # `problem:extra-bytes`: the evidence is what was asked for.
            self._add(response)

    def _add(self, response: Response) -> None:
        self._taker.add(response)
        if not response.is_response:
            # A request that got nothing, or a connection that is not read, is told, and is no response.
            self.unanswered += response.unanswered
            self.encrypted += not response.unanswered
            return
        self.by_class[response.status_class] += 1
        self.failed_calls += is_failed_call(response)
        if self._left is not None and sum(self.by_class) >= self._left:
            self.end()
