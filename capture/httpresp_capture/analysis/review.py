"""A capture looked at as a whole: its findings, and what only many responses together can tell.

Feed it ended responses, each once, in order; off the packet path, since a response costs some 0.3 ms. What comes out
is an `Overview`, the value that reports are written from.
"""

from datetime import date

from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.caching import FAULTS, CachingFault
from httpresp_capture.analysis.clusters import Cluster, ErrorClusters
from httpresp_capture.analysis.cookie_ledger import CookieLedger, CookieRow
from httpresp_capture.analysis.coverage import Coverage
from httpresp_capture.analysis.drift import Drift, OddOne
from httpresp_capture.analysis.findings import Findings, Report, origin_of
from httpresp_capture.analysis.latency import Clock, Early, Slow, Timeliness
from httpresp_capture.analysis.sightings import Sightings
from httpresp_capture.checks import Options
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

MAX_CACHING_ROWS = 1_000


@record
class CachingRow:
    """One contradiction in the caching headers of one origin."""

    origin: str
    fault: CachingFault
    count: int
    samples: tuple[int, ...]
    """Ids of the first responses that show it."""


@record
class Overview:
    """Everything that a report tells."""

    report: Report
    cookies: tuple[CookieRow, ...] = ()
    """Those that crossed the wire in clear, or whose value stood in a URL."""
    drift: tuple[OddOne, ...] = ()
    errors: tuple[Cluster, ...] = ()
    clocks: tuple[Clock, ...] = ()
    """Those that are off."""
    capture_off_ns: int = 0
    early: tuple[Early, ...] = ()
    early_count: int = 0
    slow: tuple[Slow, ...] = ()
    slow_count: int = 0
    caching: tuple[CachingRow, ...] = ()
    cookies_dropped: int = 0
    """Of each list, how often something found no place; `sections` says what."""
    errors_dropped: int = 0
    drift_dropped: int = 0
    clocks_dropped: int = 0
    slow_dropped: int = 0
    caching_dropped: int = 0


class Review:
    """Gathers what an overview tells."""

    def __init__(
        self, options: Options | None = None, baseline: Baseline | None = None, today: date = date.min
    ) -> None:
        self.findings = Findings(options, baseline, today)
        self.ledger = CookieLedger(options)
        self._drift = Drift()
        self._clusters = ErrorClusters(options)
        self._timeliness = Timeliness()
        self._caching: dict[tuple[str, str], Sightings] = {}
        """By origin and name of the fault."""
        self._caching_dropped = 0

    def add(self, response: Response) -> None:
        """Look at one response."""
        self.findings.add(response)
        self.ledger.add(response)
        self._drift.add(response)
        self._clusters.add(response)
        for fault in self._timeliness.add(response).caching:
            self._count(fault.name, response)

    def amend(self, response: Response, before: Response) -> None:
        """Late evidence about a response that was added. It is about problems and conflicts, so findings alone tell."""
        self.findings.amend(response, before)

    def _count(self, fault: str, response: Response) -> None:
        origin = origin_of(response)
        seen = self._caching.get((origin, fault))
        if seen is None:
            if len(self._caching) >= MAX_CACHING_ROWS:
                self._caching_dropped += 1
                return
            seen = self._caching[origin, fault] = Sightings(response.at)
        seen.add(response)

    def overview(self, source: str, version: str = "", coverage: Coverage | None = None) -> Overview:
        """What there is to tell so far; the coverage is that of `findings` where nothing is known of the capture."""
        times = self._timeliness
        caching = [
            CachingRow(origin, CachingFault(fault, *FAULTS[fault]), seen.count, seen.samples)
            for (origin, fault), seen in self._caching.items()
        ]
        return Overview(
            report=self.findings.report(source, version, coverage),
            cookies=tuple(row for row in self.ledger.rows() if row.set_in_clear or row.sent_in_clear or row.in_urls),
            drift=self._drift.odd_ones(),
            errors=self._clusters.clusters(),
            clocks=tuple(clock for clock in times.clocks() if clock.off),
            capture_off_ns=times.capture_off_ns(),
            early=tuple(times.early),
            early_count=times.early_count,
            slow=tuple(times.slow),
            slow_count=times.slow_count,
            caching=tuple(sorted(caching, key=lambda row: (-row.count, row.origin, row.fault.name))),
            cookies_dropped=self.ledger.lines_dropped,
            errors_dropped=self._clusters.dropped,
            drift_dropped=self._drift.groups_dropped,
            clocks_dropped=times.clocks_dropped,
            slow_dropped=times.slow_dropped,
            caching_dropped=self._caching_dropped,
        )
