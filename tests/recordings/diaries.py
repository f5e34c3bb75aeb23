"""Events of a capture and the diary of its clients in the same shape: for each connection, what came back, in order."""

from typing import Any

from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response

Connection = tuple[str, int]
"""The client's address and port."""
Seen = dict[str, Any]


def responses(events: list[CaptureEvent]) -> list[Response]:
    """The last word on each, in the order of their numbers."""
    latest: dict[int, Response] = {}
    for event in events:
        if isinstance(event, ResponseSeen | ResponseChanged):
            latest[event.response.id] = event.response
    return [latest[number] for number in sorted(latest)]


def expected(diary: list[Seen]) -> dict[Connection, list[Seen]]:
    """What the clients wrote down."""
    connections: dict[Connection, list[Seen]] = {}
    for entry in diary:
        rest = {name: value for name, value in entry.items() if name not in ("client", "port")}
        connections.setdefault((entry["client"], entry["port"]), []).append(rest)
    return connections


def shown(found: list[Response]) -> dict[Connection, list[Seen]]:
    """What the capture shows, of responses that have a request."""
    connections: dict[Connection, list[Seen]] = {}
    for response in sorted(found, key=lambda response: response.stream):
        if response.request is None or response.unanswered:
            continue
        connections.setdefault((response.flow.client, response.flow.client_port), []).append(
            {
                "method": response.request.method,
                "target": response.request.target,
                "status": response.status,
                "reason": response.reason,
                "headers": [list(field) for field in response.headers],
                "body_length": response.body_bytes + response.missing_bytes,
            }
        )
    return connections
