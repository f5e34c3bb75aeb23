"""What is done to a recording before it is kept: packets lost, exchanged and repeated, tags added, secrets looked for.

The packets of a loopback recording are Ethernet frames with IPv4 or IPv6 and TCP. Flows are named by the client's port.
"""

import gzip
import socket
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.file.pcap import PcapReader
from httpresp_capture.sources.file.pcapng import PcapngReader
from httpresp_capture.sources.file.writer import PcapngWriter, PcapWriter

LOOPBACK = Interface(0, "lo", 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured packet."""

    at: int
    data: bytes

    @property
    def is_tcp(self) -> bool:
        return self.data[23 if self.data[12:14] == b"\x08\x00" else 20] == 6

    def names(self, address: str) -> bool:
        """True when it goes to or comes from an address of IPv4, untagged."""
        number = socket.inet_aton(address)
        return self.data[12:14] == b"\x08\x00" and number in (self.data[26:30], self.data[30:34])

    @property
    def tcp(self) -> tuple[int, int]:
        """Where TCP begins, and where the packet ends."""
        if self.data[12:14] == b"\x08\x00":
            return 14 + (self.data[14] & 15) * 4, 14 + int.from_bytes(self.data[16:18], "big")
        return 54, 54 + int.from_bytes(self.data[18:20], "big")

    @property
    def ports(self) -> tuple[int, int]:
        tcp, _ = self.tcp
        return int.from_bytes(self.data[tcp : tcp + 2], "big"), int.from_bytes(self.data[tcp + 2 : tcp + 4], "big")

    @property
    def payload(self) -> int:
        """Length of what TCP carries."""
        tcp, end = self.tcp
        return end - tcp - (self.data[tcp + 12] >> 4) * 4


def frames_of(path: Path) -> list[Frame]:
    """The packets of a recording, in order of time."""
    frames: list[Frame] = []

    def keep(at: int, buffer: bytes, start: int, end: int, _length: int, _interface: Interface) -> None:
        frames.append(Frame(at, buffer[start:end]))

    data = path.read_bytes()
    reader = PcapngReader(keep) if ".pcapng" in path.name else PcapReader(keep)
    reader.push(gzip.decompress(data) if path.suffix == ".gz" else data)
    reader.end()
    assert not reader.trouble
    return sorted(frames, key=lambda frame: frame.at)


def without_bare_acks(frames: list[Frame]) -> list[Frame]:
    """Smaller: what a live capture's filter in the kernel drops, too. Flags are FIN 1, SYN 2, RST 4."""
    return [frame for frame in frames if not frame.is_tcp or frame.payload or frame.data[frame.tcp[0] + 13] & 7]


def lost(frames: list[Frame], port: int, *numbers: int) -> list[Frame]:
    """Without some of the segments with payload that went to this client, counted from 0."""
    gone = {id(frame) for number, frame in enumerate(_to(frames, port)) if number in numbers}
    assert len(gone) == len(numbers)
    return [frame for frame in frames if id(frame) not in gone]


def shuffled(frames: list[Frame], port: int) -> list[Frame]:
    """Every second pair of segments to this client exchanged, every fifth segment repeated a moment later."""
    ours = _to(frames, port)
    moved: dict[int, int] = {}
    for first, second in zip(ours[1::4], ours[2::4], strict=False):
        moved[id(first)], moved[id(second)] = second.at, first.at
    again = [replace(frame, at=frame.at + 40_000) for frame in ours[::5]]
    assert moved
    changed = [replace(frame, at=moved.get(id(frame), frame.at)) for frame in frames]
    return sorted([*changed, *again], key=lambda frame: frame.at)


def tagged(frames: list[Frame], port: int, vlan: int) -> list[Frame]:
    """The flow with an IEEE 802.1Q tag."""
    tag = b"\x81\x00" + vlan.to_bytes(2, "big")
    return [
        replace(frame, data=frame.data[:12] + tag + frame.data[12:]) if port in frame.ports else frame
        for frame in frames
    ]


def _to(frames: list[Frame], port: int) -> list[Frame]:
    return [frame for frame in frames if frame.ports[1] == port and frame.payload]


def save(frames: list[Frame], path: Path, received: int, key_log: bytes = b"") -> None:
    """As gzip; pcap or pcapng by the name, which may hold TLS secrets. Always the same bytes for the same frames."""
    pieces: list[bytes] = []
    if ".pcapng" in path.name:
        writer = PcapngWriter(pieces.append)
        if key_log:
            writer.key_log(key_log)
        for frame in frames:
            writer.packet(frame.at, frame.data, 0, len(frame.data), len(frame.data), LOOPBACK)
        writer.statistics(frames[-1].at, LOOPBACK, received, 0)
    else:
        plain = PcapWriter(pieces.append)
        for frame in frames:
            plain.packet(frame.at, frame.data, 0, len(frame.data), len(frame.data), LOOPBACK)
    data = b"".join(pieces)
    for secret in (socket.gethostname(), tempfile.gettempdir(), str(Path.home()), str(Path.cwd())):
        # A shorter one would be found by chance.
        assert len(secret) < 4 or secret.encode() not in data, f"{path.name} would tell {secret!r}"
    path.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{path.name}: {len(frames)} packets, {path.stat().st_size} bytes")
