"""What an event tells, as a `Response`.

Responses are numbered anew, since lines of several runs may come in one stream; a connection is known by its ends and
by the number it had. A line of Tracee tells of a head alone, so the rest of the message counts as not captured.
"""

from collections import OrderedDict
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote

from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import LateEvidence, ResponseSeen
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import TRANSPORTS, Flow, OtherPath, Proxied
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import PROBLEMS, Problem
from httpresp_capture.records.tls import TLS_FIELDS, Tls
from httpresp_capture.tracee.shapes import Event
from httpresp_capture.tracee.values import (
    Object,
    flag_in,
    list_in,
    member,
    number,
    number_in,
    object_in,
    optional_in,
    text_in,
    wire,
)
from httpresp_capture.tracee.websocket import websocket_in

MOST_NEWEST = 1_024
"""Responses that a later line may amend: evidence comes soon or hardly ever."""
MOST_ITEMS = 1_000
"""Gaps, problems or conflicts of one line that are read."""
MOST_MISSING = 1 << 48
"""Bytes of one gap: the sum of all stays a number that 64 bits hold."""

_Word = TypeVar("_Word", bound=StrEnum)
_FlowKey = tuple[str, int, str, int, int, str, int, str]
_TRANSPORTS = {number: name for name, number in TRANSPORTS.items()}


class Restorer:
    """Makes responses of events, and remembers their connections."""

    def __init__(self, most_flows: int) -> None:
        self.most_flows = most_flows
        self.flows = 0
        self.responses = 0
        self._known: OrderedDict[_FlowKey, tuple[Flow, int]] = OrderedDict()
        """By its ends: the connection, and how many responses it had."""
        self._newest: OrderedDict[tuple[_FlowKey, int], Response] = OrderedDict()
        """What a later line may amend, by connection and the number that it had there."""

    def event(self, told: Event) -> ResponseSeen | LateEvidence:
        """A response, or late evidence about one; evidence about one that did not come is a response as well."""
        key = _flow_key(told), number_in(told.ours, "id")
        before = self._newest.pop(key, None)
        if before is None or not flag_in(told.ours, "amends", False):
            response = self.response(told)
            event = ResponseSeen(response)
        else:
            response = replace(before, problems=_problems(told.ours), conflicts=_conflicts(told.ours))
            event = LateEvidence(response, before)
        if told.ours:
            self._newest[key] = response
            if len(self._newest) > MOST_NEWEST:
                self._newest.popitem(last=False)
        return event

    def response(self, event: Event, asked: Request | None = None, problems: tuple[Problem, ...] = ()) -> Response:
        """The record of one event; a line of ours says by itself what was asked."""
        self.responses += 1
        flow, stream = self._flow(event)
        ours = event.ours
        head = _head(event, ours) if event.answered and event.encrypted is None else b""
        size, timing = object_in(ours, "size"), object_in(ours, "timing")
        end = _end(event, ours)
        body_bytes = number_in(size, "body")
        return Response(
            id=self.responses,
            flow=flow,
            stream=number_in(ours, "stream", stream),
            at=event.at,
            first_byte_at=number_in(timing, "first_byte_at", event.at),
            # Only what has ended is written; a line that does not say when ended with its head.
            ended_at=number_in(timing, "ended_at", event.at),
            head=head,
            status=event.status_code if event.answered else 0,
            protocol=event.protocol,
            packet_len=event.packet_len,
            framing=_word(Framing, text_in(ours, "framing")) or _framing(event),
            declared=number_in(size, "declared", event.content_length if event.answered else -1, -1),
            request=(_request(event, ours) if ours else asked) if event.encrypted is None else None,
            wire_bytes=number_in(size, "wire", len(head)),
            body_bytes=body_bytes,
            trailers=b"".join(_lines(ours, "trailer_lines")),
            end=end,
            gaps=tuple(_gap(each) for each in list_in(ours, "gaps")[:MOST_ITEMS]),
            problems=_problems(ours) if ours else problems,
            conflicts=_conflicts(ours),
            midstream=text_in(ours, "completeness") == Completeness.MIDSTREAM,
            workload=event.workload,
            websocket=websocket_in(ours),
            encrypted=event.encrypted,
        )

    def _flow(self, event: Event) -> tuple[Flow, int]:
        """The connection, and which of its responses this is."""
        key = _flow_key(event)
        known = self._known.get(key)
        if known is None:
            self.flows += 1
            known = self._new_flow(event, object_in(event.ours, "flow")), 0
            if len(self._known) >= self.most_flows:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        flow, count = known
        # An interim response and its final one are one exchange (RFC 9110 §15.2).
        interim = event.answered and 100 <= event.status_code < 200 and event.status_code != 101
        self._known[key] = flow, count + (not interim)
        return flow, count + 1

    def _new_flow(self, event: Event, ours: Object) -> Flow:
        server, client = (event.source, event.source_port), (event.target, event.target_port)
        if not event.answered:
            server, client = client, server
        return Flow(
            id=self.flows,
            client=client[0],
            client_port=client[1],
            server=server[0],
            server_port=server[1],
            interface=text_in(ours, "interface", event.interface)[:100],
            opened_at=number_in(ours, "opened_at", event.at),
            handshake_ns=optional_in(object_in(event.ours, "timing"), "handshake_ns"),
            # Tracee tells nothing of connections, so their beginning was not seen.
            midstream=flag_in(ours, "midstream", True),
            vlan=_vlan(ours),
            tunnel=text_in(ours, "tunnel")[:200],
            other_paths=tuple(
                OtherPath(text_in(path, "from") == "client", _vlan(path), text_in(path, "tunnel")[:200])
                for path in list_in(ours, "other_paths")[:8]
            ),
            proxied=_proxied(object_in(ours, "proxied")),
            transport=_TRANSPORTS.get(event.transport, "TCP"),
            tls=_tls(object_in(ours, "tls")),
        )


def _flow_key(event: Event) -> _FlowKey:
    ends = (event.source, event.source_port, event.target, event.target_port)
    if not event.answered:
        ends = (*ends[2:], *ends[:2])
    return (*ends, event.transport, event.interface, number_in(object_in(event.ours, "flow"), "id"), event.network)


def _vlan(path: object) -> tuple[int, ...]:
    return tuple(tag for each in list_in(path, "vlan")[:8] if (tag := number(each, most=4095)) is not None)


def _proxied(found: Object) -> Proxied | None:
    if not found:
        return None
    return Proxied(
        protocol=text_in(found, "protocol")[:100],
        client=_latin(text_in(found, "client")[:255]),
        client_port=number_in(found, "client_port", most=0xFFFF),
        server=_latin(text_in(found, "server")[:255]),
        server_port=number_in(found, "server_port", most=0xFFFF),
    )


def _tls(found: Object) -> Tls | None:
    if not found:
        return None
    none = Tls()
    values: dict[str, Any] = {}
    for name in TLS_FIELDS:
        value, usual = found.get(name), getattr(none, name)
        if isinstance(value, str) and isinstance(usual, str):
            values[name] = value[:255].encode("utf-8", "replace").decode("latin-1")  # As it is: it stands in no head.
        elif isinstance(value, bool) and (isinstance(usual, bool) or name == "resumed"):
            values[name] = value
    handshake = found.get("handshake_ns")
    if isinstance(handshake, int) and not isinstance(handshake, bool) and 0 <= handshake < 1 << 63:
        values["handshake_ns"] = handshake
    return Tls(**values)


def _head(event: Event, ours: Object) -> bytes:
    """The head as lines; in the order of the wire where that is known."""
    lines = _lines(ours, "header_lines") or _header_lines(event)
    status = event.status
    if not ours and event.status_code and not status.startswith(str(event.status_code)):
        # `main` leaves out what is empty; the code is what was counted on.
        status = f"{event.status_code} {status}"
    return b"".join((wire(f"{event.protocol} {status}"), b"\r\n", *lines, b"\r\n"))


def _header_lines(event: Event) -> list[bytes]:
    return [wire(name) + b": " + wire(value) + b"\r\n" for name, value in event.headers]


def _lines(ours: Object, key: str) -> list[bytes]:
    return [
        wire(pair[0]) + b": " + wire(pair[1]) + b"\r\n"
        for pair in list_in(ours, key)
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str)
    ]


def _framing(event: Event) -> Framing:
    """What the headers of a plain line say of the body."""
    if event.status_code < 200 or event.status_code in (204, 304):
        return Framing.NONE
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in event.headers):
        return Framing.CHUNKED
    if event.content_length >= 0:
        return Framing.LENGTH
    # Tracee takes Transfer-Encoding out and says -1; a body to the end of the connection looks the same.
    return Framing.CHUNKED


def _end(event: Event, ours: Object) -> EndReason:
    """A plain line ends with its head; whatever followed was not captured."""
    if not event.answered:
        return EndReason.UNANSWERED
    if ours:
        told = _word(EndReason, text_in(ours, "end"))
        return EndReason.GAP if told in (None, EndReason.UNANSWERED) else told
    return EndReason.NO_BODY if _framing(event) is Framing.NONE or event.content_length == 0 else EndReason.GAP


def _request(event: Event, ours: Object) -> Request | None:
    found = object_in(ours, "request")
    if not found:
        return None
    timing = object_in(ours, "timing")
    method, target, host = (text_in(found, name) for name in ("method", "target", "host"))
    protocol, lines = event.protocol, _header_lines(event)
    if event.answered:
        # Of the headers of a request that was answered, a line has this one.
        protocol, lines = ("HTTP/2" if event.protocol == "HTTP/2" else "HTTP/1.1"), []
    if host and not any(name.lower() == "host" for name, _ in event.headers if not event.answered):
        # Go takes it out of the others.
        lines.insert(0, b"Host: " + wire(host) + b"\r\n")
    head = b"".join((wire(f"{method} {target} {protocol}"), b"\r\n", *lines, b"\r\n"))
    return Request(
        head=head,
        method=_latin(method),
        target=_latin(target),
        first_byte_at=number_in(timing, "request_first_byte_at", event.at),
        sent_at=number_in(timing, "request_sent_at", event.at),
        wire_bytes=number_in(found, "wire"),
        body_bytes=number_in(found, "body"),
        complete=flag_in(found, "complete", True),
        problems=_problems(found),
        scheme=_latin(text_in(found, "scheme")) if event.protocol == "HTTP/2" else "",
        protocol=_latin(text_in(found, "protocol")),
        weight=min(max(number_in(found, "weight"), 0), 256),
    )


def request_of(event: Event) -> Request:
    """What Tracee tells of a request, as it will have been on the wire: its path is decoded, and Host stands apart.

    Its content length is -1 only where the body is chunked, of which Go takes the field away.
    """
    target = quote(event.path, safe="/?#[]@!$&'()*+,;=:%-._~") or "/"
    names = {name.lower() for name, _ in event.headers}
    lines = [(name, value) for name, value in event.headers if name.lower() != "host"]
    if event.content_length < 0 and "transfer-encoding" not in names:
        lines.append(("Transfer-Encoding", "chunked"))
    if event.host:
        lines.insert(0, ("Host", event.host))
    start = f"{event.method} {target} {event.protocol or 'HTTP/1.1'}"
    head = b"".join((wire(start), b"\r\n", *[wire(f"{name}: {value}") + b"\r\n" for name, value in lines], b"\r\n"))
    return Request(
        head=head,
        method=_latin(event.method),
        target=target,
        first_byte_at=event.at,
        sent_at=event.at,
        wire_bytes=len(head),
        complete=not event.content_length,
    )


def _latin(text: str) -> str:
    """As records hold text from the wire: each byte one character."""
    return wire(text).decode("latin-1")


def _problems(value: object) -> tuple[Problem, ...]:
    """Those that are known: a later version may have more."""
    return tuple(
        Problem(name, number_in(each, "offset"), escaped(text_in(each, "detail")[:200]))
        for each in list_in(value, "problems")[:MOST_ITEMS]
        if (name := text_in(each, "name")) in PROBLEMS
    )


def _gap(value: Any) -> Gap:
    return Gap(number_in(value, "offset"), number_in(value, "length", 1, 1, MOST_MISSING), flag_in(value, "snapped"))


def _conflicts(ours: Object) -> tuple[Conflict, ...]:
    return tuple(_conflict(each) for each in list_in(ours, "conflicts")[:MOST_ITEMS])


def _conflict(value: Any) -> Conflict:
    return Conflict(
        number_in(value, "offset"),
        number_in(value, "length"),
        _segment(member(value, "first")),
        _segment(member(value, "second")),
    )


def _segment(value: object) -> Segment:
    try:
        data = bytes.fromhex(text_in(value, "hex")[:512])
    except ValueError:
        data = b""
    return Segment(
        data, number_in(value, "at"), number_in(value, "ttl", most=0xFF), number_in(value, "ip_id", most=0xFFFF)
    )


def _word(words: type[_Word], text: str) -> _Word | None:
    try:
        return words(text)
    except ValueError:
        return None
