"""Heads that do not come whole and clean: collected over segments, cut where the next message shows that their blank
line was left out, cut at the limit, or found to be none.
"""

from httpresp_capture.http.heads import head_end, shown
from httpresp_capture.http1.chunks import LINE_LIMIT
from httpresp_capture.http1.message import HEAD, LENGTH, SEARCH, TUNNEL, Message
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem


class HeadCollector(Message):
    """The part of a `Reader` that deals with heads."""

    __slots__ = ()

    # What `Reader` does.

    def _run(self, data: bytes, base: int, at: int) -> None:
        """Read bytes that begin at stream offset `base`."""
        raise NotImplementedError

    def _search(self, data: bytes, position: int, base: int, at: int) -> None:
        """Pass over unknown bytes until the next head that proves itself."""
        raise NotImplementedError

    def _finish(self, end: EndReason, at: int, offset: int = -1) -> None:
        """The message ends, at stream offset `offset` where that is not the next byte."""
        raise NotImplementedError

    def _take_torn(self, data: bytes, at: int) -> None:
        """The next bytes are a segment full of head, which does not end there: `data` without what would be in vain."""
        base = self.base
        self.base = base + len(data)
        self.last_at = at
        position = self._slow_head(data, 0, base, at, torn=True)
        if position < len(data):
            self._run(data[position:], base + position, at)
            self._idle()

    def _slow_head(self, data: bytes, position: int, base: int, at: int, *, torn: bool = False) -> int:
        """Collect a head that is cut by segments or is not clean; where reading goes on. It begins here and does not
        end here when it is `torn`."""
        size = len(data)
        if self.partial is None:
            start = position
            while start < size and data[start] in b"\r\n":
                start += 1
            if start > position:
                if not self.found or start - position > 2 or self.lead:
                    self.lead = Problem("leading-blank-lines", 0, f"{start - position} bytes")
                else:
                    self.lead = Problem("leading-blank-lines", 0)
                if start == size:
                    return size
            self.partial = bytearray()
            self.start = self.partial_base = base + start
            self.first_at = at
            self.searched = 0
            position = start
            self._begin()
        partial = self.partial
        known = len(partial)
        partial += data[position:]
        prefix = self.prefix
        if known < len(prefix) and not prefix.startswith(bytes(partial[: len(prefix)]).lower()):
            self.odd = True
        if self.odd:
            verdict = self._odd_head(partial)
            if not verdict:
                return size
            self.odd = False
            if verdict < 0:
                self._misfit(at)
                return size
        end = -1 if torn else head_end(partial, 0, self.searched)
        begun = self._cut_at(partial, known, end)
        if begun > 0:
            return self._cut(data, position, begun, known, base, at)
        if (end if end >= 0 else len(partial)) > self.head_limit:
            self._over_limit(at)
            return size
        if end < 0:
            self.searched = max(0, len(partial) - 2)
            return size
        rest = len(partial) - end
        head = bytes(partial[:end])
        if not self._plausible(head):
            self._misfit(at)
            return size
        self.partial = None
        self._open(head, base + size - rest, at)
        return size - rest

    def _cut_at(self, partial: bytearray, known: int, end: int) -> int:
        """Where in a head, of which `known` bytes were looked at, the next message begins, since its own blank line was
        left out; -1 for nowhere."""
        if not self._may_be_cut(between_segments=True):
            return -1
        first = partial.find(b"\n")
        if first < 0 or partial.find(b"\n", known) < 0:
            return -1
        begun = -1
        if known <= first:
            begun = self.lines.glued(bytes(partial[: first + 1]))
            known = first + 1
        if begun <= 0:
            line = partial.rfind(b"\n", 0, known) + 1
            if partial.find(b"HTTP/", line, end if end >= 0 else len(partial)) < 0:
                return -1
            begun = self.lines.in_section(partial, known, end, in_head=True)
        return begun if begun > 0 and self._may_be_cut(between_segments=begun == known) else -1

    def _cut(self, data: bytes, position: int, begun: int, known: int, base: int, at: int) -> int:
        """The head ends without its blank line where the next message begins, at `begun` of what is here of it: where
        in `data` reading goes on."""
        partial = self.partial or bytearray()
        self.partial = None
        here = self.base
        offset = self.base = self.partial_base + begun
        self._broken_head(bytes(partial[:begun]), EndReason.BROKEN, at)
        self.base = here
        self._reset()
        return self._go_on(data, position, bytes(partial[begun:]), begun - known, offset, at)

    def _go_on(self, data: bytes, position: int, rest: bytes, ahead: int, offset: int, at: int) -> int:
        """Read on with `rest`, at stream offset `offset`, which begins `ahead` bytes behind `position` of `data`, or
        before that in bytes that came earlier: where in `data` reading goes on."""
        if ahead >= 0:
            return position + ahead
        self._run(rest, offset, at)
        return len(data)

    def _over_limit(self, at: int) -> None:
        """The head is too long: it ends at the limit, wherever segments cut it, and the rest is looked at anew."""
        limit = self.head_limit
        head = bytes(self.partial or b"")
        self.partial = None
        self.parts.problem(Problem("head-limit", limit))
        here = self.base
        self.base = self.partial_base + limit
        self._broken_head(head[: min(limit, LINE_LIMIT)], EndReason.HEAD_LIMIT, at)
        self.base = here
        self._reset()
        self._to(SEARCH)
        self._search(head[limit:], 0, self.partial_base + limit, at)

    def _open(self, head: bytes, offset: int, at: int) -> None:
        """A complete head, which ends at stream offset `offset`."""
        self.found = True
        self.opened = True
        if self.lead is not None:
            self.parts.problem(self.lead)
            self.lead = None
        state = self._head(head, at)
        self._body_follows(state, offset, at)

    def _body_follows(self, state: int, offset: int, at: int) -> None:
        if state == LENGTH and not self.remaining:
            self._finish(EndReason.LENGTH, at, offset)
        elif state == HEAD:
            self._finish(EndReason.NO_BODY, at, offset)
        elif state == TUNNEL:
            self._finish(EndReason.SWITCHED, at, offset)
            self._to(TUNNEL)
        else:
            self.state = state
            self.parts.body_full = self.body_limit == 0

    def _misfit(self, at: int) -> None:
        """What was taken for a head begins like none."""
        junk = bytes(self.partial or b"")
        self.partial = None
        base = self.partial_base
        if not self._no_head(junk, at):
            self.lead = Problem("leading-junk", 0, shown(junk))
        if self.state != TUNNEL:
            self._to(SEARCH)
            self._search(junk, 0, base, at)
