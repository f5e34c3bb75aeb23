"""The pcapng reader: blocks of every kind in both byte orders, clocks of every unit, hostile lengths."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture_bytes import (
    NS,
    Recorder,
    block,
    enhanced,
    every_split,
    interface,
    obsolete,
    option,
    read,
    section,
    simple,
    statistics,
)
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.pcapng import PcapngReader
from httpresp_capture.sources.file.pcapng_layout import LARGEST_TIME

NAMED = interface(option(2, b"eth0") + option(0, b""))
ORDINARY = section() + NAMED + enhanced(1_000_001, b"first") + enhanced(1_000_002, b"second", wire_length=1500)


def frames_of(*chunks: bytes) -> list[bytes]:
    reader, packets = read(PcapngReader, *chunks)
    assert not reader.trouble
    return [frame for _, frame, _, _ in packets]


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    data = section(order) + interface(option(2, b"wlan0", order), 113, order=order)
    data += enhanced(1_700_000_000_123_456, b"abc", order=order, wire_length=60)
    for chunks in every_split(data):
        reader, packets = read(PcapngReader, *chunks)
        assert packets == [(1_700_000_000_123_456_000, b"abc", 60, Interface(0, "wlan0", 113))]
        assert not reader.trouble


def test_every_split_gives_the_same_packets() -> None:
    data = ORDINARY + simple(b"third") + obsolete(1_000_003, b"fourth") + block(0xBAD, b"custom") + statistics(0)
    for chunks in every_split(data):
        assert frames_of(*chunks) == [b"first", b"second", b"third", b"fourth"]


def test_a_file_cut_anywhere_gives_what_was_before_and_says_where_it_ends() -> None:
    edges = {28, 28 + len(NAMED), 28 + len(NAMED) + 40, len(ORDINARY)}
    for cut in range(len(ORDINARY)):
        reader, packets = read(PcapngReader, ORDINARY[:cut])
        assert [frame for _, frame, _, _ in packets] == ([b"first"] if cut >= 28 + len(NAMED) + 40 else [])
        assert bool(reader.trouble) == (cut not in edges)
        if reader.trouble:
            assert reader.trouble.startswith("ends in the middle of ")
            assert reader.trouble.endswith(f" at byte {cut}")


@pytest.mark.parametrize(
    ("resolution", "ticks", "expected"),
    [
        (6, 1, 1_000),
        (9, 1, 1),
        (3, 1, 1_000_000),
        (0, 7, 7 * NS),
        (12, 123_456, 123),
        (0x80 | 1, 3, 1_500_000_000),
        (0x80 | 32, 1 << 31, 500_000_000),
        (0x7F, 1, 0),
    ],
)
def test_each_interface_has_its_own_unit_of_time(resolution: int, ticks: int, expected: int) -> None:
    data = section() + interface() + interface(option(9, bytes([resolution])))
    _, packets = read(PcapngReader, data + enhanced(1, b"a", number=0) + enhanced(ticks, b"b", number=1))
    assert [(time, origin.index) for time, _, _, origin in packets] == [(1_000, 0), (expected, 1)]


def test_an_offset_is_added_to_each_time_and_no_clock_leaves_the_range_that_can_be_kept() -> None:
    late = interface(option(14, pack("<q", 1_700_000_000)))
    early = interface(option(14, pack("<q", -5)))
    coarse = interface(option(9, b"\0"))
    data = section() + late + early + coarse
    data += enhanced(1, b"a", 0) + enhanced(1, b"b", 1) + enhanced(2**64 - 1, b"c", 2)
    _, packets = read(PcapngReader, data)
    assert [time for time, _, _, _ in packets] == [1_700_000_000 * NS + 1_000, 0, LARGEST_TIME]


def test_an_interface_without_a_name_is_called_by_its_description() -> None:
    data = section() + interface(option(3, b"Ethernet 2")) + interface() + enhanced(1, b"a", 0) + enhanced(1, b"b", 1)
    _, packets = read(PcapngReader, data)
    assert [origin.name for _, _, _, origin in packets] == ["Ethernet 2", ""]


def test_sections_have_interfaces_and_byte_orders_of_their_own() -> None:
    data = ORDINARY + section(">") + interface(option(2, b"lo", ">"), order=">") + enhanced(1, b"third", order=">")
    for chunks in every_split(data):
        reader, packets = read(PcapngReader, *chunks)
        assert [(frame, origin.index, origin.name) for _, frame, _, origin in packets] == [
            (b"first", 0, "eth0"),
            (b"second", 0, "eth0"),
            (b"third", 1, "lo"),
        ]
        assert not reader.trouble


def test_the_same_interface_in_the_next_section_is_the_same() -> None:
    _, packets = read(PcapngReader, ORDINARY + ORDINARY)
    assert {origin.index for _, _, _, origin in packets} == {0}
    assert len(packets) == 4


def test_a_simple_packet_is_cut_at_the_snap_length_and_has_the_time_of_the_one_before() -> None:
    data = section() + interface(snap_length=4) + enhanced(5, b"abc") + simple(b"defg", wire_length=9)
    _, packets = read(PcapngReader, data)
    assert [(time, frame, length) for time, frame, length, _ in packets] == [(5_000, b"abc", 3), (5_000, b"defg", 9)]


def test_what_the_recorder_lost_is_the_latest_count_of_each_interface_of_each_section() -> None:
    one = section() + interface() + interface() + statistics(0, lost_by_interface=3) + statistics(1, lost_by_system=2)
    one += statistics(0, received=900, lost_by_interface=5) + statistics(7, lost_by_interface=99)
    reader, _ = read(PcapngReader, one)
    assert reader.interface_drops == 7
    reader, _ = read(PcapngReader, one + one)
    assert reader.interface_drops == 14


def test_losses_told_with_each_packet_are_added_up_and_not_told_twice() -> None:
    lost_two = option(4, pack("<Q", 2))
    data = section() + interface() + enhanced(1, b"abcde", options=lost_two) + obsolete(2, b"f", lost=3)
    assert read(PcapngReader, data)[0].interface_drops == 5
    assert read(PcapngReader, data + statistics(0, lost_by_interface=5))[0].interface_drops == 5


def test_a_count_that_means_unknown_is_no_loss() -> None:
    reader, _ = read(PcapngReader, section() + interface() + statistics(0, lost_by_interface=2**64 - 1))
    assert reader.interface_drops == 0


def test_tls_secrets_are_kept_aside_and_other_secrets_are_not() -> None:
    lines = b"CLIENT_RANDOM 00 11\n"
    secrets = block(10, pack("<II", 0x544C534B, len(lines)) + lines)
    others = block(10, pack("<II", 0x57474B4C, 3) + b"abc")
    lying = block(10, pack("<II", 0x544C534B, 900) + b"abc")
    recorder, came = Recorder(), list[bytes]()
    reader = PcapngReader(recorder.feed)
    reader.secrets_came = came.append
    reader.push(section() + NAMED + secrets + others + lying + enhanced(1, b"a"))
    assert came == [lines]
    assert len(recorder.packets) == 1


@pytest.mark.parametrize(
    ("bytes_of_block", "said"),
    [
        (pack("<II", 6, 8) + bytes(8), "a block of 8 bytes"),
        (pack("<II", 6, 0) + bytes(8), "a block of 0 bytes"),
        (pack("<II", 6, 33) + bytes(40), "a block of 33 bytes"),
        (pack("<II", 6, 0xFFFF_FFF0) + bytes(8), "a block of 4294967280 bytes"),
        (pack("<II", 0x77, 16) + bytes(8), "a block of 16 bytes that does not end with its length"),
        (pack("<II", 6, 16) + bytes(8), "a packet block of 16 bytes"),
        (pack("<II", 3, 12) + bytes(4), "a packet block of 12 bytes"),
        (pack("<II", 2, 16) + bytes(8), "a packet block of 16 bytes"),
        (enhanced(1, b"abc", number=1), "a packet of interface 1, which is not described before it"),
        (obsolete(1, b"abc", number=9), "a packet of interface 9, which is not described before it"),
        (simple(b"abcd", wire_length=9), "a packet of 9 bytes in a block with room for 4"),
        (block(6, pack("<5I", 0, 0, 0, 99, 99) + b"abcd"), "a packet of 99 bytes in a block with room for 4"),
        (block(1, b""), "an interface description that cannot be one"),
        (block(0x0A0D0D0A, b"\1\2\3\4" + bytes(16)), "a section header without its byte order mark"),
        (section(major=2), "pcapng version 2.0, which is not known"),
        (pack("<III", 0x0A0D0D0A, 16, 0x1A2B3C4D) + bytes(8), "a section header of 16 bytes"),
    ],
)
def test_a_damaged_block_ends_the_reading_with_its_place_and_its_fault(bytes_of_block: bytes, said: str) -> None:
    before = section() + NAMED + enhanced(1, b"first")
    for chunks in ([before + bytes_of_block + ORDINARY], [before, bytes_of_block, ORDINARY]):
        reader, packets = read(PcapngReader, *chunks)
        assert reader.trouble == f"is broken at byte {len(before)}: {said}"
        assert [frame for _, frame, _, _ in packets] == [b"first"]


def misaligned(body: bytes, counted: int, kind: int = 6, order: str = "<") -> bytes:
    """A block that does not count its padding, or has none."""
    length = pack(f"{order}I", counted)
    return pack(f"{order}I", kind) + length + body + length


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("frame", [b"a", b"ab", b"abc"])
def test_a_length_that_does_not_count_the_padding_is_rounded_up_and_counted(frame: bytes, order: str) -> None:
    head = pack(f"{order}5I", 0, 0, 7, len(frame), 60)
    padded = misaligned(head + frame + bytes(-len(frame) & 3), 32 + len(frame), order=order)
    bare = misaligned(head + frame, 32 + len(frame), order=order)
    unknown = misaligned(bytes(8), 18, kind=0xBAD, order=order)
    data = section(order) + interface(order=order) + padded + bare + padded + unknown + enhanced(8, b"end", order=order)
    for chunks in every_split(data):
        reader, packets = read(PcapngReader, *chunks)
        assert not reader.trouble
        assert [(time, data, length) for time, data, length, _ in packets] == [
            *[(7_000, frame, 60)] * 3,
            (8_000, b"end", 3),
        ]
        assert reader.misaligned == 4


def test_a_simple_packet_before_any_interface_is_damage() -> None:
    reader, _ = read(PcapngReader, section() + simple(b"abc"))
    assert reader.trouble == "is broken at byte 28: a packet of interface 0, which is not described before it"


def test_options_that_do_not_fit_are_left_alone() -> None:
    data = (
        section() + interface(option(2, b"eth0") + pack("<HH", 3, 900)) + enhanced(1, b"a", options=b"\4\0\x99\0" * 5)
    )
    reader, packets = read(PcapngReader, data)
    assert packets[0][3].name == "eth0"
    assert not reader.trouble


def test_a_name_as_long_as_a_block_is_kept_only_in_part() -> None:
    _, packets = read(PcapngReader, section() + interface(option(2, b"x" * 60_000)) + enhanced(1, b"a"))
    assert packets[0][3].name == "x" * 256


BLOCKS = st.one_of(
    st.binary(max_size=60),
    st.builds(block, st.integers(0, 12), st.binary(max_size=80)),
    st.sampled_from([section(), section(">"), NAMED, enhanced(1, b"abc"), simple(b"abc"), obsolete(1, b"abc")]),
    st.builds(interface, st.binary(max_size=40)),
)


@given(st.lists(BLOCKS, max_size=12))
def test_arbitrary_blocks_give_packets_or_trouble_and_never_raise(blocks: list[bytes]) -> None:
    data = b"".join(blocks)
    reader, packets = read(PcapngReader, section(), *blocks)
    again, same = read(PcapngReader, section() + data)
    assert packets == same
    assert reader.trouble == again.trouble
    assert reader.trouble or reader.offset == 28 + len(data)
    assert all(0 <= time <= LARGEST_TIME for time, _, _, _ in packets)
