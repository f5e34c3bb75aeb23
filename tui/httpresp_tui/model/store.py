"""Every response kept, in order of arrival, and what is known of the capture. Nothing of the screen is in here.

Ids are consecutive, so a row's index is its id less that of the first: look-up costs nothing and a row costs one
reference. Rows that leave leave their entries empty until these are many, since to close up moves all the others. Two
bounds, and all that they let go is counted: over `max_responses` the oldest rows leave; over `max_bytes`, which counts
heads, bodies and what a row costs by itself, the oldest bodies are let go while their rows stay, down to a share that
is left to them, then the oldest rows. An id that did not come (the mailbox was full) is a hole, counted as `missing`,
and filled when a later event brings its record after all.
"""

from array import array
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from httpresp_capture.records.error_responses import is_failed_call
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    LateEvidence,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import is_grpc

_SLACK = 1_024
"""Empty places before the first row that are kept at least."""
A_RESPONSE, AT_LEAST = 2_048, 67_108_864
"""Bytes for each response that may be kept, and in all, where nothing else is said."""
ROW = 640
"""Bytes that a record takes beside the bytes it holds."""
_INTERIM = 32
"""Responses of one exchange that are looked for before and after one of them."""
A_PROBLEM, A_CONFLICT = 200, 800
BODIES_SHARE = 4
"""One part in so many of the bytes is left to bodies, however large heads are."""
CLASSES = 7
"""Status classes 1 to 5, and 0 for whatever has none."""


def is_interim(response: Response) -> bool:
    """Whether another response follows to the same request (RFC 9110 §15.2); 101 is the last one in HTTP."""
    return 100 <= response.status < 200 and response.status != 101


def bytes_of(response: Response) -> int:
    """What a record takes; a request that two responses answer counts for both."""
    size = ROW + len(response.head) + len(response.body) + len(response.trailers)
    request = response.request
    if request is not None:
        size += len(request.head) + len(request.body)
    if response.problems:
        size += len(response.problems) * A_PROBLEM
    if response.conflicts:
        size += len(response.conflicts) * A_CONFLICT
    return size


@dataclass(frozen=True, slots=True)
class Change:
    """What one batch did to the store."""

    added: list[Response] = field(default_factory=list[Response])
    """New rows, by id. Nearly always the newest; a hole that was filled comes here too."""
    changed: list[tuple[Response, Response]] = field(default_factory=list[tuple[Response, Response]])
    """(old, new) record of rows that stay."""
    forgotten: list[Response] = field(default_factory=list[Response])
    """Rows that left, oldest first."""
    passed: int = 0
    """Rows that came and left at once."""
    status: bool = False
    """A new `CaptureStatus`, or a failure, came."""


class Store:
    """Apply events; ask by id."""

    def __init__(self, max_responses: int = 250_000, max_bytes: int | None = None) -> None:
        self.max_responses = max_responses
        self.max_bytes = max(AT_LEAST, max_responses * A_RESPONSE) if max_bytes is None else max_bytes
        self.first_id = 1
        """The oldest id that is kept; ids are in `range(first_id, next_id)`."""
        self.seen = 0
        self.forgotten = 0
        self.bodies_forgotten = 0
        self.cleared = False
        """True once somebody let every row go."""
        self.missing = 0
        self.seen_by_class = [0] * CLASSES
        """Every row that came but requests without response, whatever has left since."""
        self.seen_unanswered = 0
        """Every request without response."""
        self.seen_failed_calls = 0
        """Calls of gRPC that failed with a status that is no error, in `seen_by_class`."""
        self.class_counts = [0] * CLASSES
        self.unanswered = 0
        """Rows that are requests without response."""
        self.status: CaptureStatus | None = None
        self.failures: list[str] = []
        self.ended = False
        self.tells_process = False
        """True once a response came of which the process is known."""
        self.tells_container = False
        """True once one came of which the container or the pod is known."""
        self.tells_grpc = False
        """True once one came to a gRPC call."""
        self._rows: list[Response | None] = []
        self._base = 1
        """The id of the first place; ids from here to `first_id` have left."""
        self._holes = 0
        self._with_body: deque[int] = deque()
        self._body_bytes = 0
        self._bytes = 0
        """Of all that is kept."""
        self._flows: dict[int, array[int]] = {}
        """Ascending ids by connection, among them some that have left."""

    def __len__(self) -> int:
        return len(self._rows) - self._left - self._holes

    def __iter__(self) -> Iterator[Response]:
        return (row for row in self._rows if row is not None)

    @property
    def span(self) -> tuple[int, int] | None:
        """When the first and the last of those kept came, ns; None where that cannot be said."""
        first, last = self.get(self.first_id), self.get(self.next_id - 1)
        return None if first is None or last is None else (first.at, last.at)

    @property
    def next_id(self) -> int:
        """One more than the newest id."""
        return self._base + len(self._rows)

    def get(self, id: int) -> Response | None:
        """The record of an id; None for one that left or never came."""
        index = id - self._base
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def of_flow(self, flow_id: int) -> list[Response]:
        """Those of a connection that are kept, oldest first."""
        found = map(self.get, self._flows.get(flow_id, ()))
        return [response for response in found if response is not None]

    def of_exchange(self, response: Response) -> list[Response]:
        """The others that were sent for the same request and are kept, oldest first: interim responses and the final
        one stand beside each other."""
        ids = self._flows.get(response.flow.id)
        if ids is None:
            return []
        index = bisect_left(ids, response.id)
        near = map(self.get, ids[max(0, index - _INTERIM) : index + _INTERIM + 1])
        return [
            other
            for other in near
            if other is not None
            and other.stream == response.stream
            and (is_interim(other) or is_interim(response))
            and other.id != response.id
        ]

    def apply(self, events: Sequence[CaptureEvent]) -> Change:
        """Take a batch; say what it did."""
        # Records of this batch may replace each other, so changes are settled per id at the end.
        added: dict[int, Response] = {}
        before: dict[int, Response] = {}
        status = False
        for event in events:
            match event:
                case (
                    ResponseSeen(response) | ResponseChanged(response) | LateEvidence(response) | ResponseGrew(response)
                ):
                    old = self._keep(response)
                    if old is not None:
                        if response.id in added:
                            added[response.id] = response
                        else:
                            before.setdefault(response.id, old)
                    elif response.id >= self.first_id:
                        added[response.id] = response
                case FlowEnded():
                    pass
                case CaptureStatus():
                    self.status = event
                    self.ended = self.ended or event.ended
                    status = True
                case CaptureFailed(message):
                    self.failures.append(message)
                    status = True
        self._trim_bodies(added, before)
        came = len(added)
        forgotten = self._trim_rows(added, before)
        changed = [(old, self._rows[id - self._base] or old) for id, old in before.items()]
        return Change([added[id] for id in sorted(added)], changed, forgotten, came - len(added), status)

    def clear(self) -> Change:
        """Let every row go; what comes later is kept as before."""
        forgotten = list(self)
        self.first_id = self._base = self.next_id
        self._rows.clear()
        self._holes = 0
        self._with_body.clear()
        self._body_bytes = self._bytes = 0
        self._flows.clear()
        self.class_counts = [0] * CLASSES
        self.unanswered = 0
        self.cleared = True
        return Change(forgotten=forgotten, status=True)

    def _keep(self, response: Response) -> Response | None:
        """Put a record in its place; the one that it replaces."""
        rows = self._rows
        if response.id < self.first_id:
            return None
        if not rows and not self.seen:
            # A capture may have been counting before this store came.
            self.first_id = self._base = response.id
        index = response.id - self._base
        if (jump := index - len(rows)) > 0:
            self._skip(jump)
        if index == len(rows):
            rows.append(response)
            old = None
        else:
            old = rows[index]
            rows[index] = response
            if old is None:
                self._holes -= 1
                self.missing -= 1
        if old is None:
            self.seen += 1
            who = response.workload
            if who is not None:
                self.tells_process = self.tells_process or bool(who.process_name or who.process_id)
                self.tells_container = self.tells_container or bool(who.pod or who.container_name)
            if is_grpc(response):
                self.tells_grpc = True
            self._join_flow(response)
        else:
            self._count_seen(old, -1)
            self.class_counts[old.status_class] -= 1
            self.unanswered -= old.unanswered
            self._body_bytes -= len(old.body)
            self._bytes -= bytes_of(old)
        self._count_seen(response)
        self.class_counts[response.status_class] += 1
        self.unanswered += response.unanswered
        self._bytes += bytes_of(response)
        if response.body:
            self._body_bytes += len(response.body)
            if old is None or not old.body:
                self._with_body.append(response.id)
        return old

    def _count_seen(self, response: Response, times: int = 1) -> None:
        if response.unanswered:
            self.seen_unanswered += times
        else:
            self.seen_by_class[response.status_class] += times
            if is_failed_call(response):
                self.seen_failed_calls += times

    def _skip(self, ids: int) -> None:
        """Ids that did not come keep their place."""
        self.missing += ids
        self._rows.extend([None] * ids)
        self._holes += ids

    def _trim_bodies(self, added: dict[int, Response], before: dict[int, Response]) -> None:
        share = self.max_bytes // BODIES_SHARE
        while self._bytes > self.max_bytes and self._body_bytes > share and self._with_body:
            id = self._with_body.popleft()
            old = self.get(id)
            if old is None or not old.body:
                continue
            self._body_bytes -= len(old.body)
            self._bytes -= len(old.body)
            self.bodies_forgotten += 1
            bare = replace(old, body=b"")
            self._rows[id - self._base] = bare
            if id in added:
                added[id] = bare
            else:
                before.setdefault(id, old)

    def _trim_rows(self, added: dict[int, Response], before: dict[int, Response]) -> list[Response]:
        over = max(len(self._rows) - self._left - self.max_responses, 0)
        if not over and self._bytes <= self.max_bytes:
            return []
        over += self._too_heavy(over)
        left = self._left
        leaving = self._rows[left : left + over]
        self._rows[left : left + over] = [None] * over
        self.first_id += over
        if self._left > max(_SLACK, self.max_responses // 8):
            del self._rows[: self._left]
            self._base = self.first_id
        forgotten: list[Response] = []
        for response in leaving:
            if response is None:
                self._holes -= 1
                continue
            self.forgotten += 1
            self.class_counts[response.status_class] -= 1
            self.unanswered -= response.unanswered
            self._body_bytes -= len(response.body)
            self._bytes -= bytes_of(response)
            self._leave_flow(response)
            if added.pop(response.id, None) is None:
                forgotten.append(before.pop(response.id, response))
        return forgotten

    def _too_heavy(self, leaving: int) -> int:
        """How many rows must leave behind those that do, so that the bytes of the others fit; the newest stays."""
        excess = self._bytes - self.max_bytes
        more = -leaving
        for response in islice(self._rows, self._left, len(self._rows) - 1):
            if excess <= 0 and more >= 0:
                break
            if response is not None:
                excess -= bytes_of(response)
            more += 1
        return max(more, 0)

    @property
    def _left(self) -> int:
        """Places of rows that have left."""
        return self.first_id - self._base

    def _join_flow(self, response: Response) -> None:
        id = response.id
        ids = self._flows.get(response.flow.id)
        if ids is None:
            self._flows[response.flow.id] = array("q", (id,))
        elif id > ids[-1]:
            ids.append(id)
        else:
            insort(ids, id)

    def _leave_flow(self, response: Response) -> None:
        flow_id = response.flow.id
        ids = self._flows.get(flow_id)
        if ids is None:
            # Another of the same connection left with this one.
            return
        if ids[-1] < self.first_id:
            del self._flows[flow_id]
        elif len(ids) > 64 and ids[len(ids) // 2] < self.first_id:
            del ids[: bisect_left(ids, self.first_id)]
