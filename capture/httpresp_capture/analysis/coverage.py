"""How much of a capture its findings rest on: what was there to be checked, what was lost, what was not looked into.

"0 findings" means something only beside this. A response whose head is not whole was not checked at all; what a
capture lost as a whole (drops, gaps, a cut file) may have held anything.
"""

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.records.problems import LOST_IN_GAP
from httpresp_capture.records.record import record
from httpresp_capture.records.unread import OF_ENCRYPTED

MOST_KINDS = 8
"""Kinds of what was not looked into that a line of words names; JSON has all."""


class Trust(StrEnum):
    """What the absence of a finding is worth."""

    FULL = "full"
    LIMITED = "limited"
    """Something was lost that may have held findings."""
    NONE = "none"
    """Nothing was checked."""


@record
class Figure:
    """A counter in words: `3` `packet` `dropped by the kernel`."""

    name: str
    count: int
    what: str
    """In the singular."""
    how: str

    @property
    def text(self) -> str:
        """`3 packets dropped by the kernel`."""
        return f"{many(self.count, self.what)} {self.how}".rstrip()


@record
class Coverage:
    """The base of a report."""

    responses: int = 0
    """That were looked at."""
    unchecked: int = 0
    """Those of them whose head is not whole."""
    unanswered: int = 0
    """Requests without response."""
    beside_loss: int = 0
    """Rows that tell of a loss themselves: of their own bytes, or of those of the other half of the exchange."""
    completeness: tuple[tuple[str, int], ...] = ()
    """How many responses were captured how completely, by the words of `Completeness`."""
    counters: Counters = field(default_factory=Counters)
    dropped: int = 0
    """Events for which there was no room in this program."""
    failures: tuple[str, ...] = ()
    """Why the input was not read to its end, in sentences."""

    @property
    def checked(self) -> int:
        """Responses that the checks could look at."""
        return self.responses - self.unchecked

    @property
    def trust(self) -> Trust:
        """Open connections of other protocols limit nothing: there is no response in them that was missed."""
        if not self.checked:
            return Trust.NONE
        lost = self.unchecked or self.beside_loss or self.dropped or self.failures
        return Trust.LIMITED if lost or any(figure.count for figure in self.losses()) else Trust.FULL

    def losses(self) -> Iterator[Figure]:
        """What was lost, zeros too."""
        return _figures(_LOST, self.counters)

    def not_read(self) -> Iterator[Figure]:
        """What is no HTTP, or cannot be read as such; zeros too."""
        return _figures(_NOT_READ, self.counters)


_LOST = (
    ("kernel_drops", "packet", "dropped by the kernel"),
    ("interface_drops", "packet", "lost by the recorder"),
    ("snapped", "packet", "cut by the snap length"),
    ("gaps", "gap", ""),
    ("fragments_lost", "IP datagram", "without all of its fragments"),
    ("malformed", "malformed frame", ""),
    ("bad_lines", "line", "without an event"),
    ("flows_evicted", "connection", "let go"),
)
_NOT_READ = (
    ("flows_encrypted", "encrypted connection", ""),
    ("flows_other", "connection", "of other protocols"),
    ("not_tcp", "frame", "without TCP"),
)


def tells_loss(response: Response) -> bool:
    """True where a row by itself says that bytes were lost, whatever the counters of the capture say."""
    request = response.request
    problems = response.problems if request is None else response.problems + request.problems
    return bool(response.gaps) or any(
        problem.name in ("no-request", "no-response") and problem.detail == LOST_IN_GAP for problem in problems
    )


def not_read_words(counters: Counters, most: int = MOST_KINDS, *, encrypted: bool = True) -> list[str]:
    """What was not looked into, each kind in words, the commonest first; the rest of the kinds as one. `encrypted`
    False where it is said beside it how many encrypted connections there are."""
    # Those with a reason are told by that.
    reasons = sum(one.count for one in counters.unread if one.kind in OF_ENCRYPTED)
    figures = (
        Figure("flows_encrypted", encrypted * (counters.flows_encrypted - reasons), "encrypted connection", ""),
        Figure("flows_other", counters.flows_other, "connection", "of other protocols"),
    )
    words = [figure.text for figure in figures if figure.count > 0]
    kinds = counters.unread if len(counters.unread) <= most + 1 else counters.unread[:most]
    words += [one.text for one in kinds]
    if len(kinds) < len(counters.unread):
        more = counters.unread[len(kinds) :]
        words.append(f"{sum(one.count for one in more):,} more of {len(more)} further kinds")
    told = sum(one.count for one in counters.unread if one.unit != "connection")
    if counters.not_tcp > told:
        words.append(Figure("not_tcp", counters.not_tcp - told, "frame", "without TCP").text)
    return words


def _figures(table: tuple[tuple[str, str, str], ...], counters: Counters) -> Iterator[Figure]:
    for name, what, how in table:
        yield Figure(name, getattr(counters, name), what, how)
