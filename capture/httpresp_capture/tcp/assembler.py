"""One direction of a TCP connection: segments in any order in; bytes in order, gaps and conflicts out.

The theory (RFC 9293 §3.4, §3.10.7). `next_seq` is the first sequence number not yet delivered. A segment that begins
there is delivered at once; one that begins later is *held*, sorted, without overlaps; one that begins earlier is
trimmed to what is new: bytes that came first win (see `overlap`).

A *hole* is what is missing before the first held segment. It is waited for, since a retransmission may fill it, and
given up as a gap when its receiver acknowledged it some time ago, when too much waits behind it, or when the direction
ends. Each hole has its own time: how many there are before it makes none wait longer.

A hole that its receiver never acknowledges is none: the receiver lacks those bytes as well, so what lies behind them
is no part of its stream (a stray segment far outside of the window, RFC 9293 §3.10.7.4), and is let go when it is old.
Only where the other direction is not captured, and nothing can be known, age alone makes it a gap. Nothing waits for
ever and nothing is held without bound.

What a direction says may answer bytes of the other one that are missing here. It is held as well, `waits_for_peer`,
until those are here or given up, so that an answer is never read before its question.

`in_order` is True while neither direction of the connection holds anything and this one has not ended: then a segment
at `next_seq` may go straight to the reader, and no acknowledgement needs a look. The packet loop relies on it.
"""

from typing import Final

from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.streams.receiver import Receiver
from httpresp_capture.tcp.holding import Holding
from httpresp_capture.tcp.overlap import Delivered, Recent
from httpresp_capture.tcp.packet import OVERHEAD, Held, Packet, Tally

ACKED_WAIT_NS: Final = 250_000_000
"""How long a hole may stay that its receiver has acknowledged: reordering in a network is over sooner."""
HOLE_WAIT_NS: Final = 10_000_000_000
"""How long a hole may stay that nobody has acknowledged."""
_ACK_SPACING_NS: Final = 25_000_000
"""Acknowledgements are remembered so far apart, about: nobody waits longer than that for want of a better memory."""
_ACKS_KEPT: Final = 64
_FARTHEST: Final = 1 << 30
"""The largest window that RFC 7323 allows; a segment beyond it belongs to no live connection."""

_ACKED_FARTHEST: Final = 1 << 24
"""An acknowledgement farther ahead than this is taken for nonsense, not for a loss."""


class Assembler(Holding):
    """One direction. `next_seq` is -1 until its first sequence number is known."""

    __slots__ = (
        "acks",
        "answers",
        "delivered_at",
        "fin_at",
        "fin_seq",
        "in_order",
        "last_at",
        "limit",
        "other",
        "recent",
        "remembered",
        "unheard",
        "waits_for_peer",
    )

    def __init__(self, reader: Receiver | None, limit: int, tally: Tally, remembered: Recent) -> None:
        super().__init__()
        self.reader = reader
        self.in_order = False
        self.other: Assembler | None = None
        self.held: list[Held] | None = None
        self.held_bytes = 0
        self.limit = limit
        self.tally = tally
        self.remembered = remembered
        self.recent: Delivered | None = None
        """What was delivered last; None where nothing is compared with it."""
        self.fin_seq = -1
        self.fin_at = 0
        """When the FIN came."""
        self.acks: list[tuple[int, int]] | None = None
        """(number, time) of acknowledgements beyond what is here, both rising; None while there is none."""
        self.last_at = 0
        self.delivered_at = 0
        self.waits_for_peer = False
        """True while what is held is next: the other direction must be made good first."""
        self.answers = False
        """True for a direction that answers the other one, for all that is known."""
        self.unheard = False
        """True while an answer waits because nothing was heard of the other direction, which may only be late."""

    def begin(self, seq: int) -> None:
        """Its first sequence number is known."""
        self.next_seq = self.first_seq = seq
        if self.reader is not None:
            self.reader.begins(seq)

    def segment(self, seq: int, data: bytes, length: int, packet: Packet) -> None:
        """Take a segment of `length` sequence numbers; `data` is shorter where the snap length cut it."""
        ahead = distance(seq, self.next_seq)
        if ahead > _FARTHEST or ahead < -_FARTHEST:
            return
        if ahead < 0:
            self.tally.repeats += 1
            # RFC 9293 §3.8.4: a keep-alive probe repeats one byte before the next, with any content.
            recent, reader = self.recent, self.reader
            if recent is not None and reader is not None and not (ahead == -1 and length <= 1):
                self.tally.conflicts += recent.compare(seq, data[:-ahead], packet, self.next_seq, reader)
            if length <= -ahead:
                return
            data, length, seq, ahead = data[-ahead:], length + ahead, self.next_seq, 0
        if self.fin_seq >= 0 and distance(self.fin_seq, seq) < length:
            if self.fin_seq == self.next_seq:
                return  # RFC 9293 §3.10.7.4: nothing follows a FIN.
            self.fin_seq = -1  # More follows, so that was none of this direction.
        held = self.held
        due = ahead == 0 and not self.waits_for_peer and not (self.answers and self.answers_missing(packet.ack))
        if due and (not held or distance(held[0].seq, seq) >= length):
            self._deliver(seq, data, length, packet)
            if self.held or self.acks is not None:
                self._drain()
            return
        self._hold(ahead, seq, data, length, packet)
        while self.held and self.held_bytes > self.limit:
            self.tally.held_dropped += distance(self.held[0].seq, self.next_seq)
            self.give_up_hole(packet.at, patient=False)
        if not ahead or self.waits_for_peer:  # Behind a hole nothing is due.
            self._drain()

    def finish_at(self, seq: int, at: int) -> None:
        """A FIN stands at `seq`; what is held behind it is no part of the stream.

        Before bytes that its receiver has had in order, also those that wait for the other direction, it is an old one.
        """
        if self.next_seq < 0:
            self.begin(seq)
        ahead = distance(seq, self.next_seq)
        if not 0 <= ahead <= _FARTHEST or self.fin_seq >= 0:
            return
        if ahead < self._held_to() and (ahead > 0 or self.waits_for_peer):
            return
        self.fin_seq = seq
        self.fin_at = at
        if ahead == 0:
            self._let_go()

    def acknowledged(self, ack: int, at: int) -> None:
        """The receiver of this direction has everything before `ack`: what is missing of it is late, or lost to us."""
        ahead = distance(ack, self.next_seq)
        # A FIN takes a number too (RFC 9293 §3.4), so one alone says nothing where nothing follows.
        if not 0 < ahead < _ACKED_FARTHEST or (ahead == 1 and not self.held):
            return
        acks = self.acks
        if acks is None:
            acks = self.acks = []
        elif distance(ack, acks[-1][0]) <= 0:
            return
        if len(acks) >= _ACKS_KEPT or (len(acks) > 1 and at - acks[-2][1] < _ACK_SPACING_NS):
            acks.pop()
        acks.append((ack, at))

    @property
    def waiting(self) -> bool:
        """True while something is missing before what is known to follow."""
        acks = self.acks
        return (
            bool(self.held)
            or (self.fin_seq >= 0 and self.fin_seq != self.next_seq)
            or (acks is not None and self.fin_seq < 0 and distance(acks[-1][0], self.next_seq) > 1)
        )

    def overdue(self, at: int) -> bool:
        """True when the hole need not be waited for any longer."""
        if self.waits_for_peer:
            # Only of a peer that was never heard nobody else counts the time.
            return self.unheard and self._heard_alone() and at - self._waits_since() >= ACKED_WAIT_NS
        if not self.waiting:
            return False
        end = self._hole_end()
        for number, acked_at in self.acks or ():
            if distance(number, end) >= 0:
                return at - acked_at >= ACKED_WAIT_NS
        return self._heard_alone() and at - self._waits_since() >= HOLE_WAIT_NS

    def let_go_stray(self, at: int) -> None:
        """Forget what lies behind a hole that is old and that the receiver, which is heard, never acknowledged."""
        if not self.waiting or self.waits_for_peer or self._heard_alone():
            return
        if at - self._waits_since() >= HOLE_WAIT_NS:
            self.tally.held_dropped += sum([held.length for held in self.held or ()])
            self._let_go()
            self.fin_seq = -1
            self._drain()

    def _heard_alone(self) -> bool:
        """True when the other direction is not captured, so that no acknowledgement is to be expected."""
        return self.other is None or self.other.next_seq < 0

    def _waits_since(self) -> int:
        """When the first of what waits came."""
        return self.held[0].packet.at if self.held else self.fin_at

    def _hole_end(self) -> int:
        """Where what is missing next ends; where it begins when nothing is."""
        if self.held:
            return self.held[0].seq
        if self.fin_seq >= 0:
            return self.fin_seq
        return self.acks[-1][0] if self.acks is not None else self.next_seq

    def _let_go(self) -> None:
        self.tally.held -= self.held_bytes
        self.held = None
        self.held_bytes = 0
        self.waits_for_peer = False

    def give_up_hole(self, at: int, *, patient: bool = True) -> None:
        """Report the hole as a gap and deliver what stands right behind it, also before what it answers unless
        `patient`."""
        self.unheard = False
        missing = distance(self._hole_end(), self.next_seq)
        if missing > 0:
            self._gap(missing, at, snapped=False)
        self._drain(patient=patient)

    def known_to(self) -> int:
        """How far beyond the next number bytes are known to have been sent, while something is missing."""
        reach = self._held_to()
        if self.fin_seq >= 0:
            reach = max(reach, distance(self.fin_seq, self.next_seq))
        if self.acks is not None:
            reach = max(reach, distance(self.acks[-1][0], self.next_seq))
        return reach

    def _held_to(self) -> int:
        """How far beyond the next number what is held reaches."""
        if not self.held:
            return 0
        last = self.held[-1]
        return distance(last.seq, self.next_seq) + last.length

    def begin_at(self, seq: int) -> None:
        """The direction begins here, whatever came before: that was of no end of the connection."""
        self.forget()
        self.fin_seq = -1
        self.reader = None
        self.begin(seq)

    def unblock(self) -> None:
        """Deliver what was held for the sake of the other direction, as far as that has come."""
        self._drain()

    def answers_missing(self, ack: int) -> bool:
        """True when what is said with this acknowledgement may answer bytes of the other direction that are missing."""
        other = self.other
        if other is None or other.next_seq < 0:
            return self.unheard
        return other.waiting and 0 < distance(ack, other.next_seq) < _ACKED_FARTHEST

    def flush(self, at: int) -> None:
        """The direction ends: deliver all that is held, with gaps between."""
        while self.waiting:
            self.give_up_hole(at, patient=False)

    def forget(self) -> None:
        """Let everything go; nothing more comes."""
        self._let_go()
        self.acks = None
        self.drop_recent()

    def compare_repeats(self) -> None:
        """Remember what is delivered, to hold repeats against it."""
        if self.recent is None:
            self.recent = Delivered(self.remembered)

    def drop_recent(self) -> None:
        """Compare no more repeats with what was delivered."""
        if self.recent is not None:
            self.recent.forget()
            self.recent = None

    def update_in_order(self) -> None:
        """Set `in_order` anew for both directions: never without a reader, which somebody must make, nor behind a FIN.

        `Segments._segment` does the same where nothing is missing anywhere.
        """
        other = self.other
        in_order = not self.waiting and (other is None or not other.waiting)
        self.in_order = in_order and self.reader is not None and self.fin_seq < 0
        if other is not None:
            other.in_order = in_order and other.reader is not None and other.fin_seq < 0

    def _deliver(self, seq: int, data: bytes, length: int, packet: Packet) -> None:
        # What waited behind a retransmission is not there before it; what waited behind a gap came when it came.
        at = self.delivered_at = max(packet.at, self.delivered_at)
        self.ack = packet.ack
        self.packet_len = packet.length
        self.next_seq = (seq + min(len(data), length)) & MASK
        if self.recent is not None:
            self.recent.remember(seq, data, packet.at, packet.ttl, packet.ip_id)
        reader = self.reader
        if data and reader is not None:
            if packet.urgent:
                reader.urgent()
            reader.data(data, at)
        self.next_seq = (seq + length) & MASK
        if reader is not None and length > len(data):
            self.tally.gaps += 1
            self.tally.gap_bytes += length - len(data)
            # The bytes may have made another reader of it.
            (self.reader or reader).gap(length - len(data), at, True)

    def _gap(self, length: int, at: int, *, snapped: bool) -> None:
        self.next_seq = (self.next_seq + length) & MASK
        self.tally.gaps += 1
        self.tally.gap_bytes += length
        if self.reader is not None:
            self.reader.gap(length, at, snapped)

    def _drain(self, *, patient: bool = True) -> None:
        """Deliver what is held and due: nothing that is held begins before the next number."""
        held = self.held
        count = 0
        self.waits_for_peer = False
        while held is not None and count < len(held) and held[count].seq == self.next_seq:
            first = held[count]
            if patient and self.answers and self.answers_missing(first.packet.ack):
                self.waits_for_peer = True
                break
            count += 1
            cost = len(first.data) + OVERHEAD
            self.held_bytes -= cost
            self.tally.held -= cost
            self._deliver(first.seq, first.data, first.length, first.packet)
        if held is not None:
            del held[:count]
            self.held = held or None
        acks = self.acks
        known = 0 if self.held else 1
        while acks and distance(acks[0][0], self.next_seq) <= known:
            acks.pop(0)
        self.acks = acks or None
