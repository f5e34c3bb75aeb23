"""What every layer may ask of the whole: the next id, the way out for events, the bounds, and what it counts there."""

from collections.abc import Callable
from typing import Final

from httpresp_capture.records.events import CaptureEvent
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import compiled
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.records.unread import Tally

LAST_TRIALS: Final = 1_000_000
"""Two seconds' worth."""
NEVER: Final = 1 << 62
"""A time by which whatever comes has come."""


def _nobody(at: int) -> None:
    """Until there is who does it."""


@compiled(allow_interpreted_subclasses=True)
class Timed:
    """Who may have something to say when time has passed, and has entered itself in a `Sink` for that."""

    __slots__ = ()

    def tell_growth(self, at: int, quiet: bool) -> bool:
        """Tell how far an open response has come, if there is more to tell now; True when something was told."""
        raise NotImplementedError

    def settle(self, confirmed: bool) -> None:
        """Wait no longer for what would refute a presumed request: it is `confirmed`, or not."""
        raise NotImplementedError

    def settle_in_time(self) -> None:
        """The same, when nothing has refuted it for as long as it was worth waiting."""
        raise NotImplementedError


@compiled(allow_interpreted_subclasses=True)
class WaitsForSecrets:
    """A connection of which something waits for its TLS secrets; it has entered itself in a `Sink` for that."""

    __slots__ = ()

    def secret_came(self) -> None:
        """Look again: a secret of it came."""
        raise NotImplementedError

    def give_up_secrets(self) -> None:
        """Wait no longer."""
        raise NotImplementedError


@compiled(allow_interpreted_subclasses=True)
class Seeks:
    """Who looks for something by trial, in steps; it has entered itself in a `Sink` for that."""

    __slots__ = ()

    def seek(self, at: int, trials: int) -> int:
        """Go on, `at` is now, with so many trials at most; how many are left. Who is done takes itself out."""
        raise NotImplementedError


@compiled(allow_interpreted_subclasses=True)
class Sink:
    """One for each pipeline. It knows no layer."""

    __slots__ = (
        "asked",
        "asked_most",
        "bodies_cut",
        "bound_pending",
        "closed_waiting",
        "emit",
        "encrypted",
        "events",
        "flows_encrypted",
        "flows_other",
        "fragments",
        "growing",
        "last_id",
        "last_trials",
        "limits",
        "malformed",
        "parked_bytes",
        "presumed",
        "requests",
        "responses",
        "secrets",
        "seeking",
        "snapped",
        "unanswered",
        "unread",
        "waiting_for_secrets",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.events: list[CaptureEvent] = []
        """What was emitted since they were taken last."""
        self.emit = self.events.append
        """Takes an event."""
        self.last_id = 0
        """The newest id of a response."""
        self.growing: dict[Timed, None] = {}
        """Directions whose response was told and goes on; the one of which more was told last stands last."""
        self.presumed: dict[Timed, int] = {}
        """Directions whose newest response waits for what follows it, and since when."""
        self.asked = 0
        """Bytes of requests since it was last looked at how many wait, and the most before that is done again."""
        self.asked_most = limits.pending_bytes >> 3
        self.bound_pending: Callable[[int], None] = _nobody
        """Lets the requests go that have waited longest, where all have too many bytes; it is given the time."""
        self.unread = Tally()
        """What is no TCP, or a connection that is not read."""
        self.secrets: Secrets | None = None
        """The TLS secrets that are known; None where none can come."""
        self.waiting_for_secrets: dict[bytes, list[WaitsForSecrets]] = {}
        """By client random, who waits for secrets; who has waited longest first."""
        self.closed_waiting: dict[WaitsForSecrets, int] = {}
        """Connections that are over and wait all the same, and since when; in the order in which they ended."""
        self.parked_bytes = 0
        """Bytes that wait for secrets."""
        self.seeking: dict[Seeks, None] = {}
        """Who tries one thing after the other; whose turn is next stands first."""
        self.last_trials = LAST_TRIALS
        """How many may still be tried at the end, when nothing is held up any more."""
        self.malformed = 0
        self.snapped = 0
        self.fragments = 0
        self.flows_encrypted = 0
        self.flows_other = 0
        self.responses = 0
        self.requests = 0
        self.unanswered = 0
        self.encrypted = 0
        """Rows of connections of TLS that are not read."""
        self.bodies_cut = 0

    def next_id(self) -> int:
        """The next id: it is given when a response is told, so that ids come in order whatever had to wait."""
        self.last_id += 1
        return self.last_id

    def short(self, cut: int) -> None:
        """A header ends before its time: cut by the snap length, which took `cut` bytes off the frame, or sent so."""
        if cut:
            self.snapped += 1
        else:
            self.malformed += 1

    def take(self) -> list[CaptureEvent]:
        """The events since the last call."""
        events = self.events
        self.events = []
        self.emit = self.events.append
        return events
