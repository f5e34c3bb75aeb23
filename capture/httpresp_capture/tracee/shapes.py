"""The same facts in three shapes: Tracee's released event, that of its unreleased `main`, and ours.

Released: `eventName`, and `args` of {name, type, value}. Main: `name`, and `data` of {name, …}, where headers are lists
inside an object, numbers may be texts, and what is zero is left out. Ours is the released one with `httpresp` beside.

Three events tell of HTTP: that of a request, that of a response, and the one which both are made from, whose
`direction` says which it is.
"""

from datetime import UTC, datetime

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.record import record
from httpresp_capture.records.workload import Workload
from httpresp_capture.tracee import encrypted
from httpresp_capture.tracee.envelope import Workloads
from httpresp_capture.tracee.golang import version
from httpresp_capture.tracee.values import (
    MOST,
    Object,
    flag_in,
    list_in,
    member,
    number,
    number_in,
    object_in,
    text,
    text_in,
)

OPEN = "progress"
"""Stands for the name of an event: a line of a response that was still open, whose last line follows."""
RESPONSE = "net_packet_http_response"
REQUEST = "net_packet_http_request"
EITHER = "net_packet_http"
PARTS = {RESPONSE: "http_response", REQUEST: "http_request", EITHER: "proto_http", encrypted.EVENT: encrypted.PART}
"""Event: what the part is called that tells of the message."""
LOOPBACK = ("127.", "::1", "::ffff:127.")
LONGEST_NAME = 100
"""Characters of an address, or of the name of an interface or an event."""


@record
class Event:
    """What one event says."""

    at: int
    """ns."""
    source: str
    source_port: int
    target: str
    target_port: int
    transport: int
    """Number of the transport protocol; 0 where that is not told."""
    packet_len: int
    interface: str
    status: str
    """`404 Not Found`."""
    status_code: int
    protocol: str
    method: str
    """Of a request, as what follows."""
    host: str
    path: str
    headers: tuple[tuple[str, str], ...]
    content_length: int
    workload: Workload | None
    ours: Object
    """The object `httpresp`; empty in a line of Tracee."""
    answered: bool = True
    """False for an event that tells of a request alone."""
    encrypted: Encrypted | None = None
    """Of a connection that is not read."""

    @property
    def network(self) -> str:
        """What tells apart connections of equal addresses: each pod, or container, has a loopback of its own."""
        who = self.workload
        if who is None or not (self.source.startswith(LOOPBACK) and self.target.startswith(LOOPBACK)):
            return ""
        return who.pod or who.container_id


def read_event(event: object, workloads: Workloads) -> Event | str:
    """What an event says; the name of an event of another kind. `ValueError` for one that lacks what it must have."""
    if not isinstance(event, dict):
        raise ValueError("is no JSON object")
    ours = object_in(event, "httpresp")
    name = member(event, "eventName")
    released = isinstance(name, str)
    if not released:
        name = member(event, "name")
        if not isinstance(name, str):
            raise ValueError("has no eventName and no name, so it is no event of Tracee")
    if flag_in(ours, "progress"):
        return OPEN
    part = PARTS.get(name)
    if part is None:
        return text(name)[:LONGEST_NAME]
    metadata, http = _released(event, part) if released else _main(event, part)
    if metadata is None or http is None:
        raise ValueError(f"is a {name} without its metadata, or without its http part")
    at = _time(member(event, "timestamp"))
    if at is None:
        raise ValueError("has no timestamp that can be read")
    of_encrypted = name == encrypted.EVENT
    answered = of_encrypted or name == RESPONSE or (name == EITHER and text_in(http, "direction") != "request")
    return Event(
        at=at,
        source=text_in(metadata, "src_ip")[:LONGEST_NAME],
        source_port=number_in(metadata, "src_port", most=0xFFFF),
        target=text_in(metadata, "dst_ip")[:LONGEST_NAME],
        target_port=number_in(metadata, "dst_port", most=0xFFFF),
        transport=number_in(metadata, "protocol", most=0xFF),
        packet_len=number_in(metadata, "packet_len"),
        interface=text_in(metadata, "iface")[:LONGEST_NAME],
        status=text_in(http, "status"),
        status_code=number_in(http, "status_code", most=999),
        protocol=version(text_in(http, "protocol")),
        method=text_in(http, "method"),
        host=text_in(http, "host"),
        path=text_in(http, "uri_path"),
        headers=_headers(member(http, "headers")),
        content_length=number_in(http, "content_length", 0, -1),
        workload=workloads.released(event) if released else workloads.main(event),
        ours=ours,
        answered=answered,
        encrypted=encrypted.encrypted_in(http) if of_encrypted else None,
    )


def _released(event: Object, part: str) -> tuple[Object | None, Object | None]:
    values = {text_in(each, "name"): member(each, "value") for each in list_in(event, "args")}
    return _object(values.get("metadata")), _object(values.get(part))


def _main(event: Object, part: str) -> tuple[Object | None, Object | None]:
    parts = {text_in(each, "name"): each for each in list_in(event, "data")}
    return _object(member(parts.get("metadata"), "packet_metadata")), _object(member(parts.get(part), part))


def _object(value: object) -> Object | None:
    return value if isinstance(value, dict) else None


def _headers(headers: object) -> tuple[tuple[str, str], ...]:
    """One entry a value. A value is a list, or on `main` an object that holds one."""
    if not isinstance(headers, dict):
        return ()
    found: list[tuple[str, str]] = []
    for name, values in headers.items():
        values = member(values, "header") if isinstance(values, dict) else values
        found.extend(
            (str(name), value) for value in (values if isinstance(values, list) else ()) if isinstance(value, str)
        )
    return tuple(found)


def _time(value: object) -> int | None:
    """Nanoseconds since the epoch: a number, or RFC 3339 with up to nine places."""
    if isinstance(value, int):
        return number(value)
    if not isinstance(value, str) or len(value) > 40:
        return None
    day, dot, rest = value.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    zone = rest[len(digits) :]
    try:
        moment = datetime.fromisoformat((day + zone if dot else day).replace("Z", "+00:00"))
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        at = int(moment.timestamp()) * 1_000_000_000 + int(digits[:9].ljust(9, "0") if digits else 0)
    except (ValueError, OverflowError):
        return None
    return at if 0 <= at <= MOST else None
