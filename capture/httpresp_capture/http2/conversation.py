"""HTTP/2 on one connection: an endpoint for each direction, and where each of them begins."""

from base64 import urlsafe_b64decode

from httpresp_capture.detect.protocol import Conversation
from httpresp_capture.detect.recognise import HTTP2_PREFACE, begins_with_settings
from httpresp_capture.detect.undetected import Detection, Undetected
from httpresp_capture.http2.endpoint import Endpoint
from httpresp_capture.http2.exchanges import Exchanges
from httpresp_capture.records.events import FlowEnded
from httpresp_capture.records.exchange import Request
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.streams.byte_streams import ByteStream
from httpresp_capture.streams.receiver import IGNORED, Receiver


class HTTP2(Conversation):
    """What stands above a connection of HTTP/2."""

    __slots__ = ("_client", "_exchanges", "_server", "_settings", "_upgraded", "detection")

    def __init__(self, detection: Detection) -> None:
        self.detection = detection
        self._exchanges = Exchanges(detection.sink, detection.connection, midstream=detection.connection.midstream)
        self._client: Endpoint | None = None
        self._server: Endpoint | None = None
        self._upgraded = False
        self._settings = b""
        """What the client has said in the request that asked for HTTP/2."""

    def upgraded(self, request: Request | None) -> None:
        """See `Conversation`. RFC 7540 §3.2: that request is stream 1, and its HTTP2-Settings are the client's."""
        self._upgraded = True
        if request is not None:
            self._exchanges.upgraded(request)
            said = request.headers.get("http2-settings")
            try:
                self._settings = urlsafe_b64decode(said + "=" * (-len(said) % 4))
            except ValueError:
                self._settings = b""  # What is no base64 says nothing.

    def reader(self, stream: ByteStream, undetected: Undetected | None, *, recognised: bool) -> Receiver:
        """See `Conversation`."""
        connection = self.detection.connection
        asks = stream is connection.client
        endpoint = Endpoint(self._exchanges, stream, asks=asks)
        first = undetected.bytes() if undetected is not None and undetected.size else b""
        whole = undetected.at_beginning if undetected is not None else self._upgraded or not connection.midstream
        begins = whole and stream.reader is not IGNORED
        if asks:
            self._client = endpoint
            begins = begins and HTTP2_PREFACE.startswith(first[: len(HTTP2_PREFACE)])
            endpoint.preface = len(HTTP2_PREFACE) if begins else 0
            self._exchanges.midstream = not begins
        else:
            self._server = endpoint
            begins = begins and (self._upgraded or not connection.midstream or begins_with_settings(first))
        if not begins:
            endpoint.begin_midstream()
        if self._client is not None and self._server is not None:
            self._client.settings(self._settings)
            self._settings = b""
            self._client.meet(self._server)
            self._server.meet(self._client)
        return endpoint

    def under_way(self) -> bool:
        """A connection of HTTP/2 is meant to stay (RFC 9113 §9.1), and what its header tables hold is needed when it
        goes on after a long silence."""
        return not self._exchanges.failed

    def waiting(self) -> list[Request]:
        """See `Application`."""
        return self._exchanges.waiting()

    def give_up_oldest(self, at: int) -> None:
        """See `Application`."""
        self._exchanges.give_up_oldest(at)

    def restart(self) -> None:
        """See `Application`."""
        self._exchanges = Exchanges(self.detection.sink, self.detection.connection, midstream=True)
        self._client = self._server = None

    def closed(self, reason: EndReason, at: int) -> None:
        """See `Application`."""
        self._exchanges.closed(reason, at)
        if self.detection.tells_end:
            self.detection.sink.emit(FlowEnded(self.detection.connection.flow(), at, reason))

    def forget(self) -> None:
        """See `Application`."""
        for endpoint in (self._client, self._server):
            if endpoint is not None:
                endpoint.peer = None
        self._client = self._server = None

    def withdrawn(self) -> None:
        """See `Conversation`."""
        self._exchanges.withdraw()
