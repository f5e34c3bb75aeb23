"""Events as bytes and back, for the way between two processes.

A batch is `marshal` of a list of plain tuples, the fastest way that Python has in C in both directions; both ends are
the same program, so the format is nobody else's. Each tuple begins with its kind. A connection is told once, before
the first event that names it, and then by its number; when it ends, both ends forget it, so they always know the same
ones. Numbers stand for the members of enums.
"""

import marshal
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

from httpresp_capture.http1.request_reader import METHOD_NAMES
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.encrypted import ENCRYPTED_FIELDS, Encrypted
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
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow, OtherPath, Proxied
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import TLS_FIELDS, Tls
from httpresp_capture.records.unread import Unread
from httpresp_capture.records.websocket import from_plain_values, plain_values
from httpresp_capture.records.workload import FIELDS, Workload

__all__ = ["EventDecoder", "EventEncoder"]

SEEN, CHANGED, GREW, BEFORE, AMENDED, FLOW, FLOW_ENDED, FLOWS_FORGOTTEN, STATUS, FAILED = range(10)
"""BEFORE is the record that the next AMENDED replaces."""
VERSION: Final = 2
"""Of marshal: the later ones look for what is there twice, which costs more than it saves."""
MOST_FLOWS: Final = 131_072
"""Connections that both ends know; beyond, all are forgotten and told anew. JSON lines never say that one ended."""

FRAMINGS: Final = tuple(Framing)
ENDS: Final = (None, *EndReason)
FRAMING_NUMBERS: Final = {id(member): number for number, member in enumerate(FRAMINGS)}
END_NUMBERS: Final = {id(member): number for number, member in enumerate(ENDS)}
"""By identity, since an enum hashes its members in Python code."""
COMMON: Final = {word: word for word in ("HTTP/1.1", "HTTP/1.0", *METHOD_NAMES.values())}
"""One text each for all the records that are kept."""
MOST_WORKLOADS: Final = 4_096
"""Processes that are one record for all their responses."""
COUNTERS: Final = tuple(field.name for field in fields(Counters) if field.name != "unread")
"""Names of the totals."""

Values = tuple[Any, ...]


class EventEncoder:
    """The sending end."""

    def __init__(self, most_flows: int = MOST_FLOWS) -> None:
        self.known: dict[int, Flow] = {}
        """Connections that the other end knows."""
        self._most_flows = most_flows

    def encode(self, events: Iterable[CaptureEvent]) -> bytes:
        """One batch."""
        items: list[Values] = []
        for event in events:
            # By class: patterns that name fields are more than the compiler takes.
            if isinstance(event, ResponseSeen):
                self._add(SEEN, event.response, items)
            elif isinstance(event, LateEvidence):
                self._add(BEFORE, event.before, items)
                self._add(AMENDED, event.response, items)
            elif isinstance(event, ResponseGrew):
                self._add(GREW, event.response, items)
            elif isinstance(event, ResponseChanged):
                self._add(CHANGED, event.response, items)
            elif isinstance(event, FlowEnded):
                self._tell(event.flow, items)
                items.append((FLOW_ENDED, event.flow.id, event.at, END_NUMBERS[id(event.reason)]))
                del self.known[event.flow.id]
            elif isinstance(event, CaptureStatus):
                totals = tuple(getattr(event.counters, name) for name in COUNTERS)
                unread = [(each.kind, each.count, each.unit) for each in event.counters.unread]
                items.append((STATUS, totals, unread, event.at, event.fraction, event.ended))
            else:
                items.append((FAILED, event.message))
        return marshal.dumps(items, VERSION)

    def _add(self, kind: int, response: Response, items: list[Values]) -> None:
        flow, request = response.flow, response.request
        if self.known.get(flow.id) is not flow:
            self._tell(flow, items)
        rare = None
        if response.problems or response.gaps or response.conflicts:
            rare = _gaps(response.gaps), _problems(response.problems), _conflicts(response.conflicts)
        items.append(
            (
                kind,
                response.id,
                flow.id,
                response.stream,
                response.at,
                response.first_byte_at,
                response.ended_at,
                response.head,
                response.status,
                response.protocol,
                response.packet_len,
                FRAMING_NUMBERS[id(response.framing)],
                response.declared,
                None if request is None else _request(request),
                response.wire_bytes,
                response.body_bytes,
                response.body,
                response.trailers,
                END_NUMBERS[id(response.end)],
                rare,
                response.midstream,
                None if response.workload is None else _workload(response.workload),
                None if response.websocket is None else plain_values(response.websocket),
                None
                if response.encrypted is None
                else tuple([getattr(response.encrypted, name) for name in ENCRYPTED_FIELDS]),
            )
        )

    def _tell(self, flow: Flow, items: list[Values]) -> None:
        known = self.known
        if known.get(flow.id) is flow:
            return
        if len(known) >= self._most_flows:
            known.clear()
            items.append((FLOWS_FORGOTTEN,))
        known[flow.id] = flow
        items.append(
            (
                FLOW,
                flow.id,
                flow.client,
                flow.client_port,
                flow.server,
                flow.server_port,
                flow.interface,
                flow.opened_at,
                flow.handshake_ns,
                flow.midstream,
                flow.vlan,
                flow.tunnel,
                tuple([(each.from_client, each.vlan, each.tunnel) for each in flow.other_paths]),
                None if flow.proxied is None else _proxied(flow.proxied),
                flow.transport,
                None if flow.tls is None else tuple([getattr(flow.tls, name) for name in TLS_FIELDS]),
            )
        )


class EventDecoder:
    """The receiving end."""

    def __init__(self) -> None:
        self.status = CaptureStatus(Counters(), 0)
        """The newest that came."""
        self.known: dict[int, Flow] = {}
        """Connections that were told and have not ended."""
        self._workloads: dict[Values, Workload] = {}

    def decode(self, data: bytes) -> list[CaptureEvent]:
        """The events of one batch; raises ValueError, EOFError or TypeError for what is none."""
        flows = self.known
        events: list[CaptureEvent] = []
        protocol: str
        before: Response | None = None
        for item in marshal.loads(data):
            kind = item[0]
            if kind <= AMENDED:
                (
                    _,
                    number,
                    flow,
                    stream,
                    at,
                    first_byte_at,
                    ended_at,
                    head,
                    status,
                    protocol,
                    packet_len,
                    framing,
                    declared,
                    request,
                    wire_bytes,
                    body_bytes,
                    body,
                    trailers,
                    end,
                    rare,
                    midstream,
                    workload,
                    websocket,
                    encrypted,
                ) = item
                gaps, problems, conflicts = ((), (), ()) if rare is None else _rare(rare)
                response = Response(
                    number,
                    flows[flow],
                    stream,
                    at,
                    first_byte_at,
                    ended_at,
                    head,
                    status,
                    COMMON.get(protocol, protocol),
                    packet_len,
                    FRAMINGS[framing],
                    declared,
                    None if request is None else _request_of(*request),
                    wire_bytes,
                    body_bytes,
                    body,
                    trailers,
                    ENDS[end],
                    gaps,
                    problems,
                    conflicts,
                    midstream,
                    None if workload is None else self._workload(workload),
                    None if websocket is None else from_plain_values(websocket),
                    None if encrypted is None else Encrypted(*encrypted),
                )
                if kind == SEEN:
                    events.append(ResponseSeen(response))
                elif kind == CHANGED:
                    events.append(ResponseChanged(response))
                elif kind == GREW:
                    events.append(ResponseGrew(response))
                elif kind == BEFORE:
                    before = response
                else:
                    assert before is not None
                    events.append(LateEvidence(response, before))
            elif kind == FLOW:
                # All by position: the compiler takes no keywords beside a tuple whose length it does not know.
                paths = tuple([OtherPath(*each) for each in item[-4]])
                proxied = None if item[-3] is None else Proxied(*item[-3])
                tls = None if item[-1] is None else Tls(*item[-1])
                members: Values = (*item[1:-4], paths, proxied, item[-2], tls)
                flows[item[1]] = Flow(*members)
            elif kind == FLOW_ENDED:
                reason = ENDS[item[3]]
                assert reason is not None
                events.append(FlowEnded(flows.pop(item[1]), item[2], reason))
            elif kind == STATUS:
                totals: dict[str, Any] = dict(zip(COUNTERS, item[1], strict=True))
                unread = tuple([Unread(*each) for each in item[2]])
                totals["unread"] = unread
                self.status = CaptureStatus(Counters(**totals), item[3], item[4], item[5])
                events.append(self.status)
            elif kind == FAILED:
                events.append(CaptureFailed(item[1]))
            else:
                flows.clear()
        return events

    def _workload(self, values: Values) -> Workload:
        known = self._workloads.get(values)
        if known is None:
            if len(self._workloads) >= MOST_WORKLOADS:
                self._workloads.clear()
            known = self._workloads[values] = Workload(*values)
        return known


def _proxied(proxied: Proxied) -> Values:
    return proxied.protocol, proxied.client, proxied.client_port, proxied.server, proxied.server_port


def _request(request: Request) -> Values:
    return (
        request.head,
        request.method,
        request.target,
        request.first_byte_at,
        request.sent_at,
        request.wire_bytes,
        request.body_bytes,
        request.body,
        request.complete,
        _problems(request.problems) if request.problems else None,
        request.scheme,
        request.protocol,
        request.weight,
    )


def _request_of(
    head: bytes,
    method: str,
    target: str,
    first_byte_at: int,
    sent_at: int,
    wire_bytes: int,
    body_bytes: int,
    body: bytes,
    complete: bool,
    problems: tuple[Values, ...] | None,
    scheme: str,
    protocol: str,
    weight: int,
) -> Request:
    return Request(
        head,
        COMMON.get(method, method),
        target,
        first_byte_at,
        sent_at,
        wire_bytes,
        body_bytes,
        body,
        complete,
        () if problems is None else tuple(Problem(*each) for each in problems),
        scheme,
        protocol,
        weight,
    )


def _workload(workload: Workload) -> Values:
    return tuple([getattr(workload, name) for name in FIELDS])


def _problems(problems: tuple[Problem, ...]) -> tuple[Values, ...]:
    return tuple((each.name, each.offset, each.detail) for each in problems)


def _gaps(gaps: tuple[Gap, ...]) -> tuple[Values, ...]:
    return tuple((each.offset, each.length, each.snapped) for each in gaps)


def _conflicts(conflicts: tuple[Conflict, ...]) -> tuple[Values, ...]:
    return tuple((each.offset, each.length, _segment(each.first), _segment(each.second)) for each in conflicts)


def _segment(segment: Segment) -> Values:
    return segment.data, segment.at, segment.ttl, segment.ip_id


def _rare(rare: Values) -> tuple[tuple[Gap, ...], tuple[Problem, ...], tuple[Conflict, ...]]:
    """What few responses have."""
    gaps, problems, conflicts = rare
    return (
        tuple(Gap(*each) for each in gaps),
        tuple(Problem(*each) for each in problems),
        tuple(
            Conflict(offset, length, Segment(*first), Segment(*second)) for offset, length, first, second in conflicts
        ),
    )
