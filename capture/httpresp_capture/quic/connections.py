"""The connections of QUIC, by the sockets of both ends; each is a row, like one of TLS that is not read."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from httpresp_capture.net.addresses import address_text
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import DatagramReader
from httpresp_capture.quic.connection import QuicConnection
from httpresp_capture.quic.initial import InitialPacket, asked_again, initial_packets
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.events import FlowEnded
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.unread import Kind, number_of
from httpresp_capture.sink import Sink
from httpresp_capture.tls.encrypted_row import EncryptedRow

MOST: Final = 16_384
"""Connections that are followed; the one that was silent longest leaves for a new one."""
MOST_OPENING: Final = 1_024
"""Connections whose hellos may be under way at once: those that began last."""


class QuicRow(EncryptedRow):
    """One connection and its row."""

    __slots__ = ("_flow", "client", "connection", "not_told")

    def __init__(self, sink: Sink, connection: QuicConnection, client: bytes, flow: Flow) -> None:
        super().__init__(sink)
        self.connection = connection
        self.client = client
        """Address and port of the client, as on the wire."""
        self._flow = flow
        self.not_told = 0
        """Datagrams that came before there was anything to tell, and are counted as not read."""
        self.began_at = self.last_at = flow.opened_at

    def flow(self) -> Flow:
        """See `EncryptedRow`."""
        return self._flow

    def facts(self) -> Encrypted:
        """See `EncryptedRow`."""
        return self.connection.facts()

    def know(self) -> bool:
        """Tell what is known now, if that is more than before; True when the row is new."""
        tls = self.connection.tls
        if not self.connection.named or self._flow.tls == tls:
            return False
        self._flow = replace(self._flow, tls=tls)
        if self.told:
            self.tell_again()
            return False
        self.tell(self.last_at)
        return True


class QuicConnections(DatagramReader):
    """All of a capture."""

    __slots__ = ("_by_sockets", "_next_flow", "_opening", "_sink", "told")

    def __init__(self, sink: Sink, next_flow: Callable[[], int]) -> None:
        self._sink = sink
        self._next_flow = next_flow
        """Gives the number of a new connection."""
        self._by_sockets: OrderedDict[bytes, QuicRow] = OrderedDict()
        """The one that was silent longest first."""
        self._opening: deque[QuicConnection] = deque()
        """Those whose hellos may be kept, the oldest first."""
        self.told = 0
        """Connections of which rows tell."""

    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> bool:
        """See `DatagramReader`."""
        key = min(source, target) + max(source, target)
        row = self._by_sockets.get(key)
        packets = initial_packets(data) if data[0] & 0x80 else []
        if row is None:
            if not packets:
                return False
            row = self._open(key, packets[0], source, target, path)
        else:
            self._by_sockets.move_to_end(key)
        from_client = source == row.client
        row.last_at = max(row.last_at, path.at)
        if not packets and not from_client:
            asked = asked_again(data)
            if asked is not None:
                row.connection.ask_again(asked)
        for packet in packets:
            if not from_client:
                row.connection.server_packet(packet, path.at)
                # The capture may have begun with what a server said.
                begins = row.connection.begins_with(packet)
            else:
                begins = row.connection.client_packet(packet, path.at)
            if begins:
                self._end(row, EndReason.PORT_REUSED)
                row = self._open(key, packet, source, target, path)
                row.connection.client_packet(packet, path.at)
                from_client = True
        if from_client:
            row.connection.client_bytes += length
        else:
            row.connection.server_bytes += length
        if row.know():
            self.told += 1
            self._sink.flows_encrypted += 1
            self._sink.unread.take_back(number_of(Kind.QUIC), row.not_told)
        row.grow()
        row.not_told += not row.told
        return row.told

    def _open(self, key: bytes, first: InitialPacket, source: bytes, target: bytes, path: PacketPath) -> QuicRow:
        if len(self._by_sockets) >= MOST:
            self._end(self._by_sockets.popitem(last=False)[1], EndReason.EVICTED)
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
        connection = QuicConnection(first)
        self._opening.append(connection)
        if len(self._opening) > MOST_OPENING:
            self._opening.popleft().forget_hellos()
        row = self._by_sockets[key] = QuicRow(self._sink, connection, source, flow)
        return row

    def sweep(self, at: int, idle_ns: int) -> None:
        """End those that were silent for so long."""
        rows = self._by_sockets
        while rows:
            key, row = next(iter(rows.items()))
            if at - row.last_at < idle_ns:
                return
            del rows[key]
            self._end(row, EndReason.IDLE)

    def close_all(self) -> None:
        """The capture is over."""
        for row in self._by_sockets.values():
            self._end(row, EndReason.CAPTURE_END)
        self._by_sockets.clear()

    def _end(self, row: QuicRow, reason: EndReason) -> None:
        if row.told:
            row.end(reason)
            self._sink.emit(FlowEnded(row.flow(), row.last_at, reason))
