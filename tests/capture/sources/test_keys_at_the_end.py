"""Keys of which the last line has no end when a capture is over, and keys that never come."""

import ssl
import threading
import time
from pathlib import Path

import pytest

from file_rows import rows_of
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.several import SeveralFiles
from httpresp_capture.sources.key_log import KeyLogFile
from httpresp_capture.sources.live import capture_loop
from httpresp_capture.sources.live.capture_loop import Draining
from listened import Given
from traffic.captures import pcap
from traffic.tls import Conversation

AGO = 60_000_000_000
"""Nanoseconds since the connection."""
LONG = 3_600_000_000_000
V12 = ssl.TLSVersion.TLSv1_2


def talk() -> Conversation:
    """Of one secret, in one line."""
    made = Conversation(V12)
    made.ask(b"GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    return made.close()


def written(folder: Path, made: Conversation) -> tuple[Path, Path]:
    """A capture, and its key log."""
    capture, keys = folder / "a.pcap", folder / "keys"
    capture.write_bytes(pcap(made.frames(), 1))
    keys.write_bytes(made.keys.rstrip(b"\n"))
    return capture, keys


def last_of(events: list[CaptureEvent]) -> dict[int, Response]:
    return {event.response.id: event.response for event in events if isinstance(event, ResponseSeen | ResponseChanged)}


def test_of_a_file(tmp_path: Path) -> None:
    assert [row.status for row in rows_of(*written(tmp_path, talk()))] == [200]


def test_of_several_files(tmp_path: Path) -> None:
    capture, keys = written(tmp_path, talk())
    other = tmp_path / "b.pcap"
    other.write_bytes(pcap([], 1))
    source = SeveralFiles.open([str(capture), str(other)], Limits())
    source.read_keys(str(keys))
    events: list[CaptureEvent] = []
    source.run(events.extend)
    assert [row.status for row in last_of(events).values()] == [200]


def listening(made: Conversation, keys: Path, events: list[CaptureEvent]) -> tuple[Draining, Given]:
    pipeline = Pipeline()
    pipeline.expect_secrets()
    tap = Given(made.frames(start=time.time_ns() - AGO))
    capture = Draining([tap], pipeline, events.extend, threading.Event())
    capture.keys = KeyLogFile(str(keys), clock=lambda: 0.0)
    return capture, tap


def test_of_an_interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_loop, "SECRETS_COME", LONG)
    made = talk()
    _, keys = written(tmp_path, made)
    events: list[CaptureEvent] = []
    capture, tap = listening(made, keys, events)
    assert capture.drain(tap)
    assert last_of(events) == {}
    capture.finish()
    assert [row.status for row in last_of(events).values()] == [200]


@pytest.mark.parametrize("patience", [capture_loop.SECRETS_COME, LONG])
def test_keys_that_never_come_are_waited_for_a_while_after_the_end_of_their_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    monkeypatch.setattr(capture_loop, "SECRETS_COME", patience)
    monkeypatch.setattr(capture_loop, "STATUS_EVERY", 0.0)
    events: list[CaptureEvent] = []
    capture, tap = listening(talk(), tmp_path / "none", events)
    for _ in range(2):
        assert capture.drain(tap)
    rows = list(last_of(events).values())
    assert [row.end is not None for row in rows if row.encrypted is not None] == [True] * (patience < AGO)
