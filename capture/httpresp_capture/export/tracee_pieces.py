"""The parts of an event that are the same for every response, as pieces of JSON text. See `tracee`."""

import json
from collections.abc import Callable
from typing import Any

from httpresp_capture import bodies
from httpresp_capture.events import Completeness, Conflict, EndReason, Framing, Gap, Response, Segment
from httpresp_capture.export.jsontext import Field, quoted, text
from httpresp_capture.headers import Headers
from httpresp_capture.problems import PROBLEMS, Problem


def metadata_start(source: str, source_port: int, target: str, target_port: int) -> str:
    return (
        f'{{"name":"metadata","type":"trace.PktMeta","value":{{"src_ip":{quoted(source)},"dst_ip":{quoted(target)}'
        f',"src_port":{source_port},"dst_port":{target_port},"protocol":6,"packet_len":'
    )


def content_length(response: Response) -> int:
    status = response.status
    if status < 200 or status in (204, 304):
        return 0 if status >= 100 or response.framing is Framing.NONE else response.declared
    return -1 if response.framing is Framing.CHUNKED else response.declared


def timing_member(response: Response) -> str:
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


def boolean(value: bool) -> str:
    return "true" if value else "false"


def array(values: tuple[Any, ...], piece: Callable[[Any], str]) -> str:
    return f"[{','.join(map(piece, values))}]" if values else "[]"


def end_json(reason: EndReason | None) -> str:
    return "null" if reason is None else f'"{reason}"'


def completeness_of(response: Response) -> Completeness:
    if response.end is EndReason.LENGTH and not (response.gaps or response.midstream or response.problems):
        return Completeness.COMPLETE
    return response.completeness


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


def decoded_size(response: Response, fields: list[Field]) -> int | str:
    """Size of the body without its content coding; null where that is not known."""
    codings = [each[2][1:-1] for each in fields if each[0] == "content-encoding"]
    if len(response.body) != response.body_bytes or completeness_of(response) != "complete":
        return "null"
    decoded = bodies.decode(response.body, ",".join(codings))
    return len(decoded.data) if decoded.complete and not decoded.problem else "null"


def texts_of(headers: Headers) -> list[tuple[str, str]]:
    """Headers with their Latin-1 texts read as UTF-8 where they are."""
    return [(_as_text(name), _as_text(value)) for name, value in headers]


def _as_text(latin: str) -> str:
    return latin if latin.isascii() else text(latin.encode("latin-1"))


def dumped(value: Any, indent: int | None = None, separators: tuple[str, str] = (",", ":")) -> str:
    """JSON of Python values; DEL is escaped too."""
    return json.dumps(value, indent=indent, separators=separators).replace("\x7f", "\\u007f")
