"""What is written is what is read again."""

from hypothesis import given
from hypothesis import strategies as st

from capture_bytes import Recorder
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.pcap import PcapReader
from httpresp_capture.sources.file.pcapng import PcapngReader
from httpresp_capture.sources.file.writer import PcapngWriter, PcapWriter

LOOPBACK = Interface(0, "lo", 1)
TUNNEL = Interface(1, "tün0", 101)
TIMES = st.integers(0, 2**32 * 10**9 - 1)
PACKETS = st.lists(
    st.tuples(TIMES, st.binary(max_size=100), st.integers(0, 70_000), st.sampled_from([LOOPBACK, TUNNEL]))
)


@given(PACKETS)
def test_pcapng_keeps_times_lengths_and_interfaces(packets: list[tuple[int, bytes, int, Interface]]) -> None:
    written: list[bytes] = []
    writer = PcapngWriter(written.append)
    for at, frame, wire_length, interface in packets:
        writer.packet(at, b"<<" + frame + b">>", 2, 2 + len(frame), wire_length, interface)
    recorder = Recorder()
    reader = PcapngReader(recorder.feed)
    reader.push(b"".join(written))
    reader.end()
    assert not reader.trouble
    read = [(at, frame, length, (origin.name, origin.link_type)) for at, frame, length, origin in recorder.packets]
    assert read == [(at, frame, length, (origin.name, origin.link_type)) for at, frame, length, origin in packets]


@given(PACKETS)
def test_pcap_keeps_times_and_lengths(packets: list[tuple[int, bytes, int, Interface]]) -> None:
    written: list[bytes] = []
    writer = PcapWriter(written.append, 101)
    for at, frame, wire_length, interface in packets:
        writer.packet(at, b"<<" + frame + b">>", 2, 2 + len(frame), wire_length, interface)
    recorder = Recorder()
    reader = PcapReader(recorder.feed)
    reader.push(b"".join(written))
    reader.end()
    assert not reader.trouble
    expected = [(at, frame, length, Interface(0, "", 101)) for at, frame, length, _ in packets]
    assert recorder.packets == expected


def test_vlan_tags_that_the_kernel_took_out_are_put_back() -> None:
    frame = b"destinsource" + b"\x08\x00" + b"packet"
    for writer_of in (PcapWriter, PcapngWriter):
        written: list[bytes] = []
        writer_of(written.append).packet(1, frame, 0, len(frame), len(frame), LOOPBACK, (7, 42))
        recorder = Recorder()
        reader = (PcapReader if writer_of is PcapWriter else PcapngReader)(recorder.feed)
        reader.push(b"".join(written))
        _, tagged, wire_length, _ = recorder.packets[0]
        assert tagged == b"destinsource" + b"\x81\x00\x00\x07" + b"\x81\x00\x00\x2a" + b"\x08\x00" + b"packet"
        assert wire_length == len(frame) + 8


def test_losses_and_secrets_are_written_as_they_are_read() -> None:
    written: list[bytes] = []
    writer = PcapngWriter(written.append)
    writer.key_log(b"CLIENT_RANDOM 00 11\n")
    writer.packet(5, b"abc", 0, 3, 3, LOOPBACK)
    writer.statistics(9, LOOPBACK, received=100, dropped=3)
    reader = PcapngReader(Recorder().feed)
    came: list[bytes] = []
    reader.secrets_came = came.append
    reader.push(b"".join(written))
    assert (reader.packets, reader.interface_drops, came) == (1, 3, [b"CLIENT_RANDOM 00 11\n"])
