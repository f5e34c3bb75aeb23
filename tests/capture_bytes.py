"""Capture files as bytes one can read, and a pipeline that only writes down what it is fed."""

from collections.abc import Iterator
from struct import pack

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, FlowEnded
from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.reader import CaptureReader

Packet = tuple[int, bytes, int, Interface]
"""Time, captured bytes, length on the wire, interface."""

SECOND = 1_700_000_000
NS = 1_000_000_000


class Recorder(Pipeline):
    """Stands where the pipeline stands."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.events: list[CaptureEvent] = []
        self.finished = 0
        self.secrets: list[bytes] = []

    def feed(
        self,
        at: int,
        buffer: bytes,
        start: int,
        end: int,
        wire_length: int,
        interface: Interface,
        vlans: tuple[int, ...] = (),
    ) -> None:
        assert not vlans
        self.packets.append((at, buffer[start:end], wire_length, interface))

    def add_secrets(self, text: bytes) -> None:
        self.secrets.append(text)

    def take(self) -> list[CaptureEvent]:
        taken, self.events = self.events, []
        return taken

    def tick(self, at: int) -> None:
        raise AssertionError(f"a file knows no clock, and {at} is one")

    def finish(self) -> None:
        self.finished += 1

    def counters(self) -> Counters:
        return Counters(packets=len(self.packets))

    @property
    def frames(self) -> list[bytes]:
        return [frame for _, frame, _, _ in self.packets]


def read(kind: type[CaptureReader], *chunks: bytes) -> tuple[CaptureReader, list[Packet]]:
    """Push the chunks through a reader and end it."""
    recorder = Recorder()
    reader = kind(recorder.feed)
    for chunk in chunks:
        reader.push(chunk)
    reader.end()
    return reader, recorder.packets


def every_split(data: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and in two at every place."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]


# --- pcap


def pcap_header(order: str = "<", magic: int = 0xA1B2C3D4, link_word: int = 1) -> bytes:
    return pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link_word)


def pcap_packet(fraction: int, frame: bytes, order: str = "<", wire_length: int = 0, patched: bytes = b"") -> bytes:
    return pack(f"{order}4I", SECOND, fraction, len(frame), wire_length or len(frame)) + patched + frame


# --- pcapng


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) & 3)
    return pack(f"{order}II", kind, len(body) + 12) + body + pack(f"{order}I", len(body) + 12)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) & 3)


def section(order: str = "<", major: int = 1) -> bytes:
    return block(0x0A0D0D0A, pack(f"{order}IHHq", 0x1A2B3C4D, major, 0, -1), order)


def interface(options: bytes = b"", link_type: int = 1, snap_length: int = 0, order: str = "<") -> bytes:
    return block(1, pack(f"{order}HHI", link_type, 0, snap_length) + options, order)


def enhanced(
    ticks: int, frame: bytes, number: int = 0, order: str = "<", wire_length: int = 0, options: bytes = b""
) -> bytes:
    head = pack(f"{order}5I", number, ticks >> 32, ticks & 0xFFFF_FFFF, len(frame), wire_length or len(frame))
    return block(6, head + frame + bytes(-len(frame) & 3) + options, order)


def simple(frame: bytes, wire_length: int = 0) -> bytes:
    return block(3, pack("<I", wire_length or len(frame)) + frame)


def obsolete(ticks: int, frame: bytes, number: int = 0, lost: int = 0xFFFF) -> bytes:
    head = pack("<HH4I", number, lost, ticks >> 32, ticks & 0xFFFF_FFFF, len(frame), len(frame))
    return block(2, head + frame)


def statistics(number: int, **counters: int) -> bytes:
    codes = {"received": 4, "lost_by_interface": 5, "lost_by_system": 7}
    options = b"".join(option(codes[name], pack("<Q", count)) for name, count in counters.items())
    return block(5, pack("<III", number, 0, 0) + options)


def ended_flow() -> FlowEnded:
    """Any event at all."""
    from httpresp_capture.records.flow import Flow
    from httpresp_capture.records.outcome import EndReason

    return FlowEnded(Flow(1, "192.0.2.1", 1, "192.0.2.2", 80, "", 0, None, True), 0, EndReason.IDLE)
