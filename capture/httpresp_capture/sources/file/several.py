"""Several files read as one capture, in the order of time: parts of a rotated capture, or taps that ran side by side.

The packets of all captures go into one pipeline, each time the oldest that is at hand, so a connection goes on from one
file into the next, and its two directions may come from two. Within a file the order is the file's. Files of events
hold no packets: they follow the captures, one after the other, and their responses and connections are numbered on.
"""

import time
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    LateEvidence,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.unread import together
from httpresp_capture.sources import Emit, ReadingSource
from httpresp_capture.sources.file.packets import PacketFile
from httpresp_capture.sources.file.source import STATUS_EVERY
from httpresp_capture.sources.key_log import KeyLogFile

__all__ = ["SeveralFiles"]

NAMED = 3
"""Files that the label names."""


class TwiceError(CaptureError):
    """A file that was named twice: the command line is wrong."""

    status = 2


class SeveralFiles(ReadingSource):
    """Two files or more, opened. See `Source`."""

    live = False

    def __init__(self, parts: Sequence[PacketFile], limits: Limits) -> None:
        self._parts = list(parts)
        self._pipeline = Pipeline(limits)
        self._stopped = False
        self._next_status = 0.0
        self._newest = 0
        self._keys: KeyLogFile | None = None
        self._said: list[CaptureFailed] = []
        """What is to be said of its key log."""
        for part in parts:
            part.holding.secrets_came = self._pipeline.add_secrets

    @classmethod
    def open(cls, paths: Sequence[str], limits: Limits) -> "SeveralFiles":
        """Open them all; raises `CaptureError` for the first that is no capture, or is another one of them."""
        parts: list[PacketFile] = []
        known: dict[tuple[int, int], str] = {}
        try:
            for path in paths:
                part = PacketFile(path, limits)
                parts.append(part)
                other = known.setdefault(part.file.identity, path)
                if other is not path:
                    names = f"{escaped(other)} and {escaped(path)}"
                    raise TwiceError(f"{names} are the same file: each of its packets would be read twice.")
        except CaptureError:
            for part in parts:
                part.file.close()
            raise
        return cls(parts, limits)

    @property
    def label(self) -> str:
        """The first few names."""
        names = [part.file.label for part in self._parts]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return ", ".join(names[:NAMED]) + more

    def read_keys(self, path: str, *, named: bool = False) -> None:
        """See `Source`."""
        self._keys = KeyLogFile(path, named=named)
        self._pipeline.expect_secrets()

    def wait_first(self) -> None:
        """Block until a pipe among them has told its format."""
        for part in self._parts:
            part.file.wait_first()

    def run(self, emit: Emit) -> None:
        """Read them to their ends. See `Source`."""
        fault = ""
        try:
            self.wait_first()
            self._merge([part for part in self._parts if not part.file.holds_events], emit)
            self._pipeline.finish()
            self._hand_over(self._take(), emit)
            responses, flows = self._pipeline.sink.last_id, self._pipeline.counters().flows
            for part in self._parts:
                if part.file.holds_events:
                    self._follow(part, responses, flows, emit)
                    counters = part.file.status().counters
                    responses += counters.responses + counters.unanswered + counters.encrypted
                    flows += counters.flows
        except CaptureError as error:
            fault = str(error)
        except Exception as error:
            # The one border, as in `FileSource.run`.
            fault = f"reading {escaped(self.label)} ended by a fault of this program: {escaped(repr(error))}"
        said = [*(part.failure or part.file.trouble for part in self._parts), fault]
        last = self._status()
        self.close()
        emit([last, *(CaptureFailed(text) for text in said if text), replace(last, ended=True)])

    def stop(self) -> None:
        """End `run` after the chunk at hand."""
        self._stopped = True
        for part in self._parts:
            part.file.stop()

    def close(self) -> None:
        """Give up a source that will not be run; `run` does this by itself."""
        for part in self._parts:
            part.file.close()

    def _merge(self, parts: Sequence[PacketFile], emit: Emit) -> None:
        # A copy of `packets.oldest` that makes no list of them, for speed.
        feed = self._pipeline.feed
        while not self._stopped:
            ready = [part for part in parts if part.fill()]
            self._give_keys(last=not ready)
            if not ready:
                return
            ready.sort(key=lambda part: part.next_at)
            first = ready[0].holding.packets
            # Up to where another file is next, or to the end of what is at hand: then look again.
            until = ready[1].next_at if len(ready) > 1 else None
            while first and (until is None or first[0][0] <= until):
                packet = first.popleft()
                self._newest = max(self._newest, packet[0])
                feed(*packet)
            self._hand_over(self._take(), emit)

    def _give_keys(self, *, last: bool) -> None:
        if self._keys is not None:
            self._said += self._keys.give(self._pipeline.add_secrets, last=last)

    def _take(self) -> list[CaptureEvent]:
        said, self._said = self._said, []
        return [*said, *self._pipeline.take()]

    def _follow(self, part: PacketFile, responses: int, flows: int, emit: Emit) -> None:
        """The events of one file, numbered behind all that came before."""
        while not part.ended:
            part.step()
            events = [event for event in part.file.take() if not isinstance(event, CaptureStatus)]
            self._hand_over([_renumbered(event, responses, flows) for event in events], emit)
        self._newest = max(self._newest, part.file.status().at)

    def _hand_over(self, events: list[CaptureEvent], emit: Emit) -> None:
        now = time.monotonic()
        if events or now >= self._next_status:
            self._next_status = now + STATUS_EVERY
            emit([self._status(), *events])

    def _status(self) -> CaptureStatus:
        each = [part.file.status() for part in self._parts]
        sizes = [part.file.size for part in self._parts]
        read = [(status.fraction or 0.0) * (size or 0) for status, size in zip(each, sizes, strict=True)]
        whole = sum(size or 0 for size in sizes)
        fraction = sum(read) / whole if whole and None not in sizes else None
        # What a reader counts of its file, drops and the like, stands beside what the pipeline counts.
        return CaptureStatus(
            _sum([self._pipeline.counters(), *(status.counters for status in each)]), self._newest, fraction
        )


def _sum(counters: Sequence[Counters]) -> Counters:
    names = [each.name for each in fields(Counters) if each.name != "unread"]
    totals: dict[str, Any] = {name: sum(getattr(one, name) for one in counters) for name in names}
    return Counters(**totals, unread=together([one.unread for one in counters]))


def _renumbered(event: CaptureEvent, responses: int, flows: int) -> CaptureEvent:
    """The same with that much added to the numbers of its response and connection."""

    def moved(response: Response) -> Response:
        flow = replace(response.flow, id=response.flow.id + flows)
        return replace(response, id=response.id + responses, flow=flow)

    match event:
        case LateEvidence(response):
            return LateEvidence(moved(response), moved(event.before))
        case ResponseSeen(response) | ResponseChanged(response):
            return type(event)(moved(response))
        case _:
            return event
