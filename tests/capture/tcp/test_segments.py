"""Segments that come the long way, behind a tag: what is none, what tells nothing, what was cut."""

import struct

import pytest

from httpresp_capture.pipeline import Pipeline
from traffic.live import ETH0
from wrapped import ANSWER, CLIENT4, REQUEST, SERVER4, exchange, ip4, tcp

TAG = bytes(12) + struct.pack(">HH", 0x8100, 10) + b"\x08\0"


class Tagged:
    """A pipeline, fed packets of one VLAN a millisecond apart."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.at = 1_000_000

    def feed(self, *packets: bytes, cut: int = 0) -> None:
        for packet in packets:
            frame = TAG + packet
            self.at += 1_000_000
            self.pipeline.feed(self.at, frame, 0, len(frame) - cut, len(frame), ETH0)


@pytest.mark.parametrize(("offset", "malformed"), [(4, 1), (5, 0), (6, 0), (7, 1), (15, 1)])
def test_a_header_of_less_than_20_bytes_or_longer_than_its_packet_is_malformed(offset: int, malformed: int) -> None:
    """RFC 9293 §3.1: the offset counts words of four bytes; behind 24 of this segment nothing follows."""
    segment = bytearray(tcp(5000, 80, 100, 0, 24, b"GET "))
    segment[12] = offset << 4
    tagged = Tagged()
    tagged.feed(ip4(bytes(segment), CLIENT4 + SERVER4))
    counters = tagged.pipeline.counters()
    assert (counters.malformed, counters.segments) == (malformed, int(offset == 5))


def test_a_bare_acknowledgement_tells_something_only_while_something_is_missing() -> None:
    tagged = Tagged()
    opening = exchange(4)[:3]
    bare = tcp(5000, 80, 100 + len(REQUEST), 500 + len(ANSWER) + 3, 16)
    tagged.feed(*opening)
    tagged.feed(ip4(bare, CLIENT4 + SERVER4))
    assert not tagged.pipeline.table.holes, "nothing is"
    tagged.feed(ip4(tcp(80, 5000, 503, 100 + len(REQUEST), 24, ANSWER), SERVER4 + CLIENT4))
    holes = tagged.pipeline.table.holes
    (direction,) = holes
    assert direction.acks is None
    sockets = (CLIENT4 + SERVER4 + struct.pack(">HH", 5000, 80), SERVER4 + CLIENT4 + struct.pack(">HH", 80, 5000))
    assert set(tagged.pipeline.table.directions) == {each + b"\0\x0a" for each in sockets}
    tagged.feed(ip4(bare, CLIENT4 + SERVER4))
    assert direction.acks == [(500 + len(ANSWER) + 3, tagged.at)]


def test_a_segment_whose_bytes_were_all_cut_is_a_gap_of_their_length() -> None:
    tagged = Tagged()
    packets = exchange(4)
    tagged.feed(*packets[:3])
    tagged.feed(packets[3], cut=len(ANSWER))
    counters = tagged.pipeline.counters()
    assert (counters.snapped, counters.gaps, counters.gap_bytes) == (1, 1, len(ANSWER))
    assert counters.segments == 2
