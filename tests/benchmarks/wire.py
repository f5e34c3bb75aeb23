"""Packets for captures of any size, cheap to make: connections of one shape, mixed in the order of a seed.

A conversation is a generator of frames; `mixed` lets some of them talk at once. Checksums are zero, as a network card
that computes them leaves them in a capture of its own host.
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from struct import Struct

from httpresp_capture.streams.position import MASK
from httpresp_capture.tcp.flags import ACK, FIN, SYN

Frames = Iterator[bytes]

MSS = 1_448
START = 1_700_000_000
_ETHERNET = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"
_PACKET = Struct(">BBHHHBBH8sIIIBBHHH")
"""IPv4 and TCP without options; the ports are one number."""
_FILE_HEADER = Struct("<IHHiIII").pack(0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
_RECORD = Struct("<IIII").pack
_BUFFER = 1 << 20
_PUSH = 0x08


class Line:
    """One connection: addresses, and how far both sides have come."""

    __slots__ = ("_down", "_down_ports", "_up", "_up_ports", "client_seq", "server_seq")
    server_port = 80

    def __init__(self, number: int, client_seq: int, server_seq: int) -> None:
        client = (0x0A800000 + number // 50_000).to_bytes(4, "big")
        server = (0x0A000001 + number % 7).to_bytes(4, "big")
        port = 10_000 + number % 50_000
        self._up, self._up_ports = client + server, port << 16 | self.server_port
        self._down, self._down_ports = server + client, self.server_port << 16 | port
        self.client_seq = client_seq
        self.server_seq = server_seq

    def ask(self, data: bytes = b"", flags: int = ACK) -> bytes:
        """A frame of the client's."""
        seq = self.client_seq
        self.client_seq = (seq + len(data) + bool(flags & (SYN | FIN))) & MASK
        ack = self.server_seq if flags & ACK else 0
        return _frame(self._up, self._up_ports, seq, ack, flags | (_PUSH if data else 0), data)

    def answer(self, data: bytes = b"", flags: int = ACK) -> bytes:
        """A frame of the server's."""
        seq = self.server_seq
        self.server_seq = (seq + len(data) + bool(flags & (SYN | FIN))) & MASK
        return _frame(self._down, self._down_ports, seq, self.client_seq, flags | (_PUSH if data else 0), data)

    def opening(self) -> Frames:
        """The handshake."""
        yield self.ask(flags=SYN)
        yield self.answer(flags=SYN | ACK)
        yield self.ask()

    def from_client(self, data: bytes) -> bytes:
        """What carries this on the wire."""
        return data

    def from_server(self, data: bytes) -> bytes:
        """What carries this on the wire."""
        return data

    def closing(self) -> Frames:
        """Both sides are done."""
        yield self.ask(flags=FIN | ACK)
        yield self.answer(flags=FIN | ACK)
        yield self.ask()


def _frame(addresses: bytes, ports: int, seq: int, ack: int, flags: int, data: bytes) -> bytes:
    length = 40 + len(data)
    ip_and_tcp = (0x45, 0, length, seq & 0xFFFF, 0x4000, 64, 6, 0, addresses, ports, seq, ack, 0x50, flags, 502, 0, 0)
    return _ETHERNET + _PACKET.pack(*ip_and_tcp) + data


def new_line(rng: Random, number: int) -> Line:
    """A connection with sequence numbers by chance."""
    return Line(number, rng.randrange(1 << 32), rng.randrange(1 << 32))


def pieces(data: bytes) -> list[bytes]:
    """As many segments as it needs."""
    return [data[at : at + MSS] for at in range(0, len(data), MSS)]


def mixed(rng: Random, conversations: Iterable[Frames], together: int) -> Frames:
    """Frames of all conversations, so many of them at once."""
    waiting = iter(conversations)
    talking: list[Frames] = []
    while True:
        while len(talking) < together and (fresh := next(waiting, None)) is not None:
            talking.append(fresh)
        if not talking:
            return
        place = int(rng.random() * len(talking))
        frame = next(talking[place], None)
        if frame is not None:
            yield frame
        else:
            talking[place] = talking[-1]
            talking.pop()


def write_pcap(write: Callable[[bytes], object], rng: Random, frames: Frames) -> int:
    """Write a capture file; how many packets it has."""
    parts = [_FILE_HEADER]
    size = packets = 0
    micros = START * 1_000_000
    for frame in frames:
        micros += 5 + int(rng.random() * 10)
        length = len(frame)
        parts.append(_RECORD(micros // 1_000_000, micros % 1_000_000, length, length))
        parts.append(frame)
        packets += 1
        size += length
        if size > _BUFFER:
            write(b"".join(parts))
            parts.clear()
            size = 0
    write(b"".join(parts))
    return packets
