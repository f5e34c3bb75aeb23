"""The segments of one direction that came before their turn: sorted, without overlaps, and counted by what they cost.

Where two of them cover the same bytes those that came first stay, as `overlap` says, and what differs is told.
"""

from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.position import MASK, distance
from httpresp_capture.tcp.overlap import compare_held
from httpresp_capture.tcp.packet import OVERHEAD, Held, Packet, Tally, place


class Holding(ByteStream):
    """A direction with what waits in it; the `Assembler` says what does."""

    __slots__ = ("held", "held_bytes", "tally")

    # Set by `Assembler`, in one go with the rest: there are two for each connection.
    held: list[Held] | None
    """None where nothing waits."""
    held_bytes: int
    """What that costs."""
    tally: Tally

    def _hold(self, ahead: int, seq: int, data: bytes, length: int, packet: Packet) -> None:
        """Keep the parts of a segment that no held one covers; `ahead` is its distance from `next_seq`."""
        held = self.held
        if held:
            last = held[-1]
            behind = distance(last.seq, self.next_seq) + last.length <= ahead
        else:
            if held is None:
                held = self.held = []
            behind = True
        if behind:  # As nearly always; the rest finds the same place.
            cost = len(data) + OVERHEAD
            self.held_bytes += cost
            self.tally.held += cost
            held.append(Held(seq, data, length, packet))
            return
        index = place(held, ahead, self.next_seq)
        repeats = False
        if index > 0:
            before = held[index - 1]
            covered = distance(before.seq, self.next_seq) + before.length - ahead
            if covered > 0:
                repeats = True
                self._compare_held(before, seq, data[:covered], packet)
                data, seq, length = data[covered:], (seq + covered) & MASK, length - covered
        while length > 0:
            room = length
            after = held[index] if index < len(held) else None
            if after is not None:
                room = min(length, distance(after.seq, seq))
            if room > 0:
                held.insert(index, Held(seq, data[:room], room, packet))
                index += 1
                self.held_bytes += min(room, len(data)) + OVERHEAD
                self.tally.held += min(room, len(data)) + OVERHEAD
            if after is None or length <= room:
                break
            repeats = True
            data, seq, length = data[room:], (seq + room) & MASK, length - room
            self._compare_held(after, seq, data[: after.length], packet)
            data, seq, length = data[after.length :], (seq + after.length) & MASK, length - after.length
            index += 1
        self.tally.repeats += repeats

    def _compare_held(self, old: Held, seq: int, data: bytes, packet: Packet) -> None:
        if self.reader is not None:
            self.tally.conflicts += compare_held(old, seq, data, packet, self.next_seq, self.reader)
