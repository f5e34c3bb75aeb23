"""HTTP/2 through the whole pipeline, as packets: lost and out of order, and beside tshark."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hpack import Encoder

from cycles import left_by
from httpresp_capture.detect.recognise import HTTP2_PREFACE
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from splits import cut_frames
from traffic.captures import pcapng
from traffic.frames import ETHERNET, Framer, Route
from traffic.segments import opening
from traffic.values import ACK, Ends, Frame, Segment
from traffic.watching import watch
from two_ends import Told, asking, split, talk

TSHARK = shutil.which("tshark")
START = 1_700_000_000_000_000_000
MANY = Limits(pending_requests=100_000)


def packets(told: Told, rng: Random, *, lost: float = 0, moved: float = 0) -> Iterator[Frame]:
    """The connection in segments of any size: a share of them is not captured, another changes places with the next."""
    framer = Framer(Route(Ends("10.0.0.1", 40_000, "10.0.0.2", 80)))
    segments = list(opening())
    sent = {True: 0, False: 0}
    for asks, data in split(told.crossed, rng):
        if rng.random() >= lost or not sent[asks]:
            segments.append(Segment("client" if asks else "server", sent[asks], data, ACK, sent[not asks]))
        sent[asks] += len(data)
    for place in range(4, len(segments) - 1):
        if rng.random() < moved:
            segments[place], segments[place + 1] = segments[place + 1], segments[place]
    at = START
    for segment in segments:
        at += rng.choice([1_000, 1_000_000, 60_000_000])
        frame = framer.frame(segment)
        yield Frame(at, ETHERNET, frame, len(frame))


def test_out_of_order_nothing_is_missing() -> None:
    for seed in range(8):
        rng = Random(seed)
        told = talk(rng, 25)
        rows = watch(packets(told, rng, moved=0.2), MANY).responses
        assert {row.stream: (row.status, row.body) for row in rows} == {
            stream: (sent.status, sent.body) for stream, sent in told.sent.items()
        }
        assert all(row.completeness is Completeness.COMPLETE and not row.problems for row in rows)


def test_whatever_is_lost_no_row_is_wrong() -> None:
    for seed in range(12):
        rng = Random(seed)
        told = talk(rng, 25)
        rows = watch(packets(told, rng, lost=0.1, moved=0.05), MANY).responses
        assert len({row.stream for row in rows}) == len(rows) <= len(told.sent)
        for row in rows:
            sent = told.sent[row.stream]
            assert row.status in (0, sent.status)
            assert row.body == sent.body or row.completeness is not Completeness.COMPLETE


@pytest.mark.slow
@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_tshark_finds_the_same_statuses_and_lengths(tmp_path: Path) -> None:
    rng = Random(5)
    frames = list(packets(talk(rng, 200), rng))
    path = tmp_path / "streams.pcapng"
    path.write_bytes(pcapng(frames))
    fields = ("http2.headers.status", "http2.headers.content_length")
    command = [str(TSHARK), "-n", "-r", str(path), "-d", "tcp.port==80,http2", "-Y", "http2.headers.status"]
    command += ["-T", "fields", *(word for name in fields for word in ("-e", name))]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    columns = [line.split("\t") for line in lines]
    theirs = [sorted(value for column in columns for value in column[place].split(",") if value) for place in (0, 1)]
    rows = watch(frames, MANY).responses
    assert len(rows) == 200
    assert [
        sorted(str(row.status) for row in rows),
        sorted(str(row.declared) for row in rows if row.declared >= 0),
    ] == theirs


def raw(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def test_the_size_that_is_told_is_that_of_the_packet_in_which_a_head_begins() -> None:
    encoder = Encoder()
    question = HTTP2_PREFACE + raw(4, 0, 0, b"")
    question += b"".join(raw(1, 5, stream, encoder.encode(asking())) for stream in (1, 3, 5, 7))
    settings, ok, longer = raw(4, 0, 0, b""), b"\x88", b"\x88" + Encoder().encode([("x-long", "y" * 300)])
    first = settings + raw(1, 5, 1, ok) + raw(1, 5, 3, longer)[:30]
    second = raw(1, 5, 3, longer)[30:] + raw(1, 5, 5, ok) + raw(1, 1, 7, ok[:1])
    third = raw(9, 4, 7, b"")
    frames = cut_frames(
        [("client", question), ("server", first + second + third)], [len(first), len(first) + len(second)]
    )
    headers = 20 + 20
    assert {row.stream: row.packet_len for row in watch(frames).responses} == {
        1: headers + len(first),
        3: headers + len(first),
        5: headers + len(second),
        7: headers + len(second),
    }


def test_a_connection_that_is_forgotten_needs_no_garbage_collector() -> None:
    rng = Random(3)
    frames = list(packets(talk(rng, 10), rng, lost=0.05))

    def run() -> None:
        assert watch(frames, MANY).responses

    left = left_by(run)
    assert not left & {
        "Connection",
        "Direction",
        "Detector",
        "HTTP2",
        "Exchanges",
        "Endpoint",
        "Decoder",
        "Stream",
    }
