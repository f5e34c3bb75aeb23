"""Several files as one capture: whatever way a capture is spread over them, it gives what it gives as one."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges import RAW_IP, frames_of, ok, page
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, CaptureStatus, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources import Source
from httpresp_capture.sources.file.several import SeveralFiles
from httpresp_capture.sources.file.source import FileSource
from samples import response
from tracee_lines import line
from traffic.captures import pcap, pcapng
from traffic.values import Frame

OTHER = "203.0.113.77", "198.51.100.1"
FRAMES = sorted(
    [*frames_of(page(body=b"x" * 5_000)), *frames_of(ok(body=b"y" * 3_000), addresses=OTHER)],
    key=lambda frame: frame.at,
)


def events_of(source: Source) -> list[CaptureEvent]:
    events: list[CaptureEvent] = []
    source.run(events.extend)
    last = events[-1]
    assert isinstance(last, CaptureStatus)
    assert last.ended
    return events


def responses(source: Source) -> list[Response]:
    newest: dict[int, Response] = {}
    for event in events_of(source):
        if isinstance(event, ResponseSeen | ResponseChanged):
            newest[event.response.id] = event.response
    return list(newest.values())


def written(folder: Path, *parts: list[Frame], pack: Callable[[bytes], bytes] = bytes) -> list[str]:
    paths = [folder / f"part{number}.pcap" for number in range(len(parts))]
    for path, frames in zip(paths, parts, strict=True):
        path.write_bytes(pack(pcap(frames, RAW_IP.link_type)))
    return [str(path) for path in paths]


def whole(folder: Path) -> list[Response]:
    return responses(FileSource.open(written(folder, FRAMES)[0], Limits()))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_connection_goes_on_from_one_file_into_the_next(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES[:5], FRAMES[5:9], FRAMES[9:], pack=pack)
    assert responses(SeveralFiles.open(paths, Limits())) == whole(tmp_path)


def test_the_order_on_the_command_line_does_not_matter(tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES[:5], FRAMES[5:9], FRAMES[9:])
    assert responses(SeveralFiles.open(paths[::-1], Limits())) == whole(tmp_path)


def test_two_directions_may_come_from_two_files(tmp_path: Path) -> None:
    clients = bytes([203, 0, 113])
    one = [frame for frame in FRAMES if frame.data[12:15] == clients]
    two = [frame for frame in FRAMES if frame.data[12:15] != clients]
    assert len(one) + len(two) == len(FRAMES)
    assert responses(SeveralFiles.open(written(tmp_path, one, two), Limits())) == whole(tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=len(FRAMES), max_size=len(FRAMES)))
def test_however_packets_are_dealt_out_to_files(tmp_path_factory: pytest.TempPathFactory, deal: list[int]) -> None:
    folder = tmp_path_factory.mktemp("dealt")
    # Equal times keep the order of the files, so each time is one of its own.
    frames = [
        Frame(at, frame.link_type, frame.data, frame.wire_length) for at, frame in enumerate(FRAMES, FRAMES[0].at)
    ]
    parts = [[frame for frame, to in zip(frames, deal, strict=True) if to == number] for number in range(4)]
    (folder / "whole.pcap").write_bytes(pcap(frames, RAW_IP.link_type))
    expected = responses(FileSource.open(str(folder / "whole.pcap"), Limits()))
    assert responses(SeveralFiles.open(written(folder, *parts), Limits())) == expected


def test_counters_are_those_of_all(tmp_path: Path) -> None:
    one = events_of(FileSource.open(written(tmp_path, FRAMES)[0], Limits()))[-1]
    several = events_of(SeveralFiles.open(written(tmp_path, FRAMES[:7], FRAMES[7:]), Limits()))[-1]
    assert isinstance(one, CaptureStatus)
    assert isinstance(several, CaptureStatus)
    assert several == one


def test_a_file_that_is_cut_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES[:5], FRAMES[5:])
    last = Path(paths[1])
    last.write_bytes(last.read_bytes()[:-3])
    events = events_of(SeveralFiles.open(paths, Limits()))
    said = [event.message for event in events if isinstance(event, CaptureFailed)]
    assert len(said) == 1
    assert said[0].startswith(f"{last} ends in the middle of a packet")


def test_one_that_is_no_capture_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES)
    (tmp_path / "notes.txt").write_text("nothing of the kind\n" * 9)
    open_files = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    with pytest.raises(CaptureError, match=r"notes\.txt"):
        SeveralFiles.open([*paths, str(tmp_path / "notes.txt")], Limits())
    if open_files:
        assert len(os.listdir("/proc/self/fd")) == open_files


def test_one_file_by_two_names_is_refused(tmp_path: Path) -> None:
    (path,) = written(tmp_path, FRAMES)
    (tmp_path / "link").symlink_to(path)
    for other in (str(tmp_path / "link"), f"{tmp_path}/../{tmp_path.name}/part0.pcap"):
        with pytest.raises(CaptureError, match="are the same file: each of its packets would be read twice") as refused:
            SeveralFiles.open([path, other], Limits())
        assert refused.value.status == 2


def test_events_follow_the_captures_and_are_numbered_on(tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES)
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"".join(line(response(id=number)) for number in (1, 2)))
    source = SeveralFiles.open([str(tmp_path / "one"), *paths, str(tmp_path / "two")], Limits())
    assert source.label == "one, part0.pcap, two"
    got = responses(source)
    assert [row.id for row in got] == [1, 2, 3, 4, 5, 6]
    assert [row.flow.id for row in got] == [1, 2, 3, 3, 4, 4]


def test_formats_may_differ_and_a_label_names_the_first(tmp_path: Path) -> None:
    paths = written(tmp_path, FRAMES[:5], FRAMES[5:9], FRAMES[9:12])
    (tmp_path / "rest.pcapng").write_bytes(pcapng(FRAMES[12:]))
    source = SeveralFiles.open([*paths, str(tmp_path / "rest.pcapng")], Limits())
    assert source.label == "part0.pcap, part1.pcap, part2.pcap and 1 more"
    assert [row.status for row in responses(source)] == [row.status for row in whole(tmp_path)]


def test_it_stops_when_told(tmp_path: Path) -> None:
    source = SeveralFiles.open(written(tmp_path, FRAMES[:9], FRAMES[9:]), Limits())
    source.stop()
    assert responses(source) == []
