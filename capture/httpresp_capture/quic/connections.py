"""The connections of QUIC, by the sockets of both ends; each is a row, like one of TLS that is not read."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from httpresp_capture.net.addresses import address_text
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import DatagramReader
from httpresp_capture.quic.connection import QuicConnection
from httpresp_capture.quic.initial import InitialPacket, initial_packets, opens_by_itself
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.events import FlowEnded, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.sink import Sink, Timed

MOST: Final = 16_384
"""Connections that are followed; the one that was silent longest leaves for a new one."""


class QuicRow(Timed):
    """One connection and its row."""

    __slots__ = ("_id", "_sink", "_told", "_told_at", "client", "connection", "flow", "last_at")

    def __init__(self, sink: Sink, connection: QuicConnection, client: bytes, flow: Flow) -> None:
        self._sink = sink
        self.connection = connection
        self.client = client
        """Address and port of the client, as on the wire."""
        self.flow = flow
        self.last_at = flow.opened_at
        self._id = 0
        self._told = Encrypted()
        self._told_at = 0

    def tell(self) -> None:
        """Something is known, or more than before."""
        sink, connection = self._sink, self.connection
        if not connection.named or self.flow.tls == connection.tls:
            return
        flow = self.flow
        self.flow = Flow(
            flow.id, flow.client, flow.client_port, flow.server, flow.server_port, flow.interface, flow.opened_at,
            None, False, flow.vlan, flow.tunnel, transport="UDP", tls=connection.tls,
        )  # fmt: skip
        if self._id:
            sink.emit(ResponseChanged(self._row(None)))
            return
        self._id = sink.next_id()
        self._told_at = self.last_at
        sink.encrypted += 1
        sink.flows_encrypted += 1
        sink.emit(ResponseSeen(self._row(None)))
        if sink.limits.progress_ns:
            sink.growing[self] = None

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """See `Timed`."""
        if self.connection.facts() == self._told or (
            0 <= at - self._told_at < self._sink.limits.progress_ns and not quiet
        ):
            return False
        self._told_at = at
        self._sink.emit(ResponseGrew(self._row(None)))
        return True

    def end(self, reason: EndReason) -> None:
        """Nothing more comes of it."""
        if self._id:
            self._sink.growing.pop(self, None)
            self._sink.emit(ResponseChanged(self._row(reason)))
            self._sink.emit(FlowEnded(self.flow, self.last_at, reason))

    def _row(self, end: EndReason | None) -> Response:
        self._told = facts = self.connection.facts()
        flow = self.flow
        return Response(
            self._id,
            flow,
            0,
            flow.opened_at,
            flow.opened_at,
            self.last_at if end is not None else None,
            b"",
            0,
            "",
            0,
            Framing.NONE,
            -1,
            None,
            facts.client_bytes + facts.server_bytes,
            facts.server_bytes,
            end=end,
            encrypted=facts,
        )


class QuicConnections(DatagramReader):
    """All of a capture."""

    __slots__ = ("_by_sockets", "_next_flow", "_sink")

    def __init__(self, sink: Sink, next_flow: Callable[[], int]) -> None:
        self._sink = sink
        self._next_flow = next_flow
        """Gives the number of a new connection."""
        self._by_sockets: OrderedDict[bytes, QuicRow] = OrderedDict()
        """The one that was silent longest first."""

    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> None:
        """See `DatagramReader`."""
        key = min(source, target) + max(source, target)
        row = self._by_sockets.get(key)
        packets = initial_packets(data) if data[0] & 0x80 else []
        if row is None:
            if not packets:
                return
            row = self._open(key, packets[0], source, target, path)
        else:
            self._by_sockets.move_to_end(key)
        from_client = source == row.client
        row.last_at = path.at
        for packet in packets:
            if not from_client:
                row.connection.server_packet(packet, path.at)
                # The capture may have begun with what a server said.
                begins = not row.connection.named and opens_by_itself(packet)
            else:
                begins = row.connection.client_packet(packet, path.at)
            if begins:
                row.end(EndReason.PORT_REUSED)
                row = self._open(key, packet, source, target, path)
                row.connection.client_packet(packet, path.at)
                from_client = True
        if from_client:
            row.connection.client_bytes += length
        else:
            row.connection.server_bytes += length
        row.tell()

    def _open(self, key: bytes, first: InitialPacket, source: bytes, target: bytes, path: PacketPath) -> QuicRow:
        if len(self._by_sockets) >= MOST:
            self._by_sockets.popitem(last=False)[1].end(EndReason.EVICTED)
        flow = Flow(
            self._next_flow(),
            address_text(source[:-2]),
            int.from_bytes(source[-2:], "big"),
            address_text(target[:-2]),
            int.from_bytes(target[-2:], "big"),
            path.interface,
            path.at,
            None,
            False,
            path.vlans,
            path.tunnel,
            transport="UDP",
        )
        row = self._by_sockets[key] = QuicRow(self._sink, QuicConnection(first), source, flow)
        return row

    def sweep(self, at: int, idle_ns: int) -> None:
        """End those that were silent for so long."""
        rows = self._by_sockets
        while rows:
            key, row = next(iter(rows.items()))
            if at - row.last_at < idle_ns:
                return
            del rows[key]
            row.end(EndReason.IDLE)

    def close_all(self) -> None:
        """The capture is over."""
        for row in self._by_sockets.values():
            row.end(EndReason.CAPTURE_END)
        self._by_sockets.clear()
