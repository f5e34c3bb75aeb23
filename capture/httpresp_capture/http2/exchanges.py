"""What the frames of both endpoints say of the streams of a connection (RFC 9113 §5, §6, §8.1)."""

from typing import Final

from httpresp_capture.http.parts import Parts
from httpresp_capture.http.rows import Row, tell_seen
from httpresp_capture.http2.names import NO_ERROR, error_name
from httpresp_capture.http2.open_streams import PROTOCOL, OpenStreams
from httpresp_capture.http2.sections import (
    Section,
    opens_websocket,
    request_head,
    response_head,
    status_of,
    trailer_block,
)
from httpresp_capture.http2.stream import UNKNOWN, Message, Stream
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Streams

BODIES_KEPT: Final = 16 << 20
"""Bytes of bodies that are kept of all open streams of a connection together."""


class Exchanges(OpenStreams):
    """Told by both endpoints; `asks` is True for what the client sends."""

    __slots__ = ("body_limit",)

    def __init__(self, sink: Sink, connection: Streams, *, midstream: bool) -> None:
        super().__init__(sink, connection, midstream=midstream)
        limit = sink.limits.body_bytes
        self.body_limit = limit if limit >= 0 else 1 << 60

    # What frames say

    def section(
        self, asks: bool, id: int, section: Section, ends: bool, length: int, first_at: int, at: int, packet_len: int
    ) -> None:
        """A header or trailer section, in frames of `length` bytes; `ends` where END_STREAM is set.

        `WholeMessages` does the same of most, where all of a message is in the same bytes.
        """
        stream = self.stream(id, at)
        if stream is None:
            if not asks:
                self.came_late(id)
            return
        if asks:
            self._asked(stream, section, ends, length, first_at, at)
            stream.made = None
            if ends:
                self.question_ends(stream, at)
        elif self._answered(stream, section, ends, length, first_at, at, packet_len) and ends:
            self.ends(stream, at)

    def _asked(self, stream: Stream, section: Section, ends: bool, length: int, first_at: int, at: int) -> None:
        question = stream.question
        if question.ended:
            question.problem_once("frames-after-end")
        question.came(length, first_at, at)
        parts = question.parts
        if question.seen or (
            b":method" not in section.pseudo and not section.unknown and self._misses_head(question, asked=False)
        ):
            self._trailers(parts, section, ends)
            return
        head = stream.asked = request_head(section)
        question.seen = True
        question.declared = section.declared
        question.lost = 0
        parts.note(section.problems)
        sink = self.sink
        self.requests += 1
        sink.requests += 1
        sink.asked += len(head.head) + REQUEST_COST
        if sink.asked > sink.limits.pending_bytes >> 3:
            sink.bound_pending(at)

    def _answered(
        self, stream: Stream, section: Section, ends: bool, length: int, first_at: int, at: int, packet_len: int
    ) -> bool:
        """Take a section of the response; False where it was an interim response."""
        answer, row = stream.answer, stream.row
        status = section.pseudo.get(b":status")
        # RFC 9113 §8.1: trailers end the stream. Without a status, where a head may be missing, a section is taken for
        # them.
        if answer.seen or (status is None and ends and self._misses_head(answer, asked=stream.question.seen)):
            answer.came(length, first_at, at)
            if answer.ended:
                answer.problem_once("frames-after-end")
            self._trailers(row, section, ends)
            return True
        code = status_of(section)
        head = response_head(section)
        if 100 <= code < 200 and not ends:
            self._interim(stream, section, code, head, length, first_at, at, packet_len)
            return False
        if 100 <= code < 200:
            section.problem("interim-ends")
        answer.came(length, first_at, at)
        answer.seen = True
        answer.declared = section.declared
        answer.lost = 0  # What was lost before its head was none of it.
        row.opened(
            stream.id, at, answer.first_at, head, code, PROTOCOL, packet_len, Framing.FRAMES, section.declared, None
        )
        row.coded = section.coded
        row.note(section.problems)
        asked = stream.asked
        if asked is not None and asked.protocol and opens_websocket(asked, code):
            stream.switch(at)
        if not ends:
            self.fresh.append(stream)
        return True

    def _trailers(self, parts: Parts, section: Section, ends: bool) -> None:
        """Take a trailer section, which is the last that comes (§8.1); another is one with it, as long as that is not
        longer than a head may be."""
        block = trailer_block(section)
        if not ends:
            section.problem("trailers-not-last")
        if not parts.trailers or len(parts.trailers) + len(block) <= self.sink.limits.head_bytes:
            parts.trailers += block
        parts.note(section.problems)

    def _misses_head(self, message: Message, *, asked: bool) -> bool:
        """True when the head of a message may have gone before what is here; `asked` when its request was seen."""
        # A loss may be told before the request of a stream that it hit: of what TLS carries the directions may wait for
        # each other.
        return message.head_lost or message.lost > 0 or self.lossy or (self.midstream and not asked)

    def _interim(
        self,
        stream: Stream,
        section: Section,
        status: int,
        head: bytes,
        length: int,
        first_at: int,
        at: int,
        packet_len: int,
    ) -> None:
        """A response that another follows (RFC 9110 §15.2)."""
        sink = self.sink
        row = Row(sink, self.connection.flow)
        row.opened(stream.id, at, first_at, head, status, PROTOCOL, packet_len, Framing.NONE, -1, stream.request())
        row.wire_bytes = length
        row.note(section.problems)
        row.id = sink.next_id()
        tell_seen(sink, row.record(EndReason.NO_BODY, at))

    def promised(self, id: int, section: Section, length: int, first_at: int, at: int) -> None:
        """PUSH_PROMISE (§6.6): the server asks itself, in the name of the client."""
        stream = self.stream(id, at)
        if stream is not None and not stream.question.seen:
            self.pushed = True
            self._asked(stream, section, True, length, first_at, at)
            stream.question.ended = True

    def weigh(self, id: int, weight: int) -> None:
        """The client gives a stream that is open a weight, as far as both ends heed that (RFC 9113 §5.3)."""
        if id in self.open:
            stream = self.opened(id)
            stream.weight = weight
            stream.made = None if stream.asked is not None else stream.made

    def upgraded(self, request: Request) -> None:
        """RFC 7540 §3.2: the request that asked for HTTP/2 is that of stream 1."""
        stream = self.stream(1, request.sent_at)
        if stream is not None:
            stream.made = request
            stream.question.seen = stream.question.ended = True

    def data_frame(self, asks: bool, id: int, first_at: int, at: int, overhead: int) -> Stream | None:
        """A DATA frame begins, with `overhead` bytes beside its payload; None where its stream is over."""
        stream = self.stream(id, at)
        if stream is None:
            if not asks:
                self.came_late(id)
            return None
        message = stream.question if asks else stream.answer
        if asks:
            stream.made = None
        if message.ended:
            message.problem_once("frames-after-end")
        elif not (message.seen or message.head_lost or self.midstream or self.lossy or self.cut):
            message.problem_once("data-before-head")
        message.came(overhead, first_at, at)
        return stream

    def keep(self, stream: Stream, message: Message, data: bytes, start: int, end: int) -> None:
        """Content of a DATA frame; the first bytes of each body are kept."""
        parts = message.parts
        if parts.body_full or self.kept > BODIES_KEPT:
            parts.keep(data, start, end, parts.body_bytes)
            return
        parts.keep(data, start, end, self.body_limit)
        stream.kept += end - start
        self.kept += end - start

    def data_ended(self, asks: bool, stream: Stream, ends: bool, at: int) -> None:
        """A DATA frame is whole."""
        if not ends or self.open.get(stream.id) is not stream:
            return
        if asks:
            stream.made = None
            self.question_ends(stream, at)
        else:
            self.ends(stream, at)

    def reset(self, asks: bool, id: int, code: int, at: int) -> None:
        """RST_STREAM (§6.4); `code` is -1 where it was lost."""
        stream = self.stream(id, at)
        if stream is None:
            return
        if stream.answer.ended:
            self.over(stream, EndReason.END_STREAM, at, "")
            return
        what = f"{error_name(code) if code >= 0 else 'RST_STREAM'} from the {'client' if asks else 'server'}"
        if stream.answer.begun:
            stream.answer.problem("stream-reset", what)
        self.over(stream, EndReason.CLIENT_RESET if asks else EndReason.SERVER_RESET, at, what)

    def go_away(self, asks: bool, last: int, code: int, at: int) -> None:
        """GOAWAY (§6.8): streams of the other end beyond `last` are not processed, and never will be."""
        what = f"GOAWAY {error_name(code)} from the {'client' if asks else 'server'}"
        if code != NO_ERROR:
            self.failed = what
        if not asks:
            for stream in self.streams():
                if stream.id > last and stream.id & 1 and not stream.answer.begun:
                    self.over(stream, EndReason.GOAWAY, at, what)

    # What is missing

    def head_lost(self, asks: bool, id: int, ends: bool, at: int, why: str) -> None:
        """A section of a stream cannot be read."""
        stream = self.stream(id, at)
        if stream is None:
            return
        message = stream.question if asks else stream.answer
        message.last_at = at
        if message.seen:
            message.problem("frames-lost", why)
        else:
            message.head_lost = True
        if ends and asks:
            self.question_ends(stream, at)
        elif ends:
            self.ends(stream, at)

    def lost(self, asks: bool, length: int, at: int) -> None:
        """Bytes of one direction are missing, nobody knows of which of the streams that are open in it."""
        self.lossy = True
        for stream in self.streams():
            message = stream.question if asks else stream.answer
            if not message.ended:
                message.lost += max(length, 1)
                stream.carry_gap(asks, UNKNOWN, at, False)
                if asks:
                    stream.made = None
