"""The flow table: which connection a segment belongs to; opening, closing, idling, port reuse, midstream; bounded.

Both directions of a connection stand in one dictionary under the bytes of their own packets, so that the packet loop
finds an assembler by one look-up of a slice. A connection that is over stays for a while as a tombstone: a
retransmission that comes late must not look like a new connection.

When the table is full, the one that was idle longest leaves, found by the clock algorithm: the oldest entry goes,
unless it was used since the hand last passed it; then it has another round.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from httpresp_capture.net.packet_path import PacketPath
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Application
from httpresp_capture.tcp.assembler import ACKED_WAIT_NS
from httpresp_capture.tcp.connection import NOBODY, AlternatePath, Connection, Direction
from httpresp_capture.tcp.former import Span
from httpresp_capture.tcp.networks import MOST_PATHS, Networks, claims, continued
from httpresp_capture.tcp.overlap import Recent
from httpresp_capture.tcp.packet import Packet, Tally
from httpresp_capture.tcp.resets import RESET_WAIT_NS, Reset

TOMBSTONE_NS: Final = 60_000_000_000
"""How long a closed connection is remembered (RFC 9293 §3.6.1 waits twice the segment lifetime; Linux 60 s)."""


class FlowTable:
    """Directions by their key."""

    __slots__ = (
        "_recent",
        "_resets",
        "_serve",
        "_sink",
        "_swept_at",
        "_touched",
        "connections",
        "directions",
        "evicted",
        "holes",
        "last_id",
        "networks",
        "opened",
        "tally",
    )

    def __init__(self, sink: Sink, serve: Callable[[Connection], Application]) -> None:
        self._sink = sink
        self._serve = serve
        """Makes what stands above a new connection."""
        self.directions: dict[bytes, Direction] = {}
        # Not a plain dict: finding the first key of one costs as much as has left before it.
        self.connections: OrderedDict[Connection, None] = OrderedDict()
        """Every connection, in the order in which the clock's hand meets them."""
        self.holes: dict[Direction, None] = {}
        """Directions in which something is missing right now."""
        self.networks = Networks()
        self.tally = Tally()
        self.opened = 0
        self.last_id = 0
        """The newest number of a connection, those of other transports among them."""
        self.evicted = 0
        self._recent = Recent()
        self._resets: deque[tuple[int, Connection]] = deque()
        """Connections that a reset may have ended, and when to look at each again."""
        self._swept_at = 0
        self._touched = 0

    def open(self, key: bytes, addresses: bytes, path: PacketPath, formers: tuple[Span, ...] = ()) -> Direction:
        """A new connection, whose first packet goes the way of `key`; taken for its client until more is known.
        `formers` are those that its ports served before."""
        sink, at = self._sink, path.at
        if len(self.connections) >= sink.limits.flows:
            self._evict(at)
        self.opened += 1
        self.last_id += 1
        width = len(addresses)
        connection = Connection(self.last_id, key[: width + 4], path)
        connection.formers = formers
        connection.application = self._serve(connection)
        limit = sink.limits.held_bytes
        client = Direction(limit, self.tally, self._recent)
        server = Direction(limit, self.tally, self._recent)
        client.other = client.peer = server
        server.other = server.peer = client
        client.last_at = server.last_at = at
        connection.first, connection.second = client, server
        connection.client, connection.server = client, server
        connection.keys = (key, reverse(key, width))
        back = connection.keys[1]
        contested = back in self.directions or back in self.networks.contested
        self.directions[key] = client
        if contested:  # Packets of another network's connection come this way.
            self.directions.pop(back, None)
            self.networks.contested[back] = None
        else:
            self.directions[back] = server
        if len(key) > width + 4:
            connection.sockets = _sockets(key, width)
            self.networks.add(connection, connection.sockets)
        client.owner = server.owner = connection
        self.connections[connection] = None
        return client

    def next_id(self) -> int:
        """A number for a connection that is not in this table."""
        self.last_id += 1
        return self.last_id

    def continued(
        self,
        direction: Direction | None,
        key: bytes,
        width: int,
        seq: int,
        flags: int,
        length: int,
        packet: Packet,
        path: PacketPath,
    ) -> Direction | None:
        """The direction that a segment goes on with, by its numbers; `direction` has its key. See `networks`.

        Once two connections have the same sockets, their keys may be of either.
        """
        networks = self.networks
        candidates = self.between(key, width)
        if not candidates or (direction is not None and len(candidates) < 2):
            return direction
        found = continued(candidates, direction, key, width, seq, flags, length, packet, path)
        if found is None:
            networks.shared = True
            for connection in candidates:
                if connection.closed:
                    self._forget_paths(connection)  # What comes by them answers the new connection.
            return None
        owner = found.owner
        if found is direction or owner is None:
            return found
        claimed = direction is not None
        for connection in candidates:
            claimed = claimed or (connection is not owner and claims(connection, key))
        if claimed:
            self.directions.pop(key, None)
            networks.contested[key] = None
        if not claims(owner, key) and len(owner.other_paths) < MOST_PATHS:
            owner.other_paths = (*owner.other_paths, AlternatePath(key, found, path))
            owner.made = None
        if key not in networks.contested and claims(owner, key):
            self.directions[key] = found
        return found

    def between(self, key: bytes, width: int) -> list[Connection]:
        """The connections between the sockets of a key, the newest last, whatever their tags and tunnels."""
        sockets = key[: width + 4]
        back = reverse(sockets, width)
        found = list(self.networks.known.get(min(sockets, back), ()))
        bare = self.directions.get(sockets) or self.directions.get(back)
        if bare is not None and bare.owner is not None and bare.owner not in found:
            found.insert(0, bare.owner)
        return found

    def share(self, connection: Connection, key: bytes, width: int) -> None:
        """Packets of two connections, this one among them, come by this key: each is to be compared."""
        networks = self.networks
        networks.shared = True
        networks.contested[key] = None
        self.directions.pop(key, None)
        if not connection.sockets:
            connection.sockets = _sockets(key, width)
            networks.add(connection, connection.sockets)

    def _forget_paths(self, connection: Connection) -> None:
        for other in connection.other_paths:
            if self.directions.get(other.key) is other.direction:
                del self.directions[other.key]
            self.networks.contested.pop(other.key, None)
        connection.other_paths = ()

    def remove(self, connection: Connection) -> None:
        """Forget a connection altogether."""
        if connection.other_paths:
            self._forget_paths(connection)
        if connection.sockets:
            self.networks.remove(connection, connection.sockets)
        if self.networks.contested:
            for key in connection.keys:
                self.networks.contested.pop(key, None)
        there, back = connection.keys
        self._untie(there, connection.first)
        self._untie(back, connection.second)
        connection.application.forget()
        connection.application = NOBODY
        connection.client = connection.server = connection.first = connection.second = None
        del self.connections[connection]

    def _untie(self, key: bytes, direction: Direction | None) -> None:
        """Forget a direction, and end its cycles, so that reference counts free it without the collector."""
        if direction is None:
            return
        if self.directions.get(key) is direction:
            del self.directions[key]
        self.holes.pop(direction, None)
        direction.other = direction.peer = None
        direction.owner = None
        direction.reader = None

    def _evict(self, at: int) -> None:
        for _ in range(2 * len(self.connections)):
            connection = next(iter(self.connections))
            used_at = connection.used_at()
            if used_at > connection.checked_at and not connection.over:
                connection.checked_at = used_at
                self.connections.move_to_end(connection)
                continue
            self.evicted += not connection.over
            connection.close(EndReason.EVICTED, at)
            self.remove(connection)
            return

    def reset(self, connection: Connection, direction: Direction, seq: int, at: int) -> None:
        """A RST came that an end may have believed: it holds unless it is contradicted."""
        pending = connection.reset
        if pending is None:
            connection.reset = Reset(direction, seq, at)
            self._resets.append((at + RESET_WAIT_NS, connection))
        elif pending.direction is direction:
            pending.repeated(seq, at)

    def _sweep_resets(self, at: int) -> None:
        """Close what a reset has ended."""
        resets = self._resets
        while resets and resets[0][0] <= at:
            _, connection = resets.popleft()
            pending = connection.reset
            if pending is None or connection.closed:
                continue
            if pending.contradicted:
                connection.reset = None
            elif at - pending.at < RESET_WAIT_NS:
                resets.append((pending.at + RESET_WAIT_NS, connection))
            else:
                connection.close(EndReason.IDLE, at)

    def sweep(self, at: int, idle_ns: int, open_ns: int) -> None:
        """Give up overdue holes, close what was idle too long, forget old tombstones.

        Costs as much as the table is long, so it is done at most ten times in an idle time.
        """
        self.sweep_holes(at)
        self._sweep_resets(at)
        for reader, since in list(self._sink.presumed.items()):
            if at - since >= ACKED_WAIT_NS:
                reader.settle_in_time()
        self._touched += 1
        if at - self._swept_at < min(idle_ns, TOMBSTONE_NS) // 8 or self._touched * 64 < len(self.connections):
            return
        self._swept_at = at
        self._touched = 0
        for connection in list(self.connections):
            silent = at - connection.used_at()
            if connection.closed:
                if silent > TOMBSTONE_NS:
                    self.remove(connection)
            elif silent > idle_ns and (silent > open_ns or not connection.under_way):
                connection.close(EndReason.IDLE, at)
                self.remove(connection)

    def bound_pending(self, at: int) -> None:
        """Give up the requests that have waited longest, where all that wait have more bytes than may be kept.

        Costs as much as there is, so it is done once in so many bytes of requests; by that the bound may be exceeded.
        """
        self._sink.asked = 0
        waiting = [
            (request.sent_at, connection.id, len(request.head) + len(request.body) + REQUEST_COST, connection)
            for connection in self.connections
            for request in connection.application.waiting()
        ]
        total = sum([cost for _, _, cost, _ in waiting])
        limit = self._sink.limits.pending_bytes
        if total <= limit:
            return
        waiting.sort(key=_by_age)
        for _, _, cost, connection in waiting:
            connection.application.give_up_oldest(at)
            total -= cost
            if total <= limit - (limit >> 2):
                return

    def sweep_holes(self, at: int) -> None:
        """Give up the holes that were waited for long enough, and the oldest where too much is held in all."""
        for direction in list(self.holes):
            self.settle(direction, at)
        total = self._sink.limits.held_total
        while self.tally.held > total and self.holes:
            direction = next(iter(self.holes))
            direction.flush(at)
            self.ended(direction, at)
            self.settle(direction, at)
            self.holes.pop(direction, None)

    def settle(self, direction: Direction, at: int) -> None:
        """Give up the overdue holes of a direction, and then those of the one that answers it."""
        other, connection = direction.peer, direction.owner
        while direction.overdue(at):
            if direction.reader is None and connection is not None and not connection.closed:
                direction.reader = connection.application.listen(direction)  # It is to know of what it never saw.
            direction.give_up_hole(at)
            self.ended(direction, at)
        if connection is not None and connection.reset is None:  # An end that was reset acknowledges nothing any more.
            direction.let_go_stray(at)
        if not direction.waiting:
            self.holes.pop(direction, None)
        if connection is not None and not connection.closed:
            direction.update_in_order()
            if other is not None and other.waits_for_peer:
                self.unblock(other, at)
                self.settle(other, at)

    def unblock(self, direction: Direction, at: int) -> None:
        """The other direction has come further, so this one may too."""
        direction.unblock()
        if not direction.waiting:
            self.holes.pop(direction, None)
        self.ended(direction, at)

    def ended(self, direction: Direction, at: int) -> None:
        """Tell the reader when the direction has reached its FIN."""
        connection = direction.owner
        if connection is not None and direction.fin_seq >= 0 and direction.fin_seq == direction.next_seq:
            connection.finished(direction, at)

    def close_all(self, at: int, reason: EndReason) -> None:
        """The capture is over."""
        for connection in list(self.connections):
            connection.close(reason, connection.used_at())
            self.remove(connection)


def _by_age(waiting: tuple[int, int, int, Connection]) -> tuple[int, int]:
    return waiting[0], waiting[1]


def _sockets(key: bytes, width: int) -> bytes:
    """Addresses and ports of a key, the same for both directions."""
    sockets = key[: width + 4]
    return min(sockets, reverse(sockets, width))


def reverse(key: bytes, width: int) -> bytes:
    """The key of the other direction; `width` is that of both addresses together."""
    direction = width // 2
    return (
        key[direction:width] + key[:direction] + key[width + 2 : width + 4] + key[width : width + 2] + key[width + 4 :]
    )
