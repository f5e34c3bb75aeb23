"""One direction of HTTP/1.x, tolerant: bytes, gaps and an end in; messages out (RFC 9112).

A `Reader` is a state machine with three entrances, `data`, `gap` and `end`. It cuts the stream into messages; what a
message means is left to its two kinds, `ResponseReader` and `RequestReader` through `_head`, `_finished`
and `_broken_head`.

A gap inside a body of known length is counted, and reading goes on behind it. Anywhere else the message ends there,
and the reader *searches*: it passes over bytes until the next head that proves itself by being well-formed to its
blank line. Body bytes that nobody keeps are counted without being looked at: `bytes_to_skip` is how many of the next
bytes may be passed over, and the packet loop lowers it without a call.
"""

from httpresp_capture.http.heads import begins_status_line
from httpresp_capture.http1.chunks import BAD, NEXT, READ, Chunks
from httpresp_capture.http1.head_collector import HeadCollector
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
)
from httpresp_capture.http1.resync import FOUND, TOO_LONG, Resync
from httpresp_capture.records.evidence import Gap, Segment
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from httpresp_capture.streams.receiver import FOREVER


class Reader(HeadCollector):
    """The framing of one direction."""

    __slots__ = ()

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
        if self.unsure and self.state == HEAD and self.partial is None:
            self.unsure = False
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
        state = self.state
        if state not in (HEAD, SEARCH):
            self.searched_from = -1
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
        resync = self.resync
        window = resync.window if resync is not None else None
        if self.found or self.state != SEARCH or resync is None or window is None:
            return False
        if resync.offset or len(window) != self.base:
            return False
        resync.stop()
        resync.passed.clear()
        self.base = 0
        self.origin -= len(data)
        self.data(data + bytes(window), at)
        return True

    def end(self, reason: EndReason, at: int) -> None:
        """Nothing follows."""
        if self.state == TUNNEL and not self.opened:
            return
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
        elif self.resync is not None and self.resync.passed and not (self.found or self.lost):
            self._nothing_found(bytes(self.resync.passed), reason, at)
            self.resync.passed.clear()
        self._let_go()
        self.state = TUNNEL

    def _let_go(self) -> None:
        """Nothing more is made of what is not understood yet."""
        self.partial = None
        if self.resync is not None:
            self.resync.stop()
        if self.chunks is not None:
            self.chunks.clear()

    def conflict(self, back: int, length: int, first: Segment, second: Segment, at: int) -> None:
        """Bytes `back` before the next came again and differ."""

    def tunnel(self) -> None:
        """What follows is no HTTP."""
        self._let_go()
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
                    self.unsure = self._bodiless() or self.unsure
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
                if data.startswith(b"\r\n", end):  # As nearly always; anything else is for `Chunks.data_end`.
                    position = end + 2
                    self.state = CHUNK_LINE
                else:
                    self.state = CHUNK_END
            elif CHUNK_LINE <= state <= TRAILERS:
                position = self._chunked(data, position, base, at)
            elif state == CLOSE:
                taken = self._takes_more(data, position)
                if taken < 0:
                    self.doubt = data[position:]
                    return
                end = position + taken
                self.parts.keep(data, position, end, self.body_limit)
                if self.torn:
                    self.doubt = data[end:]
                    return
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
        self._let_go()
        self._finish(EndReason.GAP, at)
        self.lost = True
        self._to(SEARCH)

    def _break(self, problem: Problem, at: int, offset: int) -> None:
        """The framing is nonsense: end the message, and look for the next head."""
        self.parts.problem(problem)
        self._finish(EndReason.BROKEN, at, offset)
        self._to(SEARCH)

    # Resynchronisation

    def _search(self, data: bytes, position: int, base: int, at: int) -> None:
        """Pass over unknown bytes until the next head that proves itself."""
        resync = self.resync
        if resync is None:
            resync = self.resync = Resync(self.lines)
        window = resync.window
        if window is None:
            window = resync.begin(base + position)
        if position == 0:
            resync.segment()
        window += data[position:]
        self._pass_by(resync, data, position, base, at)
        found = resync.look(window, self.head_limit, found=self.found)
        if found:
            self.unsure = self.lost and not resync.begins_segment
        if found == FOUND:
            self._before_head(resync.offset, at)
            resync.stop()
            self._to(HEAD)
            self._run(bytes(window), resync.offset, at)
        elif found == TOO_LONG:
            self.start = self.partial_base = resync.offset
            self.partial = resync.stop()
            self._begin()
            self._over_limit(at)

    def _begun(self, length: int, snapped: bool, end: EndReason, at: int) -> bool:
        """The search ends in a head that had begun: True when that was a message's beginning for sure."""
        resync = self.resync
        if resync is None:
            return False
        proved = resync.proved
        head = bytes(resync.stop())
        if not proved:
            return False
        self.start = resync.offset
        self.first_at = self.last_at
        self.unsure = self.lost and not resync.begins_segment
        self._begin()
        if length:
            self.parts.gap(Gap(len(head), length, snapped))
        self._broken_head(head, end, at)
        self._reset()
        return True

    # Chunks

    def _chunked(self, data: bytes, position: int, base: int, at: int) -> int:
        """What stands between the data of two chunks, or behind the last; where reading goes on."""
        chunks = self.chunks
        if chunks is None:
            chunks = self.chunks = Chunks(self.parts, self.lines, self.head_limit)
        state = self.state
        if state == CHUNK_LINE:
            position = chunks.size_line(data, position, base, self.start)
            if chunks.found == READ:
                self.remaining = chunks.size
                if chunks.size:
                    self.state = CHUNK_DATA
                else:
                    self.state = TRAILERS
                    chunks.tail_at = at
                return position
        elif state == CHUNK_END:
            position = chunks.data_end(data, position, base, self.start)
            if chunks.found == READ:
                self.state = CHUNK_LINE
                return position
        else:
            position = chunks.trailer_section(data, position, base, self.start)
        found = chunks.found
        if found == READ:
            self._finish(EndReason.LAST_CHUNK, at, base + position)
        elif found == NEXT:
            self._finish(EndReason.LAST_CHUNK, at if chunks.ahead > 0 else chunks.tail_at, chunks.begins)
            return self._go_on(data, position, chunks.rest, chunks.ahead, chunks.begins, at)
        elif found == BAD:
            self._break(chunks.problem, at, chunks.begins)
            if chunks.rest:
                self._search(chunks.rest, 0, chunks.begins, at)
        else:
            chunks.tail_at = at
        return position
