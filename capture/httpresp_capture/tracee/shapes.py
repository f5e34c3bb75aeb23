"""The same facts in three shapes: Tracee's released event, that of its unreleased `main`, and ours.

Released: `eventName`, and `args` of {name, type, value}. Main: `name`, and `data` of {name, …}, where headers are lists
inside an object, numbers may be texts, and what is zero is left out. Ours is the released one with `httpresp` beside.
"""

from datetime import UTC, datetime

from httpresp_capture.records import record
from httpresp_capture.tracee.values import MOST, Object, list_in, member, number_in, object_in, text_in

RESPONSE = "net_packet_http_response"
REQUEST = "net_packet_http_request"


@record
class Told:
    """What one event says."""

    at: int
    """ns."""
    source: str
    source_port: int
    target: str
    target_port: int
    packet_len: int
    interface: str
    status: str
    """`404 Not Found`."""
    status_code: int
    protocol: str
    headers: tuple[tuple[str, str], ...]
    content_length: int
    ours: Object
    """The object `httpresp`; empty in a line of Tracee."""
    answered: bool = True
    """False for one of our lines that tells of a request without response."""


def told(event: object) -> Told | None:
    """What an event says; None for an event of another kind. `ValueError` for one that lacks what it must have."""
    if not isinstance(event, dict):
        raise ValueError("is no JSON object")
    ours = object_in(event, "httpresp")
    name = member(event, "eventName")
    released = isinstance(name, str)
    if not released:
        name = member(event, "name")
        if not isinstance(name, str):
            raise ValueError("has no eventName and no name, so it is no event of Tracee")
    # A request alone is a row of ours only where we had waited for its response in vain.
    if name != RESPONSE and not (name == REQUEST and ours):
        return None
    find = _released if released else _unreleased
    metadata, http = find(event)
    if metadata is None or http is None:
        raise ValueError(f"is a {name} without its metadata, or without its http part")
    at = _time(member(event, "timestamp"))
    if at is None:
        raise ValueError("has no timestamp that can be read")
    return Told(
        at=at,
        source=text_in(metadata, "src_ip")[:100],
        source_port=number_in(metadata, "src_port") & 0xFFFF,
        target=text_in(metadata, "dst_ip")[:100],
        target_port=number_in(metadata, "dst_port") & 0xFFFF,
        packet_len=number_in(metadata, "packet_len"),
        interface=text_in(metadata, "iface")[:100],
        status=text_in(http, "status"),
        status_code=number_in(http, "status_code"),
        protocol=text_in(http, "protocol"),
        headers=_headers(member(http, "headers")),
        content_length=number_in(http, "content_length", 0, -1),
        ours=ours,
        answered=name == RESPONSE,
    )


def _released(event: Object) -> tuple[Object | None, Object | None]:
    values = {text_in(each, "name"): member(each, "value") for each in list_in(event, "args")}
    return _object(values.get("metadata")), _object(values.get("http_response", values.get("http_request")))


def _unreleased(event: Object) -> tuple[Object | None, Object | None]:
    parts = {text_in(each, "name"): each for each in list_in(event, "data")}
    return (
        _object(member(parts.get("metadata"), "packet_metadata")),
        _object(member(parts.get("http_response"), "http_response")),
    )


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
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= MOST else None
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
