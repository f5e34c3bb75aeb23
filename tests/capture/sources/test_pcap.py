"""The pcap reader: every variant, every cut, nothing raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture_bytes import NS, SECOND, every_split, pcap_header, pcap_packet, read
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.pcap import MAGICS, PcapReader
from httpresp_capture.sources.file.reader import LARGEST_PACKET

TWO_PACKETS = pcap_header() + pcap_packet(1, b"first") + pcap_packet(999_999, b"second", wire_length=1500)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "scale"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)])
def test_both_byte_orders_and_both_units_of_time_are_read(order: str, magic: int, scale: int) -> None:
    data = pcap_header(order, magic, link_word=101) + pcap_packet(7, b"abc", order, wire_length=60)
    reader, packets = read(PcapReader, data)
    assert packets == [(SECOND * NS + 7 * scale, b"abc", 60, Interface(0, "", 101))]
    assert not reader.trouble
    assert reader.newest == SECOND * NS + 7 * scale


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_longer_record_header_of_the_patched_libpcap_is_passed_over(order: str) -> None:
    extra = b"\0\0\0\x02\x08\x00\x04\0"
    data = pcap_header(order, 0xA1B2CD34) + pcap_packet(1, b"abc", order, patched=extra)
    for chunks in every_split(data):
        reader, packets = read(PcapReader, *chunks)
        assert [frame for _, frame, _, _ in packets] == [b"abc"]
        assert not reader.trouble


def test_the_length_of_a_frame_check_sequence_is_no_part_of_the_link_type() -> None:
    reader, packets = read(PcapReader, pcap_header(link_word=0x4400_0001) + pcap_packet(1, b"abc"))
    assert packets[0][3].link_type == 1
    assert not reader.trouble


def test_every_split_gives_the_same_packets() -> None:
    _, whole = read(PcapReader, TWO_PACKETS)
    assert [frame for _, frame, _, _ in whole] == [b"first", b"second"]
    for chunks in every_split(TWO_PACKETS):
        reader, packets = read(PcapReader, *chunks)
        assert packets == whole
        assert (reader.packets, reader.offset, reader.trouble) == (2, len(TWO_PACKETS), "")


def test_a_file_cut_anywhere_gives_what_was_before_and_says_where_it_ends() -> None:
    first_ends = len(pcap_header() + pcap_packet(1, b"first"))
    for cut in range(len(TWO_PACKETS)):
        reader, packets = read(PcapReader, TWO_PACKETS[:cut])
        assert len(packets) == (1 if cut >= first_ends else 0)
        if cut < 24:
            assert reader.trouble == f"ends in the middle of its file header at byte {cut}"
        elif cut in (24, first_ends):
            assert not reader.trouble
        else:
            assert reader.trouble == f"ends in the middle of a packet at byte {cut}"


def test_a_packet_of_an_impossible_length_ends_the_reading_there() -> None:
    damaged = pcap_header() + pcap_packet(1, b"first") + b"\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0" + bytes(64)
    for chunks in every_split(damaged):
        reader, packets = read(PcapReader, *chunks, b"more")
        assert [frame for _, frame, _, _ in packets] == [b"first"]
        assert reader.trouble == "is broken at byte 45: a packet of 4294967295 bytes"


def test_the_largest_packet_that_tcpdump_writes_is_read() -> None:
    frame = bytes(LARGEST_PACKET)
    data = pcap_header() + pcap_packet(1, frame) + pcap_packet(2, b"next")
    reader, packets = read(PcapReader, *(data[at : at + 1000] for at in range(0, len(data), 1000)))
    assert [len(captured) for _, captured, _, _ in packets] == [LARGEST_PACKET, 4]
    assert not reader.trouble


def test_another_version_is_not_guessed_at() -> None:
    reader, packets = read(PcapReader, b"\xd4\xc3\xb2\xa1\x07\0\x01\0" + bytes(64))
    assert packets == []
    assert reader.trouble == "is broken at byte 4: pcap version 7.1, which nobody writes"


@given(st.sampled_from(sorted(MAGICS)), st.lists(st.binary(max_size=80), max_size=8))
def test_arbitrary_bytes_give_packets_or_trouble_and_never_raise(magic: bytes, chunks: list[bytes]) -> None:
    data = b"".join(chunks)
    reader, packets = read(PcapReader, magic, b"\2\0\4\0", *chunks)
    again, same = read(PcapReader, magic + b"\2\0\4\0" + data)
    assert packets == same
    assert reader.trouble == again.trouble
    assert reader.trouble or reader.offset == 8 + len(data)
