"""Where an IP packet leads: what takes the segments of a transport protocol."""

from typing import NamedTuple

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.records.record import compiled


class Carried(NamedTuple):
    """What the header of an IP packet says of what it carries."""

    ttl: int
    """Time to live, or hop limit."""
    ip_id: int
    """Identification of IPv4 (RFC 791 §3.1); 0 for IPv6."""
    length: int
    """As `Response.packet_len` counts it: the total length of IPv4, the payload length of IPv6."""


@compiled(allow_interpreted_subclasses=True)
class Transport:
    """Takes what IP carries of one protocol."""

    __slots__ = ()

    def packet(
        self, buffer: bytes, start: int, end: int, packet_end: int, addresses: bytes, path: PacketPath, carried: Carried
    ) -> None:
        """Its header is at `start`; captured to `end`; as sent, the packet reached to `packet_end`."""
        raise NotImplementedError


@compiled(allow_interpreted_subclasses=True)
class DatagramReader:
    """Takes the datagrams of a protocol on UDP."""

    __slots__ = ()

    def datagram(self, data: bytes, length: int, source: bytes, target: bytes, path: PacketPath) -> bool:
        """`data` is what was captured of `length` bytes; both ends are an address and a port, as on the wire. True
        where a row tells of it; else it is to be counted as not read."""
        raise NotImplementedError

    def sweep(self, at: int, idle_ns: int) -> None:
        """End what was silent for so long."""
        raise NotImplementedError

    def close_all(self) -> None:
        """The capture is over."""
        raise NotImplementedError


@compiled(allow_interpreted_subclasses=True)
class Carrier:
    """Opens what another layer has found inside."""

    __slots__ = ()

    def carry(self, buffer: bytes, start: int, end: int, kind: int, path: PacketPath) -> None:
        """What an EtherType `kind` announces, at `buffer[start:end]`."""
        raise NotImplementedError
