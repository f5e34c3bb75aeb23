"""Findings of many responses, rolled up: a row is a check, an origin, a parameter and the shape of the evidence.

A service that forgets one header does so in every response; a reader wants that said once, with a count, the first and
the last time, and a few responses to look at. Responses are added when somebody asks, each counted once, when it has
ended. Rows are bounded; what found no place is counted.
"""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from datetime import date

from httpresp_capture.analysis.baseline import Acceptance, Baseline
from httpresp_capture.analysis.coverage import Coverage, tells_loss
from httpresp_capture.analysis.sightings import Sightings
from httpresp_capture.checks import CHECKS_BY_ID, Confidence, Context, Finding, Options, Severity, examine
from httpresp_capture.checks.evidence import visible
from httpresp_capture.query.texts import utf8
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

MAX_ROWS = 10_000
"""About 10 MB. A server that makes up names would otherwise fill the memory."""
MAX_CACHED = 8_192
"""Responses whose findings are kept; an evicted one is examined anew when asked for."""
MAX_VARIANTS = 8


@record
class FindingRow:
    """One thing that is wrong at one origin, over all responses that show it."""

    check: str
    origin: str
    """`host:port`, the address where no host was asked for."""
    parameter: str
    shape: str
    severity: Severity
    """The worst that was seen."""
    confidence: Confidence
    evidence: str
    """Of the worst, the first of these."""
    reason: str
    advice: str
    reference: str
    count: int
    first_seen: int
    """ns."""
    last_seen: int
    samples: tuple[int, ...]
    """Ids of the first responses that show it, at most five."""
    accepted: Acceptance | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it this row; the same from one run to the next."""
        return self.check, self.origin, self.parameter, self.shape

    @property
    def name(self) -> str:
        """The same in words, for a filter that asks for just its responses: `found="CK-CLEAR sid shop.example:80"`."""
        return row_name(*self.key, self.accepted)


def row_name(check: str, origin: str, parameter: str, shape: str, accepted: Acceptance | None = None) -> str:
    """How a filter names a row; in one a star stands for anything, so there is none in it. What is accepted on some
    paths alone is another row than the rest."""
    path = "" if accepted is None or accepted.path == "*" else f"accepted at {accepted.path}"
    return " ".join(filter(None, (check, parameter, shape, origin, path))).replace("*", "·")


@record
class Report:
    """Everything that a list of findings says; what the export formats take."""

    source: str
    """What was read: a file name, an interface."""
    rows: tuple[FindingRow, ...]
    """Sorted, accepted ones last."""
    coverage: Coverage
    """What they rest on."""
    rows_dropped: int
    """Findings that found no place in the table."""
    version: str = ""
    """Of the program that made it."""

    @property
    def responses(self) -> int:
        """How many were looked at."""
        return self.coverage.responses

    @property
    def open(self) -> tuple[FindingRow, ...]:
        """Rows that nobody has accepted."""
        return tuple(row for row in self.rows if row.accepted is None)

    def breaks(self, bar: Severity) -> tuple[FindingRow, ...]:
        """Open rows at or above the bar."""
        return tuple(row for row in self.open if row.severity >= bar)


class _Tally:
    """One row while it grows."""

    __slots__ = ("accepted", "finding", "origin", "seen", "variants")

    def __init__(self, finding: Finding, origin: str, at: int, accepted: Acceptance | None) -> None:
        self.finding = finding
        self.origin = origin
        self.seen = Sightings(at)
        self.variants: set[str] = set()
        self.accepted = accepted

    def add(self, finding: Finding, response: Response) -> None:
        self.seen.add(response)
        if len(self.variants) < MAX_VARIANTS:
            self.variants.add(finding.variant)
        if finding.severity > self.finding.severity:
            self.finding = finding

    def row(self) -> FindingRow:
        finding = self.finding
        needed = CHECKS_BY_ID[finding.check].variants_needed
        proven = needed > 1 and len(self.variants) >= needed
        return FindingRow(
            check=finding.check,
            origin=self.origin,
            parameter=finding.parameter,
            shape=finding.shape,
            severity=finding.severity,
            confidence=Confidence.FIRM if proven else finding.confidence,
            evidence=finding.evidence,
            reason=finding.reason,
            advice=finding.advice,
            reference=finding.reference,
            count=self.seen.count,
            first_seen=self.seen.first_seen,
            last_seen=self.seen.last_seen,
            samples=self.seen.samples,
            accepted=self.accepted,
        )


class Findings:
    """The findings of a capture."""

    def __init__(
        self,
        options: Options | None = None,
        baseline: Baseline | None = None,
        today: date = date.min,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self.options = options or Options()
        self.baseline = baseline or Baseline()
        self.today = today
        """Decides which acceptances still hold. The default lets all of them hold."""
        self.max_rows = max_rows
        self.responses = 0
        """Examined and counted."""
        self.unchecked = 0
        """Of these, those whose head is not whole."""
        self.unanswered = 0
        """Requests without response; nothing is examined."""
        self.beside_loss = 0
        """See `Coverage.beside_loss`."""
        self.rows_dropped = 0
        self._completeness: Counter[str] = Counter()
        self._tallies: dict[tuple[str, str, str, str, int], _Tally] = {}
        self._cache: OrderedDict[int, tuple[tuple[bool, int], tuple[Finding, ...]]] = OrderedDict()
        self._counted = bytearray()
        """One bit a response id: which ones are in the rows."""
        self._rows: tuple[FindingRow, ...] | None = None

    # one response

    def check(self, response: Response) -> tuple[Finding, ...]:
        """The findings of one response, the worst first; examined at the first call, kept for the next ones."""
        state = (response.end is not None, len(response.problems))
        cached = self._cache.get(response.id)
        if cached is not None and cached[0] == state:
            return cached[1]
        found = examine(response, self.options)
        if len(self._cache) >= MAX_CACHED:
            self._cache.popitem(last=False)
        self._cache[response.id] = (state, found)
        return found

    def worst(self, response: Response) -> Severity | None:
        """For the mark on a row; None when there is nothing."""
        found = self.check(response)
        return found[0].severity if found else None

    def matches(self, response: Response, text: str) -> bool:
        """`finding:TEXT`: an id (`CK-SECURE`), its beginning (`CK-`), or a part of parameter or reason, in any case."""
        low = text.lower()
        return any(
            finding.check.lower().startswith(low) or low in finding.parameter.lower() or low in finding.reason.lower()
            for finding in self.check(response)
        )

    # all of them

    def add(self, response: Response) -> tuple[Finding, ...]:
        """Examine a response and count it in, once, when it has ended; gives its findings."""
        found = self.check(response)
        if response.end is None or self._was_counted(response.id):
            return found
        self.beside_loss += tells_loss(response)
        if not response.is_response:
            self.unanswered += response.unanswered
            self._count_all(found, response)
            return found
        self.responses += 1
        self._completeness[response.completeness.value] += 1
        if not Context(response, self.options).head_ok:
            self.unchecked += 1
        self._count_all(found, response)
        return found

    def amend(self, response: Response, before: Response) -> tuple[Finding, ...]:
        """Late evidence about a response that was added: only what it brings is counted in; gives all findings."""
        known = Counter(map(_kind, self.check(before)))
        found = self.check(response)
        new: list[Finding] = []
        for finding in found:
            kind = _kind(finding)
            if known[kind]:
                known[kind] -= 1
            else:
                new.append(finding)
        self._count_all(new, response)
        return found

    def _count_all(self, found: Sequence[Finding], response: Response) -> None:
        if not found:
            return
        self._rows = None
        origin = origin_of(response)
        path = _path_of(response)
        for finding in found:
            self._count(finding, response, origin, path)

    def has(self, response_id: int) -> bool:
        """True when that response was added."""
        byte = response_id >> 3
        return byte < len(self._counted) and bool(self._counted[byte] & 1 << (response_id & 7))

    def _was_counted(self, response_id: int) -> bool:
        byte, bit = response_id >> 3, 1 << (response_id & 7)
        if byte >= len(self._counted):
            self._counted.extend(bytes(byte - len(self._counted) + 1024))
        before = self._counted[byte] & bit
        self._counted[byte] |= bit
        return bool(before)

    def accepted(self, response: Response, finding: Finding) -> Acceptance | None:
        """What accepts a finding of that response; None when nothing does."""
        if not self.baseline.accepted:
            return None
        return self.baseline.accepts(finding, origin_of(response), _path_of(response), self.today)

    def _count(self, finding: Finding, response: Response, origin: str, path: str) -> None:
        accepted = self.baseline.accepts(finding, origin, path, self.today) if self.baseline.accepted else None
        key = (finding.check, origin, finding.parameter, finding.shape, id(accepted))
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= self.max_rows:
                self.rows_dropped += 1
                return
            tally = self._tallies[key] = _Tally(finding, origin, response.at, accepted)
        tally.add(finding, response)

    def rows(self, at_least: Severity = Severity.INFO, *, accepted: bool = True) -> tuple[FindingRow, ...]:
        """Sorted: open before accepted, then severity, count, check and origin."""
        if self._rows is None:
            made = [tally.row() for tally in self._tallies.values()]
            made.sort(key=lambda row: (row.accepted is not None, -row.severity, -row.count, *row.key))
            self._rows = tuple(made)
        if at_least == Severity.INFO and accepted:
            return self._rows
        return tuple(row for row in self._rows if row.severity >= at_least and (accepted or row.accepted is None))

    def counts(self) -> dict[Severity, int]:
        """Open rows by severity, all severities named."""
        found = dict.fromkeys(reversed(Severity), 0)
        for row in self.rows(accepted=False):
            found[row.severity] += 1
        return found

    @property
    def accepted_count(self) -> int:
        """Rows that the baseline accepts."""
        return sum(1 for row in self.rows() if row.accepted is not None)

    def coverage(self, counters: Counters | None = None, dropped: int = 0, failures: tuple[str, ...] = ()) -> Coverage:
        """What the findings rest on; what the capture as a whole lost is told by whoever read it."""
        return Coverage(
            responses=self.responses,
            unchecked=self.unchecked,
            unanswered=self.unanswered,
            beside_loss=self.beside_loss,
            completeness=tuple(sorted(self._completeness.items())),
            counters=counters or Counters(),
            dropped=dropped,
            failures=failures,
        )

    def report(self, source: str, version: str = "", coverage: Coverage | None = None) -> Report:
        """For the export formats."""
        return Report(visible(source), self.rows(), coverage or self.coverage(), self.rows_dropped, version)

    def accept(self, row: FindingRow, reason: str, expires: date) -> Baseline:
        """The baseline with that row accepted; rows made before change with it."""
        for tally in self._tallies.values():
            finding = tally.finding
            if (finding.check, tally.origin, finding.parameter, finding.shape) == row.key:
                self.baseline = self.baseline.with_accepted(finding, row.origin, reason, expires)
                break
        newest = self.baseline.accepted[-1:]
        for tally in self._tallies.values():
            # A row accepted for some paths alone stays with that; the rest follow the new acceptance.
            if newest and tally.accepted is None and newest[0].covers(tally.finding, tally.origin, ""):
                tally.accepted = newest[0]
        self._tallies = {(*key[:4], id(tally.accepted)): tally for key, tally in self._tallies.items()}
        self._rows = None
        return self.baseline

    def clear(self) -> None:
        """Forget everything but the options and the baseline."""
        self._tallies.clear()
        self._cache.clear()
        self._counted = bytearray()
        self._rows = None
        self._completeness.clear()
        self.responses = self.unchecked = self.unanswered = self.beside_loss = self.rows_dropped = 0


def _path_of(response: Response) -> str:
    return response.request.path if response.request is not None else ""


def _kind(finding: Finding) -> tuple[str, str, str]:
    """What makes two findings of one response the same."""
    return finding.check, finding.parameter, finding.shape


def origin_of(response: Response) -> str:
    """`host:port` as the client asked for it, else `address:port` of who answered; lower case, printable, bounded."""
    flow = response.flow
    # RFC 9110 §7.2 knows no user part in Host, and some clients send one.
    host = utf8(response.host).strip().lower().rpartition("@")[2]
    if host == flow.server and flow.version == 6:
        host = f"[{host}]"
    has_port = host.rpartition("]")[2].startswith(":") if host.startswith("[") else ":" in host
    return visible(host if has_port else f"{host}:{flow.server_port}", 200)
