"""The message that is being read in one direction, and the place in the stream where that stands.

What both its kinds and every way of framing share: stream offsets, and the `Parts` that came of the message. `parser`
moves it from state to state.
"""

from typing import Final

from httpresp_capture.http.parts import Parts
from httpresp_capture.records.outcome import Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.tcp.receiver import FOREVER, Receiver
from httpresp_capture.tcp.seqnum import MASK

HEAD: Final = 0
LENGTH: Final = 1
CHUNK_LINE: Final = 2
CHUNK_DATA: Final = 3
CHUNK_END: Final = 4
TRAILERS: Final = 5
CLOSE: Final = 6
TUNNEL: Final = 7
SEARCH: Final = 8

STATE_OF: Final = {
    Framing.NONE: HEAD,
    Framing.LENGTH: LENGTH,
    Framing.CHUNKED: CHUNK_LINE,
    Framing.CLOSE: CLOSE,
    Framing.TUNNEL: TUNNEL,
}
"""The state behind a head, by its framing."""


class Message(Receiver):
    """One direction's current message."""

    __slots__ = (
        "base",
        "body_limit",
        "doubt",
        "first_at",
        "found",
        "head_limit",
        "junk",
        "lead",
        "lost",
        "may_answer_head",
        "odd",
        "opened",
        "origin",
        "partial",
        "partial_base",
        "parts",
        "proved",
        "remaining",
        "searched",
        "searched_from",
        "start",
        "state",
        "successor",
        "tail_at",
        "watchful",
    )

    def __init__(self, head_limit: int, body_limit: int, parts: Parts) -> None:
        super().__init__()
        self.parts = parts
        """What has come of the current message."""
        self.base = 0
        """Stream offset of the next byte."""
        self.origin = 0
        """Sequence number of stream offset 0."""
        self.state: int = HEAD
        self.partial: bytearray | None = None
        """A head, line or unknown bytes not yet understood."""
        self.partial_base = 0
        self.searched = 0
        self.searched_from = -1
        """Stream offset from which on everything is here, and was searched without finding a head; -1 for nowhere."""
        self.proved = 0
        self.start = 0
        """Stream offset of the current message's head."""
        self.first_at = 0
        self.remaining = 0
        self.lead: Problem | None = None
        """A problem of the bytes before the next message; goes with it."""
        self.tail_at = 0
        """When the last byte of the trailer section so far came."""
        self.head_limit = head_limit
        self.body_limit = body_limit if body_limit >= 0 else FOREVER
        self.successor: Receiver | None = None
        """Who reads what stands behind the last message; None for nobody."""
        self.opened = False
        """True from a complete head to the end of its message."""
        self.found = False
        """True once a message was found in this direction."""
        self.lost = False
        """True when messages may have been lost since the last one: pairing must be found anew."""
        self.junk: bytearray = bytearray()
        self.watchful = False
        """True while a body that lasts until close is looked at for the next head all the same."""
        self.odd = False
        """True while it is not known whether what begins like no message may be one."""
        self.may_answer_head = False
        """True while it is not known whether the message has the body that its head speaks of: it may answer HEAD."""
        self.doubt = b""
        """First bytes behind such a head, too few to tell."""

    def offset(self) -> int:
        """Stream offset of the next byte."""
        return self.base + self.skip_budget - self.bytes_to_skip

    def begins(self, seq: int) -> None:
        """The sequence number of its first byte is known only now."""
        self.origin = seq

    def seq(self, offset: int) -> int:
        """The sequence number of a stream offset."""
        return (self.origin + offset) & MASK

    def wire_bytes(self) -> int:
        """Bytes of the current message that were captured."""
        return self.base - self.start - self.parts.missing()

    def _pass_over(self) -> None:
        """Let the packet loop count body bytes alone, where none is kept any more."""
        if self.parts.body_full and not self.watchful:
            self.bytes_to_skip = self.skip_budget = FOREVER if self.state == CLOSE else self.remaining

    def _settle(self) -> None:
        """Account for what the packet loop passed over."""
        done = self.skip_budget - self.bytes_to_skip
        self.skip_budget = self.bytes_to_skip = 0
        self.base += done
        if self.state in (LENGTH, CHUNK_DATA):
            self.remaining -= done
        if self.opened:
            self.parts.body_bytes += done

    def _to(self, state: int) -> None:
        self.state = state
        if state == SEARCH:
            self.searched_from = self.base

    def _reset(self) -> None:
        self.opened = False
        self.parts.clear()

    def urgent(self) -> None:
        """Said of the message that has begun, or of the one that begins now."""
        if self.state != TUNNEL and self.state != SEARCH:
            begun = self.opened or self.partial is not None
            self.parts.problem(Problem("urgent-data", self.offset() - self.start if begun else 0))
