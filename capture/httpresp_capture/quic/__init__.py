"""QUIC (RFC 9000), as far as anybody can read it: its Initial packets, which hold both hellos of TLS."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import DatagramReader
from httpresp_capture.sink import Sink

if TYPE_CHECKING:
    from httpresp_capture.quic.connections import QuicConnections

__all__ = ["Quic"]


class Quic(DatagramReader):
    """Takes the datagrams of QUIC; what reads them is loaded with the first."""

    __slots__ = ("_connections", "_next_flow", "_sink")

    def __init__(self, sink: Sink, next_flow: Callable[[], int]) -> None:
        self._sink = sink
        self._next_flow = next_flow
        """Gives the number of a new connection."""
        self._connections: QuicConnections | None = None

    @property
    def told(self) -> int:
        """Connections of which rows tell."""
        return 0 if self._connections is None else self._connections.told

    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> bool:
        """See `DatagramReader`."""
        if self._connections is None:
            from httpresp_capture.quic.connections import QuicConnections

            self._connections = QuicConnections(self._sink, self._next_flow)
        return self._connections.datagram(data, length, source, target, path)

    def sweep(self, at: int, idle_ns: int) -> None:
        """See `DatagramReader`."""
        if self._connections is not None:
            self._connections.sweep(at, idle_ns)

    def close_all(self) -> None:
        """See `DatagramReader`."""
        if self._connections is not None:
            self._connections.close_all()
