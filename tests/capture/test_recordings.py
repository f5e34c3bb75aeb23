"""Captures of real servers against what their clients saw, which no parser of ours had a hand in."""

import json
from pathlib import Path

import pytest

from httpresp_capture.records.events import CaptureEvent, CaptureFailed
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from recordings import diaries

CAPTURES = Path(__file__).parents[1] / "recordings/captures"
NGINX = "198.51.100.10"


@pytest.mark.parametrize("name", ["nginx.pcap.gz", "python.pcapng.gz", "node.pcapng.gz"])
def test_each_connection_shows_exactly_what_its_client_saw(name: str) -> None:
    events: list[CaptureEvent] = []
    FileSource.open(str(CAPTURES / name), Limits()).run(events.extend)
    found = diaries.responses(events)
    # nginx asks the server behind it; nobody kept a diary there.
    shown = diaries.shown([response for response in found if response.flow.client != NGINX])
    diary = json.loads((CAPTURES / f"{name.partition('.')[0]}.expected.json").read_text())
    assert shown == diaries.expected(diary)
    assert len(shown) >= 3
    assert not [response for response in found if response.gaps or response.request is None]
    assert not [event for event in events if isinstance(event, CaptureFailed)]
