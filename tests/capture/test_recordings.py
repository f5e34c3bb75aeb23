"""Captures of real servers against what their clients saw, which no parser of ours had a hand in."""

import json
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.events import CaptureEvent, CaptureFailed, Response, ResponseChanged, ResponseSeen
from httpresp_capture.limits import Limits
from httpresp_capture.sources.files import FileSource

CAPTURES = Path(__file__).parents[1] / "recordings/captures"
Connection = tuple[str, int]


def read(path: Path) -> list[Response]:
    events: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(events.extend)
    assert not [event for event in events if isinstance(event, CaptureFailed)]
    latest: dict[int, Response] = {}
    for event in events:
        if isinstance(event, ResponseSeen | ResponseChanged):
            latest[event.response.id] = event.response
    return sorted(latest.values(), key=lambda response: response.stream)


@pytest.mark.parametrize("name", ["nginx.pcap.gz", "python.pcapng.gz", "node.pcapng.gz"])
def test_each_connection_shows_exactly_what_its_client_saw(name: str) -> None:
    expected: dict[Connection, list[dict[str, Any]]] = {}
    for seen in json.loads((CAPTURES / f"{name.partition('.')[0]}.expected.json").read_text()):
        expected.setdefault((seen.pop("client"), seen.pop("port")), []).append(seen)
    shown: dict[Connection, list[dict[str, Any]]] = {}
    for response in read(CAPTURES / name):
        assert response.request is not None
        if response.flow.client == "198.51.100.10":
            # nginx asking the server behind it: nobody kept a diary there.
            continue
        shown.setdefault((response.flow.client, response.flow.client_port), []).append(
            {
                "method": response.request.method,
                "target": response.request.target,
                "status": response.status,
                "reason": response.reason,
                "headers": [list(field) for field in response.headers],
                "body_length": response.body_bytes,
            }
        )
    assert shown == expected
    assert len(expected) >= 3
