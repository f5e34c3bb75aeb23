"""The part of the demo that is encrypted or framed: what its clients saw is shown, and no more."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.records import grpc
from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.demo import DemoSource
from recordings import diaries

TRUTH: dict[str, Any] = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "recordings/captures/secured.expected.json.gz").read_bytes())
)


@pytest.fixture(scope="module")
def shown() -> list[Response]:
    events: list[CaptureEvent] = []
    DemoSource(Limits(), 0).run(events.extend)
    return diaries.responses(events)


def in_any_order(seen: list[diaries.Seen]) -> list[str]:
    """Streams of one connection may end in any order, and HTTP/2 has field names in small letters and no reason."""
    return sorted(
        json.dumps({**one, "reason": "", "headers": [[name.lower(), value] for name, value in one["headers"]]})
        for one in seen
    )


def test_every_response_that_a_client_saw_in_tls_is_shown_as_it_saw_it(shown: list[Response]) -> None:
    found = diaries.shown(shown)
    expected = diaries.expected(TRUTH["responses"])
    assert len(expected) == 6
    for connection, seen in expected.items():
        assert in_any_order(found[connection]) == in_any_order(seen)
    inside = {(row.flow.client, row.flow.client_port) for row in shown if row.flow.tls and row.request}
    assert len(inside - expected.keys()) == 1, "besides them only the WebSocket is in TLS that is read"


def test_the_calls_of_grpc_ended_as_their_client_says(shown: list[Response]) -> None:
    ends: Counter[tuple[int, str]] = Counter()
    for row in shown:
        if grpc.is_grpc(row) and row.request is not None:
            several = row.request.target.endswith("/Watch")
            ends[grpc.status_of(row) or 0, str(grpc.messages_of(row).count) if several else grpc.message_of(row)] += 1
    told = [line.split(" ", 2)[1:] for line in TRUTH["calls"]]
    assert ends == Counter((int(status), message) for status, message in told)
    assert len(told) == 18


def test_the_websocket_said_what_its_client_read(shown: list[Response]) -> None:
    row = next(row for row in shown if row.websocket is not None and row.flow.tls)
    assert row.websocket is not None
    assert row.websocket.server.texts == row.websocket.client.texts == len(TRUTH["prices"]) == 6
    assert (row.websocket.server.close_code, row.websocket.compressed) == (1000, True)
    said = [each.preview.decode() for each in row.websocket.messages if not each.from_client]
    assert said == [price[: len(text)] for price, text in zip(TRUTH["prices"], said, strict=True)]
    assert all(said)


def test_what_has_no_key_is_a_row_by_its_name(shown: list[Response]) -> None:
    rows = [row for row in shown if row.encrypted is not None]
    names = Counter((row.flow.transport, row.flow.tls.version if row.flow.tls else "") for row in rows)
    assert names == {("TCP", "TLS 1.3"): 4, ("TCP", "TLS 1.2"): 1, ("TCP", "TLS 1.0"): 1, ("UDP", "QUIC v1"): 1}
