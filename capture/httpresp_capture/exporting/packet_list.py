"""The packets of one connection, told one by one: the captures are read again, and what is looked at are the headers.

Which packets they are is known as for a slice (`connections`). Only TCP has a story; of QUIC, nothing is said.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from httpresp_capture.exporting.connections import Connections
from httpresp_capture.net.ip import Network
from httpresp_capture.net.link import DECODERS
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carried, DatagramReader, Transport
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sink import Sink
from httpresp_capture.sources.file.packets import Packet, PacketFile, fraction, oldest
from httpresp_capture.tcp.packet_notes import Header, PacketNotes

AT_ONCE = 200
"""Packets between two looks at the clock."""


class PacketList:
    """Of the connection of some responses; raises `CaptureError` where a file is not to be read."""

    def __init__(self, paths: Sequence[Path], responses: Sequence[Response]) -> None:
        self.notes = PacketNotes()
        self.failure = ""
        """What was wrong with a file whose packets are told up to there."""
        self._connections = Connections()
        for response in responses:
            self._connections.add(response)
        flow = responses[0].flow
        if flow.transport != "TCP":
            raise CaptureError(f"Of {flow.transport}, no packets are told: all but their beginning is encrypted.")
        self._headers = _Headers(ip_address(flow.client).packed + flow.client_port.to_bytes(2, "big"))
        self._network = Network(Sink(Limits()), self._headers, _NoDatagrams())
        self._paths = paths

    def steps(self) -> Iterator[float | None]:
        """Read on; how much of it is done, where that is known."""
        parts: list[PacketFile] = []
        try:
            for path in self._paths:
                parts.append(PacketFile(str(path), Limits()))
                if parts[-1].file.holds_events:
                    raise CaptureError(f"{escaped(str(path))} holds events, and no packets.")
            while taken := oldest(parts, AT_ONCE):
                for each in taken:
                    for packet in self._connections.of(each):
                        self._open(packet)
                yield fraction(parts)
            self.failure = next((part.failure for part in parts if part.failure), "")
        finally:
            for part in parts:
                part.file.close()

    def _open(self, packet: Packet) -> None:
        at, buffer, start, end, wire_length, interface = packet
        decode = DECODERS.get(interface.link_type)
        if decode is None:
            return
        kind, ip, vlans = decode(buffer, start, end)
        cut = max(wire_length - (end - start), 0)
        self._headers.found = None
        self._network.carry(buffer, ip, end, kind, PacketPath(at, interface.name, vlans, cut=cut))
        if self._headers.found is not None:
            self.notes.add(self._headers.found)


class _Headers(Transport):
    """Takes the header of a segment."""

    def __init__(self, client: bytes) -> None:
        self.found: Header | None = None
        self._client = client

    def packet(
        self, buffer: bytes, start: int, end: int, packet_end: int, addresses: bytes, path: PacketPath, carried: Carried
    ) -> None:
        if end - start < 16:
            return
        header = (buffer[start + 12] >> 4) << 2
        self.found = Header(
            path.at,
            addresses[: len(addresses) // 2] + buffer[start : start + 2] == self._client,
            int.from_bytes(buffer[start + 4 : start + 8], "big"),
            int.from_bytes(buffer[start + 8 : start + 12], "big"),
            max(0, packet_end - start - header),
            buffer[start + 13],
            int.from_bytes(buffer[start + 14 : start + 16], "big"),
            carried.ttl,
        )


class _NoDatagrams(DatagramReader):
    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> bool:
        """Only TCP has segments."""
        return False

    def sweep(self, at: int, idle_ns: int) -> None:
        """Nothing is held."""

    def close_all(self) -> None:
        """Nothing is held."""
