"""One direction of HTTP/1.x, tolerant: bytes, gaps and an end in; messages out (RFC 9112).

A `Reader` is a state machine with three entrances, `data`, `gap` and `end`. It cuts the stream into messages; what a
message means is left to its two kinds, `ResponseReader` and `RequestReader` through `_head`, `_finished`
and `_broken_head`.

A gap inside a body of known length is counted, and reading goes on behind it. Anywhere else the message ends there,
and the reader *searches*: it passes over bytes until the next head that proves itself by being well-formed to its
blank line. Body bytes that nobody keeps are counted without being looked at: `bytes_to_skip` is how many of the next
bytes may be passed over, and the packet loop lowers it without a call.
"""

from typing import Final

from httpresp_capture.http.framing import chunk_size
from httpresp_capture.http.heads import FIELDS, begins_status_line, head_end, shown
from httpresp_capture.http1.message import (
    CHUNK_DATA,
    CHUNK_END,
    CHUNK_LINE,
    CLOSE,
    HEAD,
    LENGTH,
    SEARCH,
    TRAILERS,
    TUNNEL,
    Message,
)
from httpresp_capture.records.evidence import Gap, Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from httpresp_capture.tcp.receiver import FOREVER

_LINE_LIMIT: Final = 16_384
"""Longest chunk line: curl takes 16 KiB of it, Node 16 KiB of extensions in all."""
_JUNK_KEPT: Final = 1_024
_FIRST_LINE: Final = 9_000
"""Longest first line that is searched for."""
_BEGINNING: Final = 2_048
"""Bytes kept of a direction that begins in the middle, for earlier ones that may yet come."""


class Reader(Message):
    """The framing of one direction."""

    __slots__ = ()

    prefix: bytes = b""
    """What every message begins with, lower case; empty where that cannot be said."""

    # What the kinds add. A head is handed over with its bytes; they set `framing` and `remaining` and return the state.

    def _head(self, head: bytes, at: int) -> int:
        raise NotImplementedError

    def _finished(self, end: EndReason, at: int) -> None:
        raise NotImplementedError

    def _broken_head(self, head: bytes, end: EndReason, at: int) -> None:
        raise NotImplementedError

    def _no_head(self, junk: bytes, at: int) -> bool:
        """Bytes that begin no message; True when they were accounted for elsewhere."""
        raise NotImplementedError

    def _first_line(self, data: bytearray, start: int) -> int:
        """Where the first line that begins at `start` ends, if it is beyond doubt that of a message; 0 if not."""
        raise NotImplementedError

    def _candidate(self, data: bytearray, start: int) -> int:
        """Where the next head may begin; -1 for nowhere."""
        raise NotImplementedError

    def _nothing_found(self, junk: bytes, end: EndReason, at: int) -> None:
        """The direction ended, and all it held was `junk`."""

    def _odd_head(self, begun: bytearray) -> int:
        """1 when what begins like no message is to be read as one, -1 when not, 0 when there is too little of it."""
        return -1

    def _takes_more(self, data: bytes, position: int) -> int:
        """How many bytes from `position` on belong to a body that lasts until close; -1 when it is too early to say."""
        return len(data) - position

    def _bodiless(self) -> None:
        """The message speaks of a body, and the next one stands behind its head."""

    def _before_head(self, offset: int, at: int) -> None:
        """The search has found a head at stream offset `offset`."""

    def _search_ends(self, end: EndReason, at: int) -> None:
        """Nothing follows what is being searched."""

    def _first_line_in(self, line: bytes) -> int:
        """Where in a line among fields the first one of the next message begins; -1 for nowhere."""
        raise NotImplementedError

    def _glued_in(self, line: bytes) -> int:
        """Where in a line, behind what has no line end of its own, the first one of the next message begins; -1 for
        nowhere."""
        raise NotImplementedError

    def _may_be_cut(self, *, between_segments: bool) -> bool:
        """True when a first line inside the head that is being read begins the next message. `between_segments` when it
        begins a segment."""
        return True

    def _idle(self) -> None:
        """All bytes of a call were read."""

    def _fast_head(self, data: bytes, position: int, base: int, at: int) -> int:
        """Read a clean head that lies whole in `data`: its end, or -1 when it is not that simple."""
        raise NotImplementedError

    # The three entrances

    def data(self, data: bytes, at: int) -> None:
        """The next bytes of the stream."""
        if self.skip_budget:
            self._settle()
        base = self.base
        self.base = base + len(data)
        self.last_at = at
        if self.doubt:
            data, base = self.doubt + data, base - len(self.doubt)
            self.doubt = b""
        self._run(data, base, at)
        self._idle()

    def gap(self, length: int, at: int, snapped: bool) -> None:
        """`length` bytes of the stream are missing here."""
        if self.skip_budget:
            self._settle()
        if self.doubt:
            self._take_as_body()
        if self.may_answer_head and self.opened:
            # What is missing may be the next head, if this message has no body.
            self.may_answer_head = False
            self.lost = True
        offset = self.base - self.start
        self.base += length
        self.searched_from = -1
        state = self.state
        if state == TUNNEL:
            self.bytes_to_skip = self.skip_budget = FOREVER
            return
        if state == LENGTH or (state == CHUNK_DATA and length <= self.remaining):
            inside = min(length, self.remaining)
            self.parts.gap(Gap(offset, inside, snapped))
            self.parts.body_full = True
            self.remaining -= inside
            if self.remaining:
                self._pass_over()
            elif state == CHUNK_DATA:
                self.state = CHUNK_END
            else:
                self._finish(EndReason.LENGTH, at, self.base - length + inside)
                if length > inside:
                    self.lost = True
                    self._to(SEARCH)
        elif state == CLOSE:
            self.parts.gap(Gap(offset, length, snapped))
            self.parts.body_full = True
            self._pass_over()
        elif state == HEAD:
            if self.odd:
                self.odd = False
                self.partial = None
            if self.partial is not None:
                head = bytes(self.partial)
                self.partial = None
                self.parts.gap(Gap(len(head), length, snapped))
                self._broken_head(head, EndReason.GAP, at)
                self._reset()
            self.lost = True
            self._to(SEARCH)
        elif state == SEARCH:
            self._begun(length, snapped, EndReason.GAP, at)
            self.lost = True
            self._to(SEARCH)
        else:
            self.parts.gap(Gap(offset, length, snapped))
            self._lose(at)

    def prepend(self, data: bytes, at: int) -> bool:
        """Bytes that belong before all that was read; False when it is too late for them."""
        window = self.partial
        if self.found or self.state != SEARCH or window is None or self.partial_base or len(window) != self.base:
            return False
        self.partial = None
        self.base = 0
        self.origin -= len(data)
        self.junk.clear()
        self.data(data + bytes(window), at)
        return True

    def end(self, reason: EndReason, at: int) -> None:
        """Nothing follows."""
        if self.skip_budget:
            self._settle()
        if self.doubt:
            self._take_as_body()
        if self.odd:
            self.odd = False
            self._misfit(at)
        if self.state == SEARCH:
            self._search_ends(reason, at)
        if self.state == HEAD and self.partial is not None:
            head = bytes(self.partial)
            self.partial = None
            self._broken_head(head, reason, at)
            self._reset()
        elif self.opened:
            self._finish(reason, at)
        elif self.state == SEARCH and self._begun(0, False, reason, at):
            pass
        elif not self.found and self.junk and not self.lost:
            self._nothing_found(bytes(self.junk), reason, at)
            self.junk.clear()
        self.partial = None
        self._to(TUNNEL)

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """Bytes `back` before the next came again and differ."""

    def tunnel(self) -> None:
        """What follows is no HTTP."""
        self.partial = None
        self.doubt = b""
        self._to(TUNNEL)
        self.bytes_to_skip = self.skip_budget = FOREVER

    # The machine

    def _run(self, data: bytes, base: int, at: int) -> None:
        position = 0
        size = len(data)
        while position < size:
            state = self.state
            if self.may_answer_head:
                begins = begins_status_line(data, position) if self.opened else False
                if begins is None:
                    self.doubt = data[position:]
                    return
                self.may_answer_head = False
                if begins:
                    # It had no body, so what is missing behind its head was other messages.
                    self.lost = self.lost or self.parts.gaps is not None
                    self._bodiless()
                    self._finish(EndReason.NO_BODY, at, base + position)
                    continue
            if state == HEAD:
                cut = self._fast_head(data, position, base, at) if self.partial is None else -1
                position = cut if cut >= 0 else self._slow_head(data, position, base, at)
            elif state == LENGTH:
                left = size - position
                if left < self.remaining:
                    self.parts.keep(data, position, size, self.body_limit)
                    self.remaining -= left
                    self._pass_over()
                    return
                end = position + self.remaining
                self.parts.keep(data, position, end, self.body_limit)
                position = end
                self.remaining = 0
                self._finish(EndReason.LENGTH, at, base + position)
            elif state == CHUNK_DATA:
                end = min(size, position + self.remaining)
                self.parts.keep(data, position, end, self.body_limit)
                self.remaining -= end - position
                position = end
                if self.remaining:
                    self._pass_over()
                    return
                self.state = CHUNK_END
            elif state == CHUNK_LINE:
                position = self._chunk_line(data, position, base, at)
            elif state == CHUNK_END:
                position = self._chunk_end(data, position, base, at)
            elif state == TRAILERS:
                position = self._trailers(data, position, base, at)
            elif state == CLOSE:
                taken = self._takes_more(data, position)
                if taken < 0:
                    self.doubt = data[position:]
                    return
                end = position + taken
                self.parts.keep(data, position, end, self.body_limit)
                if end == size:
                    self._pass_over()
                    return
                position = end
                self._finish(EndReason.BROKEN, at, base + end)
            elif state == SEARCH:
                self._search(data, position, base, at)
                return
            elif self.successor is not None:
                self.successor.data(data[position:], at)
                return
            else:
                self.bytes_to_skip = self.skip_budget = FOREVER
                return

    def _take_as_body(self) -> None:
        """What might have become the next head did not."""
        kept = self.doubt
        self.doubt = b""
        self.may_answer_head = self.watchful = False
        self._run(kept, self.base - len(kept), self.last_at)

    def _finish(self, end: EndReason, at: int, offset: int = -1) -> None:
        """The message ends, at stream offset `offset` where that is not the next byte."""
        self.opened = False
        here = self.base
        if offset >= 0:
            self.base = offset
        self.state = HEAD
        self._finished(end, at)
        self.base = here
        self.parts.clear()

    def _lose(self, at: int) -> None:
        """The rest of the message cannot be told from what follows it: look for the next head."""
        self.partial = None
        self._finish(EndReason.GAP, at)
        self.lost = True
        self._to(SEARCH)

    def _break(self, problem: Problem, at: int, offset: int) -> None:
        """The framing is nonsense: end the message, and look for the next head."""
        self.parts.problem(problem)
        self.partial = None
        self._finish(EndReason.BROKEN, at, offset)
        self._to(SEARCH)

    # Heads

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
            begun = self._glued_in(bytes(partial[: first + 1]))
            known = first + 1
        if begun <= 0:
            line = partial.rfind(b"\n", 0, known) + 1
            if partial.find(b"HTTP/", line, end if end >= 0 else len(partial)) < 0:
                return -1
            begun = self._next_start(partial, known, end, in_head=True)
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
        self._broken_head(head[: min(limit, _LINE_LIMIT)], EndReason.HEAD_LIMIT, at)
        self.base = here
        self._reset()
        self._to(SEARCH)
        self._search(head[limit:], 0, self.partial_base + limit, at)

    def _plausible(self, head: bytes) -> bool:
        """True when this may be a head at all."""
        raise NotImplementedError

    def _begin(self) -> None:
        """The first byte of a message is here."""

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

    def _search(self, data: bytes, position: int, base: int, at: int) -> None:
        """Pass over unknown bytes until the next head that proves itself.

        No byte is looked at more than a few times, whatever they are: `searched` is where the next candidate may
        begin, and once one has a first line, it is moved to the front of the window and `proved` is how far it is
        well-formed. What fails there disproves every candidate before it as well, since their fields end there too.
        """
        window = self.partial
        if window is None:
            window = self.partial = bytearray()
            self.partial_base = base + position
            self.searched = self.proved = 0
        window += data[position:]
        self._pass_by(data, position, base, at)
        while self.proved or self._next_candidate(window):
            match = FIELDS.match(window, self.proved)
            self.proved = proved = match.end() if match is not None else self.proved
            if window.startswith((b"\r\n", b"\n"), proved):
                rest = bytes(window)
                self.partial = None
                self.proved = 0
                self._before_head(self.partial_base, at)
                self._to(HEAD)
                self._run(rest, self.partial_base, at)
                return
            if window.find(b"\n", proved) < 0:
                if len(window) > self.head_limit:
                    self.start = self.partial_base
                    self.proved = 0
                    self._begin()
                    self._over_limit(at)
                return
            self.searched = proved
            self.proved = 0

    def _pass_by(self, data: bytes, position: int, base: int, at: int) -> None:
        """Bytes that are searched; the first of all are kept, while nothing was found."""
        if not self.found and len(self.junk) < _JUNK_KEPT:
            self.junk += data[position : position + _JUNK_KEPT - len(self.junk)]

    def _next_candidate(self, window: bytearray) -> bool:
        """Bring the next whole first line to the front of the window; False when there is none yet."""
        start = self.searched
        while True:
            start = self._candidate(window, start)
            if start < 0:
                self._drop(window, len(window) - min(len(window), 32 if self.found else _BEGINNING))
                # What begins before is disproved, but for the beginning of a head at the very end.
                self.searched = max(0, len(window) - 32)
                return False
            end = self._first_line(window, start)
            if end:
                self._drop(window, start)
                self.proved = end - start
                return True
            if len(window) - start < _FIRST_LINE and window.find(b"\n", start) < 0:
                self._drop(window, start)
                self.searched = 0
                return False
            start += 1

    def _drop(self, window: bytearray, length: int) -> None:
        self.partial_base += length
        del window[:length]

    def _begun(self, length: int, snapped: bool, end: EndReason, at: int) -> bool:
        """The search ends in a head that had begun: True when that was a message's beginning for sure."""
        window = self.partial
        proved = self.proved
        self.partial = None
        self.proved = 0
        if window is None or not proved:
            return False
        self.start = self.partial_base
        self.first_at = self.last_at
        self._begin()
        if length:
            self.parts.gap(Gap(len(window), length, snapped))
        self._broken_head(bytes(window), end, at)
        self._reset()
        return True

    # Chunks: RFC 9112 §7.1

    def _line(self, data: bytes, position: int, base: int) -> tuple[bytes, int, bool]:
        """The next line without its end, where reading goes on, and whether it is whole."""
        end = data.find(b"\n", position)
        if end < 0:
            if self.partial is None:
                self.partial = bytearray()
                self.partial_base = base + position
            self.partial += data[position:]
            return bytes(self.partial) if len(self.partial) > _LINE_LIMIT else b"", len(data), False
        line = data[position:end]
        if self.partial is not None:
            line = bytes(self.partial) + line
            self.partial = None
        return line, end + 1, True

    def _chunk_line(self, data: bytes, position: int, base: int, at: int) -> int:
        begin = self.partial_base if self.partial is not None else base + position
        offset = begin - self.start
        line, position, whole = self._line(data, position, base)
        if not whole:
            if line:
                self._break(Problem("bad-chunk-size", offset, shown(line)), at, begin)
            return position
        if line.endswith(b"\r"):
            line = line[:-1]
        else:
            self.parts.problem(Problem("bare-lf", offset + len(line)))
        size = chunk_size(line)
        if size > 0:
            self.remaining = size
            self.state = CHUNK_DATA
        elif size == 0:
            self.state = TRAILERS
            self.tail_at = at
        elif size == -1:
            self._break(Problem("bad-chunk-size", offset, shown(line)), at, begin)
            # What was read as a chunk line may be the first line of the next head.
            self.partial = bytearray(line + b"\r\n")
            self.partial_base = begin
            self.searched = self.proved = 0
        else:
            self.parts.problem(Problem("chunk-overflow", offset, shown(line)))
            self.remaining = FOREVER
            self.state = CHUNK_DATA
        return position

    def _chunk_end(self, data: bytes, position: int, base: int, at: int) -> int:
        if self.partial is None and data.startswith(b"\r\n", position):
            self.state = CHUNK_LINE
            return position + 2
        begin = base + position
        found = data[position : position + 16]
        if self.partial is not None:  # A CR has come alone.
            begin -= 1
            found = b"\r" + found[:15]
            self.partial = None
            if data[position] == 0x0A:
                self.state = CHUNK_LINE
                return position + 1
        elif data[position] == 0x0D and position + 1 == len(data):
            self.partial = bytearray(b"\r")
            return position + 1
        elif data[position] == 0x0A:
            self.parts.problem(Problem("bare-lf", base + position - self.start))
            self.state = CHUNK_LINE
            return position + 1
        self._break(Problem("bad-chunk-end", begin - self.start, shown(found, 16)), at, begin)
        return position

    def _trailers(self, data: bytes, position: int, base: int, at: int) -> int:
        """RFC 9112 §7.1.2: a trailer section is fields, then an empty line."""
        if self.partial is None and data.startswith(b"\r\n", position):
            self._finish(EndReason.LAST_CHUNK, at, base + position + 2)
            return position + 2
        if self.partial is None:
            self.partial = bytearray(b"\n")  # So that an empty section ends like any other.
        known = len(self.partial)
        self.partial += data[position:]
        end = head_end(self.partial, 0, max(0, known - 2))
        begun = self._next_start(self.partial, known, end, in_head=False)
        if begun >= 0:
            rest = bytes(self.partial[begun:])
            self._end_of_trailers(bytes(self.partial[1:begun]))
            self.parts.problem(Problem("no-last-line", base + position + begun - known - self.start))
            offset = base + position + begun - known
            self._finish(EndReason.LAST_CHUNK, at if begun > known else self.tail_at, offset)
            return self._go_on(data, position, rest, begun - known, offset, at)
        if (end if end >= 0 else len(self.partial)) > self.head_limit:
            self._break(Problem("head-limit", base + position - self.start), at, base + len(data))
            return len(data)
        if end < 0:
            self.tail_at = at
            return len(data)
        self._end_of_trailers(bytes(self.partial[1:end]))
        position += end - known
        self._finish(EndReason.LAST_CHUNK, at, base + position)
        return position

    def _end_of_trailers(self, section: bytes) -> None:
        self.parts.trailers = section if section.strip(b"\r\n") else b""
        self.partial = None

    def _next_start(self, section: bytearray, known: int, end: int, *, in_head: bool) -> int:
        """Where in a trailer section or a head, of which `known` bytes were looked at, the next message begins; -1 for
        nowhere.

        A field has its colon before its first blank, and a first line has not: so it shows where the last empty line,
        or a part of it, was left out. In a head it has a version, and a line that is folded is none.
        """
        newline = section.find(b"\n", known)
        start = section.rfind(b"\n", 0, newline) + 1
        while newline >= 0 and (end < 0 or newline < end):
            line = bytes(section[start : newline + 1])
            if not in_head or (line[:1] not in b" \t" and b"HTTP/" in line):
                offset = self._first_line_in(line)
                if offset >= 0:
                    return start + offset
            start = newline + 1
            newline = section.find(b"\n", start)
        return -1
