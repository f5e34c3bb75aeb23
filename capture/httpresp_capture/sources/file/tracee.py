"""Events as JSON lines: chunks of bytes in, responses out; see `contents.Contents`.

A source of events: no packet and no pipeline is in it. Events of other kinds are passed over and counted. A line that
cannot be read is counted and its number told when the input ends; reading goes on behind it. A few lines are kept
back, so that requests and responses are paired in the order of their times (`ordering`, `exchanges`).

An event of 2.6 kB takes 63 µs, compiled 60, of which `json.loads` takes 27. msgspec would take 16 there: a sixth of the
whole, for a library more, lines that it refuses (a lone surrogate, NaN) and faults without their column.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, LateEvidence, ResponseSeen
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.unread import MOST_KINDS, Unread
from httpresp_capture.tracee.envelope import Workloads
from httpresp_capture.tracee.exchanges import Exchanges
from httpresp_capture.tracee.losses import Losses, added
from httpresp_capture.tracee.ordering import Reordering
from httpresp_capture.tracee.restore import Restorer
from httpresp_capture.tracee.shapes import OPEN, Event, read_event

__all__ = ["LineReader"]

LONGEST = 16_777_216
"""Bytes of one line: 60 times the largest head. A longer one is no event but damage, or an attack on our memory."""
TOLD_LINES = 5
"""Bad lines whose number and fault are told; the others are counted."""
KIND = re.compile(r"[A-Za-z0-9_.-]{1,64}")
FURTHER = "further kinds"
BLANK = b" \t\r\n"


class LineReader:
    """Whole lines are read as they come, an incomplete one is carried over."""

    unit: str = "line"

    def __init__(self, limits: Limits) -> None:
        self.count = 0
        """Lines that are not empty."""
        self.newest = 0
        self.trouble = ""
        self._parts: list[bytes] = []
        """Of a line whose end has not come."""
        self._held = 0
        self._workloads = Workloads()
        self._losses = Losses()
        self._stopped = False
        """True when the rest cannot be read."""
        self._told = False
        """True when the events at hand begin with what was lost."""
        self._order = Reordering()
        self._restorer = Restorer(limits.flows)
        self._exchanges = Exchanges(self._restorer)
        self._events: list[CaptureEvent] = []
        self._line = 0
        self._bytes = 0
        self._others: dict[str, int] = {}
        self.bad_lines = 0
        """Lines that are no events."""
        self._faults: list[str] = []
        self._requests = self._unanswered = self._encrypted = 0

    @property
    def read_whole(self) -> bool:
        """True when lines that are no events are all that is wrong."""
        return self.bad_lines > 0 and not self._stopped

    def push(self, chunk: bytes) -> None:
        """Read the lines that end in it."""
        if self.trouble:
            return
        end = chunk.rfind(b"\n") + 1
        self._parts.append(chunk[:end] if end else chunk)
        self._held += len(chunk)
        if end:
            lines = b"".join(self._parts).split(b"\n")
            for line in lines[:-1]:
                self._read(line)
            self._parts = [chunk[end:]]
            self._held = len(chunk) - end
        if self._held > LONGEST:
            self._stopped = True
            self.trouble = f"is broken at byte {self._bytes}: line {self._line + 1} has more than {LONGEST:,} bytes"
            self._parts = []

    def take(self, fraction: float | None) -> list[CaptureEvent]:
        """What came since the last call; so much of the input was read."""
        events, self._events = self._events, []
        self._told = False
        return [replace(each, fraction=fraction) if isinstance(each, CaptureStatus) else each for each in events]

    def counters(self) -> Counters:
        """Of the lines, and what they say was lost."""
        return added(self._own_counters(), self._losses.total)

    def _own_counters(self) -> Counters:
        return Counters(
            bytes=self._bytes,
            lines=self.count,
            bad_lines=self.bad_lines,
            repeats=self._exchanges.repeats,
            flows=self._restorer.flows,
            responses=self._restorer.responses - self._unanswered - self._encrypted,
            requests=self._requests + self._exchanges.requests,
            unanswered=self._unanswered,
            encrypted=self._encrypted,
            unread=self._unread(),
        )

    def _unread(self) -> tuple[Unread, ...]:
        """Events of other kinds, the most frequent first."""
        kinds = sorted(self._others.items(), key=lambda each: (-each[1], each[0]))
        return tuple([Unread(kind, count, "event") for kind, count in kinds])

    def pause(self) -> None:
        """Nothing came for a while: what was kept back for the sake of its order need not wait."""
        self._pair(self._order.rest())

    def end(self) -> None:
        """The last line may have no end. What was wrong is told now."""
        rest = b"".join(self._parts)
        self._parts = []
        if rest and not self.trouble:
            self._read(rest)
        self.pause()
        self._emit(map(ResponseSeen, self._exchanges.end()))
        if self.bad_lines and not self.trouble:
            more = f", and {self.bad_lines - len(self._faults)} more" if self.bad_lines > len(self._faults) else ""
            lines = "1 line that is no event" if self.bad_lines == 1 else f"{self.bad_lines} lines that are no events"
            self.trouble = f"has {lines}: {'; '.join(self._faults)}{more}"

    def finish(self) -> None:
        """What is told of a response stands in its line: nothing is under way."""

    def _read(self, line: bytes) -> None:
        self._line += 1
        self._bytes += len(line) + 1
        if self._line == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip(BLANK):
            return
        self.count += 1
        try:
            event = read_event(json.loads(line.decode()), self._workloads)
        except RecursionError:
            self._fault("is nested too deeply")
            return
        except json.JSONDecodeError as error:
            self._fault(f"is not JSON: {error.msg} at column {error.colno}")
            return
        except UnicodeDecodeError:
            self._fault("is not UTF-8")
            return
        except ValueError as error:
            self._fault(str(error)[:200])
            return
        if isinstance(event, str):
            if event != OPEN:
                self._pass_over(event)
            return
        self._pair(self._order.put(event))

    def _pair(self, events: list[Event]) -> None:
        for event in events:
            if event.ours:
                if self._losses.take(event.ours) or not self._told:
                    # Whoever writes the line again writes what was lost when it was written.
                    self._told = True
                    self._events.append(CaptureStatus(self._when_written(), self.newest))
                # What was asked stands in the same line, and a later one may amend it.
                made = self._restorer.event(event)
                self._requests += isinstance(made, ResponseSeen) and made.response.request is not None
                self._emit([made])
            else:
                self._emit(map(ResponseSeen, self._exchanges.take(event)))

    def _when_written(self) -> Counters:
        own = replace(self._own_counters(), bad_lines=0, unread=())
        return added(own, self._losses.latest)

    def _emit(self, made: Iterable[ResponseSeen | LateEvidence]) -> None:
        for each in made:
            self._events.append(each)
            if isinstance(each, ResponseSeen):
                self.newest = max(self.newest, each.response.at)
                self._unanswered += each.response.unanswered
                self._encrypted += each.response.encrypted is not None

    def _pass_over(self, kind: str) -> None:
        """An event of another kind. Its name comes from outside: what is no name is not shown."""
        if not KIND.fullmatch(kind) or (kind not in self._others and len(self._others) >= MOST_KINDS):
            kind = FURTHER
        self._others[kind] = self._others.get(kind, 0) + 1

    def _fault(self, what: str) -> None:
        self.bad_lines += 1
        if len(self._faults) < TOLD_LINES:
            self._faults.append(f"line {self._line} {what}")
