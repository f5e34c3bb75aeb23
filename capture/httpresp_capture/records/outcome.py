"""How the end of a message is found, why it ended where it did, and how much of it was captured."""

from enum import StrEnum


class Framing(StrEnum):
    """How the end of a message body is found: RFC 9112 §6.3."""

    NONE = "none"
    """No body: 1xx, 204, 304, an answer to HEAD, a request without length."""
    LENGTH = "content-length"
    CHUNKED = "chunked"
    CLOSE = "close-delimited"
    FRAMES = "frames"
    """HTTP/2: DATA frames, the last of which says so (RFC 9113 §8.1)."""
    TUNNEL = "tunnel"
    """After 101 or a successful CONNECT the bytes are no longer HTTP."""


class EndReason(StrEnum):
    """Why a message ended where it did."""

    NO_BODY = "no body"
    LENGTH = "length reached"
    LAST_CHUNK = "last chunk"
    END_STREAM = "END_STREAM"
    SERVER_FIN = "FIN from server"
    CLIENT_FIN = "FIN from client"
    SERVER_RST = "RST from server"
    CLIENT_RST = "RST from client"
    SERVER_RESET = "RST_STREAM from server"
    CLIENT_RESET = "RST_STREAM from client"
    GOAWAY = "GOAWAY"
    """The connection ended after one end had given it up (RFC 9113 §6.8)."""
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
    ENCRYPTED = "encrypted"
    """A connection whose content is not read."""
