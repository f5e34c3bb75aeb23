"""What was read and what could not be, in numbers."""

from httpresp_capture.records.record import record
from httpresp_capture.records.unread import Unread


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
    """Frames that carry something else, or whose link type is unknown, but for datagrams of which a row tells."""
    malformed: int = 0
    """Frames too short or inconsistent to hold what they claim."""
    snapped: int = 0
    """Frames cut by the snap length in which bytes of TCP payload are missing."""
    fragments: int = 0
    """IP fragments."""
    fragments_lost: int = 0
    """IP datagrams given up with fragments missing."""
    flows: int = 0
    """Connections seen: of TCP, and of QUIC those of which a row tells."""
    flows_evicted: int = 0
    """Connections forgotten since the table was full."""
    flows_encrypted: int = 0
    """Connections of TLS and of QUIC that are not read."""
    flows_other: int = 0
    """Connections with payload that is neither HTTP nor TLS."""
    responses: int = 0
    requests: int = 0
    unanswered: int = 0
    """Requests whose connection ended before a response came."""
    encrypted: int = 0
    """Rows of connections of TLS whose content is not read."""
    gaps: int = 0
    gap_bytes: int = 0
    repeats: int = 0
    """Segments with bytes that had come before."""
    conflicts: int = 0
    """Repeats whose bytes differ from the first."""
    held_dropped: int = 0
    """Bytes out of order that were let go: given up as a gap since too much waited behind them, or old and acknowledged
    by nobody."""
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
