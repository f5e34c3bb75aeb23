"""Bytes that come again: what they change, what is held against what, and what is remembered for that."""

import pytest

from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.overlap import Delivered, Recent
from httpresp_capture.tcp.packet import Packet, Tally
from traffic.bare import Heard


def delivered(data: bytes, seq: int = 1_000) -> tuple[Assembler, Heard]:
    """A direction whose bytes came at 1, acknowledging 7, in a packet of 40."""
    reader = Heard()
    assembler = Assembler(reader, 1 << 20, Tally(), Recent())
    assembler.begin(seq)
    assembler.compare_repeats()
    assembler.segment(seq, data, len(data), Packet(1, 64, 7, 7, 40))
    return assembler, reader


@pytest.mark.parametrize("seq", [1_000, MASK - 1, MASK - 2])
def test_a_segment_that_brings_nothing_new_changes_nothing(seq: int) -> None:
    assembler, reader = delivered(b"abc", seq)
    for place in range(3):
        assembler.segment((seq + place) & MASK, b"abc"[place:], 3 - place, Packet(9, 65, 8, 8, 90))
    assert (assembler.delivered_at, assembler.ack, assembler.packet_len) == (1, 7, 40)
    assert reader.told == [b"abc"]
    assert assembler.recent is not None
    assert [entry[:2] for entry in assembler.recent.entries] == [(seq, b"abc")]
    assert (assembler.tally.repeats, assembler.tally.conflicts) == (3, 0)


def test_a_byte_that_differs_before_new_ones_is_a_conflict_and_one_alone_is_a_probe() -> None:
    """RFC 9293 §3.8.4: a keep-alive probe brings at most one byte, with any content."""
    for data, conflicts, told in ((b"X", 0, []), (b"Xd", 1, [b"d"]), (b"", 0, [])):
        assembler, reader = delivered(b"abc")
        assembler.segment(1_002, data, len(data), Packet(9, 64, 7, 7, 40))
        assert assembler.tally.conflicts == conflicts
        assert reader.told == [b"abc", *told]


def test_of_a_direction_the_newest_segments_are_remembered() -> None:
    memory = Delivered(Recent())
    for number in range(40):
        memory.remember(number, b"x", 0, 64, 7)
    assert [entry[0] for entry in memory.entries] == [*range(8, 40)]


def test_the_bound_of_all_together_is_kept_to_the_byte() -> None:
    recent = Recent()
    one, other = Delivered(recent), Delivered(recent)
    one.remember(0, b"abc", 0, 64, 7)
    other.remember(0, b"abc", 0, 64, 7)
    recent.limit = recent.total
    other.remember(3, b"", 0, 64, 7)
    assert one.entries == []
    assert [entry[0] for entry in other.entries] == [0, 3]
    recent.limit = recent.total
    recent.trim()
    assert [entry[0] for entry in other.entries] == [0, 3]
