"""The event: Tracee's `net_packet_http_response`, one JSON object a response.

What Tracee knows stands in its own envelope, in its order and with all of its fields; what it cannot know (findings of
reassembly: the request, timing, framing, loss) stands in one extra object, `httpresp`, which it passes over. A request
that got no response is Tracee's `net_packet_http_request`, and a connection that is not read a `net_flow_tls`, so that
nobody counts them as responses.

There is one definition, the text that `EventWriter` assembles; `event` reads that text again. It is put together by
hand because it is written for every response of a capture: what a flow, a status line or the names of a head always
look like is made once, and only values and numbers are put in anew. A line of 2.6 kB takes 6.5 µs, compiled 5.2. Of
ready dictionaries msgspec would write it in 4.4 and orjson in 6.4, json in 20, but such a dictionary takes 8.6 to make
at least; and none but json keeps to ASCII.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.targets import scheme_of
from httpresp_capture.records.workload import Workload
from httpresp_capture.tracee import golang
from httpresp_capture.tracee.encrypted import EVENT, encrypted_argument
from httpresp_capture.tracee.envelope_writer import NOBODY, after_event, before_event
from httpresp_capture.tracee.head_shapes import Shapes
from httpresp_capture.tracee.jsontext import quoted, quoted_latin, text
from httpresp_capture.tracee.pieces import (
    UNANSWERED,
    array,
    boolean,
    content_length,
    decoded_size,
    dumped,
    grpc_member,
    metadata_start,
    outcome,
    problem_json,
    proxied_member,
    texts_of,
    timing_member,
    tls_member,
)
from httpresp_capture.tracee.websocket import websocket_member

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding
    from httpresp_capture.export.event_format import Accepts
    from httpresp_capture.redaction import Redactor

REMEMBERED = 4096
"""Flows, status lines, hosts and workloads whose text is kept."""
REMEMBERED_HOST = 256
"""Bytes of a Host line that is kept."""

NO_REQUEST = Request(b"", "", "", 0, 0)
METHODS = {
    method: f'{{"method":"{method}","scheme":"http","host":'
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
}
"""How a request in clear begins whose target is no URL, by its method."""

OF_RESPONSE = '"eventId":"2011","eventName":"net_packet_http_response"'
OF_ENCRYPTED = f'"eventId":"0","eventName":"{EVENT}"'
AMENDS = ',"amends":true'
PROGRESS = ',"progress":true'
LOST = (
    "kernel_drops", "interface_drops", "snapped", "fragments_lost", "malformed", "flows_evicted", "gaps", "gap_bytes",
    "held_dropped", "flows_encrypted", "flows_other", "not_tcp", "bad_lines",
)  # fmt: skip
"""Counters of what could not be read."""


class EventWriter:
    """Writes events with one set of options; keeps what repeats between them."""

    def __init__(
        self,
        *,
        strict: bool = False,
        redact: "Redactor | None" = None,
        host_name: str = "",
        accepts: "Accepts | None" = None,
    ) -> None:
        self._strict = strict
        self._accepts = accepts
        self._redact = redact
        self._shapes = Shapes()
        self._flows: dict[int, tuple[Flow, str, str, str]] = {}
        self._status_lines: dict[tuple[bytes, int, str], str] = {}
        self._hosts: dict[bytes, str] = {}
        self._lost: tuple[Counters | None, str] = (None, "null")
        self._answer, self._question = _intros(replace(NOBODY, host_name=host_name))
        self._workloads: dict[int, tuple[Workload, str, str]] = {}

    def line(
        self,
        response: Response,
        lost: Counters | None = None,
        findings: "Sequence[Finding] | None" = None,
        *,
        amends: bool = False,
        progress: bool = False,
    ) -> bytes:
        """One line of ASCII, ended by LF. One that `amends` takes the place of an earlier line of the same response;
        one of `progress` tells of a response that is open, and others of it follow. Strictly, there is none for a
        connection that is not read, of which Tracee has no event."""
        if self._strict and response.encrypted is not None:
            return b""
        mark = AMENDS if amends else PROGRESS if progress else ""
        return self._event(response, lost, findings, "\n", mark).encode("ascii")

    def text(
        self, response: Response, lost: Counters | None = None, findings: "Sequence[Finding] | None" = None
    ) -> str:
        """The event as one line of JSON, without its end. `httpresp.findings` is there when it was asked for."""
        return self._event(response, lost, findings, "", "")

    def _event(
        self,
        response: Response,
        lost: Counters | None,
        findings: "Sequence[Finding] | None",
        line_end: str,
        mark: str,
    ) -> str:
        if response.encrypted is not None:
            return f"{self._encrypted(response, mark)}{self._tail(response, lost, findings)}{line_end}"
        seen = response
        if self._redact is not None:
            response = self._redact.response(response)
        flow, request = response.flow, response.request
        pieces = self._flows.get(flow.id)
        if pieces is None or pieces[0] is not flow:
            pieces = self._flow(flow)
        _, metadata, interface, about = pieces
        answer, question = self._answer, self._question
        if response.workload is not None:
            answer, question = self._workload(response.workload)
        if response.end is UNANSWERED:
            intro = question
            metadata = metadata_start(flow, from_client=True)
            value, members, length = self._question_value(NO_REQUEST if request is None else request)
            shape, values = self._shapes.of(b"")
        else:
            intro = answer
            head = response.head
            shape, values = self._shapes.of(head)
            key = (head[: head.find(b"\n") + 1 or None], response.status, response.protocol)
            value = self._status_lines.get(key) or self._status_line(key)
            members = _strict_members(response.headers, response.protocol) if self._strict else shape.members(values)
            length = f"{content_length(response)}"
        trailers, body = response.trailers, f"{response.body_bytes}"
        return (
            f'{{"timestamp":{response.at}{intro}{metadata}{response.packet_len}{interface}{value}{members}'
            f'}},"content_length":{length}}}}}],"httpresp":{{"id":{response.id}{mark},"stream":{response.stream}{about}'
            f',"request":{"null" if request is None else self._request(request, flow)}{timing_member(response)}'
            f',"size":{{"declared":{response.declared},"wire":{response.wire_bytes},"body":{body}'
            f',"decoded":{decoded_size(response, [values[at] for at in shape.codings]) if shape.codings else body}'
            f',"missing":{response.missing_bytes if response.gaps else 0}}}{outcome(response)}'
            f',"header_lines":[{shape.pairs(values)}],"trailer_lines":[{self._lines(trailers) if trailers else ""}]'
            f"{grpc_member(response) if response.protocol == 'HTTP/2' else ''}"
            f"{'' if response.websocket is None else websocket_member(response.websocket)}"
            f"{self._tail(seen, lost, findings)}{line_end}"
        )

    def _tail(self, seen: Response, lost: Counters | None, findings: "Sequence[Finding] | None") -> str:
        """The last members of `httpresp`, and the end of the event."""
        return f',"lost":{self._losses(lost)}{"" if findings is None else self._findings(seen, findings)}}}}}'

    def _encrypted(self, response: Response, mark: str) -> str:
        """The event of a connection that is not read, without its tail: see `tracee.encrypted`."""
        assert response.encrypted is not None
        _, metadata, interface, about = self._flow(response.flow)
        intro = self._answer if response.workload is None else self._workload(response.workload)[0]
        intro = intro.replace(OF_RESPONSE, OF_ENCRYPTED, 1)
        return (
            f'{{"timestamp":{response.at}{intro}{metadata}{response.packet_len}{interface}'
            f'{encrypted_argument(response.encrypted)}],"httpresp":{{"id":{response.id}{mark},"stream":0{about}'
            f',"request":null{timing_member(response)},"size":{{"declared":-1,"wire":{response.wire_bytes}'
            f',"body":{response.body_bytes},"decoded":null,"missing":{response.encrypted.missing_bytes}}}'
            f'{outcome(response)},"header_lines":[],"trailer_lines":[]'
        )

    def _question_value(self, request: Request) -> tuple[str, str, str]:
        """Tracee's event of a request that got no response: its value as far as the headers, these, and the length."""
        words = request.head.partition(b"\n")[0].split()
        version = text(words[2]) if len(words) > 2 else ""
        headers = request.headers
        length = golang.request_length(headers.get("content-length"), headers.get("transfer-encoding"))
        path = request.path
        if self._strict:
            members = dumped(golang.request_headers(texts_of(headers)))[1:-1]
            path = golang.url_path(request.method, request.target)
        else:
            shape, values = self._shapes.of(request.head)
            members = shape.members(values)
        value = (
            '{"name":"http_request","type":"trace.ProtoHTTPRequest","value":'
            f'{{"method":{quoted_latin(request.method)},"protocol":{quoted(golang.protocol(version))}'
            f',"host":{quoted_latin(request.host)},"uri_path":{quoted_latin(path)},"headers":{{'
        )
        return value, members, f"{length}"

    def _request(self, request: Request, flow: Flow) -> str:
        target = request.target
        start = METHODS.get(request.method)
        # Of a target that names none it is by what carried it (RFC 9112 §3.3).
        scheme = request.scheme or scheme_of(target) or ("https" if flow.https else "")
        if start is None or scheme:
            start = f'{{"method":{quoted_latin(request.method)},"scheme":{quoted_latin(scheme or "http")},"host":'
            host = quoted_latin(request.host)
        else:
            host = self._host(request)
        if request.complete and not request.problems:
            rest = ',"complete":true,"problems":[]'
        else:
            rest = f',"complete":{boolean(request.complete)},"problems":{array(request.problems, problem_json)}'
        if request.protocol:
            rest += f',"protocol":{quoted_latin(request.protocol)}'
        if request.weight:
            rest += f',"weight":{request.weight}'
        return (
            f'{start}{host},"target":{quoted_latin(target)},"wire":{request.wire_bytes},"body":{request.body_bytes}'
            f"{rest}}}"
        )

    def _host(self, request: Request) -> str:
        """JSON of `request.host` where the target does not say it; most clients send Host as their first field."""
        head = request.head
        at = head.find(b"\n") + 1
        end = head.find(b"\r\n", at)
        # With the byte behind the line, which tells whether it is folded. (Compiled by mypyc, a slice whose end lies
        # before its start raises.)
        line = head[at : end + 3] if end >= 0 else b""
        made = self._hosts.get(line)
        if made is None:
            made = quoted_latin(request.host)
            if line.startswith(b"Host:") and not line.endswith((b" ", b"\t", b"\n")) and len(line) <= REMEMBERED_HOST:
                if len(self._hosts) >= REMEMBERED:
                    self._hosts.clear()
                self._hosts[line] = made
        return made

    def _lines(self, block: bytes) -> str:
        shape, values = self._shapes.of(b"\r\n" + block)
        return shape.pairs(values)

    def _flow(self, flow: Flow) -> tuple[Flow, str, str, str]:
        interface = quoted("any" if self._strict else flow.interface)
        pieces = (
            flow,
            metadata_start(flow, from_client=False),
            f',"iface":{interface}}}}},',
            f',"flow":{{"id":{flow.id},"client":{quoted_latin(flow.real_client)},"client_port":{flow.real_client_port}'
            f',"server":{quoted(flow.server)},"server_port":{flow.server_port},"interface":{quoted(flow.interface)}'
            f',"vlan":{array(flow.vlan, str)},"tunnel":{quoted(flow.tunnel)}{proxied_member(flow.proxied)}'
            f',"transport":{quoted(flow.transport)}{tls_member(flow.tls)}'
            f',"opened_at":{flow.opened_at},"midstream":{boolean(flow.midstream)}{_other_paths(flow)}}}',
        )
        if len(self._flows) >= REMEMBERED:
            self._flows.clear()
        self._flows[flow.id] = pieces
        return pieces

    def _workload(self, workload: Workload) -> tuple[str, str]:
        """What stands before the metadata of a response, and of a request without one."""
        made = self._workloads.get(id(workload))
        if made is None or made[0] is not workload:
            made = (workload, *_intros(workload))
            if len(self._workloads) >= REMEMBERED:
                self._workloads.clear()
            self._workloads[id(workload)] = made
        return made[1], made[2]

    def _status_line(self, key: tuple[bytes, int, str]) -> str:
        line, status, protocol = key
        # Code and reason as sent, the blank after the code kept: "200 " for an empty reason.
        line = line.rstrip(b"\r\n")
        parts = line.split(None, 1) if line[:1] != b" " else [b"", line[1:]]  # A version that was read as empty.
        made = (
            '{"name":"http_response","type":"trace.ProtoHTTPResponse","value":{'
            f'"status":{quoted(text(parts[1]) if len(parts) > 1 else "")},"status_code":{status}'
            f',"protocol":{quoted_latin(golang.protocol(protocol))},"headers":{{'
        )
        if len(self._status_lines) >= REMEMBERED:
            self._status_lines.clear()
        self._status_lines[key] = made
        return made

    def _findings(self, response: Response, findings: "Sequence[Finding]") -> str:
        # Imported here: whoever prints no findings need not load the checks.
        from httpresp_capture.export.findings_json import finding_object

        accepts = self._accepts
        objects = [finding_object(each, None if accepts is None else accepts(response, each)) for each in findings]
        return f',"findings":{dumped(objects)}'

    def _losses(self, lost: Counters | None) -> str:
        if self._lost[0] is not lost:
            self._lost = (lost, "null" if lost is None else dumped(_lost(lost)))
        return self._lost[1]


def _lost(lost: Counters) -> dict[str, Any]:
    """`tracee.losses` reads it again."""
    told: dict[str, Any] = {name: getattr(lost, name) for name in LOST}
    if lost.unread:
        told["unread"] = [{"kind": one.kind, "count": one.count, "unit": one.unit} for one in lost.unread]
    return told


def _intros(workload: Workload) -> tuple[str, str]:
    before, after = before_event(workload), after_event(workload)
    return (
        f"{before},{OF_RESPONSE}{after}",
        f'{before},"eventId":"2010","eventName":"net_packet_http_request"{after}',
    )


def _other_paths(flow: Flow) -> str:
    """The member of a connection whose packets were not all carried alike; nothing for others."""
    if not flow.other_paths:
        return ""
    told = [
        {"from": "client" if path.from_client else "server", "vlan": list(path.vlan), "tunnel": path.tunnel}
        for path in flow.other_paths
    ]
    return f',"other_paths":{dumped(told)}'


def _strict_members(headers: Headers, protocol: str) -> str:
    return dumped(golang.headers(texts_of(headers), protocol))[1:-1]


def event(
    response: Response,
    *,
    strict: bool = False,
    redact: "Redactor | None" = None,
    lost: Counters | None = None,
    host_name: str = "",
    findings: "Sequence[Finding] | None" = None,
    accepts: "Accepts | None" = None,
) -> dict[str, Any]:
    """One event as Python values, keys in the order of the format."""
    writer = EventWriter(strict=strict, redact=redact, host_name=host_name, accepts=accepts)
    return json.loads(writer.text(response, lost, findings))
