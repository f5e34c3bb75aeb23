"""Two captures held against each other: what came, what went, what became slower.

Each side is fed its ended responses into a `Side`; `compare` looks at two of them. What is compared is named without
anything that differs from run to run (numbers, times, salted tags). Routes are guessed from paths, by `routes`.
With `any_origin` the host is left out of every name, so that staging can be held against production.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.clusters import Cluster, ErrorClusters
from httpresp_capture.analysis.coverage import Coverage
from httpresp_capture.analysis.drift import ODD, PASSING, USUAL
from httpresp_capture.analysis.findings import FindingRow, Findings, origin_of
from httpresp_capture.analysis.percentiles import percentile
from httpresp_capture.analysis.routes import route_of
from httpresp_capture.checks import Options
from httpresp_capture.checks.context import Context
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

MAX_PLACES = 20_000
"""Origins and routes of one side."""
MAX_TIMES = 2_000_000
"""Times to the first byte kept of one side, 16 MB: all of them, so that a percentile is one that was measured."""

Place = tuple[str, str]
"""Origin and route."""


@record
class Share:
    """How many of one side's responses have something."""

    count: int
    of: int


@record
class HeaderChange:
    """A header that the responses of a route had and lost, or gained. Redirects, errors and the rest are held apart."""

    origin: str
    name: str
    gained: bool
    routes: tuple[str, ...]
    """With the status class: `GET /users/* 2xx`."""
    before: Share
    after: Share


@record
class Latency:
    """Times to the first byte of one route."""

    origin: str
    route: str
    count_before: int
    count_after: int
    p50_before: int | None
    """ns; None where no response has a time."""
    p50_after: int | None
    p95_before: int | None
    p95_after: int | None

    @property
    def ratio(self) -> float:
        """How many times slower the median is, or faster; 1 where it is not known on both sides."""
        if not self.p50_before or not self.p50_after:
            return 1.0
        return max(self.p50_after / self.p50_before, self.p50_before / self.p50_after)


@record
class Comparison:
    """Everything that differs, and how much was looked at."""

    responses_before: int
    responses_after: int
    statuses: tuple[tuple[int, int, int], ...]
    """(status, how many before, how many after) of every status that occurs."""
    routes_new: tuple[Place, ...]
    routes_gone: tuple[Place, ...]
    headers: tuple[HeaderChange, ...]
    findings_new: tuple[FindingRow, ...]
    findings_gone: tuple[FindingRow, ...]
    errors_new: tuple[Cluster, ...]
    errors_gone: tuple[Cluster, ...]
    latency: tuple[Latency, ...]
    """Of the routes that both have, those that changed most first."""
    dropped: int
    """Responses whose route found no place on either side."""
    coverage_before: Coverage
    """What either side rests on."""
    coverage_after: Coverage

    @property
    def in_common(self) -> bool:
        """False when no route is on both sides: then everything is new and gone, and nothing was compared."""
        return bool(self.latency)


class _Place:
    """What is known of one route."""

    __slots__ = ("count", "headers", "times", "totals")

    def __init__(self) -> None:
        self.count = 0
        self.times: list[int] = []
        self.totals: Counter[int] = Counter()
        """Responses by status class."""
        self.headers: Counter[tuple[int, str]] = Counter()
        """Responses by status class and name of a header they have."""


class Side:
    """One of the two captures."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        any_origin: bool = False,
        baseline: Baseline | None = None,
        today: date = date.min,
    ) -> None:
        self.any_origin = any_origin
        self.findings = Findings(options, baseline, today)
        self.coverage: Coverage | None = None
        """Of the whole capture, where somebody who read it said what it lost."""
        self.responses = 0
        self.dropped = 0
        self.statuses: Counter[int] = Counter()
        self.places: dict[Place, _Place] = {}
        self._clusters = ErrorClusters(options)
        self._times = 0

    def add(self, response: Response) -> None:
        """Take in one ended response."""
        self.findings.add(response)
        if not response.is_response:
            return
        self.responses += 1
        self.statuses[response.status] += 1
        self._clusters.add(response)
        key = ("" if self.any_origin else origin_of(response)), route_of(response)
        place = self.places.get(key)
        if place is None:
            if len(self.places) >= MAX_PLACES:
                self.dropped += 1
                return
            place = self.places[key] = _Place()
        place.count += 1
        wait = response.first_byte_ns
        if wait is not None and self._times < MAX_TIMES:
            self._times += 1
            place.times.append(wait)
        context = Context(response, self.findings.options)
        if context.head_ok and response.status >= 200:
            status_class = response.status_class
            place.totals[status_class] += 1
            place.headers.update((status_class, name) for name in context.by_name if name not in PASSING)

    def amend(self, response: Response, before: Response) -> None:
        """Late evidence about a response that was added."""
        self.findings.amend(response, before)

    def rows(self) -> dict[tuple[str, ...], FindingRow]:
        """Findings by what makes them the same on both sides, the worst first."""
        found: dict[tuple[str, ...], FindingRow] = {}
        for row in self.findings.rows():
            found.setdefault((row.check, "" if self.any_origin else row.origin, row.parameter, row.shape), row)
        return found

    def clusters(self) -> dict[str, Cluster]:
        """Causes of errors by their fingerprint, the most frequent first."""
        return {cluster.fingerprint.id: cluster for cluster in self._clusters.clusters()}


def compare(before: Side, after: Side) -> Comparison:
    """What changed from one to the other."""
    rows_before, rows_after = before.rows(), after.rows()
    clusters_before, clusters_after = before.clusters(), after.clusters()
    return Comparison(
        responses_before=before.responses,
        responses_after=after.responses,
        statuses=tuple(
            (status, before.statuses[status], after.statuses[status])
            for status in sorted(before.statuses.keys() | after.statuses.keys())
        ),
        routes_new=tuple(sorted(after.places.keys() - before.places.keys())),
        routes_gone=tuple(sorted(before.places.keys() - after.places.keys())),
        headers=_headers(before, after),
        findings_new=tuple(row for key, row in rows_after.items() if key not in rows_before),
        findings_gone=tuple(row for key, row in rows_before.items() if key not in rows_after),
        errors_new=tuple(cluster for key, cluster in clusters_after.items() if key not in clusters_before),
        errors_gone=tuple(cluster for key, cluster in clusters_before.items() if key not in clusters_after),
        latency=_latency(before, after),
        dropped=before.dropped + after.dropped,
        coverage_before=before.coverage or before.findings.coverage(),
        coverage_after=after.coverage or after.findings.coverage(),
    )


def _headers(before: Side, after: Side) -> tuple[HeaderChange, ...]:
    """One entry an origin, header and direction, with all the routes it is true of."""
    found: dict[tuple[str, str, bool], list[tuple[str, Share, Share]]] = {}
    for (origin, route), old in before.places.items():
        new = after.places.get((origin, route))
        if new is None:
            continue
        for status_class in old.totals.keys() & new.totals.keys():
            names = {name for kind, name in (*old.headers, *new.headers) if kind == status_class}
            for name in names:
                had = Share(old.headers[status_class, name], old.totals[status_class])
                has = Share(new.headers[status_class, name], new.totals[status_class])
                if _usual(had) and _rare(has):
                    gained = False
                elif _rare(had) and _usual(has):
                    gained = True
                else:
                    continue
                found.setdefault((origin, name, gained), []).append((f"{route} {status_class}xx", had, has))
    return tuple(
        HeaderChange(
            origin=origin,
            name=name,
            gained=gained,
            routes=tuple(sorted(route for route, _, _ in places)),
            before=_sum(share for _, share, _ in places),
            after=_sum(share for _, _, share in places),
        )
        for (origin, name, gained), places in sorted(found.items())
    )


def _sum(shares: Iterable[Share]) -> Share:
    kept = list(shares)
    return Share(sum(share.count for share in kept), sum(share.of for share in kept))


def _usual(share: Share) -> bool:
    return share.count >= share.of * USUAL


def _rare(share: Share) -> bool:
    return share.count <= share.of * ODD


def _latency(before: Side, after: Side) -> tuple[Latency, ...]:
    found: list[Latency] = []
    for (origin, route), old in before.places.items():
        new = after.places.get((origin, route))
        if new is None:
            continue
        times_before, times_after = sorted(old.times), sorted(new.times)
        found.append(
            Latency(
                origin=origin,
                route=route,
                count_before=old.count,
                count_after=new.count,
                p50_before=percentile(times_before, 50),
                p50_after=percentile(times_after, 50),
                p95_before=percentile(times_before, 95),
                p95_after=percentile(times_after, 95),
            )
        )
    found.sort(key=lambda each: (-each.ratio, each.origin, each.route))
    return tuple(found)
