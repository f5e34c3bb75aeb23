"""Every bound in one place. What a bound lets go is counted in `Counters` or said on the response."""

from typing import Final

from httpresp_capture.records.record import record

REQUEST_COST: Final = 512
"""What a request that waits costs beside its bytes, about."""


@record
class Limits:
    """How much is kept; each has a flag on the command line."""

    flows: int = 65_536
    """Connections followed at once; the one idle longest leaves."""
    held_bytes: int = 1_048_576
    """Reordered bytes waiting in one direction of a connection; each segment counts `assembler.OVERHEAD` more, which is
    about what it takes."""
    held_total: int = 134_217_728
    """The same in all connections together."""
    head_bytes: int = 262_144
    """Size of one head; a longer one is a broken message."""
    body_bytes: int = 65_536
    """First bytes of each body that are kept; 0 keeps none, -1 keeps all."""
    idle_ns: int = 300_000_000_000
    """A connection silent for so long is closed, if nothing is under way on it."""
    open_ns: int = 86_400_000_000_000
    """The same while an answer is awaited or has not ended: long polls and streams of events are silent for hours. The
    bound on connections holds meanwhile."""
    pending_requests: int = 1_000
    """Requests of one connection waiting for their responses."""
    pending_bytes: int = 67_108_864
    """Bytes of the requests that wait in all connections together, each counted `pairing.REQUEST_COST` larger; may be
    exceeded by an eighth."""
    progress_ns: int = 0
    """Time between two tellings of how far an open response has come (`ResponseGrew`); 0 for none of them."""
