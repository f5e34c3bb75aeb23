"""Capture files and standard input as a source: what is refused, what is cut, what is said, and that all of it ends."""

import bz2
import gzip
import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture_bytes import (
    NS,
    SECOND,
    Recorder,
    ended_flow,
    enhanced,
    interface,
    pcap_header,
    pcap_packet,
    section,
    statistics,
)
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Source
from httpresp_capture.sources.file import bytes_in
from httpresp_capture.sources.file.gzipped import PIECE, Gunzip
from httpresp_capture.sources.file.source import FileSource
from traffic.captures import Recipe, make_capture, pcap
from traffic.frames import ETHERNET, Route

PCAP = pcap_header() + pcap_packet(1, b"first") + pcap_packet(2, b"second")
PCAPNG = section() + interface() + enhanced(1, b"first") + statistics(0, lost_by_interface=7)


class Sink:
    """Keeps what is emitted."""

    def __init__(self) -> None:
        self.events: list[CaptureEvent] = []

    def emit(self, events: list[CaptureEvent]) -> None:
        self.events += events

    @property
    def failures(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, CaptureFailed)]

    @property
    def last(self) -> CaptureStatus:
        last = self.events[-1]
        assert isinstance(last, CaptureStatus)
        return last


def run(path: Path | str, recorder: Recorder | None = None) -> tuple[Recorder, Sink]:
    recorder = recorder or Recorder()
    source: Source = FileSource.open(str(path), Limits(), recorder)
    sink = Sink()
    source.run(sink.emit)
    assert [event.ended for event in sink.events if isinstance(event, CaptureStatus)][-1:] == [True]
    return recorder, sink


def saved(folder: Path, data: bytes, name: str = "f.pcap") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refused(path: Path | str) -> str:
    with pytest.raises(CaptureError) as caught:
        FileSource.open(str(path), Limits(), Recorder())
    return str(caught.value)


# --- what is read


@pytest.mark.parametrize("name", ["f.pcap", "f.pcap.gz"])
def test_a_file_is_read_to_its_end_and_the_last_event_says_so(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, gzip.compress(PCAP) if name.endswith("gz") else PCAP, name)
    recorder, sink = run(path)
    assert recorder.frames == [b"first", b"second"]
    assert recorder.finished == 1
    assert sink.failures == []
    assert sink.last == CaptureStatus(recorder.counters(), SECOND * NS + 2_000, 1.0, ended=True)


def test_a_source_is_named_after_its_file_and_is_not_live(tmp_path: Path) -> None:
    source = FileSource.open(str(saved(tmp_path, PCAP)), Limits(), Recorder())
    assert (source.label, source.live) == ("f.pcap", False)
    source.close()


def test_a_capture_without_packets_is_no_failure(tmp_path: Path) -> None:
    recorder, sink = run(saved(tmp_path, pcap_header()))
    assert recorder.frames == []
    assert sink.failures == []


def test_what_the_recorder_lost_stands_in_the_counters(tmp_path: Path) -> None:
    recorder, sink = run(saved(tmp_path, PCAPNG))
    assert recorder.packets == [(1_000, b"first", 5, Interface(0, "", 1))]
    assert sink.last.counters.interface_drops == 7


def test_a_file_larger_than_a_chunk_reports_how_far_it_is_and_hands_events_over_as_it_goes(tmp_path: Path) -> None:
    class Chatty(Recorder):
        def take(self) -> list[CaptureEvent]:
            return [ended_flow()]

    frame = bytes(1_000)
    path = saved(tmp_path, pcap_header() + b"".join(pcap_packet(n, frame) for n in range(1_500)))
    sizes: list[int] = []
    recorder = Chatty()
    source = FileSource.open(str(path), Limits(), recorder)
    sink = Sink()

    def emit(events: list[CaptureEvent]) -> None:
        sizes.append(len(recorder.packets))
        sink.emit(events)

    source.run(emit)
    assert sizes[-1] == 1_500
    assert len(sizes) > 5
    assert sizes == sorted(sizes)
    fractions = [event.fraction for event in sink.events if isinstance(event, CaptureStatus)]
    assert fractions[0] is not None
    assert 0 < fractions[0] < 1
    assert fractions[-1] == 1.0


def test_gzip_of_several_members_padded_with_zeros_is_one_file(tmp_path: Path) -> None:
    data = gzip.compress(PCAP[:50]) + gzip.compress(b"") + bytes(9) + gzip.compress(PCAP[50:]) + bytes(512)
    recorder, sink = run(saved(tmp_path, data))
    assert recorder.frames == [b"first", b"second"]
    assert sink.failures == []


# --- what is cut


def test_a_file_cut_anywhere_is_shown_up_to_there(tmp_path: Path) -> None:
    for cut in range(24, len(PCAP)):
        recorder, sink = run(saved(tmp_path, PCAP[:cut]))
        assert len(recorder.frames) == (1 if cut >= 45 else 0)
        assert recorder.finished == 1
        assert len(sink.failures) == (cut not in (24, 45))


def test_the_cut_is_said_with_its_place_and_what_was_read(tmp_path: Path) -> None:
    path = saved(tmp_path, PCAP[:-1])
    _, sink = run(path)
    assert sink.failures == [f"{path} ends in the middle of a packet at byte 66; 1 packet before it was read"]
    path = saved(tmp_path, PCAP + PCAP[24:] + b"\0")
    _, sink = run(path)
    assert sink.failures == [f"{path} ends in the middle of a packet at byte 111; 4 packets before it were read"]
    path = saved(tmp_path, PCAP[:10])
    _, sink = run(path)
    assert sink.failures == [f"{path} ends in the middle of its file header at byte 10; no packet before it was read"]


def test_damage_is_said_with_its_place(tmp_path: Path) -> None:
    path = saved(tmp_path, PCAP + b"\xff" * 40)
    recorder, sink = run(path)
    assert recorder.frames == [b"first", b"second"]
    assert sink.failures == [
        f"{path} is broken at byte 67: a packet of 4294967295 bytes; 2 packets before it were read"
    ]


def test_a_cut_gzip_gives_what_could_be_inflated(tmp_path: Path) -> None:
    packed = gzip.compress(pcap_header() + b"".join(pcap_packet(n, os.urandom(300)) for n in range(100)))
    cut = len(packed) // 2
    path = saved(tmp_path, packed[:cut])
    recorder, sink = run(path)
    assert 40 <= len(recorder.frames) < 60
    assert sink.failures == [
        f"{path} ends in the middle of its gzip data at byte {cut}; {len(recorder.frames)} packets before it were read"
    ]


def test_a_gzip_that_holds_a_cut_capture_is_told_apart_from_a_cut_gzip(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(PCAP[:-1]))
    _, sink = run(path)
    assert sink.failures == [
        f"{path}, uncompressed, ends in the middle of a packet at byte 66; 1 packet before it was read"
    ]


def test_damaged_gzip_and_bytes_behind_it_are_said(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(PCAP) + b"junk")
    recorder, sink = run(path)
    assert recorder.frames == [b"first", b"second"]
    size = len(gzip.compress(PCAP))
    assert f"goes on after its gzip data, at byte {size}, with bytes that are no gzip; 2 packets" in sink.failures[0]
    packed = bytearray(gzip.compress(PCAP))
    packed[-6] ^= 1
    recorder, sink = run(saved(tmp_path, bytes(packed)))
    assert recorder.frames == [b"first", b"second"]
    assert f"has damaged gzip data at byte {size - 5}; 2 packets" in sink.failures[0]


# --- what is refused


def test_a_file_that_is_no_capture_is_refused_with_one_sentence(tmp_path: Path) -> None:
    path = saved(tmp_path, b"Hello, world! This is text.\n", "notes.txt")
    assert refused(path) == (
        f"{path} is not a capture: it begins with 'Hello, world! Th'. "
        "Readable are pcap, pcapng and events as JSON lines, and gzip of these."
    )
    assert "not a capture" in refused(saved(tmp_path, gzip.compress(b"text")))
    assert "not a capture" in refused(saved(tmp_path, b"\x1f"))
    assert "bzip2 -dc" in refused(saved(tmp_path, bz2.compress(PCAP)))
    assert "damaged gzip data" in refused(saved(tmp_path, b"\x1f\x8bjunk that is no gzip"))


def test_control_bytes_of_a_file_and_of_its_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    said = refused(saved(tmp_path, b"\x1b[31mred\x07\x9b", "\x1b]0;own\x07.pcap"))
    assert said.isprintable()
    assert escaped("a\x1b\u202eb\udcffé") == "a\\x1b\\u202eb\\udcffé"


def test_what_cannot_be_opened_is_said_with_the_way_on(tmp_path: Path) -> None:
    saved(tmp_path, PCAP, "capture.pcap")
    assert refused(tmp_path / "captrue.pcap") == (
        f"{tmp_path}/captrue.pcap: no such file. Did you mean {tmp_path}/capture.pcap?"
    )
    assert "There is no folder" in refused(tmp_path / "nowhere" / "f.pcap")
    assert refused(tmp_path) == f"{tmp_path} is a directory. Name a capture file in it."
    assert refused(saved(tmp_path, b"", "empty.pcap")) == (
        f"{tmp_path}/empty.pcap is empty: nothing was captured into it."
    )
    assert "cannot be opened" in refused("a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    path = saved(tmp_path, PCAP)
    path.chmod(0)
    assert "no permission to read it" in refused(path)


# --- pipes


@pytest.fixture
def piped() -> Iterator[int]:
    """Standard input is a pipe; the end to write to."""
    there, here = os.pipe()
    kept = os.dup(0)
    os.dup2(there, 0)
    os.close(there)
    yield here
    os.dup2(kept, 0)
    os.close(kept)


def test_standard_input_is_shown_as_it_grows(piped: int) -> None:
    class Telling(Recorder):
        """Each packet is an event, so that each is handed over as it comes."""

        def take(self) -> list[CaptureEvent]:
            fresh = len(self.packets) - self.told
            self.told += fresh
            return [ended_flow()] * fresh

        told = 0

    recorder = Telling()
    source = FileSource.open("-", Limits(), recorder)
    assert source.label == "standard input"
    pieces = [PCAP[:2], PCAP[2:30], PCAP[30:45], PCAP[45:]]
    os.write(piped, pieces.pop(0))
    os.write(piped, pieces.pop(0))
    source.wait_first()
    handed: list[int] = []
    sink = Sink()

    def emit(events: list[CaptureEvent]) -> None:
        sink.emit(events)
        handed.append(len(recorder.packets))
        # The next piece is written only when what came before was handed over: nothing waits for a full chunk.
        if pieces:
            os.write(piped, pieces.pop(0))
            if not pieces:
                os.close(piped)

    source.run(emit)
    assert handed[:3] == [0, 1, 2]
    assert sink.failures == []
    assert sink.last.fraction is None


def test_a_pipe_that_ends_before_it_begins_is_refused(piped: int) -> None:
    source = FileSource.open("-", Limits(), Recorder())
    os.close(piped)
    with pytest.raises(CaptureError, match=r"^standard input ended before a capture came\.$"):
        source.wait_first()


def test_a_pipe_with_something_else_fails_in_one_sentence(piped: int) -> None:
    os.write(piped, b"tcpdump: permission denied\n")
    os.close(piped)
    _, sink = run("-")
    assert len(sink.failures) == 1
    assert sink.failures[0].startswith("standard input is not a capture: it begins with 'tcpdump: permiss'.")


def test_gzip_through_a_pipe_is_undone(piped: int) -> None:
    os.write(piped, gzip.compress(PCAP))
    os.close(piped)
    recorder, sink = run("-")
    assert recorder.frames == [b"first", b"second"]
    assert sink.failures == []


def test_reading_a_silent_pipe_can_be_stopped(piped: int) -> None:
    recorder = Recorder()
    source = FileSource.open("-", Limits(), recorder)
    os.write(piped, PCAP[:45])
    sink = Sink()
    begun = threading.Event()

    def emit(events: list[CaptureEvent]) -> None:
        sink.emit(events)
        begun.set()

    thread = threading.Thread(target=source.run, args=(emit,))
    thread.start()
    assert begun.wait(120)
    source.stop()
    thread.join(120)
    os.close(piped)
    assert not thread.is_alive()
    assert recorder.frames == [b"first"]
    assert sink.failures == []
    assert sink.last.ended


def test_a_fault_of_ours_reaches_the_screen_and_the_run_ends(tmp_path: Path) -> None:
    class Faulty(Recorder):
        def finish(self) -> None:
            raise ZeroDivisionError("\x1b[2J")

    recorder, sink = run(saved(tmp_path, PCAP), Faulty())
    assert recorder.frames == [b"first", b"second"]
    assert "fault of this program: ZeroDivisionError" in sink.failures[0]
    assert "\x1b" not in sink.failures[0]


# --- gzip alone


def test_a_bomb_comes_out_in_pieces_of_bounded_size() -> None:
    gunzip = Gunzip()
    sizes = [len(piece) for piece in gunzip.push(gzip.compress(bytes(20_000_000)))]
    gunzip.end()
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= PIECE
    assert not gunzip.trouble


@given(st.lists(st.binary(max_size=2_000), min_size=1, max_size=4), st.integers(1, 50))
def test_members_come_out_the_same_in_chunks_of_any_size(members: list[bytes], step: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    gunzip = Gunzip()
    plain = b"".join(piece for at in range(0, len(packed), step) for piece in gunzip.push(packed[at : at + step]))
    gunzip.end()
    assert plain == b"".join(members)
    assert not gunzip.trouble


@given(st.binary(max_size=300))
def test_arbitrary_bytes_after_the_magic_never_raise(junk: bytes) -> None:
    gunzip = Gunzip()
    list(gunzip.push(b"\x1f\x8b\x08\0" + junk))
    gunzip.end()
    assert gunzip.trouble or junk


# --- captures that others made


CORPUS = Path(__file__).parents[4] / "shared/corpus"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of other projects' captures is not beside this checkout")
def test_every_packet_of_other_projects_captures_is_read() -> None:
    for known in json.loads((CORPUS / "manifest.json").read_text()):
        recorder, sink = run(CORPUS / known["file"])
        assert (known["file"], len(recorder.frames), sink.failures) == (known["file"], known["packets"], [])


def test_a_file_gives_the_same_however_fast_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lossy.pcap"
    path.write_bytes(pcap(make_capture(3, Recipe(200, lost=0.05, route=lambda _, ends: Route(ends))).frames, ETHERNET))
    monkeypatch.setattr(bytes_in, "CHUNK", 4_096)
    read: list[list[CaptureEvent]] = []
    for seconds in (0.0, 0.03, 1.0):
        clock = itertools.count(0.0, seconds)
        with monkeypatch.context() as patch:
            patch.setattr(time, "monotonic", clock.__next__)
            sink = Sink()
            FileSource.open(str(path), Limits()).run(sink.emit)
        read.append(said_when(sink.events))
    assert read[0] == read[1] == read[2]
    assert any(isinstance(event, CaptureStatus) and event.counters.gaps for event in read[0])


def said_when(events: list[CaptureEvent]) -> list[CaptureEvent]:
    """The events, each status only where something follows that was printed with it."""
    return [
        event
        for event, following in zip(events, [*events[1:], None], strict=True)
        if not isinstance(event, CaptureStatus) or event.ended or not isinstance(following, CaptureStatus)
    ]
