"""TCP alone: segments said by number to `tcp.segments`, below an application that only writes down what it is told."""

from dataclasses import dataclass, field

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.records.evidence import Segment
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Application, ByteStream
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tcp.connection import Connection, Direction
from httpresp_capture.tcp.packet import Packet
from httpresp_capture.tcp.segments import Segments
from traffic.values import ACK

SECOND = 1_000_000_000
CLIENT, SERVER = b"\x0a\0\0\x01", b"\x0a\0\0\x02"
WIDTH = 8


class Heard(Receiver):
    """Writes down what it is handed: bytes, the length of each gap, each end."""

    def __init__(self, *, knows: bool = True) -> None:
        super().__init__()
        self.told: list[bytes | int | EndReason] = []
        self.marks = 0
        self.sure = knows
        self.size = 0

    def data(self, data: bytes, at: int) -> None:
        self.told.append(data)
        self.size += len(data)

    def urgent(self) -> None:
        self.marks += 1

    def gap(self, length: int, at: int, snapped: bool) -> None:
        self.told.append(length)

    def end(self, reason: EndReason, at: int) -> None:
        self.told.append(reason)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        pass

    def offset(self) -> int:
        return self.size

    def prepend(self, data: bytes, at: int) -> bool:
        self.told.insert(0, data)
        return True

    def knows(self) -> bool:
        return self.sure


@dataclass
class Above(Application):
    """What stands above one connection, and what it was told."""

    knows: bool = True
    """Whether its readers know what they read."""
    unknown: bool = True
    answering: bool = False
    busy: bool = False
    told: list[str] = field(default_factory=list[str])

    def listen(self, stream: ByteStream) -> Receiver:
        return Heard(knows=self.knows)

    def opened(self) -> None:
        self.told.append("opened")

    def restart(self) -> None:
        self.told.append("restart")

    def closed(self, reason: EndReason, at: int) -> None:
        self.told.append(f"closed: {reason}")

    def forget(self) -> None:
        self.told.append("forget")

    def asks_unknown(self) -> bool:
        return self.unknown

    def may_answer(self) -> bool:
        return self.answering

    def under_way(self) -> bool:
        return self.busy


class Wire:
    """Two ends of TCP, whose segments come a millisecond apart; numbers are as on the wire."""

    def __init__(self, above: Above | None = None, limits: Limits | None = None) -> None:
        self.above = above or Above()
        self.segments = Segments(Sink(limits or Limits()), lambda _: self.above)
        self.table = self.segments.table
        self.at = SECOND

    def say(
        self, way: str, seq: int, flags: int = ACK, *, ack: int = 0, data: bytes = b"", ip_id: int = 7
    ) -> Direction | None:
        """A segment of the client's or the server's; the direction that is known by its addresses afterwards."""
        self.at += 1_000_000
        one, two = (40_000).to_bytes(2, "big"), (80).to_bytes(2, "big")
        key = CLIENT + SERVER + one + two if way == "client" else SERVER + CLIENT + two + one
        packet = Packet(self.at, 64, ip_id, ack, 40 + len(data))
        path = PacketPath(self.at, "eth0")
        known = self.table.directions.get(key)
        self.segments.arrive(known, key, WIDTH, seq, flags, data, len(data), packet, None, path)
        return self.table.directions.get(key)

    @property
    def connection(self) -> Connection:
        """The newest."""
        return next(reversed(self.table.connections))

    @property
    def client(self) -> Direction:
        client = self.connection.both()[0]
        assert client is not None
        return client

    @property
    def server(self) -> Direction:
        server = self.connection.both()[1]
        assert server is not None
        return server


def heard(direction: Direction) -> list[bytes | int | EndReason]:
    """What the reader of a direction was told."""
    assert isinstance(direction.reader, Heard)
    return direction.reader.told
