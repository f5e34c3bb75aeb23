"""The message that is being read in one direction, and the place in the stream where that stands.

What both its kinds and every way of framing share: stream offsets, and the `Parts` that came of the message. `parser`
moves it from state to state.
"""

from typing import Final

from httpresp_capture.http.parts import Parts
from httpresp_capture.http1.chunks import Chunks
from httpresp_capture.http1.first_lines import FirstLines
from httpresp_capture.http1.resync import Resync
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.streams.position import MASK
from httpresp_capture.streams.receiver import FOREVER, Receiver

HEAD: Final = 0
LENGTH: Final = 1
CHUNK_DATA: Final = 2
CHUNK_LINE: Final = 3
CHUNK_END: Final = 4
TRAILERS: Final = 5
"""From `CHUNK_LINE` to this: what stands between the data of chunks."""
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
        "chunks",
        "doubt",
        "first_at",
        "found",
        "head_limit",
        "lead",
        "lines",
        "lost",
        "may_answer_head",
        "odd",
        "opened",
        "origin",
        "partial",
        "partial_base",
        "parts",
        "remaining",
        "resync",
        "searched",
        "searched_from",
        "start",
        "state",
        "successor",
        "torn",
        "unsure",
        "watchful",
    )

    prefix: bytes = b""
    """What every message begins with, lower case; empty where that cannot be said."""

    def __init__(self, head_limit: int, body_limit: int, parts: Parts, lines: FirstLines) -> None:
        super().__init__()
        self.lines = lines
        """How the first line of a message is known."""
        self.chunks: Chunks | None = None
        self.resync: Resync | None = None
        """Made when they are first needed."""
        self.parts = parts
        """What has come of the current message."""
        self.base = 0
        """Stream offset of the next byte."""
        self.origin = 0
        """The position of stream offset 0."""
        self.state: int = HEAD
        self.partial: bytearray | None = None
        """A head that is not whole yet."""
        self.partial_base = 0
        """Stream offset of its first byte."""
        self.searched = 0
        self.searched_from = -1
        """Stream offset from which on everything is here, and was searched without finding a head; -1 for nowhere."""
        self.start = 0
        """Stream offset of the current message's head."""
        self.first_at = 0
        self.remaining = 0
        self.lead: Problem | None = None
        """A problem of the bytes before the next message; goes with it."""
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
        self.unsure = False
        """True when what is read was found behind a gap and in the midst of a segment: it may be part of a body."""
        self.watchful = False
        """True while a body that lasts until close is looked at for the next head all the same."""
        self.odd = False
        """True while it is not known whether what begins like no message may be one."""
        self.may_answer_head = False
        """True while it is not known whether the message has the body that its head speaks of: it may answer HEAD."""
        self.doubt = b""
        """First bytes behind such a head, too few to tell."""
        self.torn = False
        """True when `doubt` stood in the midst of a body and may be the beginning of the next head."""

    def offset(self) -> int:
        """Stream offset of the next byte."""
        return self.base + self.skip_budget - self.bytes_to_skip

    def begins(self, seq: int) -> None:
        """The position of its first byte is known only now."""
        self.origin = seq

    def seq(self, offset: int) -> int:
        """A stream offset as a position."""
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

    # What the two kinds add. A head is handed over with its bytes; they set `remaining` and return the state.

    def _head(self, head: bytes, at: int) -> int:
        raise NotImplementedError

    def _finished(self, end: EndReason, at: int) -> None:
        raise NotImplementedError

    def _broken_head(self, head: bytes, end: EndReason, at: int) -> None:
        raise NotImplementedError

    def _no_head(self, junk: bytes, at: int) -> bool:
        """Bytes that begin no message; True when they were accounted for elsewhere."""
        raise NotImplementedError

    def _nothing_found(self, junk: bytes, end: EndReason, at: int) -> None:
        """The direction ended, and all it held was `junk`."""

    def _odd_head(self, begun: bytearray) -> int:
        """1 when what begins like no message is to be read as one, -1 when not, 0 when there is too little of it. Asked
        where messages have a `prefix`."""
        raise NotImplementedError

    def _takes_more(self, data: bytes, position: int) -> int:
        """How many bytes from `position` on belong to a body that lasts until close, as of responses alone; -1 when it
        is too early to say."""
        raise NotImplementedError

    def _bodiless(self) -> bool:
        """The message speaks of a body, and what looks like the next one stands behind its head. True when it may be
        that body after all."""
        return False

    def _pass_by(self, resync: Resync, data: bytes, position: int, base: int, at: int) -> None:
        """Bytes of a search, from `position` of `data` on; the first of all are kept, while nothing was found."""
        if not self.found:
            resync.passes(data, position)

    def _before_head(self, offset: int, at: int) -> None:
        """The search has found a head at stream offset `offset`."""

    def _search_ends(self, end: EndReason, at: int) -> None:
        """Nothing follows what is being searched."""

    def _may_be_cut(self, *, between_segments: bool) -> bool:
        """True when a first line inside the head that is being read begins the next message. `between_segments` when it
        begins a segment."""
        return True

    def _idle(self) -> None:
        """All bytes of a call were read."""

    def _fast_head(self, data: bytes, position: int, base: int, at: int) -> int:
        """Read a clean head that lies whole in `data`: its end, or -1 when it is not that simple."""
        raise NotImplementedError

    def _plausible(self, head: bytes) -> bool:
        """True when this may be a head at all."""
        raise NotImplementedError

    def _begin(self) -> None:
        """The first byte of a message is here."""
