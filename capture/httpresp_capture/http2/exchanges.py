"""The streams of one connection, and their rows: one row a stream, whatever is lost (RFC 9113 §5.1, §8.1).

A row is told when the head of a response is complete, and again when the stream has ended; an interim response is a row
of its own. A request that gets no response is a row, and so is a stream of which the head was lost. A stream that was
told to its end is remembered: what comes late on it is no stream of its own.
"""

from typing import Final

from httpresp_capture.http.rows import Row, tell_seen, tell_unanswered
from httpresp_capture.http2.ended import EndedStreams
from httpresp_capture.http2.names import NO_ERROR, error_name
from httpresp_capture.http2.sections import Section, request_head, response_head, status_of, trailer_block
from httpresp_capture.http2.stream import Message, Stream
from httpresp_capture.records.events import FlowEnded
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.limits import REQUEST_COST
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Sink
from httpresp_capture.tcp.streams import Streams

_PROTOCOL: Final = "HTTP/2"
_BODIES_KEPT: Final = 16 << 20
"""Bytes of bodies that are kept of all open streams of a connection together."""


class Exchanges:
    """Told by both endpoints what their frames say; `asks` is True for what the client sends."""

    __slots__ = (
        "_ended",
        "_fresh",
        "_kept",
        "body_limit",
        "connection",
        "failed",
        "highest",
        "lossy",
        "midstream",
        "open",
        "pushed",
        "requests",
        "sink",
    )

    def __init__(self, sink: Sink, connection: Streams, *, midstream: bool) -> None:
        self.sink = sink
        self.connection = connection
        self.midstream = midstream
        """True when streams may have been open before the first byte that was seen."""
        self.open: dict[int, Stream] = {}
        self.failed = ""
        """Why an endpoint gave the connection up, if it said so."""
        self.highest = 0
        """The highest id so far."""
        self.lossy = False
        """True once bytes were lost that may have been of any stream."""
        self.pushed = False
        """True once the server opened one."""
        self.requests = 0
        self._fresh: list[Stream] = []
        """Those whose head came, and is to be told when all that came with it is read."""
        self._ended = EndedStreams()
        self._kept = 0
        limit = sink.limits.body_bytes
        self.body_limit = limit if limit >= 0 else 1 << 60

    # What frames say

    def section(
        self, asks: bool, id: int, section: Section, ends: bool, length: int, first_at: int, at: int, packet_len: int
    ) -> None:
        """A header or trailer section, in frames of `length` bytes; `ends` where END_STREAM is set."""
        stream = self.stream(id, at)
        if stream is None:
            return
        if asks:
            self._asked(stream, section, length, first_at, at)
            stream.made = None
            stream.question.ended = stream.question.ended or ends
        elif self._answered(stream, section, ends, length, first_at, at, packet_len) and ends:
            self._ends(stream, at)

    def _asked(self, stream: Stream, section: Section, length: int, first_at: int, at: int) -> None:
        question = stream.question
        question.came(length, first_at, at)
        parts = question.parts
        if question.seen or (
            b":method" not in section.pseudo and not section.unknown and self._misses_head(question, asked=False)
        ):
            parts.trailers = trailer_block(section)
            parts.note(section.problems)
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
            row.trailers = trailer_block(section)
            row.note(section.problems)
            return True
        code = status_of(section)
        head = response_head(section)
        if 100 <= code < 200 and not ends:
            self._interim(stream, section, code, head, length, first_at, at, packet_len)
            return False
        answer.came(length, first_at, at)
        answer.seen = True
        answer.declared = section.declared
        answer.lost = 0  # What was lost before its head was none of it.
        row.opened(
            stream.id, at, answer.first_at, head, code, _PROTOCOL, packet_len, Framing.FRAMES, section.declared, None
        )
        row.coded = section.coded
        row.note(section.problems)
        if not ends:
            self._fresh.append(stream)
        return True

    def _misses_head(self, message: Message, *, asked: bool) -> bool:
        """True when the head of a message may have gone before what is here; `asked` when its request was seen."""
        return message.head_lost or message.lost > 0 or ((self.midstream or self.lossy) and not asked)

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
        row.opened(stream.id, at, first_at, head, status, _PROTOCOL, packet_len, Framing.NONE, -1, stream.request())
        row.wire_bytes = length
        row.note(section.problems)
        row.id = sink.next_id()
        tell_seen(sink, row.record(EndReason.NO_BODY, at))

    def promised(self, id: int, section: Section, length: int, first_at: int, at: int) -> None:
        """PUSH_PROMISE (§6.6): the server asks itself, in the name of the client."""
        stream = self.stream(id, at)
        if stream is not None and not stream.question.seen:
            self.pushed = True
            self._asked(stream, section, length, first_at, at)
            stream.question.ended = True

    def upgraded(self, request: Request) -> None:
        """RFC 7540 §3.2: the request that asked for HTTP/2 is that of stream 1."""
        stream = self.stream(1, request.sent_at)
        if stream is not None:
            stream.made = request
            stream.question.seen = stream.question.ended = True

    def data_frame(self, asks: bool, id: int, first_at: int, at: int, overhead: int) -> Stream | None:
        """A DATA frame begins, with `overhead` bytes beside its payload; None where its stream is over."""
        stream = self.stream(id, at)
        if stream is not None:
            if asks:
                stream.made = None
                stream.question.came(overhead, first_at, at)
            else:
                stream.answer.came(overhead, first_at, at)
        return stream

    def keep(self, stream: Stream, message: Message, data: bytes, start: int, end: int) -> None:
        """Content of a DATA frame; the first bytes of each body are kept."""
        parts = message.parts
        if parts.body_full or self._kept > _BODIES_KEPT:
            parts.keep(data, start, end, parts.body_bytes)
            return
        parts.keep(data, start, end, self.body_limit)
        stream.kept += end - start
        self._kept += end - start

    def data_ended(self, asks: bool, stream: Stream, ends: bool, at: int) -> None:
        """A DATA frame is whole."""
        if not ends or self.open.get(stream.id) is not stream:
            return
        if asks:
            stream.question.ended = True
            stream.made = None
        else:
            self._ends(stream, at)

    def reset(self, asks: bool, id: int, code: int, at: int) -> None:
        """RST_STREAM (§6.4); `code` is -1 where it was lost."""
        stream = self.stream(id, at)
        if stream is None:
            return
        what = f"{error_name(code) if code >= 0 else 'RST_STREAM'} from the {'client' if asks else 'server'}"
        if stream.answer.begun:
            stream.answer.problem("stream-reset", what)
        self._over(stream, EndReason.CLIENT_RESET if asks else EndReason.SERVER_RESET, at, what)

    def go_away(self, asks: bool, last: int, code: int, at: int) -> None:
        """GOAWAY (§6.8): streams of the other end beyond `last` are not processed, and never will be."""
        what = f"GOAWAY {error_name(code)} from the {'client' if asks else 'server'}"
        if code != NO_ERROR:
            self.failed = what
        if not asks:
            for stream in list(self.open.values()):
                if stream.id > last and stream.id & 1 and not stream.answer.begun:
                    self._over(stream, EndReason.GOAWAY, at, what)

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
            message.ended = True
        elif ends:
            self._ends(stream, at)

    def lost(self, asks: bool, length: int) -> None:
        """Bytes of one direction are missing, nobody knows of which of the streams that are open in it."""
        self.lossy = True
        for stream in self.open.values():
            message = stream.question if asks else stream.answer
            if not message.ended:
                message.lost += max(length, 1)
                if asks:
                    stream.made = None

    # Rows

    def stream(self, id: int, at: int) -> Stream | None:
        """The stream, opened where it is new; None where it is over."""
        stream = self.open.get(id)
        if stream is not None:
            return stream
        if id in self._ended:
            return None
        if len(self.open) >= self.sink.limits.pending_requests:
            oldest = next(iter(self.open.values()))
            self._over(oldest, EndReason.GAP if oldest.answer.lost else EndReason.EVICTED, at, "too many waiting")
        self.highest = max(self.highest, id)
        stream = self.open[id] = Stream(self.sink, self.connection.flow, id)
        return stream

    def _ends(self, stream: Stream, at: int) -> None:
        """The response has ended as it should."""
        stream.answer.ended = True
        self._over(stream, EndReason.END_STREAM, at, "")

    def _over(self, stream: Stream, end: EndReason, at: int, why: str) -> None:
        """The stream is over, whatever was seen of it; `why` it is, where it got no response."""
        self._kept -= stream.kept
        self.open.pop(stream.id, None)
        self._ended.add(stream.id)
        answer, row = stream.answer, stream.row
        request = stream.request()
        if not answer.begun and request is not None:
            detail = LOST_IN_GAP if answer.lost else why
            tell_unanswered(self.sink, self.connection.flow(), request, stream.id, at, detail)
            return
        if not answer.seen:
            missing = answer.head_lost or answer.lost > 0 or self.lossy
            first_at = answer.first_at or at
            row.opened(stream.id, first_at, first_at, b"", 0, _PROTOCOL, 0, Framing.FRAMES, -1, request)
            row.problem(Problem("head-not-seen", 0, LOST_IN_GAP if missing else ""))
            row.midstream = self.midstream
        stream.account(self.midstream)
        stream.bring_up()
        if row.coded and row.body is not None:
            row.decode(whole=end is EndReason.END_STREAM and not answer.lost)
        row.ended(stream, end, at, answer.last_at or at)

    def caught_up(self) -> None:
        """All that has come so far is read: heads of responses that go on are told."""
        if self._fresh:
            fresh = self._fresh
            self._fresh = []
            for stream in fresh:
                if self.open.get(stream.id) is stream:
                    stream.bring_up()
                    stream.row.tell(stream, stream.answer.last_at)

    # The end

    def waiting(self) -> list[Request]:
        """The requests that have no answer yet, the oldest first."""
        requests = [stream.request() for stream in self.open.values() if not stream.answer.seen]
        return [request for request in requests if request is not None]

    def give_up_oldest(self, at: int) -> None:
        """Wait no longer for the answer to the oldest request."""
        for stream in self.open.values():
            if not stream.answer.seen and stream.question.seen:
                self._over(stream, EndReason.EVICTED, at, "too many waiting")
                return

    def answers_end(self, reason: EndReason, at: int) -> None:
        """The server sends nothing more."""
        for stream in list(self.open.values()):
            if stream.answer.begun:
                self._close(stream, reason, at)

    def closed(self, reason: EndReason, at: int) -> None:
        """The connection is over."""
        for stream in list(self.open.values()):
            self._close(stream, reason, at)
        self.sink.emit(FlowEnded(self.connection.flow(), at, reason))

    def withdraw(self) -> None:
        """What was read was no HTTP/2."""
        self.sink.requests -= self.requests
        self.open.clear()

    def _close(self, stream: Stream, reason: EndReason, at: int) -> None:
        answer = stream.answer
        if self.failed:
            if answer.begun:
                answer.problem("goaway", self.failed)
            reason = EndReason.GOAWAY
        elif answer.lost and answer.seen:
            reason = EndReason.GAP
        self._over(stream, reason, at, self.failed)
