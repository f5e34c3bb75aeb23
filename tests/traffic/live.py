"""One or more connections, said packet by packet, into a pipeline that is looked at while it goes on."""

from typing import Final

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Interface
from httpresp_capture.records.limits import Limits
from httpresp_capture.tcp.assembler import Assembler
from httpresp_capture.tcp.connection import Connection
from traffic.frames import ETHERNET, Framer, Route
from traffic.values import ACK, FIN, RST, SYN, Ends, Frame, PacketPath, Segment
from traffic.watching import Watcher

SECOND: Final = 1_000_000_000
ENDS: Final = Ends("10.0.0.1", 40_000, "10.0.0.2", 80)
ETH0: Final = Interface(0, "eth0", ETHERNET)
ASKED: Final = b"GET /a HTTP/1.1\r\n\r\n"
ANSWERED: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


class Talk:
    """Segments of one connection, a millisecond apart."""

    def __init__(self, isn_client: int = 1_000, isn_server: int = 5_000, at: int = 0) -> None:
        self.framer = Framer(Route(ENDS, ETHERNET, isn_client=isn_client, isn_server=isn_server))
        self.at = at
        self.frames: list[Frame] = []

    def say(
        self, way: PacketPath, offset: int, data: bytes = b"", flags: int = ACK, ack: int = 0, after: int = 1
    ) -> None:
        self.at += after * SECOND // 1_000
        frame = self.framer.frame(Segment(way, offset, data, flags, ack))
        self.frames.append(Frame(self.at, ETHERNET, frame, len(frame)))

    def opening(self) -> None:
        self.say("client", -1, flags=SYN)
        self.say("server", -1, flags=SYN | ACK)

    def exchange(self, client: int = 0, server: int = 0) -> None:
        self.say("client", client, ASKED, ack=server)
        self.say("server", server, ANSWERED, ack=client + len(ASKED))

    def closing(self) -> None:
        self.say("server", len(ANSWERED), flags=FIN | ACK, ack=len(ASKED))
        self.say("client", len(ASKED), flags=FIN | ACK, ack=len(ANSWERED) + 1)


class Live(Talk):
    """The same, looked at while it goes on."""

    def __init__(
        self, *, handshake: bool = True, limits: Limits | None = None, isn_client: int = 1_000, isn_server: int = 5_000
    ) -> None:
        super().__init__(isn_client, isn_server, at=SECOND)
        self.watcher = Watcher(limits)
        if handshake:
            self.opening()

    def say(
        self, way: PacketPath, offset: int, data: bytes = b"", flags: int = ACK, ack: int = 0, after: int = 1
    ) -> None:
        super().say(way, offset, data, flags, ack, after)
        self.watcher.feed(self.frames[-1])
        self.watcher.collect()

    def wait(self, seconds: float) -> None:
        self.tick(self.at + int(seconds * SECOND))

    def tick(self, at: int) -> None:
        self.at = at
        self.watcher.pipeline.tick(self.at)
        self.watcher.collect()

    @property
    def rows(self) -> list[Response]:
        return list(self.watcher.responses.values())

    @property
    def connection(self) -> Connection:
        (one,) = self.watcher.pipeline.table.connections
        return one

    def details(self) -> list[list[str]]:
        return [[problem.detail for problem in row.problems] for row in self.rows]

    @property
    def client(self) -> Assembler:
        direction = self.connection.client
        assert isinstance(direction, Assembler)
        return direction

    @property
    def server(self) -> Assembler:
        direction = self.connection.server
        assert isinstance(direction, Assembler)
        return direction


class Bench:
    """A pipeline, and connections to the ports of one server, known by the client's port."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.watcher = Watcher(limits)
        self.pipeline = self.watcher.pipeline
        self.at = SECOND
        self.framers: dict[int, Framer] = {}

    def say(self, port: int, way: PacketPath, offset: int, data: bytes = b"", flags: int = ACK, ack: int = 0) -> None:
        framer = self.framers.setdefault(port, Framer(Route(Ends("10.0.0.1", port, "10.0.0.2", 80))))
        self.at += 1_000_000
        frame = framer.frame(Segment(way, offset, data, flags, ack))
        self.pipeline.feed(self.at, frame, 0, len(frame), len(frame), ETH0)
        self.watcher.collect()

    def open(self, port: int) -> None:
        self.say(port, "client", -1, flags=SYN)
        self.say(port, "server", -1, flags=SYN | ACK)

    def ask(self, port: int) -> None:
        self.open(port)
        self.say(port, "client", 0, ASKED)

    def answer(self, port: int) -> None:
        self.say(port, "server", 0, ANSWERED, ack=len(ASKED))

    def close(self, port: int) -> None:
        self.say(port, "server", len(ANSWERED), flags=FIN | ACK, ack=len(ASKED))
        self.say(port, "client", len(ASKED), flags=FIN | ACK, ack=len(ANSWERED) + 1)

    def reset(self, port: int) -> None:
        self.say(port, "server", len(ANSWERED), flags=RST | ACK, ack=len(ASKED))

    def wait(self, nanoseconds: int) -> None:
        self.at += nanoseconds
        self.pipeline.tick(self.at)
        self.watcher.collect()

    @property
    def known(self) -> int:
        return len(self.pipeline.table.connections)

    @property
    def evicted(self) -> int:
        return self.pipeline.counters().flows_evicted

    def status(self, port: int) -> list[int]:
        return [row.status for row in self.watcher.responses.values() if row.flow.client_port == port]
