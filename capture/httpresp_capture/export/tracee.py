"""The event: Tracee's `net_packet_http_response`, one JSON object a response.

What Tracee knows stands in its own envelope, in its order and with all of its fields; what it cannot know (findings of
reassembly: the request, timing, framing, loss) stands in one extra object, `httpresp`, which it passes over. A request
that got no response is Tracee's `net_packet_http_request`, so that nobody counts it as a response.

There is one definition, the text that `EventWriter` assembles; `event` and `pretty` read that text again. It is put
together by hand because it is written for every response of a capture: what a flow, a status line or a header line
always looks like is made once, and only numbers are formatted anew.
"""

import json
from collections.abc import Callable
from typing import Any

from httpresp_capture import bodies
from httpresp_capture.events import (
    Completeness,
    Conflict,
    Counters,
    EndReason,
    Flow,
    Framing,
    Gap,
    Request,
    Response,
    Segment,
)
from httpresp_capture.export import golang
from httpresp_capture.export.jsontext import ODD, Field, Fields, keys_of, members, pairs, quoted, quoted_latin, text
from httpresp_capture.headers import Headers
from httpresp_capture.problems import PROBLEMS, Problem
from httpresp_capture.redaction import Redactor

REMEMBERED = 4096
"""Flows and status lines whose text is kept."""

NOBODY = (
    ',"threadStartTime":0,"processorId":0,"processId":0,"cgroupId":0,"threadId":0,"parentProcessId":0'
    ',"hostProcessId":0,"hostThreadId":0,"hostParentProcessId":0,"userId":0,"mountNamespace":0,"pidNamespace":0'
    ',"processName":"","executable":{"path":""}'
)
"""A process that is not known, said as zero."""
NOWHERE = ',"containerId":"","container":{},"kubernetes":{}'
NO_SYSCALL = (
    ',"argsNum":2,"returnValue":0,"syscall":"","stackAddresses":[0]'
    ',"contextFlags":{"containerStarted":false,"isCompat":false}'
    ',"threadEntityId":0,"processEntityId":0,"parentEntityId":0,"args":['
)
LOST = (
    "kernel_drops", "interface_drops", "snapped", "fragments_lost", "malformed", "flows_evicted", "gaps", "gap_bytes",
    "held_dropped", "flows_encrypted", "flows_other",
)  # fmt: skip
"""Counters of what could not be read."""


class EventWriter:
    """Writes events with one set of options; keeps what repeats between them."""

    def __init__(self, *, strict: bool = False, redact: Redactor | None = None, host_name: str = "") -> None:
        self._strict = strict
        self._redact = redact
        self._fields = Fields()
        self._flows: dict[int, tuple[Flow, str, str, str]] = {}
        self._status_lines: dict[tuple[bytes, int, str], str] = {}
        self._lost: tuple[Counters | None, str] = (None, "null")
        middle = f'{NOBODY},"hostName":{quoted(host_name)}{NOWHERE}'
        self._answer = f'{middle},"eventId":"2011","eventName":"net_packet_http_response"{NO_SYSCALL}'
        self._question = f'{middle},"eventId":"2010","eventName":"net_packet_http_request"{NO_SYSCALL}'

    def line(self, response: Response, lost: Counters | None = None) -> bytes:
        """One line of ASCII, ended by LF."""
        return f"{self.text(response, lost)}\n".encode("ascii")

    def text(self, response: Response, lost: Counters | None = None) -> str:
        """The event as one line of JSON, without its end."""
        if self._redact is not None:
            response = self._redact.response(response)
        if response.unanswered:
            return self._request_event(response, lost)
        head = response.head
        fields = self._fields.of(head)
        keys = keys_of(fields)
        key = (head[: head.find(b"\n") + 1 or None], response.status, response.protocol)
        status = self._status_lines.get(key) or self._status_line(key)
        flow, metadata, interface, about = self._flows.get(response.flow.id) or self._flow(response.flow)
        if flow is not response.flow:
            flow, metadata, interface, about = self._flow(response.flow)
        shown = (
            _dumped(golang.headers(_texts(response.headers), response.protocol))[1:-1]
            if self._strict
            else members(fields, keys)
        )
        return (
            f'{{"timestamp":{response.at}{self._answer}{metadata}{response.packet_len}{interface}'
            f'{{"name":"http_response","type":"trace.ProtoHTTPResponse","value":{{{status}{shown}'
            f'}},"content_length":{_content_length(response)}}}}}],"httpresp":{{"id":{response.id}'
            f',"stream":{response.stream}{about}{self._request(response)}{self._rest(response, fields, keys, lost)}}}}}'
        )

    def _rest(self, response: Response, fields: list[Field], keys: set[str], lost: Counters | None) -> str:
        """From the timing to what was lost."""
        trailers = pairs(self._fields.of(b"\r\n" + response.trailers)) if response.trailers else ""
        decoded = _decoded(response, fields) if "content-encoding" in keys else response.body_bytes
        return (
            f'{_timing(response)},"size":{{"declared":{response.declared},"wire":{response.wire_bytes}'
            f',"body":{response.body_bytes},"decoded":{decoded}'
            f',"missing":{response.missing_bytes if response.gaps else 0}}},"framing":"{response.framing}"'
            f',"end":{_end(response.end)},"completeness":"{_completeness(response)}"'
            f',"gaps":{_array(response.gaps, _gap)},"problems":{_array(response.problems, _problem)}'
            f',"conflicts":{_array(response.conflicts, _conflict)},"header_lines":[{pairs(fields)}]'
            f',"trailer_lines":[{trailers}],"lost":{self._losses(lost)}'
        )

    def _request_event(self, response: Response, lost: Counters | None) -> str:
        """A request without a response; Tracee's other event, sent from the client."""
        flow, request = response.flow, response.request
        _, _, interface, about = self._flow(flow)
        fields = self._fields.of(request.head) if request else []
        method, host, path = (request.method, request.host, request.path) if request else ("", "", "")
        version = request.head.partition(b"\n")[0].split() if request else []
        length = request.headers.get("content-length") if request else ""
        shown = (
            _dumped(golang.headers(_texts(request.headers), "HTTP/1.1"))[1:-1]
            if self._strict and request
            else members(fields, keys_of(fields))
        )
        return (
            f'{{"timestamp":{response.at}{self._question}'
            f"{_metadata(flow.client, flow.client_port, flow.server, flow.server_port)}{response.packet_len}{interface}"
            f'{{"name":"http_request","type":"trace.ProtoHTTPRequest","value":{{"method":{quoted_latin(method)}'
            f',"protocol":{quoted(text(version[2]) if len(version) > 2 else "")},"host":{quoted_latin(host)}'
            f',"uri_path":{quoted_latin(path)},"headers":{{{shown}}}'
            f',"content_length":{length if length.isascii() and length.isdigit() and len(length) < 19 else 0}}}}}]'
            f',"httpresp":{{"id":{response.id},"stream":{response.stream}{about}{self._request(response)}'
            f"{self._rest(response, [], set(), lost)}}}}}"
        )

    def _request(self, response: Response) -> str:
        request = response.request
        if request is None:
            return ',"request":null'
        target = request.target
        scheme = quoted_latin(target.partition("://")[0].lower()) if "://" in target else '"http"'
        return (
            f',"request":{{"method":{quoted_latin(request.method)},"scheme":{scheme},"host":{self._host(request)}'
            f',"target":{quoted_latin(target)},"wire":{request.wire_bytes},"body":{request.body_bytes}'
            f',"complete":{_boolean(request.complete)},"problems":{_array(request.problems, _problem)}}}'
        )

    def _host(self, request: Request) -> str:
        """JSON of `request.host`; the usual way takes the Host line from the memory of lines."""
        head = request.head
        at = head.find(b"\r\nHost: ") + 2
        end = head.find(b"\r\n", at)
        if at >= 2 and request.target.startswith("/") and "://" not in request.target and end > 0:
            made = self._fields[head[at:end]]
            if made is not ODD and head[end + 2 : end + 3] not in (b" ", b"\t"):
                return made[2]
        return quoted_latin(request.host)

    def _flow(self, flow: Flow) -> tuple[Flow, str, str, str]:
        interface = quoted("any" if self._strict else flow.interface)
        pieces = (
            flow,
            _metadata(flow.server, flow.server_port, flow.client, flow.client_port),
            f',"iface":{interface}}}}},',
            f',"flow":{{"id":{flow.id},"client":{quoted(flow.client)},"client_port":{flow.client_port}'
            f',"server":{quoted(flow.server)},"server_port":{flow.server_port},"interface":{quoted(flow.interface)}'
            f',"vlan":{_dumped(flow.vlan)},"tunnel":{quoted(flow.tunnel)},"opened_at":{flow.opened_at}'
            f',"midstream":{_boolean(flow.midstream)}}}',
        )
        if len(self._flows) >= REMEMBERED:
            self._flows.clear()
        self._flows[flow.id] = pieces
        return pieces

    def _status_line(self, key: tuple[bytes, int, str]) -> str:
        line, status, protocol = key
        # Code and reason as sent, the blank after the code kept: "200 " for an empty reason.
        parts = line.rstrip(b"\r\n").split(None, 1)
        shown = quoted(text(parts[1]) if len(parts) > 1 else "")
        made = f'"status":{shown},"status_code":{status},"protocol":{quoted_latin(protocol)},"headers":{{'
        if len(self._status_lines) >= REMEMBERED:
            self._status_lines.clear()
        self._status_lines[key] = made
        return made

    def _losses(self, lost: Counters | None) -> str:
        if self._lost[0] is not lost:
            self._lost = (lost, "null" if lost is None else _dumped({name: getattr(lost, name) for name in LOST}))
        return self._lost[1]


def _metadata(source: str, source_port: int, target: str, target_port: int) -> str:
    return (
        f'{{"name":"metadata","type":"trace.PktMeta","value":{{"src_ip":{quoted(source)},"dst_ip":{quoted(target)}'
        f',"src_port":{source_port},"dst_port":{target_port},"protocol":6,"packet_len":'
    )


def _content_length(response: Response) -> int:
    status = response.status
    if status < 200 or status in (204, 304):
        return 0 if status >= 100 or response.framing is Framing.NONE else response.declared
    return -1 if response.framing is Framing.CHUNKED else response.declared


def _timing(response: Response) -> str:
    request = response.request
    first, ended, handshake = response.first_byte_at, response.ended_at, response.flow.handshake_ns
    started: int | str = "null"
    sent: int | str = "null"
    wait: int | str = "null"
    duration: int | str = "null"
    if request is not None:
        started, sent = request.first_byte_at, request.sent_at
        if response.head and first >= sent:
            wait = first - sent
        if ended is not None:
            duration = ended - started
    return (
        f',"timing":{{"handshake_ns":{"null" if handshake is None else handshake},"request_first_byte_at":{started}'
        f',"request_sent_at":{sent},"first_byte_at":{first},"head_at":{response.at}'
        f',"ended_at":{"null" if ended is None else ended},"first_byte_ns":{wait}'
        f',"transfer_ns":{"null" if ended is None or not response.head else ended - first},"duration_ns":{duration}}}'
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _array(values: tuple[Any, ...], piece: Callable[[Any], str]) -> str:
    return f"[{','.join(map(piece, values))}]" if values else "[]"


def _end(reason: EndReason | None) -> str:
    return "null" if reason is None else f'"{reason}"'


def _completeness(response: Response) -> Completeness:
    if response.end is EndReason.LENGTH and not (response.gaps or response.midstream or response.problems):
        return Completeness.COMPLETE
    return response.completeness


def _gap(gap: Gap) -> str:
    return f'{{"offset":{gap.offset},"length":{gap.length},"snapped":{_boolean(gap.snapped)}}}'


def _problem(problem: Problem) -> str:
    title, reference = PROBLEMS[problem.name]
    return (
        f'{{"name":{quoted(problem.name)},"offset":{problem.offset},"title":{quoted(title)}'
        f',"reference":{quoted(reference)},"detail":{quoted(problem.detail)}}}'
    )


def _conflict(conflict: Conflict) -> str:
    return (
        f'{{"offset":{conflict.offset},"length":{conflict.length},"first":{_segment(conflict.first)}'
        f',"second":{_segment(conflict.second)}}}'
    )


def _segment(segment: Segment) -> str:
    return f'{{"hex":"{segment.data.hex()}","at":{segment.at},"ttl":{segment.ttl},"ip_id":{segment.ip_id}}}'


def _decoded(response: Response, fields: list[Field]) -> int | str:
    """Size of the body without its content coding; null where that is not known."""
    codings = [each[2][1:-1] for each in fields if each[0] == "content-encoding"]
    if len(response.body) != response.body_bytes or _completeness(response) != "complete":
        return "null"
    decoded = bodies.decode(response.body, ",".join(codings))
    return len(decoded.data) if decoded.complete and not decoded.problem else "null"


def _texts(headers: Headers) -> list[tuple[str, str]]:
    """Headers with their Latin-1 texts read as UTF-8 where they are."""
    return [(_text(name), _text(value)) for name, value in headers]


def _text(latin: str) -> str:
    return latin if latin.isascii() else text(latin.encode("latin-1"))


def _dumped(value: Any, indent: int | None = None, separators: tuple[str, str] = (",", ":")) -> str:
    """JSON of Python values; DEL is escaped too."""
    return json.dumps(value, indent=indent, separators=separators).replace("\x7f", "\\u007f")


def line(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
) -> bytes:
    """One event as a line of ASCII JSON with its LF. For many, keep an `EventWriter`."""
    return EventWriter(strict=strict, redact=redact, host_name=host_name).line(response, lost)


def event(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
) -> dict[str, Any]:
    """One event as Python values, keys in the order of the format."""
    return json.loads(EventWriter(strict=strict, redact=redact, host_name=host_name).text(response, lost))


def pretty(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
) -> str:
    """One event as indented ASCII JSON, for people and the clipboard."""
    values = event(response, strict=strict, redact=redact, lost=lost, host_name=host_name)
    return _dumped(values, indent=2, separators=(",", ": "))
