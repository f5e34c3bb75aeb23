"""A live source of which only the flows of a command are told, for as long as the command runs.

The command is started when the capture stands, so nothing of it is missed. Whose a flow is may be known only after its
first response: what comes of a flow that nobody owns yet is kept, for a moment and up to a bound, and told when its
owner is known. What stays without is counted.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from httpresp_capture.command.child import Child, CommandError
from httpresp_capture.command.sockets import OwnSockets
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.tls import NO_KEY
from httpresp_capture.records.unread import OF_ENCRYPTED, OF_OTHERS, OF_TLS, WORDS, WROTE_NO_KEY, Unread, together
from httpresp_capture.sources import Emit, Source

__all__ = ["CommandSource"]

LOOK: Final = 0.005
"""Seconds between two looks at the command's processes."""
LOOK_BESIDE: Final = 0.5
"""The same where each connection is told of as it is opened."""
AFTER: Final = 0.5
"""Seconds for which capture goes on after the command has ended: its last packets are on their way."""
KEPT: Final = 2.0
"""Seconds for which what comes of a flow without an owner is kept."""
MOST_KEPT: Final = 20_000
"""Events that are kept for flows without an owner."""


class CommandSource:
    """Stands in for a live source. Its `run` starts the command, and ends some time after it."""

    live = True

    def __init__(self, source: Source, child: Child, output: Callable[[bytes], None] | None = None) -> None:
        self.label = " ".join(child.words)
        self.filter_text = source.filter_text
        self.recording = source.recording
        self.status: int | None = None
        """The command's exit status; None while it runs."""
        self._source = source
        self._child = child
        self._output = output
        self._openings = child.openings
        self._over = threading.Event()
        self._own: OwnFlows | None = None

    @property
    def lost(self) -> int:
        """See `Source`."""
        return self._source.lost

    @property
    def foreign(self) -> int:
        """Flows with HTTP that are not the command's, or of which nobody could say whose they are."""
        return 0 if self._own is None else self._own.foreign

    def run(self, emit: Emit) -> None:
        """See `Source`."""
        try:
            self._child.start(self._output)
        except CommandError as error:
            self.close()
            self.status = error.status
            emit([CaptureFailed(str(error)), CaptureStatus(Counters(), 0, ended=True)])
            return
        sockets = OwnSockets(self._child.pid, self._child.folder.sockets, self._openings)
        self._own = OwnFlows(lambda flow: _has_its_keys(flow) or sockets.owns(flow), emit)
        watch = threading.Thread(target=self._watch, args=(sockets,), name="the command", daemon=True)
        watch.start()
        try:
            self._source.run(self._own.take)
        finally:
            self._over.set()
            watch.join()
            sockets.close()
            self.close()

    def begin(self) -> None:
        """See `Source`."""
        self._source.begin()

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """See `Source`."""
        self._source.read_keys(path, named=named)

    def wait_first(self) -> None:
        """See `Source`."""
        self._source.wait_first()

    def stop(self) -> None:
        """See `Source`."""
        self._source.stop()

    def record(self, path: str) -> str:
        """See `Source`."""
        refused = self._source.record(path)
        self.recording = self._source.recording
        return refused

    def close(self) -> None:
        """The command has ended, and its keys are gone, when this returns."""
        self._source.close()
        self._child.end()
        self.status = self._child.poll()
        self._child.folder.close()
        if self._openings is not None:
            self._openings.close()

    def _watch(self, sockets: OwnSockets) -> None:
        looked_at = 0.0
        while not self._over.is_set() and self._child.poll() is None:
            sockets.ask_openings()
            now = time.monotonic()
            if self._openings is None or now - looked_at >= LOOK_BESIDE:
                looked_at = now
                sockets.ask_system()
                sockets.read_written()
            if self._openings is None:
                self._over.wait(LOOK)
            else:
                self._openings.wait(LOOK)
        self.status = self._child.poll()
        sockets.read_written()
        self._over.wait(AFTER)
        self._source.stop()


class OwnFlows:
    """Hands on the events of those flows of which `owns` is true."""

    def __init__(self, owns: Callable[[Flow], bool], emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self.foreign = 0
        """Flows without an owner."""
        self._owns = owns
        self._emit = emit
        self._clock = clock
        self._own: set[int] = set()
        self._strange: set[int] = set()
        """Flows that are counted as foreign, until they end."""
        self._kept: dict[int, tuple[float, list[CaptureEvent]]] = {}
        self._size = 0
        self._responses = self._unanswered = self._encrypted = 0
        self._open: set[int] = set()
        """Rows of the command's encrypted connections that have not ended."""
        self._not_opened: Counter[str] = Counter()
        """Those that have, by what is said of them."""

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source."""
        told: list[CaptureEvent] = []
        self._claim(told)
        for event in batch:
            if isinstance(event, CaptureStatus):
                if event.ended:
                    self._claim(told)
                    self._let_go(0.0)
                told.append(self._counted(event))
            elif isinstance(event, CaptureFailed):
                told.append(event)
            else:
                self._sort(event, told)
        self._let_go(KEPT)
        if told:
            self._emit(told)

    def _sort(self, event: CaptureEvent, told: list[CaptureEvent]) -> None:
        flow = _flow_of(event)
        if flow.id in self._own or self._owns(flow):
            self._tell(flow, event, told)
        else:
            self._keep(flow, event)

    def _tell(self, flow: Flow, event: CaptureEvent, told: list[CaptureEvent]) -> None:
        self._own.add(flow.id)
        told.append(event)
        if isinstance(event, ResponseSeen):
            self._unanswered += event.response.unanswered
            self._encrypted += event.response.encrypted is not None
            self._responses += event.response.is_response
            if event.response.encrypted is not None:
                self._open.add(event.response.id)
        elif isinstance(event, ResponseChanged):
            self._count_not_opened(event.response)
        elif isinstance(event, FlowEnded):
            self._own.discard(flow.id)

    def _keep(self, flow: Flow, event: CaptureEvent) -> None:
        if self._size >= MOST_KEPT and self._kept:
            self._forget(next(iter(self._kept)))
        self._kept.setdefault(flow.id, (self._clock(), []))[1].append(event)
        self._size += 1

    def _claim(self, told: list[CaptureEvent]) -> None:
        """Tell what was kept of flows whose owner is known by now."""
        for number, (_, events) in list(self._kept.items()):
            if self._owns(_flow_of(events[0])):
                del self._kept[number]
                self._size -= len(events)
                for event in events:
                    self._tell(_flow_of(event), event, told)

    def _let_go(self, age: float) -> None:
        """Forget what was kept of flows that nobody owned for `age` seconds."""
        now = self._clock()
        for number, (since, _) in list(self._kept.items()):
            if now - since < age:
                break
            self._forget(number)

    def _forget(self, number: int) -> None:
        events = self._kept.pop(number)[1]
        self._size -= len(events)
        self.foreign += number not in self._strange
        self._strange.add(number)
        if isinstance(events[-1], FlowEnded):
            self._strange.discard(number)

    def _count_not_opened(self, row: Response) -> None:
        """By the state in which it ended."""
        if row.id in self._open and row.end is not None:
            self._open.discard(row.id)
            state = "" if row.flow.tls is None else row.flow.tls.state
            if state in OF_TLS:
                self._not_opened[WROTE_NO_KEY if state == NO_KEY else WORDS[OF_TLS[state]]] += 1

    def _counted(self, status: CaptureStatus) -> CaptureStatus:
        """Responses, and connections of TLS that are not read, are those that were told; packets and losses are those
        of the interface."""
        counters = status.counters
        unread = [one for one in counters.unread if one.kind not in OF_ENCRYPTED]
        unread += [Unread(kind, count, "connection") for kind, count in self._not_opened.items()]
        if self.foreign:
            unread.append(Unread(OF_OTHERS, self.foreign, "connection"))
        counters = replace(
            counters,
            responses=self._responses,
            unanswered=self._unanswered,
            encrypted=self._encrypted,
            flows_encrypted=self._encrypted,
            unread=together([tuple(unread)]),
        )
        return replace(status, counters=counters)


def _has_its_keys(flow: Flow) -> bool:
    """True when it could be read with the keys that the command wrote: nobody else wrote into that file."""
    return flow.tls is not None and flow.tls.is_read


def _flow_of(event: CaptureEvent) -> Flow:
    if isinstance(event, FlowEnded):
        return event.flow
    assert not isinstance(event, CaptureStatus | CaptureFailed)
    return event.response.flow
