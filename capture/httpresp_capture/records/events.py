"""What leaves this package: one record a response, and the few things that can be said of a capture.

A response goes out when its head is complete (`ResponseSeen`) and again, with the same `id`, when it ends
(`ResponseChanged`); one that ends in the packet that completed its head goes out once. All times are capture
timestamps in ns since the epoch; no clock is read here. Text from the wire stays bytes: the raw head blocks are kept,
and headers are parsed from them when somebody asks.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from httpresp_capture.records.headers import Headers
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.record import compiled, own_record, record
from httpresp_capture.records.targets import host_of, path_of
from httpresp_capture.records.unread import Unread
from httpresp_capture.records.workload import Workload

__all__ = [
    "CaptureEvent",
    "CaptureFailed",
    "CaptureStatus",
    "Completeness",
    "Conflict",
    "Counters",
    "EndReason",
    "Flow",
    "FlowEnded",
    "Framing",
    "Gap",
    "Interface",
    "OtherPath",
    "Proxied",
    "Request",
    "Response",
    "ResponseAmended",
    "ResponseChanged",
    "ResponseSeen",
    "Unread",
    "replace",
]


@record
class Interface:
    """Where packets come from: a network interface, or one interface of a capture file."""

    index: int
    name: str
    link_type: int
    """LINKTYPE_ number, as in https://www.tcpdump.org/linktypes.html."""


@record
class OtherPath:
    """Packets of a connection that were carried otherwise than its first one."""

    from_client: bool
    """The direction; what comes back may be carried as the first packet was."""
    vlan: tuple[int, ...]
    tunnel: str
    """As in `Flow`."""


@record
class Proxied:
    """What a PROXY header or a SOCKS handshake says of a connection beyond this one. Text from the wire, Latin-1.

    It is what the sender claims. An end of which nothing was said is empty, with port 0.
    """

    protocol: str
    """`PROXY v1`, `PROXY v2`, `SOCKS 4`, `SOCKS 4a` or `SOCKS 5`; several with ` / ` between, outermost first."""
    client: str = ""
    """Where the connection came from, before the proxy: an address, or the path of a UNIX socket."""
    client_port: int = 0
    server: str = ""
    """Where it was made to (PROXY), or shall go (SOCKS): an address, a path, or a host name."""
    server_port: int = 0

    def with_inner(self, inner: "Proxied") -> "Proxied":
        """With what was found behind it: who spoke first is nearer, so the inner one knows better."""
        client, client_port = (inner.client, inner.client_port) if inner.client else (self.client, self.client_port)
        server, server_port = (inner.server, inner.server_port) if inner.server else (self.server, self.server_port)
        return Proxied(f"{self.protocol} / {inner.protocol}", client, client_port, server, server_port)


@record
class Flow:
    """One TCP connection, seen from its client."""

    id: int
    """Counts from 1 in the order of first packets."""
    client: str
    client_port: int
    server: str
    server_port: int
    interface: str
    """Name of the interface on which its first packet was captured."""
    opened_at: int
    """ns; the time of its first packet, SYN or not."""
    handshake_ns: int | None
    """SYN to SYN-ACK; None where either was not seen. (The final ACK carries nothing and is dropped in the kernel.)"""
    midstream: bool
    """True when the capture began after the connection did."""
    vlan: tuple[int, ...] = ()
    """VLAN ids, outermost first."""
    tunnel: str = ""
    """What carried it, outermost first, e.g. `vxlan 42` or `gre`; empty for none."""
    other_paths: tuple[OtherPath, ...] = ()
    """How else packets of it were carried: `vlan` and `tunnel` are those of its first packet."""
    proxied: Proxied | None = None
    """What a PROXY header or a SOCKS handshake at its beginning said."""

    @property
    def real_client(self) -> str:
        """Address of the client that is farthest back: the one that a proxy names, else the one that opened it."""
        proxied = self.proxied
        return proxied.client if proxied is not None and proxied.client else self.client

    @property
    def real_client_port(self) -> int:
        """Its port."""
        proxied = self.proxied
        return proxied.client_port if proxied is not None and proxied.client else self.client_port

    @property
    def version(self) -> int:
        """IP version, 4 or 6."""
        return 6 if ":" in self.server else 4


class Framing(StrEnum):
    """How the end of a message body is found: RFC 9112 §6.3."""

    NONE = "none"
    """No body: 1xx, 204, 304, an answer to HEAD, a request without length."""
    LENGTH = "content-length"
    CHUNKED = "chunked"
    CLOSE = "close-delimited"
    TUNNEL = "tunnel"
    """After 101 or a successful CONNECT the bytes are no longer HTTP."""


class EndReason(StrEnum):
    """Why a message ended where it did."""

    NO_BODY = "no body"
    LENGTH = "length reached"
    LAST_CHUNK = "last chunk"
    SERVER_FIN = "FIN from server"
    CLIENT_FIN = "FIN from client"
    SERVER_RST = "RST from server"
    CLIENT_RST = "RST from client"
    SWITCHED = "protocol switched"
    GAP = "lost in a gap"
    BROKEN = "framing broken"
    HEAD_LIMIT = "head over the limit"
    IDLE = "idle"
    EVICTED = "flow table full"
    PORT_REUSED = "port reused"
    CAPTURE_END = "end of capture"
    UNANSWERED = "no response"
    """Of a row that stands for a request which got none."""


class Completeness(StrEnum):
    """How much of a message was captured."""

    COMPLETE = "complete"
    HEAD_ONLY = "head only"
    """The head is whole, its body was lost, or was not there to be captured."""
    HEAD_CUT = "head cut"
    """Not even the head is whole."""
    GAP = "gap"
    MIDSTREAM = "midstream"
    """Capture began inside the message."""
    SNAPPED = "cut by snap length"
    OPEN = "still open"
    CLOSED_EARLY = "closed early"
    """The connection ended before the message did."""
    MISSING = "no response"


@record
class Gap:
    """Bytes of a message that were sent and that we did not see."""

    offset: int
    """From the first byte of the message's head."""
    length: int
    snapped: bool = False
    """True when the packet was captured, and cut by the snap length."""


@record
class Segment:
    """One of two versions of the same bytes of a stream."""

    data: bytes
    """At most 256 bytes of it."""
    at: int
    ttl: int
    ip_id: int
    """0 for IPv6."""


@record
class Conflict:
    """The same sequence numbers came twice with different bytes; the first to come is what was parsed."""

    offset: int
    """From the first byte of the message's head."""
    length: int
    first: Segment
    second: Segment


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
        return (self.request.host if self.request is not None else "") or self.flow.server

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
    def unanswered(self) -> bool:
        """True for a row that stands for a request which got no response."""
        return self.end is EndReason.UNANSWERED

    @property
    def completeness(self) -> Completeness:
        """The one word for how much of it was captured; the worst first."""
        end = self.end
        if any(problem.name == "head-cut" for problem in self.problems):
            return Completeness.HEAD_CUT
        if self.midstream:
            return Completeness.MIDSTREAM
        if self.gaps:
            return Completeness.SNAPPED if all(gap.snapped for gap in self.gaps) else Completeness.GAP
        match end:
            case EndReason.NO_BODY | EndReason.LENGTH | EndReason.LAST_CHUNK | EndReason.SWITCHED:
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


@record
class Counters:
    """What was read and what could not be; totals since the capture began."""

    packets: int = 0
    bytes: int = 0
    """Bytes of captured frames, and of lines."""
    lines: int = 0
    """Lines of a file of events."""
    bad_lines: int = 0
    """Those of them that hold no event."""
    segments: int = 0
    """TCP segments with payload."""
    not_tcp: int = 0
    """Frames that carry something else, or whose link type is unknown."""
    malformed: int = 0
    """Frames too short or inconsistent to hold what they claim."""
    snapped: int = 0
    """Frames cut by the snap length in which bytes of TCP payload are missing."""
    fragments: int = 0
    """IP fragments."""
    fragments_lost: int = 0
    """IP datagrams given up with fragments missing."""
    flows: int = 0
    """TCP connections seen."""
    flows_evicted: int = 0
    """Connections forgotten since the table was full."""
    flows_encrypted: int = 0
    """Connections that speak TLS."""
    flows_other: int = 0
    """Connections with payload that is neither HTTP nor TLS."""
    responses: int = 0
    requests: int = 0
    unanswered: int = 0
    """Requests whose connection ended before a response came."""
    gaps: int = 0
    gap_bytes: int = 0
    repeats: int = 0
    """Segments with bytes that had come before."""
    conflicts: int = 0
    """Repeats whose bytes differ from the first."""
    held_dropped: int = 0
    """Bytes given up as a gap since too much waited behind them."""
    bodies_cut: int = 0
    """Bodies of which only the first bytes are kept."""
    kernel_drops: int = 0
    """Packets that the kernel dropped since we read too slowly."""
    interface_drops: int = 0
    """Packets that the capture file says its recorder lost."""
    misaligned: int = 0
    """Blocks of a pcapng file whose length is no multiple of four; they were read as if it were rounded up."""
    unread: tuple[Unread, ...] = ()
    """What was not looked into, by kind: the packets of `not_tcp`, and the connections that are not read."""


@compiled(acyclic=True)
@own_record
class ResponseSeen:
    """A response's head is complete."""

    response: Final[Response]

    def __init__(
        self,
        response: Response,
    ) -> None:
        self.response = response


@compiled(acyclic=True)
@own_record
class ResponseChanged:
    """A response seen before has ended; the record replaces the one with the same id."""

    response: Final[Response]

    def __init__(
        self,
        response: Response,
    ) -> None:
        self.response = response


@compiled(acyclic=True)
@own_record
class ResponseAmended(ResponseChanged):
    """Late evidence about a response that had ended: bytes behind it that belong to nothing, or another version of its
    own. Only problems and conflicts are added."""

    before: Final[Response]
    """The record that this one replaces: what of it is new need not be remembered by whoever has counted that."""

    def __init__(
        self,
        response: Response,
        before: Response,
    ) -> None:
        ResponseChanged.__init__(self, response)
        self.before = before


@compiled(acyclic=True)
class ResponseGrew(ResponseChanged):
    """More has come of a response that is still open. Told now and then (`Limits.progress_ns`), and only where it was
    asked for: what is told later replaces it, and a place that is full may leave it out."""

    __slots__ = ()


@record
class FlowEnded:
    """A connection that held HTTP is over, or was given up."""

    flow: Flow
    at: int
    reason: EndReason


@record
class CaptureStatus:
    """Where the capture stands; sent a few times a second, and once at its end."""

    counters: Counters
    at: int
    """Timestamp of the newest packet, 0 before the first."""
    fraction: float | None = None
    """How much of a file was read, 0 to 1; None where that cannot be known."""
    ended: bool = False
    """True in the last one: nothing follows."""


@record
class CaptureFailed:
    """The capture cannot go on, or its input was cut off. What came before stands."""

    message: str
    """One sentence for the person, which names the thing, the place and the way on."""


CaptureEvent = (
    ResponseSeen | ResponseChanged | ResponseAmended | ResponseGrew | FlowEnded | CaptureStatus | CaptureFailed
)
