"""What was said before on the same ports, by its numbers alone: a copy of it that comes late is no new connection.

A network, or the place of capture, may deliver a packet twice, the second time after the connection is over and its
ports serve the next one. RFC 9293 §3.6.1 lets no connection begin on the same ports until such copies have died out;
where it does begin earlier, its initial number is chosen so that they cannot be taken for its own (§3.4.1).
"""

from typing import Final

from httpresp_capture.streams.position import distance
from httpresp_capture.tcp.assembler import Assembler

KEPT: Final = 8
"""Connections that are remembered of one pair of sockets."""
_OWN: Final = 1 << 24
"""What lies so far beyond the next number may be of the connection that is there now."""


class Span:
    """The numbers of one direction of a connection that is over."""

    __slots__ = ("end", "first", "sockets")

    def __init__(self, sockets: bytes, direction: Assembler) -> None:
        self.sockets = sockets
        """Addresses and ports, the sender's first."""
        self.first = direction.first_seq
        """First number of its data."""
        self.end = direction.next_seq

    def has_said(self, seq: int, *, opening: bool) -> bool:
        """True when a segment at `seq`, or a SYN (`opening`), was sent in it."""
        if self.first < 0:
            return False
        if opening:
            return distance(seq, self.first) == -1
        size = distance(self.end, self.first)
        # Numbers wrap, and of more than 2 GiB only the newer half can be told.
        return -1 <= distance(self.end, seq) <= (size if size >= 0 else 1 << 30)


def is_copy(formers: tuple[Span, ...], sockets: bytes, direction: Assembler, seq: int, *, opening: bool) -> bool:
    """True when a segment of the direction `direction` is one of an earlier connection, and not of this one."""
    if direction.next_seq >= 0:
        if opening and distance(seq, direction.first_seq) == -1:
            return False
        if not opening and distance(seq, direction.first_seq) >= 0 and distance(seq, direction.next_seq) <= _OWN:
            return False
    return any(span.sockets == sockets and span.has_said(seq, opening=opening) for span in formers)
