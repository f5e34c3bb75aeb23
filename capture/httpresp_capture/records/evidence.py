"""What is missing of a message, and what of it came in two versions."""

from httpresp_capture.records.record import record


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
