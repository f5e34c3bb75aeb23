"""Which packets belong to chosen connections: by their sockets, their time, and what carried them.

A connection lasts from its first packet until another one opens between the same sockets, and has the tags and tunnels
that its record names (see `tcp.networks`). Pieces of a datagram are told by the last of them.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import field
from ipaddress import ip_address

from httpresp_capture.net.fragments import Fragments
from httpresp_capture.net.ip import Network
from httpresp_capture.net.link import DECODERS
from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.net.transport import Carried, DatagramReader, Transport
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import TRANSPORTS, Flow
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import record
from httpresp_capture.sink import Sink
from httpresp_capture.sources.file.packets import Packet
from httpresp_capture.tcp.flags import ACK, SYN

MOST_HELD = 4_096
"""Pieces of datagrams that wait for the rest; those that came first leave."""
MOST_PATHS = 8
"""Other ways that a record of a connection names; one that has so many may have more."""
Sockets = tuple[int, bytes, bytes]
"""Transport, and both ends, the lower first."""


@record
class _Found:
    """What a frame carries."""

    sockets: Sockets
    opens: bool
    """True for a SYN alone, of TCP."""
    path: PacketPath


@record
class _Chosen:
    """One connection."""

    opened_at: int
    last_at: int
    """When the last was seen of what was chosen on it."""
    paths: set[tuple[tuple[int, ...], str]] = field(default_factory=set)
    """VLANs and tunnel; of a connection with too many ways, none."""


class Connections:
    """The connections of chosen responses."""

    def __init__(self) -> None:
        self.randoms: dict[bytes, None] = {}
        """Client randoms of those that are TLS."""
        self._chosen: dict[Sockets, dict[int, _Chosen]] = {}
        """By sockets, then by number."""
        self._count = 0
        self._opener = _Opener()
        self._held: OrderedDict[bytes, deque[Packet]] = OrderedDict()
        self._held_count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, response: Response) -> None:
        """The connection of this one."""
        flow = response.flow
        sockets = _sockets_of(flow)
        between = self._chosen.setdefault(sockets, {})
        before = between.get(flow.id)
        self._count += before is None
        request = response.request
        times = [response.at, response.first_byte_at, response.ended_at or 0, flow.opened_at]
        if request is not None:
            times.append(request.sent_at)
        paths = set() if before is None else before.paths
        for vlans, tunnel in ((flow.vlan, flow.tunnel), *((each.vlan, each.tunnel) for each in flow.other_paths)):
            paths.add((_without_priority(vlans), tunnel))
        last_at = max(times) if before is None else max(before.last_at, *times)
        between[flow.id] = _Chosen(flow.opened_at, last_at, paths)
        if flow.tls is not None and flow.tls.client_random:
            self.randoms[bytes.fromhex(flow.tls.client_random)] = None

    def of(self, packet: Packet) -> Iterator[Packet]:
        """The packet, if it belongs to one of them, behind those that were held for it; else nothing."""
        found, piece = self._opener.open(packet)
        if piece:
            held = self._held.setdefault(piece, deque())
            held.append(packet)
            self._held_count += 1
            while self._held_count > MOST_HELD:
                _, gone = self._held.popitem(last=False)
                self._held_count -= len(gone)
            if found is None:
                return
            whole = self._held.pop(piece, deque())
            self._held_count -= len(whole)
        else:
            whole = (packet,)
        if found is not None and self._has(found, packet[0]):
            yield from whole

    def _has(self, found: _Found, at: int) -> bool:
        between = self._chosen.get(found.sockets)
        if between is None:
            return False
        path = (_without_priority(found.path.vlans), found.path.tunnel)
        belongs = False
        for id, chosen in list(between.items()):
            if at < chosen.opened_at or not (path in chosen.paths or len(chosen.paths) > MOST_PATHS):
                continue
            if found.opens and at > chosen.last_at:
                # Another connection between the same sockets: this one is over.
                del between[id]
            else:
                belongs = True
        return belongs


class _Opener:
    """Opens frames as the pipeline does, up to the transport."""

    def __init__(self) -> None:
        self._tcp = _Segments()
        self._quic = _Datagrams()
        self._network = Network(Sink(Limits()), self._tcp, self._quic)
        self._pieces = self._network.fragments = _Pieces()

    def open(self, packet: Packet) -> tuple[_Found | None, bytes]:
        """What it carries, if that is known; and which datagram it is a piece of, if it is one."""
        at, buffer, start, end, wire_length, interface = packet
        decode = DECODERS.get(interface.link_type)
        if decode is None:
            return None, b""
        self._tcp.found = self._quic.found = None
        self._pieces.key = b""
        kind, ip, vlans = decode(buffer, start, end)
        cut = max(wire_length - (end - start), 0)
        self._network.carry(buffer, ip, end, kind, PacketPath(at, interface.name, vlans, cut=cut))
        return self._tcp.found or self._quic.found, self._pieces.key


class _Segments(Transport):
    found: _Found | None = None

    def packet(
        self, buffer: bytes, start: int, end: int, packet_end: int, addresses: bytes, path: PacketPath, carried: Carried
    ) -> None:
        if end - start < 14:
            return
        width = len(addresses) // 2
        flags = buffer[start + 13]
        self.found = _Found(
            _sockets(
                TRANSPORTS["TCP"],
                addresses[:width] + buffer[start : start + 2],
                addresses[width:] + buffer[start + 2 : start + 4],
            ),
            flags & (SYN | ACK) == SYN,
            path,
        )


class _Datagrams(DatagramReader):
    found: _Found | None = None

    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> bool:
        self.found = _Found(_sockets(TRANSPORTS["UDP"], source, target), False, path)
        return True

    def sweep(self, at: int, idle_ns: int) -> None:
        pass

    def close_all(self) -> None:
        pass


class _Pieces(Fragments):
    """Tells which datagram the last piece was of."""

    __slots__ = ("key",)

    def __init__(self) -> None:
        super().__init__()
        self.key = b""

    def add(
        self, key: bytes, header: bytes, offset: int, data: bytes, cut: int, more: bool, at: int
    ) -> tuple[bytes, int] | None:
        self.key = key
        return super().add(key, header, offset, data, cut, more, at)


def _sockets_of(flow: Flow) -> Sockets:
    ends = ((flow.client, flow.client_port), (flow.server, flow.server_port))
    one, other = (ip_address(address).packed + port.to_bytes(2, "big") for address, port in ends)
    return _sockets(TRANSPORTS[flow.transport], one, other)


def _sockets(transport: int, one: bytes, other: bytes) -> Sockets:
    return transport, min(one, other), max(one, other)


def _without_priority(vlans: tuple[int, ...]) -> tuple[int, ...]:
    """VLAN id 0 means no VLAN (IEEE 802.1Q-2022 §9.6)."""
    return tuple(vlan for vlan in vlans if vlan)
