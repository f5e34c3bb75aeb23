"""The event: Tracee's `net_packet_http_response`, one JSON object a response.

What Tracee knows stands in its own envelope, in its order and with all of its fields; what it cannot know (findings of
reassembly: the request, timing, framing, loss) stands in one extra object, `httpresp`, which it passes over. A request
that got no response is Tracee's `net_packet_http_request`, so that nobody counts it as a response.

There is one definition, the text that `EventWriter` assembles; `event` and `pretty` read that text again. It is put
together by hand because it is written for every response of a capture: what a flow, a status line or a header line
always looks like is made once, and only numbers are formatted anew.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from httpresp_capture.events import Counters, Flow, Request, Response
from httpresp_capture.export import golang
from httpresp_capture.export.jsontext import ODD, Field, Fields, keys_of, members, pairs, quoted, quoted_latin, text
from httpresp_capture.export.tracee_pieces import (
    array,
    boolean,
    completeness_of,
    conflict_json,
    content_length,
    decoded_size,
    dumped,
    end_json,
    gap_json,
    metadata_start,
    problem_json,
    texts_of,
    timing_member,
)
from httpresp_capture.redaction import Redactor

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding

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

    def line(
        self, response: Response, lost: Counters | None = None, findings: "Sequence[Finding] | None" = None
    ) -> bytes:
        """One line of ASCII, ended by LF."""
        return f"{self.text(response, lost, findings)}\n".encode("ascii")

    def text(
        self, response: Response, lost: Counters | None = None, findings: "Sequence[Finding] | None" = None
    ) -> str:
        """The event as one line of JSON, without its end. `httpresp.findings` is there when it was asked for."""
        if self._redact is not None:
            response = self._redact.response(response)
        said = "" if findings is None else _findings(findings)
        if response.unanswered:
            return self._request_event(response, lost, said)
        head = response.head
        fields = self._fields.of(head)
        keys = keys_of(fields)
        key = (head[: head.find(b"\n") + 1 or None], response.status, response.protocol)
        status = self._status_lines.get(key) or self._status_line(key)
        flow, metadata, interface, about = self._flows.get(response.flow.id) or self._flow(response.flow)
        if flow is not response.flow:
            flow, metadata, interface, about = self._flow(response.flow)
        shown = (
            dumped(golang.headers(texts_of(response.headers), response.protocol))[1:-1]
            if self._strict
            else members(fields, keys)
        )
        return (
            f'{{"timestamp":{response.at}{self._answer}{metadata}{response.packet_len}{interface}'
            f'{{"name":"http_response","type":"trace.ProtoHTTPResponse","value":{{{status}{shown}'
            f'}},"content_length":{content_length(response)}}}}}],"httpresp":{{"id":{response.id}'
            f',"stream":{response.stream}{about}{self._request(response)}'
            f"{self._rest(response, fields, keys, lost)}{said}}}}}"
        )

    def _rest(self, response: Response, fields: list[Field], keys: set[str], lost: Counters | None) -> str:
        """From the timing to what was lost."""
        trailers = pairs(self._fields.of(b"\r\n" + response.trailers)) if response.trailers else ""
        decoded = decoded_size(response, fields) if "content-encoding" in keys else response.body_bytes
        return (
            f'{timing_member(response)},"size":{{"declared":{response.declared},"wire":{response.wire_bytes}'
            f',"body":{response.body_bytes},"decoded":{decoded}'
            f',"missing":{response.missing_bytes if response.gaps else 0}}},"framing":"{response.framing}"'
            f',"end":{end_json(response.end)},"completeness":"{completeness_of(response)}"'
            f',"gaps":{array(response.gaps, gap_json)},"problems":{array(response.problems, problem_json)}'
            f',"conflicts":{array(response.conflicts, conflict_json)},"header_lines":[{pairs(fields)}]'
            f',"trailer_lines":[{trailers}],"lost":{self._losses(lost)}'
        )

    def _request_event(self, response: Response, lost: Counters | None, said: str) -> str:
        """A request without a response; Tracee's other event, sent from the client."""
        flow, request = response.flow, response.request
        _, _, interface, about = self._flow(flow)
        fields = self._fields.of(request.head) if request else []
        method, host, path = (request.method, request.host, request.path) if request else ("", "", "")
        version = request.head.partition(b"\n")[0].split() if request else []
        length = request.headers.get("content-length") if request else ""
        shown = (
            dumped(golang.headers(texts_of(request.headers), "HTTP/1.1"))[1:-1]
            if self._strict and request
            else members(fields, keys_of(fields))
        )
        return (
            f'{{"timestamp":{response.at}{self._question}'
            f"{metadata_start(flow.client, flow.client_port, flow.server, flow.server_port)}"
            f"{response.packet_len}{interface}"
            f'{{"name":"http_request","type":"trace.ProtoHTTPRequest","value":{{"method":{quoted_latin(method)}'
            f',"protocol":{quoted(text(version[2]) if len(version) > 2 else "")},"host":{quoted_latin(host)}'
            f',"uri_path":{quoted_latin(path)},"headers":{{{shown}}}'
            f',"content_length":{length if length.isascii() and length.isdigit() and len(length) < 19 else 0}}}}}]'
            f',"httpresp":{{"id":{response.id},"stream":{response.stream}{about}{self._request(response)}'
            f"{self._rest(response, [], set(), lost)}{said}}}}}"
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
            f',"complete":{boolean(request.complete)},"problems":{array(request.problems, problem_json)}}}'
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
            metadata_start(flow.server, flow.server_port, flow.client, flow.client_port),
            f',"iface":{interface}}}}},',
            f',"flow":{{"id":{flow.id},"client":{quoted(flow.client)},"client_port":{flow.client_port}'
            f',"server":{quoted(flow.server)},"server_port":{flow.server_port},"interface":{quoted(flow.interface)}'
            f',"vlan":{dumped(flow.vlan)},"tunnel":{quoted(flow.tunnel)},"opened_at":{flow.opened_at}'
            f',"midstream":{boolean(flow.midstream)}}}',
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
            self._lost = (lost, "null" if lost is None else dumped({name: getattr(lost, name) for name in LOST}))
        return self._lost[1]


def _findings(findings: "Sequence[Finding]") -> str:
    # Imported here: whoever prints no findings need not load the checks.
    from httpresp_capture.export.findings_json import finding_object

    return f',"findings":{dumped([finding_object(each) for each in findings])}'


def line(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
    findings: "Sequence[Finding] | None" = None,
) -> bytes:
    """One event as a line of ASCII JSON with its LF. For many, keep an `EventWriter`."""
    return EventWriter(strict=strict, redact=redact, host_name=host_name).line(response, lost, findings)


def event(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
    findings: "Sequence[Finding] | None" = None,
) -> dict[str, Any]:
    """One event as Python values, keys in the order of the format."""
    return json.loads(EventWriter(strict=strict, redact=redact, host_name=host_name).text(response, lost, findings))


def pretty(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
    findings: "Sequence[Finding] | None" = None,
) -> str:
    """One event as indented ASCII JSON, for people and the clipboard."""
    values = event(response, strict=strict, redact=redact, lost=lost, host_name=host_name, findings=findings)
    return dumped(values, indent=2, separators=(",", ": "))
