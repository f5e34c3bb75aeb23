"""The parts of an event that are the same for every response, as pieces of JSON text. See `tracee`."""

import json
from collections.abc import Callable
from typing import Any, Final

from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import TRANSPORTS, Flow, Proxied
from httpresp_capture.records.grpc import Messages, is_grpc, message_of, messages_of, status_name, status_of
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import PROBLEMS, Problem
from httpresp_capture.records.tls import TLS_FIELDS, Tls
from httpresp_capture.tracee.jsontext import quoted, quoted_latin, text

# Looking a member up in its Enum class runs Python code before 3.12; these are read for every response.
UNANSWERED: Final = EndReason.UNANSWERED
_COMPLETE: Final = Completeness.COMPLETE
_CHUNKED: Final = Framing.CHUNKED
_NO_BODY: Final = Framing.NONE

_smooth: Final[dict[tuple[Framing, EndReason | None], str]] = {}
"""What `outcome` says where nothing was lost, wrong or doubtful, by all that it then depends on."""


def metadata_start(flow: Flow, *, from_client: bool) -> str:
    source, source_port, target, target_port = flow.server, flow.server_port, flow.client, flow.client_port
    if from_client:
        source, source_port, target, target_port = target, target_port, source, source_port
    return (
        f'{{"name":"metadata","type":"trace.PktMeta","value":{{"src_ip":{quoted(source)},"dst_ip":{quoted(target)}'
        f',"src_port":{source_port},"dst_port":{target_port},"protocol":{TRANSPORTS[flow.transport]},"packet_len":'
    )


def proxied_member(proxied: Proxied | None) -> str:
    """What a PROXY header or a SOCKS handshake said; null for most connections."""
    if proxied is None:
        return ',"proxied":null'
    return (
        f',"proxied":{{"protocol":{quoted(proxied.protocol)},"client":{quoted_latin(proxied.client)}'
        f',"client_port":{proxied.client_port},"server":{quoted_latin(proxied.server)}'
        f',"server_port":{proxied.server_port}}}'
    )


def tls_member(tls: Tls | None) -> str:
    """What the connection showed of its TLS; null for one in clear."""
    if tls is None:
        return ',"tls":null'
    return f',"tls":{{{",".join([f"{quoted(name)}:{_plain(getattr(tls, name))}" for name in TLS_FIELDS])}}}'


def _plain(value: str | int | bool | None) -> str:
    if isinstance(value, str):
        return quoted_latin(value)
    # Said by itself: compiled, a truth value among numbers is one of them.
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def content_length(response: Response) -> int:
    status = response.status
    if status < 200 or status in (204, 304):
        return 0 if status >= 100 or response.framing is _NO_BODY else response.declared
    return -1 if response.framing is _CHUNKED else response.declared


def timing_member(response: Response) -> str:
    """The moments, and the durations between them as `Response` has them: null where the clock was set back."""
    request = response.request
    at, first, ended = response.at, response.first_byte_at, response.ended_at
    handshake = "null" if response.flow.handshake_ns is None else f"{response.flow.handshake_ns}"
    started = sent = wait = duration = transfer = ended_at = "null"
    # A message of one packet has one time: the text of a number this long is worth making once.
    head_at = f"{at}"
    first_at = head_at if first == at else f"{first}"
    if ended is not None:
        ended_at = head_at if ended == at else f"{ended}"
        if response.head and ended >= first:
            transfer = f"{ended - first}"
    if request is not None:
        begun, done = request.first_byte_at, request.sent_at
        started = f"{begun}"
        sent = started if done == begun else f"{done}"
        if response.head and first >= done:
            wait = f"{first - done}"
        if ended is not None and ended >= begun:
            duration = f"{ended - begun}"
    return (
        f',"timing":{{"handshake_ns":{handshake},"request_first_byte_at":{started}'
        f',"request_sent_at":{sent},"first_byte_at":{first_at},"head_at":{head_at},"ended_at":{ended_at}'
        f',"first_byte_ns":{wait},"transfer_ns":{transfer},"duration_ns":{duration}}}'
    )


def grpc_member(response: Response) -> str:
    """What a gRPC call ended with, and how many messages went each way; nothing of another response."""
    if not is_grpc(response):
        return ""
    status = status_of(response)
    told = 'null,"name":null' if status is None else f'{status},"name":{quoted(status_name(status))}'
    request = response.request
    sent = "null" if request is None else _messages(messages_of(request))
    return (
        f',"grpc":{{"status":{told},"message":{quoted(message_of(response))},"sent":{sent}'
        f',"received":{_messages(messages_of(response))}}}'
    )


def _messages(messages: Messages) -> str:
    sizes = ",".join(map(str, messages.sizes))
    return f'{{"count":{messages.count},"sizes":[{sizes}],"whole":{boolean(messages.whole)}}}'


def boolean(value: bool) -> str:
    return "true" if value else "false"


def array(values: tuple[Any, ...], piece: Callable[[Any], str]) -> str:
    return f"[{','.join(map(piece, values))}]" if values else "[]"


def outcome(response: Response) -> str:
    """Members from the framing to the conflicts."""
    framing, end = response.framing, response.end
    if response.gaps or response.problems or response.conflicts or response.midstream:
        return (
            f'{_ending(response)},"gaps":{array(response.gaps, gap_json)}'
            f',"problems":{array(response.problems, problem_json)}'
            f',"conflicts":{array(response.conflicts, conflict_json)}'
        )
    made = _smooth.get((framing, end))
    if made is None:
        made = _smooth[framing, end] = f'{_ending(response)},"gaps":[],"problems":[],"conflicts":[]'
    return made


def _ending(response: Response) -> str:
    end = "null" if response.end is None else f'"{response.end}"'
    return f',"framing":"{response.framing}","end":{end},"completeness":"{response.completeness}"'


def gap_json(gap: Gap) -> str:
    return f'{{"offset":{gap.offset},"length":{gap.length},"snapped":{boolean(gap.snapped)}}}'


def problem_json(problem: Problem) -> str:
    title, reference = PROBLEMS[problem.name]
    return (
        f'{{"name":{quoted(problem.name)},"offset":{problem.offset},"title":{quoted(title)}'
        f',"reference":{quoted(reference)},"detail":{quoted(problem.detail)}}}'
    )


def conflict_json(conflict: Conflict) -> str:
    return (
        f'{{"offset":{conflict.offset},"length":{conflict.length},"first":{segment_json(conflict.first)}'
        f',"second":{segment_json(conflict.second)}}}'
    )


def segment_json(segment: Segment) -> str:
    return f'{{"hex":"{segment.data.hex()}","at":{segment.at},"ttl":{segment.ttl},"ip_id":{segment.ip_id}}}'


def decoded_size(response: Response, codings: list[str]) -> str:
    """Size of the body without the codings that these fields name; null where that is not known."""
    if codings == ["chunked"]:
        return f"{response.body_bytes}"
    if len(response.body) != response.body_bytes or response.completeness is not _COMPLETE:
        return "null"
    from httpresp_capture.content.representation import decoded  # Loaded where a body is coded.

    plain = decoded(response, whole=True)
    return f"{len(plain.data)}" if plain.complete and not plain.problem else "null"


def texts_of(headers: Headers) -> list[tuple[str, str]]:
    """Headers with their Latin-1 texts read as UTF-8 where they are."""
    return [(_as_text(name), _as_text(value)) for name, value in headers]


def _as_text(latin: str) -> str:
    return latin if latin.isascii() else text(latin.encode("latin-1"))


def dumped(value: Any, indent: int | None = None, separators: tuple[str, str] = (",", ":")) -> str:
    """JSON of Python values; DEL is escaped too."""
    return json.dumps(value, indent=indent, separators=separators).replace("\x7f", "\\u007f")
