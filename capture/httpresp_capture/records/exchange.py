"""One response and the request that it answers.

Text from the wire stays bytes: the raw head blocks are kept, and headers are parsed from them when somebody asks. All
times are capture timestamps in ns since the epoch; no clock is read here.
"""

from typing import Final

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.evidence import Conflict, Gap
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.record import compiled, own_record
from httpresp_capture.records.targets import host_of, path_of
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.records.workload import Workload

ENCRYPTED_CLASS: Final = 6
"""Stands for the status class of a row that is an encrypted connection."""


@compiled(acyclic=True)
@own_record
class Request:
    """The request that a response answers."""

    head: Final[bytes]
    """Request line and header block as on the wire, with the blank line."""
    method: Final[str]
    target: Final[str]
    first_byte_at: Final[int]
    sent_at: Final[int]
    """When its last byte (seen so far) was captured."""
    wire_bytes: Final[int]
    """Head and body as sent, chunk framing included."""
    body_bytes: Final[int]
    body: Final[bytes]
    """The first bytes of the body, up to the limit."""
    complete: Final[bool]
    problems: Final[tuple[Problem, ...]]
    scheme: Final[str]
    """As a request of HTTP/2 has said (RFC 9113 §8.3.1); empty where nothing was said."""
    protocol: Final[str]
    """What an extended CONNECT asks for, such as `websocket` (RFC 8441 §4); empty for every other request."""
    weight: Final[int]
    """1 to 256, that its client gave the stream (RFC 7540 §5.3.2, which RFC 9113 §5.3 only tolerates); 0 where it gave
    none."""

    def __init__(
        self,
        head: bytes,
        method: str,
        target: str,
        first_byte_at: int,
        sent_at: int,
        wire_bytes: int = 0,
        body_bytes: int = 0,
        body: bytes = b"",
        complete: bool = True,
        problems: tuple[Problem, ...] = (),
        scheme: str = "",
        protocol: str = "",
        weight: int = 0,
    ) -> None:
        self.head = head
        self.method = method
        self.target = target
        self.first_byte_at = first_byte_at
        self.sent_at = sent_at
        self.wire_bytes = wire_bytes
        self.body_bytes = body_bytes
        self.body = body
        self.complete = complete
        self.problems = problems
        self.scheme = scheme
        self.protocol = protocol
        self.weight = weight

    @property
    def headers(self) -> Headers:
        """Parsed anew at each call; keep the result where it is used twice."""
        return Headers.from_head(self.head)

    @property
    def host(self) -> str:
        """The host that was asked, see `targets`; empty when the request names none."""
        return host_of(self.method, self.target, self.head)

    @property
    def path(self) -> str:
        """The target without the scheme and authority of an absolute form."""
        return path_of(self.target)


@compiled(acyclic=True)
@own_record
class Response:
    """One HTTP response: the record that the whole product turns on."""

    id: Final[int]
    """Counts from 1 in the order in which responses are told; the number on the screen."""
    flow: Final[Flow]
    stream: Final[int]
    """Number of the exchange in its flow, from 1 (HTTP/2: the stream identifier)."""
    at: Final[int]
    """When the packet that completed the head was captured."""
    first_byte_at: Final[int]
    ended_at: Final[int | None]
    head: Final[bytes]
    """Status line and header block as on the wire, with the blank line. Empty for a request without response."""
    status: Final[int]
    """0 when the status line could not be read."""
    protocol: Final[str]
    """`HTTP/1.1`, as on the wire."""
    packet_len: Final[int]
    """Tracee's rule: IPv4 total length, IPv6 payload length, of the packet in which the head began."""
    framing: Final[Framing]
    declared: Final[int]
    """Content-Length; -1 when not declared, not readable or overruled by Transfer-Encoding."""
    request: Final[Request | None]
    wire_bytes: Final[int]
    """Head, body and chunk framing as captured, gaps not counted."""
    body_bytes: Final[int]
    """Body as captured, chunk framing removed, content coding not."""
    body: Final[bytes]
    """The first bytes of the body, chunk framing removed, up to the limit."""
    trailers: Final[bytes]
    end: Final[EndReason | None]
    """None while it is open."""
    gaps: Final[tuple[Gap, ...]]
    problems: Final[tuple[Problem, ...]]
    conflicts: Final[tuple[Conflict, ...]]
    midstream: Final[bool]
    """True when the capture began inside this message."""
    workload: Final[Workload | None]
    """Process, container and pod that sent it, or of an unanswered request, that asked; None where nobody told."""
    websocket: Final[WebSocket | None]
    """What went over the WebSocket that it opened, a 101 or an answer to an extended CONNECT: all of it once that has
    ended, and of an open one as far as it was told. None of any other response."""
    encrypted: Final[Encrypted | None]
    """Of a row that stands for a TLS connection whose content is not read: all that can be said of that."""

    def __init__(
        self,
        id: int,
        flow: Flow,
        stream: int,
        at: int,
        first_byte_at: int,
        ended_at: int | None,
        head: bytes,
        status: int,
        protocol: str,
        packet_len: int,
        framing: Framing,
        declared: int,
        request: Request | None = None,
        wire_bytes: int = 0,
        body_bytes: int = 0,
        body: bytes = b"",
        trailers: bytes = b"",
        end: EndReason | None = None,
        gaps: tuple[Gap, ...] = (),
        problems: tuple[Problem, ...] = (),
        conflicts: tuple[Conflict, ...] = (),
        midstream: bool = False,
        workload: Workload | None = None,
        websocket: WebSocket | None = None,
        encrypted: Encrypted | None = None,
    ) -> None:
        self.id = id
        self.flow = flow
        self.stream = stream
        self.at = at
        self.first_byte_at = first_byte_at
        self.ended_at = ended_at
        self.head = head
        self.status = status
        self.protocol = protocol
        self.packet_len = packet_len
        self.framing = framing
        self.declared = declared
        self.request = request
        self.wire_bytes = wire_bytes
        self.body_bytes = body_bytes
        self.body = body
        self.trailers = trailers
        self.end = end
        self.gaps = gaps
        self.problems = problems
        self.conflicts = conflicts
        self.midstream = midstream
        self.workload = workload
        self.websocket = websocket
        self.encrypted = encrypted

    @property
    def reason(self) -> str:
        """The reason phrase as sent, Latin-1; empty when there was none."""
        line = self.status_line
        parts = line.split(" ", 2)
        return parts[2] if len(parts) > 2 else ""

    @property
    def status_line(self) -> str:
        """The first line of the head, Latin-1, without its line end."""
        return self.head[: self.head.find(b"\n") + 1 or None].rstrip(b"\r\n").decode("latin-1")

    @property
    def headers(self) -> Headers:
        """Parsed anew at each call; keep the result where it is used twice."""
        return Headers.from_head(self.head)

    def header(self, name: str) -> str:
        """The first value of a field, by any case; empty when it is not there. Cheaper than `headers` for one."""
        return Headers.first_in(self.head, name.lower().encode("latin-1", "replace"))

    @property
    def host(self) -> str:
        """Which host this is of: the one that was asked, else the address that answered. Latin-1, as on the wire."""
        asked = self.request.host if self.request is not None else ""
        return asked or (self.flow.tls.sni if self.flow.tls is not None else "") or self.flow.server

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def missing_bytes(self) -> int:
        """Bytes of this message known to be lost."""
        return sum(gap.length for gap in self.gaps)

    @property
    def first_byte_ns(self) -> int | None:
        """Request sent to first byte; None without a request, or when the answer came before it was sent."""
        if self.request is None or not self.head:
            return None
        return _forward(self.first_byte_at - self.request.sent_at)

    @property
    def transfer_ns(self) -> int | None:
        """First byte to last byte; None while it is open."""
        if self.ended_at is None or not self.head:
            return None
        return _forward(self.ended_at - self.first_byte_at)

    @property
    def duration_ns(self) -> int | None:
        """First byte of the request to last byte of the response; None where either is not known."""
        if self.request is None or self.ended_at is None:
            return None
        return _forward(self.ended_at - self.request.first_byte_at)

    @property
    def status_class(self) -> int:
        """1 to 5; 0 for a status that could not be read, one over 599, or a request without response; 6 for a
        connection that is not read."""
        if self.encrypted is not None:
            return ENCRYPTED_CLASS
        number = self.status // 100
        return number if number < 6 else 0

    @property
    def unanswered(self) -> bool:
        """True for a row that stands for a request which got no response."""
        return self.end is EndReason.UNANSWERED

    @property
    def is_response(self) -> bool:
        """False for a row that stands for a request without response, or for an encrypted connection."""
        return self.encrypted is None and self.end is not EndReason.UNANSWERED

    @property
    def completeness(self) -> Completeness:
        """The one word for how much of it was captured; the worst first."""
        end = self.end
        if self.encrypted is not None:
            return Completeness.ENCRYPTED
        names = {problem.name for problem in self.problems} if self.problems else ()
        if "head-cut" in names:
            return Completeness.HEAD_CUT
        if self.midstream:
            return Completeness.MIDSTREAM
        if "head-not-seen" in names:
            return Completeness.HEAD_CUT
        if self.gaps:
            return Completeness.SNAPPED if all(gap.snapped for gap in self.gaps) else Completeness.GAP
        if "frames-lost" in names:
            return Completeness.GAP
        match end:
            case (
                EndReason.NO_BODY | EndReason.LENGTH | EndReason.LAST_CHUNK | EndReason.END_STREAM | EndReason.SWITCHED
            ):
                return Completeness.COMPLETE
            case None | EndReason.CAPTURE_END | EndReason.IDLE | EndReason.EVICTED | EndReason.PORT_REUSED:
                return Completeness.OPEN
            case EndReason.HEAD_LIMIT:
                return Completeness.HEAD_CUT
            case EndReason.UNANSWERED:
                return Completeness.MISSING
            case EndReason.GAP:
                return Completeness.HEAD_ONLY
            case EndReason.SERVER_FIN if self.framing is Framing.CLOSE:
                return Completeness.COMPLETE
            case _:
                return Completeness.CLOSED_EARLY


def _forward(duration: int) -> int | None:
    """A clock that was set back during the capture says nothing about durations."""
    return duration if duration >= 0 else None
