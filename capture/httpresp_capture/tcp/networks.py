"""Which connection a packet belongs to that comes by another path: behind other VLAN tags, in another tunnel, or bare.

A connection is a pair of sockets of one network (RFC 9293 §3.3.1), and tags and tunnels name the network of a packet.
The flow table looks a packet up by both, and asks here only when it finds nothing. Then either of two things is true,
and from outside they look the same, equal addresses and ports behind other tags:

- The directions of one connection are carried differently: tagged one way only, VLAN 10 there and 20 back, a GRE key,
  a VXLAN network or an MPLS label each, direct server return through IP in IP. Or its path has changed, or each of its
  packets was mirrored at two places.
- Two networks use the same addresses, as tenants do.

TCP's own numbers tell them apart, 32 bits by chance from either end. A packet is of the connection when it begins
exactly where its direction stands (as far as it was seen; else as the other direction has acknowledged), or
acknowledges exactly what the other direction has sent, as a SYN-ACK does the SYN; and when the number that is not
exact, if it can be known, is at least near. What does not fit is another network's, and has a connection of its own.

A SYN acknowledges nothing. One that repeats a SYN behind other tags is the same packet, seen twice, when it also has
its IP identification and comes at most `COPY_NS` later, which is what a switch or a router takes. That is never
concluded between networks which an overlay numbers (VXLAN, Geneve, a key of GRE, a session of PPPoE): a packet does not
pass from one tenant's network to another's. Labels of MPLS do not count for that: each router may put another in place.
"""

from typing import Final

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tcp.connection import Connection, Direction
from httpresp_capture.tcp.flags import ACK, NEAR, SYN
from httpresp_capture.tcp.packet import Packet

COPY_NS: Final = 10_000_000
MOST_NETWORKS: Final = 8
"""Connections between the same sockets that are compared, the newest."""
MOST_PATHS: Final = 8
"""Other ways of one connection that the table knows; packets that come by further ones are compared each."""


_FAR, _NEAR, _EXACT = range(3)


class Networks:
    """The connections behind tags and in tunnels, by their sockets alone."""

    __slots__ = ("contested", "known", "shared")

    def __init__(self) -> None:
        self.known: dict[bytes, list[Connection]] = {}
        """Those of one pair of sockets, the newest last."""
        self.contested: dict[bytes, None] = {}
        """Keys by which packets of two connections come: the table has none for them, each packet is compared."""
        self.shared = False
        """True once two connections had the same sockets: then a key alone may mislead."""

    def add(self, connection: Connection, sockets: bytes) -> None:
        """A connection was opened behind tags or in a tunnel."""
        between = self.known.get(sockets)
        if between is None:
            self.known[sockets] = [connection]
            return
        between.append(connection)
        if len(between) > MOST_NETWORKS:
            del between[0]

    def remove(self, connection: Connection, sockets: bytes) -> None:
        """It is forgotten."""
        between = self.known.get(sockets)
        if between is not None and connection in between:
            between.remove(connection)
            if not between:
                del self.known[sockets]


def claims(connection: Connection, key: bytes) -> bool:
    """True when packets of the connection come by this key: by its own, or proved before."""
    return key in connection.keys or key in [other.key for other in connection.other_paths]


def continued(
    candidates: "list[Connection]",
    known: Direction | None,
    key: bytes,
    width: int,
    seq: int,
    flags: int,
    length: int,
    packet: Packet,
    path: PacketPath,
) -> Direction | None:
    """The direction of one of these connections, the newest last, that goes on with this segment.

    Of those that it fits exactly: the `known` one, which has its key; one of which nothing was seen yet; the newest.
    If there is none: the only one that it is near and that has been proved to come by this key; the known one; the one
    that differs by a priority tag.
    """
    sockets = key[: width + 4]
    exact: Direction | None = None
    near: Direction | None = None
    several = False
    same: Direction | None = None
    for connection in reversed(candidates):
        direction = connection.first if connection.keys[0].startswith(sockets) else connection.second
        if direction is None or direction.peer is None:
            continue
        fit = _fit(connection, direction, direction.peer, seq, flags, length, packet, path)
        if fit == _EXACT:
            if direction is known:
                return direction
            if exact is None or (direction.next_seq < 0 <= exact.next_seq):
                exact = direction
        elif fit == _NEAR and direction.next_seq >= 0 and claims(connection, key):
            several = near is not None
            near = direction
        if same is None and _same_network(connection.path, path):
            same = direction
    if exact is not None:
        return exact
    return near if near is not None and not several else known or same


def _same_network(one: PacketPath, other: PacketPath) -> bool:
    """True when only priority tags differ: VLAN id 0 means no VLAN (IEEE 802.1Q-2022 §9.6)."""
    return one.tunnel == other.tunnel and [v for v in one.vlans if v] == [v for v in other.vlans if v]


def _fit(
    connection: Connection,
    direction: Direction,
    other: Direction,
    seq: int,
    flags: int,
    length: int,
    packet: Packet,
    path: PacketPath,
) -> int:
    if flags & SYN and not flags & ACK and direction.next_seq >= 0:
        late = connection.syn_direction is direction and connection.syn_seq == seq and not connection.syn_at
        return _EXACT if late or _is_copy(connection, direction, seq, packet, path) else _FAR
    begins = (seq + 1) & MASK if flags & SYN else seq
    exact = near = False
    stands = _reached(direction) if direction.next_seq >= 0 else _acknowledged(other)
    for place in stands:
        away = distance(begins, place)
        exact = exact or away == 0 or (direction.next_seq >= 0 and away + length == 0)
        near = near or abs(away) <= NEAR
    if stands and not near:
        return _FAR
    if flags & ACK:
        near = False
        stands = _reached(other) if other.next_seq >= 0 else _acknowledged(direction)
        for place in stands:
            away = distance(packet.ack, place)
            exact = exact or away == 0
            near = near or abs(away) <= NEAR
        if stands and not near:
            return _FAR
    return _EXACT if exact else _NEAR


def _reached(direction: Direction) -> list[int]:
    """Where a direction stands: behind what was delivered, and behind what is held."""
    held = direction.held
    if not held:
        return [direction.next_seq]
    return [direction.next_seq, (held[-1].seq + held[-1].length) & MASK]


def _acknowledged(direction: Direction) -> list[int]:
    """What a direction has acknowledged, as far as it was seen."""
    held = direction.held
    found = [held[0].packet.ack, held[-1].packet.ack] if held else []
    return [direction.ack, *found] if direction.ack else found


def _is_copy(connection: Connection, direction: Direction, seq: int, packet: Packet, path: PacketPath) -> bool:
    """A SYN that was seen already, on another VLAN or inside or outside of a tunnel."""
    return (
        connection.syn_direction is direction
        and connection.syn_seq == seq
        and connection.syn_ip_id == packet.ip_id
        and 0 <= packet.at - connection.syn_at <= COPY_NS
        and not (connection.path.numbered or path.numbered)
    )
