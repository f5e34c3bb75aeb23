"""From segments to frames: TCP, IPv4 or IPv6 with what may stand before it, and five kinds of link layer.

Checksums are left zero, as a network card that computes them leaves them in a capture of its own host.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random
from struct import Struct

from traffic.values import PSH, SYN, Ends, PacketPath, Segment

ETHERNET, NULL, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 1, 0, 101, 108, 113, 228, 229, 276

TCP = Struct(">HHIIBBHHH")
IP4 = Struct(">BBHHHBBH4s4s")
IP6 = Struct(">IHBB16s16s")
MAC = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"
MASK = 0xFFFFFFFF

SYN_OPTIONS = bytes.fromhex("020405b40402080a0000000100000000 01030307".replace(" ", ""))
TIMESTAMPS = bytes.fromhex("0101080a0000000a0000000b")
IP4_OPTIONS = (b"", b"\x01\x01\x01\x00", b"\x07\x27\x04" + b"\0" * 37, b"\x94\x04\x00\x00")
"""None, padding, a full record route, router alert."""

HOP_BY_HOP = (0, b"\x00\x01\x04\0\0\0\0")
DESTINATION = (60, b"\x01\x01\x0c" + b"\0" * 12)
ROUTING = (43, b"\x00\x02\x00\0\0\0\0")
ATOMIC_FRAGMENT = (44, b"\x00\x00\x00\x00\x00\x00\x09")
EXTENSIONS = ((), (HOP_BY_HOP,), (HOP_BY_HOP, DESTINATION), (ROUTING, DESTINATION), (ATOMIC_FRAGMENT,))
"""Chains of (type, what follows its next-header byte), RFC 8200 §4."""


@dataclass(frozen=True, slots=True)
class Route:
    """Everything below TCP for one connection."""

    ends: Ends
    link_type: int = ETHERNET
    tags: tuple[tuple[int, int], ...] = ()
    """(type, VLAN id) of each tag, outermost first."""
    options: bytes = b""
    """IPv4 options."""
    extensions: tuple[tuple[int, bytes], ...] = ()
    """IPv6 extension headers."""
    timestamps: bool = False
    """TCP timestamps on every segment."""
    isn_client: int = 1_000
    isn_server: int = 5_000
    swapped: bool = False
    """BSD loopback: the family in big-endian order."""


Below = Callable[[bytes], bytes]


class Framer:
    """Makes the frames of one connection; what does not change is packed once."""

    def __init__(self, route: Route) -> None:
        self.route = route
        client, server = ip_address(route.ends.client), ip_address(route.ends.server)
        self._v6 = client.version == 6
        self._addresses: dict[PacketPath, tuple[bytes, bytes]] = {
            "client": (client.packed, server.packed),
            "server": (server.packed, client.packed),
        }
        self._ports: dict[PacketPath, tuple[int, int]] = {
            "client": (route.ends.client_port, route.ends.server_port),
            "server": (route.ends.server_port, route.ends.client_port),
        }
        self._isn: dict[PacketPath, int] = {"client": route.isn_client + 1, "server": route.isn_server + 1}
        self._other: dict[PacketPath, PacketPath] = {"client": "server", "server": "client"}
        self._link = link_header(route, self._v6)
        self._pads = route.link_type == ETHERNET
        self._chain = b""
        self._next = 6
        for kind, rest in reversed(route.extensions):
            self._chain = bytes((self._next,)) + rest + self._chain
            self._next = kind
        self._count = 0

    def frame(
        self, segment: Segment, *, ttl: int = 64, ip_id: int | None = None, urgent: int = 0, window: int = 502
    ) -> bytes:
        """One segment as it is on the wire, padded to Ethernet's minimum."""
        way = segment.way
        options = SYN_OPTIONS if segment.flags & SYN else TIMESTAMPS if self.route.timestamps else b""
        source, target = self._ports[way]
        acknowledged = self._isn[self._other[way]] + segment.ack & MASK if segment.flags & 16 else 0
        tcp = TCP.pack(
            source, target, self._isn[way] + segment.offset & MASK, acknowledged,
            20 + len(options) << 2, segment.flags, window, 0, urgent,
        )  # fmt: skip
        self._count += 1
        packet = self.ip(way, tcp + options + segment.data, ttl, self._count & 0xFFFF if ip_id is None else ip_id)
        frame = self._link + packet
        if self._pads and len(frame) < 60:
            frame += b"\x99" * (60 - len(frame))
        return frame

    def ip(self, way: PacketPath, payload: bytes, ttl: int, ip_id: int) -> bytes:
        source, target = self._addresses[way]
        if self._v6:
            length = len(self._chain) + len(payload)
            length = 0 if length > 0xFFFF else length
            return IP6.pack(0x60000000, length, self._next, ttl, source, target) + self._chain + payload
        options = self.route.options
        size = 20 + len(options)
        # What segmentation offload made larger than the field can say has 0 there (RFC 2675 §3 for IPv6).
        total = size + len(payload) if size + len(payload) <= 0xFFFF else 0
        head = IP4.pack(0x40 | size >> 2, 0, total, ip_id, 0x4000, ttl, 6, 0, source, target)
        return head + options + payload


def link_header(route: Route, v6: bool) -> bytes:
    """What stands before the IP packet."""
    kind = b"\x86\xdd" if v6 else b"\x08\x00"
    match route.link_type:
        case 1:
            tags = b"".join([t.to_bytes(2, "big") + vid.to_bytes(2, "big") for t, vid in route.tags])
            return MAC + tags + kind
        case 113:
            return b"\x00\x00\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00" + kind
        case 276:
            return kind + b"\x00\x00\x00\x00\x00\x03\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00"
        case 0:
            return (30 if v6 else 2).to_bytes(4, "big" if route.swapped else "little")
        case 108:
            return (24 if v6 else 2).to_bytes(4, "big")
        case _:
            return b""


LINKS: tuple[tuple[int, tuple[tuple[int, int], ...]], ...] = (
    (ETHERNET, ()),
    (ETHERNET, ((0x8100, 42),)),
    (ETHERNET, ((0x88A8, 100), (0x8100, 200))),
    (ETHERNET, ((0x8100, 1), (0x8100, 2), (0x8100, 3))),
    (ETHERNET, ((0x9100, 7), (0x8100, 8))),
    (SLL, ()),
    (SLL2, ()),
    (NULL, ()),
    (LOOP, ()),
    (RAW, ()),
)
"""(link type, VLAN tags)."""


def some_route(rng: Random, ends: Ends) -> Route:
    """A route by chance, with sequence numbers that wrap on a third of the connections."""
    link_type, tags = rng.choice(LINKS)
    v6 = ":" in ends.client
    return Route(
        ends,
        link_type,
        tags,
        options=b"" if v6 or rng.random() < 0.7 else rng.choice(IP4_OPTIONS),
        extensions=rng.choice(EXTENSIONS) if v6 and rng.random() < 0.5 else (),
        timestamps=rng.random() < 0.5,
        isn_client=_isn(rng),
        isn_server=_isn(rng),
        swapped=rng.random() < 0.5,
    )


def _isn(rng: Random) -> int:
    return 0x1_0000_0000 - rng.randrange(1, 4_000) if rng.random() < 0.33 else rng.randrange(1 << 32)


__all__ = [
    "ETHERNET",
    "LINKS",
    "LOOP",
    "NULL",
    "PSH",
    "RAW",
    "SLL",
    "SLL2",
    "Framer",
    "Route",
    "link_header",
    "some_route",
]
