"""Where the capture stands: what the top line says. `widgets.top_line_layout` puts it into words."""

from dataclasses import dataclass, field

from httpresp_capture.records.counters import Counters


@dataclass(frozen=True, slots=True)
class StatusLine:
    """All that the top line says, and nothing of how."""

    label: str = ""
    """Interface or file; may hold anything."""
    live: bool = True
    capture_filter: str = ""
    recording: str = ""
    """The file that packets are written to; empty for none."""
    counters: Counters = field(default_factory=Counters)
    fraction: float | None = None
    ended: bool = False
    failure: str = ""
    """What failed last, in a sentence; the capture may go on all the same. Empty where nothing did."""
    paused: bool = False
    waiting: int = 0
    """Responses that came while paused."""
    shown: int = 0
    scanning: bool = False
    """Not all that is kept was looked at since the filter, the order or the grouping changed: more may be shown."""
    kept: int = 0
    """Rows: responses, requests without one, and connections that are not read. While paused, those of before."""
    unanswered: int = 0
    """How many of them are requests without response."""
    encrypted: int = 0
    """How many of them are connections that are not read."""
    cleared: bool = False
    """Somebody has let every row go that had come until then."""
    forgotten: int = 0
    """Oldest ones that left."""
    bodies_forgotten: int = 0
    """Bodies of older ones that left."""
    rate: float = 0.0
    """Responses a second."""
    ours: int = 0
    """What the mailbox dropped."""
