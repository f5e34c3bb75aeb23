"""Packets of a live capture are written from the moment on at which that is asked for, until it is not any more."""

import os
import stat
import threading
from collections import deque
from pathlib import Path

from capture_bytes import Recorder as Kept
from exchanges import frames_of, ok
from httpresp_capture.bpf import filter_for_rules
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, CaptureFailed
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.demo import DemoSource
from httpresp_capture.sources.file.pcapng import PcapngReader
from httpresp_capture.sources.live.capture_loop import Draining
from httpresp_capture.sources.live.source import LiveSource
from listened import Given
from traffic.values import Frame


def read(path: Path) -> list[bytes]:
    kept = Kept()
    reader = PcapngReader(kept.feed)
    reader.push(path.read_bytes())
    reader.end()
    assert reader.trouble == ""
    return kept.frames


class Capture:
    """A capture to which frames come when a test says so."""

    def __init__(self) -> None:
        self.orders: deque[Path | None] = deque()
        self.events: list[CaptureEvent] = []
        self.tap = Given([])
        self.loop = Draining([self.tap], Pipeline(), self.events.extend, threading.Event(), self.orders)

    def come(self, frames: list[Frame]) -> None:
        self.tap = Given(frames)
        assert self.loop.drain(self.tap)

    @property
    def failures(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, CaptureFailed)]


def test_what_comes_between_is_written_and_no_other(tmp_path: Path) -> None:
    capture, frames = Capture(), frames_of(ok(body=b"hello"))
    first, second = tmp_path / "a.pcapng", tmp_path / "b.pcapng"
    capture.come(frames[:1])
    capture.orders.append(first)
    capture.come(frames[1:3])
    capture.orders.append(second)
    capture.come(frames[3:4])
    capture.orders.append(None)
    capture.come(frames[4:])
    capture.loop.finish()
    assert read(first) == [frame.data for frame in frames[1:3]]
    assert read(second) == [frames[3].data]
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert capture.failures == []


def test_a_file_that_is_there_stays_and_the_capture_goes_on(tmp_path: Path) -> None:
    capture, frames = Capture(), frames_of(ok(body=b"hello"))
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"old")
    capture.orders.append(path)
    capture.come(frames)
    capture.orders.append(tmp_path / "no" / "b.pcapng")
    capture.come([])
    capture.loop.finish()
    assert path.read_bytes() == b"old"
    assert [words.rpartition(": ")[2] for words in capture.failures] == [
        "a file of this name is there.",
        "No such file or directory.",
    ]


def test_a_source_says_which_file_it_writes() -> None:
    source = LiveSource([], filter_for_rules(), Pipeline())
    assert source.recording == ""
    assert source.record("a.pcapng") == ""
    assert source.recording == "a.pcapng"
    assert source.record("") == ""
    assert source.recording == ""


def test_what_is_read_from_a_file_is_not_recorded_again() -> None:
    assert "e writes the packets" in DemoSource(Limits()).record(os.devnull)
