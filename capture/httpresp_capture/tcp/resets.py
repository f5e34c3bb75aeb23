"""Resets: which of them an end may believe, and how long until we do.

An end believes a RST that stands at the very next number, and only that one (RFC 5961 §3.2); one inside the window is
challenged, one outside is nothing. Which ones were believed cannot be seen, though: a checksum, a TTL or a middlebox
between us and the end may have decided otherwise, and resets are forged. So a reset ends nothing by itself. It waits,
and what is said meanwhile is read; it holds when neither end contradicts it by going on.
"""

from typing import Final

from httpresp_capture.streams.position import distance
from httpresp_capture.tcp.assembler import Assembler

RESET_WAIT_NS: Final = 10_000_000_000
"""How long a reset waits to be contradicted: as long as a hole waits to be filled."""
_UNDER_WAY_NS: Final = 1_000_000_000
"""What was on its way to an end that resets has arrived by then; who sends on later was not reset."""


def may_be_next(direction: Assembler, seq: int, acknowledged: int) -> bool:
    """True when a RST at `seq` stands where the receiver of `direction` expects the next number, for all that is known.

    `acknowledged` is its acknowledgement, -1 without one.
    """
    other = direction.other
    if direction.next_seq < 0:
        # RFC 9293 §3.10.7.3: before the SYN of this direction, it must acknowledge that of the other.
        return other is None or other.next_seq < 0 or acknowledged == other.next_seq
    ahead = distance(seq, direction.next_seq)
    # Its receiver may have the FIN already, which takes a number (RFC 9293 §3.4).
    if ahead == 0 or (direction.fin_seq >= 0 and distance(seq, direction.fin_seq) == 1):
        return True
    # What is missing here is not missing there.
    return direction.waiting and 0 < ahead <= direction.known_to()


class Reset:
    """A reset that one end of a connection is said to have sent, and what both ends had said until then."""

    __slots__ = ("_heard", "_next", "_said", "at", "direction")

    def __init__(self, direction: Assembler, seq: int, at: int) -> None:
        self.direction = direction
        """The direction of the end that resets."""
        self._next = direction.next_seq
        self.repeated(seq, at)

    def repeated(self, seq: int, at: int) -> None:
        """It came again: what the other end still sent was answered like this."""
        other = self.direction.other
        self.at = at
        self._said = seq
        self._heard = other.next_seq if other is not None else -1

    @property
    def contradicted(self) -> bool:
        """True when an end goes on: the one that is said to have reset says more, or the other one sends new bytes
        for longer than any could have been under way."""
        direction, other = self.direction, self.direction.other
        if direction.next_seq != self._next and (self._next < 0 or distance(direction.next_seq, self._said) > 0):
            return True
        return other is not None and other.next_seq != self._heard and other.last_at - self.at > _UNDER_WAY_NS
