"""The open streams of one connection, and their rows: one row a stream, whatever is lost (RFC 9113 §5.1, §8.1).

A row is told when the head of a response is complete, and again when the stream has ended; an interim response is a row
of its own. A request that gets no response is a row, and so is a stream of which the head was lost. A stream that was
told to its end is remembered: what comes late on it is no stream of its own.
"""

from typing import Final

from httpresp_capture.http.rows import tell_late, tell_unanswered, with_evidence
from httpresp_capture.http2.ended import EndedStreams
from httpresp_capture.http2.stream import Stream
from httpresp_capture.records.evidence import Conflict
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import LOST_IN_GAP, Problem
from httpresp_capture.sink import Sink
from httpresp_capture.streams.byte_streams import Streams

PROTOCOL: Final = "HTTP/2"
_LATELY: Final = 8


class OpenStreams:
    """Opens streams, ends them, and tells their rows."""

    __slots__ = (
        "_ended",
        "_over_lately",
        "connection",
        "cut",
        "failed",
        "fresh",
        "highest",
        "kept",
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
        self.cut = False
        """True when the first bytes of either end may not be here."""
        self.open: dict[int, Stream | Request] = {}
        """By id. Of a request that came whole its record alone, as long as nothing else comes; see `whole`."""
        self.failed = ""
        """Why an endpoint gave the connection up, if it said so."""
        self.highest = 0
        """The highest id so far."""
        self.lossy = False
        """True once bytes were lost that may have been of any stream."""
        self.pushed = False
        """True once the server opened one."""
        self.requests = 0
        self.fresh: list[Stream] = []
        """Those whose head came, and is to be told when all that came with it is read."""
        self._ended = EndedStreams()
        self.kept = 0
        self._over_lately: list[Response] = []
        """The last records of responses, to which late evidence belongs."""

    def offset(self, id: int) -> int:
        """Where in its response the next frame of a stream stands."""
        stream = self.open.get(id)
        return stream.answer.wire_bytes + stream.row.missing() if isinstance(stream, Stream) else 0

    def conflict(self, id: int, conflict: Conflict) -> None:
        """Bytes of a response came in two versions; what has ended lately is told again."""
        if id in self.open:
            self.opened(id).row.conflict(conflict)
            return
        before = self._lately(id)
        if before is not None:
            self._better(before, None, conflict)

    def came_late(self, id: int) -> None:
        """The server sends on a stream that has ended: what ended lately as it should is told again."""
        before = self._lately(id)
        if before is None or before.end is not EndReason.END_STREAM or self.lossy:
            return
        if all(problem.name != "frames-after-end" for problem in before.problems):
            self._better(before, Problem("frames-after-end", before.wire_bytes + before.missing_bytes), None)

    def _lately(self, id: int) -> Response | None:
        """The last record of a stream that has ended lately."""
        for response in self._over_lately:
            if response.stream == id:
                return response
        return None

    def _better(self, before: Response, problem: Problem | None, conflict: Conflict | None) -> None:
        after = with_evidence(before, problem, conflict)
        if after is not before:
            self._over_lately[self._over_lately.index(before)] = after
            tell_late(self.sink, after, before)

    # Rows

    def stream(self, id: int, at: int) -> Stream | None:
        """The stream, opened where it is new; None where it is over."""
        if id in self.open:
            return self.opened(id)
        if id in self._ended:
            return None
        if len(self.open) >= self.sink.limits.pending_requests:
            oldest = self.opened(next(iter(self.open)))
            self.over(oldest, EndReason.GAP if oldest.answer.lost else EndReason.EVICTED, at, "too many waiting")
        self.highest = max(self.highest, id)
        stream = self.open[id] = Stream(self.sink, self.connection.flow, id)
        return stream

    def opened(self, id: int) -> Stream:
        """One that is open."""
        stream = self.open[id]
        if isinstance(stream, Request):
            request = stream
            stream = self.open[id] = Stream(self.sink, self.connection.flow, id)
            stream.asked_whole(request)
        return stream

    def streams(self) -> list[Stream]:
        """All that are open, the oldest first."""
        return [self.opened(id) for id in self.open]

    def ends(self, stream: Stream, at: int) -> None:
        """The response has ended as it should. Over a WebSocket the client may yet say something: that it closes."""
        stream.answer.ended = True
        if stream.websocket is None or stream.question.ended:
            self.over(stream, EndReason.END_STREAM, at, "")

    def question_ends(self, stream: Stream, at: int) -> None:
        """The client sends nothing more on it."""
        stream.account_question()
        stream.question.ended = True
        if stream.answer.ended:
            self.over(stream, EndReason.END_STREAM, at, "")

    def over(self, stream: Stream, end: EndReason, at: int, why: str) -> None:
        """The stream is over, whatever was seen of it; `why` it is, where it got no response.

        `WholeMessages` does the same of most, where all of a response came at once.
        """
        self.kept -= stream.kept
        self.open.pop(stream.id, None)
        answer, row = stream.answer, stream.row
        request = stream.request()
        if not answer.begun and request is not None:
            detail = LOST_IN_GAP if answer.lost else why
            self._ended.add(stream.id)
            tell_unanswered(self.sink, self.connection.flow(), request, stream.id, at, detail)
            return
        if not answer.seen:
            missing = answer.head_lost or answer.lost > 0 or self.lossy
            first_at = answer.first_at or at
            row.opened(stream.id, first_at, first_at, b"", 0, PROTOCOL, 0, Framing.FRAMES, -1, request)
            row.problem(Problem("head-not-seen", 0, LOST_IN_GAP if missing else ""))
            row.midstream = self.midstream
        stream.account(self.midstream)
        if stream.websocket is not None:
            stream.websocket.end(end, at)
        stream.bring_up()
        if row.coded and row.body is not None:
            row.decode(whole=end is EndReason.END_STREAM and not answer.lost)
        self.has_ended(row.ended(stream, end, at, answer.last_at or at))

    def has_ended(self, response: Response) -> None:
        """This is the last that was told of a stream."""
        self._ended.add(response.stream)
        lately = self._over_lately
        lately.append(response)
        if len(lately) > _LATELY:
            del lately[0]

    def caught_up(self) -> None:
        """All that has come so far is read: heads of responses that go on are told."""
        if self.fresh:
            fresh = self.fresh
            self.fresh = []
            for stream in fresh:
                if self.open.get(stream.id) is stream:
                    stream.bring_up()
                    stream.row.tell(stream, stream.answer.last_at)

    # The end

    def waiting(self) -> list[Request]:
        """The requests that have no answer yet, the oldest first."""
        requests = [stream.request() for stream in self.streams() if not stream.answer.seen]
        return [request for request in requests if request is not None]

    def give_up_oldest(self, at: int) -> None:
        """Wait no longer for the answer to the oldest request."""
        for stream in self.streams():
            if not stream.answer.seen and stream.question.seen:
                self.over(stream, EndReason.EVICTED, at, "too many waiting")
                return

    def answers_end(self, reason: EndReason, at: int) -> None:
        """The server sends nothing more."""
        for stream in self.streams():
            if stream.answer.begun:
                self._close(stream, reason, at)

    def closed(self, reason: EndReason, at: int) -> None:
        """The connection is over."""
        for stream in self.streams():
            self._close(stream, reason, at)

    def withdraw(self) -> None:
        """What was read was no HTTP/2."""
        self.sink.requests -= self.requests
        self.open.clear()

    def _close(self, stream: Stream, reason: EndReason, at: int) -> None:
        answer = stream.answer
        if answer.ended:
            self.over(stream, EndReason.END_STREAM, max(answer.last_at, stream.question.last_at), "")
            return
        if self.failed:
            if answer.begun:
                answer.problem("goaway", self.failed)
            reason = EndReason.GOAWAY
        elif answer.lost and answer.seen:
            reason = EndReason.GAP
        self.over(stream, reason, at, self.failed)
