"""Frames of one direction: whatever the cut, behind gaps, and what is no frame."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from httpresp_capture.detect import http2_frames
from httpresp_capture.http2.frames import CONTINUATION, DATA, HEADERS, PING, PUSH_PROMISE, SETTINGS, FrameReader


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


class Reader(FrameReader):
    """Says what it was told."""

    __slots__ = ("_content", "told")

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[object, ...]] = []
        self._content = b""

    def frame(self, kind: int, flags: int, stream: int, payload: bytes, at: int) -> None:
        self.told.append((kind, flags, stream, payload))

    def data_begins(self, stream: int, length: int, at: int) -> None:
        self._content = b""

    def data_part(self, stream: int, data: bytes, start: int, end: int, at: int) -> None:
        self._content += data[start:end]

    def data_gap(self, stream: int, length: int, at: int, snapped: bool) -> None:
        self._content += b"?" * length

    def data_ends(self, stream: int, flags: int, at: int) -> None:
        self.told.append((DATA, flags, stream, self._content))

    def frame_lost(self, kind: int, flags: int, stream: int, at: int) -> None:
        self.told.append(("lost", kind, flags, stream))

    def lost(self, length: int, at: int, snapped: bool) -> None:
        self.told.append(("lost", length))

    def search(self) -> http2_frames.Search:
        return http2_frames.Search(16_384, 99)


def told(*pieces: bytes | int) -> list[tuple[object, ...]]:
    """What is told of bytes, and of gaps where a length stands."""
    reader = Reader()
    for piece in pieces:
        if isinstance(piece, int):
            reader.gap(piece, 0, False)
        else:
            reader.data(piece, 0)
    return reader.told


FRAMES = (
    frame(SETTINGS, payload=bytes(12))
    + frame(HEADERS, 4, 1, b"block")
    + frame(DATA, 8, 1, b"\x03body" + bytes(3))
    + frame(0x0B, 7, 5, b"unknown")
    + frame(DATA, 1, 1)
    + frame(DATA, 9, 3, b"\x00")
    + frame(PING, 0, 0, b"pingpong")
)
TOLD = [
    (SETTINGS, 0, 0, bytes(12)),
    (HEADERS, 4, 1, b"block"),
    (DATA, 8, 1, b"body"),
    (DATA, 1, 1, b""),
    (DATA, 9, 3, b""),
    (PING, 0, 0, b"pingpong"),
]


def cuts() -> Iterator[list[bytes]]:
    yield [FRAMES]
    yield [FRAMES[at : at + 1] for at in range(len(FRAMES))]
    for place in range(1, len(FRAMES)):
        yield [FRAMES[:place], FRAMES[place:]]


def test_frames_are_the_same_whatever_the_cut() -> None:
    for pieces in cuts():
        assert told(*pieces) == TOLD


@pytest.mark.parametrize("payload", [b"\x04abcd", b"\xff", b"\x05abcd"])
def test_padding_as_long_as_the_payload_leaves_no_content(payload: bytes) -> None:
    """RFC 9113 §6.1."""
    for cut in range(len(payload) + 1):
        data = frame(DATA, 9, 1, payload)
        assert told(data[: 9 + cut], data[9 + cut :], frame(PING, 0, 0, bytes(8)))[0] == (DATA, 9, 1, b"")


def test_a_gap_inside_a_frame_is_the_loss_of_that_frame_alone() -> None:
    body, headers, ping = (
        frame(DATA, 1, 1, b"0123456789"),
        frame(HEADERS, 5, 1, b"a block"),
        frame(PING, 0, 0, bytes(8)),
    )
    assert told(body[:12], 4, body[16:] + ping) == [(DATA, 1, 1, b"012????789"), (PING, 0, 0, bytes(8))]
    assert told(body[:12], 7, ping) == [(DATA, 1, 1, b"012???????"), (PING, 0, 0, bytes(8))]
    assert told(headers[:12], 2, headers[14:] + ping) == [("lost", HEADERS, 5, 1), (PING, 0, 0, bytes(8))]
    assert told(headers[:12], 4, ping) == [("lost", HEADERS, 5, 1), (PING, 0, 0, bytes(8))]


def test_behind_any_other_gap_frames_are_found_again() -> None:
    body, ping = frame(DATA, 1, 1, b"0123456789"), frame(PING, 0, 0, bytes(8))
    three = body + ping + body
    assert told(body[:12], 8, b"rest" + three)[0] == ("lost", 8)
    assert told(body[:12], 8, b"rest" + three)[1:] == told(three)
    assert told(6, b"rest" + three)[1:] == told(three)
    assert told(frame(DATA, 0, 1, b"x") + body[:4], 40, three)[2:] == told(three)
    # One frame will do where it is all of a segment.
    assert told(6, body)[1:] == told(body)
    assert told(6, b"rest" + body) == [("lost", 6)]


def test_where_zeros_and_numbers_stand_no_frame_is_found() -> None:
    numbers = b"".join(number.to_bytes(4, "big") for number in range(3_000))
    for data in (bytes(5_000), numbers, numbers[1:], bytes(range(256)) * 20, Random(1).randbytes(100_000)):
        assert told(6, data) == [("lost", 6)]


@pytest.mark.slow
def test_what_waits_to_be_found_is_bounded() -> None:
    search = http2_frames.Search(65_536, 1 << 30)
    endless = frame(DATA, 0, 1, bytes(65_536))[:9]
    for _ in range(30_000):
        assert search.take(endless + b"no frame") is None
    assert len(search.cut() or b"") < 600_000


@pytest.mark.parametrize(
    "unsound",
    [
        frame(DATA, 0, 0, b"no stream"),
        frame(HEADERS, 4, 0, b"no stream"),
        frame(SETTINGS, 0, 1, bytes(6)),
        frame(PING, 0, 0, b"short"),
        frame(PUSH_PROMISE, 4, 0, bytes(4)),
        frame(0x0C, 0, 0, bytes(20_000)),
    ],
)
def test_what_no_endpoint_would_take_is_searched_for_frames(unsound: bytes) -> None:
    three = frame(DATA, 1, 1, b"0123456789") + 2 * frame(PING, 0, 0, bytes(8))
    found = told(frame(HEADERS, 4, 1, b"block") + unsound + three)
    assert found[:2] == [(HEADERS, 4, 1, b"block"), ("lost", 0)]
    assert found[2:] == told(three)


def test_a_frame_longer_than_is_read_is_passed_over() -> None:
    long = frame(CONTINUATION, 4, 1, bytes(16_384))
    reader = Reader()
    reader.longest = 1 << 20
    for part in (long, frame(PING, 0, 0, bytes(8)), frame(SETTINGS, 0, 0, bytes(16_386)), frame(PING, 0, 0, bytes(8))):
        reader.data(part, 0)
    assert reader.told[1:] == [(PING, 0, 0, bytes(8)), ("lost", SETTINGS, 0, 0), (PING, 0, 0, bytes(8))]


def test_framing_that_breaks_a_thousand_times_in_one_segment_is_read_to_its_end() -> None:
    broken = frame(DATA, 1, 1) * 3 + frame(PING, 0, 0, b"no ping")
    whole = told(broken * 2_000 + FRAMES)
    assert whole.count(("lost", 0)) == 2_000
    assert whole[-len(told(FRAMES)) :] == told(FRAMES)


def test_what_looks_like_thousands_of_frames_costs_no_more_than_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(*given: Any) -> int:
        nonlocal looked
        looked += 1
        return frame_length(*given)

    frame_length = http2_frames.frame_length
    monkeypatch.setattr(http2_frames, "frame_length", counted)
    unit = frame(DATA, 1, 1)
    data = frame(DATA, 0, 1, unit * 5_000 + bytes(3)) + unit * 2 + frame(PING, 0, 0, b"pingpong")
    assert http2_frames.Search(65_536, 99).take(data) is not None
    assert looked < len(data)
