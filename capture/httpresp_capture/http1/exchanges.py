"""What both directions of a connection share while HTTP/1 is read on it: who answers whom, and what is told of it."""

from httpresp_capture.detect.protocol import Conversation
from httpresp_capture.detect.undetected import Detection
from httpresp_capture.http.pairing import Pairing
from httpresp_capture.http.rows import tell_unanswered
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.problems import Problem


class Exchanges(Conversation):
    """What a reader may ask. `HTTP1` adds what takes the other reader to know."""

    __slots__ = ("answering", "behind", "connection", "detection", "pairing", "sink")

    def __init__(self, detection: Detection) -> None:
        self.detection = detection
        self.sink = detection.sink
        self.connection = detection.connection
        self.answering = False
        """True while a response is open that goes on."""
        self.behind: Detection | None = None
        """What both directions speak behind a CONNECT that succeeded."""
        self.pairing = Pairing(self.sink.limits.pending_requests)
        self.pairing.stream = self.connection.exchanges
        if not self.connection.midstream:
            self.pairing.opened()

    @property
    def midstream(self) -> bool:
        """True when the capture began after the connection did."""
        return self.pairing.midstream

    # Told by readers

    def unread_request(self, start: int, text: str) -> None:
        """The client sent what is no request, from position `start` on."""
        self.pairing.unread(start, text)

    def lost_requests(self, start: int, *, surely: bool) -> None:
        """Bytes of the client are missing from `start` on in which requests may have been; `surely` when one began
        there."""
        self.pairing.lost_requests(start, surely=surely)

    def unanswered(self, request: Request, stream: int, at: int, detail: str) -> None:
        """A request gets no response."""
        tell_unanswered(self.sink, self.connection.flow(), request, stream, at, detail)

    # What takes the other reader to know

    def asks(self, request: Request, start: int) -> None:
        """A request, which begins at position `start`, is complete, or its head is and its body follows."""
        raise NotImplementedError

    def asked(self, before: Request, after: Request) -> None:
        """A request whose head came earlier has ended."""
        raise NotImplementedError

    def asked_behind(self) -> bool:
        """True unless the newest response has a presumed request, and nothing was asked with that response in hand."""
        raise NotImplementedError

    def is_missing(self) -> bool:
        """True while bytes of either end are missing that may yet come."""
        raise NotImplementedError

    def refuted(self) -> None:
        """The request that was presumed for the newest response is another's."""
        raise NotImplementedError

    def answered(self, acked: int) -> None:
        """A response came with nothing left to answer, while the server had the client's bytes up to `acked`."""
        raise NotImplementedError

    def begun(self, acked: int) -> int:
        """The position at which a request begins that is not whole here, while the server had up to `acked`."""
        raise NotImplementedError

    def still_sends(self, request: Request) -> bool:
        """True while the body of this request is on its way, and nothing of it is missing."""
        raise NotImplementedError

    def why_alone(self, problem: Problem | None) -> Problem | None:
        """Why a response has no request, where the client does not speak HTTP at all; else `problem`."""
        raise NotImplementedError

    def is_strange(self, answer: str = "") -> bool:
        """Take back that it speaks HTTP, which another protocol only looked like; False when that is too late.

        A request of HTTP that was answered so, with `answer`, got no response.
        """
        raise NotImplementedError

    def switch(self, response: Response) -> None:
        """After 101 or a CONNECT that succeeded, both directions carry something else (RFC 9110 §9.3.6, §15.2.2)."""
        raise NotImplementedError
