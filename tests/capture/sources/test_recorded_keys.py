"""`-w --write-keys`: the secrets that opened something stand in the file, and those of nobody else."""

import shutil
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from httpresp_capture import responses
from httpresp_capture.bpf import filter_for_rules
from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus
from httpresp_capture.sources.key_log import KeyLogFile
from httpresp_capture.sources.live.capture_loop import Draining
from httpresp_capture.sources.live.recorder import Recorder
from httpresp_capture.sources.live.source import LiveSource
from key_bytes import told_of
from listened import ETHERNET, Given
from traffic.tls import Conversation


def talk(version: ssl.TLSVersion) -> Conversation:
    made = Conversation(version)
    made.ask(b"GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    return made.close()


def recorded(path: Path, made: Conversation, keys: bytes, *, write_keys: bool, late: bool = False) -> bytes:
    pipeline = Pipeline()
    log = path.with_suffix(".keys")
    log.write_bytes(keys)
    source = LiveSource([], filter_for_rules(), pipeline, path, write_keys=write_keys)
    source.read_keys(str(log))
    capture = Draining([tap := Given(made.frames(start=time.time_ns()))], pipeline, lambda _: None, threading.Event())
    capture.recorder = Recorder(path, with_secrets=write_keys)
    if not late:
        pipeline.add_secrets(keys)
    assert capture.drain(tap)
    if late:
        pipeline.add_secrets(keys)
    capture.finish()
    return path.read_bytes()


def test_a_named_key_log_that_is_none_is_said_while_the_capture_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.write_bytes(b"these are words\n")
    batches: list[list[CaptureEvent]] = []
    made = talk(ssl.TLSVersion.TLSv1_3)
    capture = Draining([tap := Given(made.frames(start=time.time_ns()))], Pipeline(), batches.append, threading.Event())
    capture.keys = KeyLogFile(str(log), named=True)
    assert capture.drain(tap)
    assert [event for event in batches[0] if isinstance(event, CaptureFailed)]
    capture.finish()
    events = [event for batch in batches for event in batch]
    assert sum(isinstance(event, CaptureFailed) for event in events) == 1
    last = events[-1]
    assert isinstance(last, CaptureStatus)
    assert last.counters.flows == 1


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_whoever_opens_the_file_reads_what_was_read(tmp_path: Path, version: ssl.TLSVersion, late: bool) -> None:
    made, other = talk(version), talk(version)
    path = tmp_path / "kept.pcapng"
    data = recorded(path, made, other.keys + made.keys, write_keys=True, late=late)
    assert [row.status for row in responses(str(path)) if row.is_response] == [200]
    secrets = [line.split()[2] for line in other.keys.splitlines() if not line.startswith(b"#")]
    assert secrets
    assert not any(secret in data for secret in secrets)
    exporter = [line for line in made.keys.splitlines() if line.startswith(b"EXPORTER")]
    assert not any(line.split()[2] in data for line in exporter)


def test_secrets_that_come_late_stand_before_the_packets_all_the_same(tmp_path: Path) -> None:
    made = talk(ssl.TLSVersion.TLSv1_3)
    data = recorded(tmp_path / "kept.pcapng", made, made.keys, write_keys=True, late=True)
    assert data.find(b"CLIENT_TRAFFIC_SECRET_0") < data.find(made.frames()[3].data[-40:])


def test_what_is_held_back_for_secrets_is_bounded_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "kept.pcapng"
    recorder = Recorder(path, with_secrets=True)
    empty = path.stat().st_size

    def write(number: int, size: int) -> None:
        recorder.write(number, bytes([number]) * size, 0, size, size, ETHERNET, ())

    write(1, 100)
    recorder.flush()
    held = path.stat().st_size
    write(2, 100)
    recorder.flush()
    assert path.stat().st_size > held >= empty
    for number in range(3, 80):
        write(number, 200_000)
    assert path.stat().st_size > 7 << 20
    recorder.secrets(b"# late\n")
    recorder.close()
    recorder.close()
    data = path.read_bytes()
    places = [data.find(bytes([number]) * 100) for number in range(1, 80)]
    assert places == sorted(places)
    assert places[0] > 0


def test_without_being_asked_no_secret_is_written(tmp_path: Path) -> None:
    made = talk(ssl.TLSVersion.TLSv1_3)
    path = tmp_path / "kept.pcapng"
    data = recorded(path, made, made.keys, write_keys=False)
    assert told_of(made.keys, data) == []
    assert told_of(made.keys, recorded(tmp_path / "asked.pcapng", made, made.keys, write_keys=True))
    (row,) = responses(str(path))
    assert row.encrypted is not None


def test_each_secret_stands_there_once(tmp_path: Path) -> None:
    made = talk(ssl.TLSVersion.TLSv1_3)
    data = recorded(tmp_path / "kept.pcapng", made, made.keys, write_keys=True)
    for line in made.keys.splitlines():
        if line.startswith(b"CLIENT_TRAFFIC_SECRET_0"):
            assert data.count(line) == 1


def test_a_block_that_comes_between_both_hellos_is_in_time(tmp_path: Path) -> None:
    made = talk(ssl.TLSVersion.TLSv1_3)
    pipeline = Pipeline()
    for number, frame in enumerate(made.frames()):
        if number == 4:  # The client's hello was the third.
            pipeline.add_secrets(made.keys)
        pipeline.feed(frame.at, frame.data, 0, len(frame.data), frame.wire_length, ETHERNET)
    pipeline.finish()
    assert pipeline.sink.responses == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tshark_reads_it_too(tmp_path: Path, version: ssl.TLSVersion, late: bool) -> None:
    path = tmp_path / "kept.pcapng"
    recorded(path, made := talk(version), made.keys, write_keys=True, late=late)
    asked = ["tshark", "-r", str(path), "-Y", "http.response", "-T", "fields", "-e", "http.response.code"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "200\n"
