"""A comparison of two captures as text, JSON or Markdown. The values are made once; words are made from them."""

from collections.abc import Callable, Iterator
from typing import Any

from httpresp_capture.analysis.comparison import Comparison, HeaderChange, Latency, Place, Share
from httpresp_capture.checks.evidence import visible
from httpresp_capture.export import confidence
from httpresp_capture.export.findings_json import dumped, row_object
from httpresp_capture.export.sections import cluster_line, cluster_object
from httpresp_capture.export.wording import code, seconds, walled
from httpresp_capture.records.plurals import many
from httpresp_capture.records.record import record

Values = dict[str, Any]
MAX_LINES = 30
"""Of one section in words; JSON has them all."""
TELLING_RATIO = 1.5
"""A median that changed by less is told in JSON alone."""
TELLING_COUNT = 3
"""Responses of a route on each side from which its latency is told in words."""


@record
class Part:
    """One part of the comparison: its name in JSON, its title, its values, and one of them in words."""

    key: str
    title: str
    values: Callable[[Comparison], list[Values]]
    line: Callable[[Values], str]
    telling: Callable[[Values], bool] = lambda values: True
    """False for what only JSON tells."""


def _status_line(row: Values) -> str:
    status = row["status"] or "no status"
    return f"{status}: {row['before']:,} ({row['share_before']:.1%}) → {row['after']:,} ({row['share_after']:.1%})"


def _statuses(comparison: Comparison) -> list[Values]:
    totals = max(comparison.responses_before, 1), max(comparison.responses_after, 1)
    return [
        {
            "status": status,
            "before": before,
            "after": after,
            "share_before": round(before / totals[0], 4),
            "share_after": round(after / totals[1], 4),
        }
        for status, before, after in comparison.statuses
    ]


def _places(places: tuple[Place, ...]) -> list[Values]:
    return [{"origin": visible(origin), "route": visible(route)} for origin, route in places]


def _place_line(place: Values) -> str:
    return "  ".join(filter(None, (place["origin"], place["route"] or "requests not seen")))


def _header(change: HeaderChange) -> Values:
    return {
        "origin": visible(change.origin),
        "name": visible(change.name),
        "change": "gained" if change.gained else "lost",
        "routes": [visible(route) for route in change.routes],
        "before": _share(change.before),
        "after": _share(change.after),
    }


def _share(share: Share) -> Values:
    return {"count": share.count, "of": share.of}


def _header_line(change: Values) -> str:
    routes = change["routes"]
    where = ", ".join(routes[:4]) + (f" and {many(len(routes) - 4, 'more route')}" if len(routes) > 4 else "")
    before, after = (f"{change[side]['count']} of {change[side]['of']}" for side in ("before", "after"))
    origin = f"{change['origin']}  " if change["origin"] else ""
    return f"{origin}{change['name']} {change['change']}: {before} → {after} at {where}"


def _finding_line(row: Values) -> str:
    parameter = f"  {row['parameter']}" if row["parameter"] else ""
    accepted = " (accepted)" if row["accepted"] else ""
    return (
        f"{row['severity'].upper():6} {row['check']}  {row['origin']}{parameter}  ×{row['count']}{accepted}: "
        f"{row['reason']} {row['evidence']}"
    )


def _latency(latency: Latency) -> Values:
    return {
        "origin": visible(latency.origin),
        "route": visible(latency.route),
        "count_before": latency.count_before,
        "count_after": latency.count_after,
        "p50_before_ns": latency.p50_before,
        "p50_after_ns": latency.p50_after,
        "p95_before_ns": latency.p95_before,
        "p95_after_ns": latency.p95_after,
        "ratio": round(latency.ratio, 3),
    }


def _latency_line(row: Values) -> str:
    p50, p95 = (
        " → ".join("—" if row[f"{name}_{side}_ns"] is None else seconds(row[f"{name}_{side}_ns"]) for side in SIDES)
        for name in ("p50", "p95")
    )
    return f"{_place_line(row)}: p50 {p50}, p95 {p95} ({row['count_before']:,} → {row['count_after']:,} responses)"


def _latency_tells(row: Values) -> bool:
    return min(row["count_before"], row["count_after"]) >= TELLING_COUNT and row["ratio"] >= TELLING_RATIO


SIDES = ("before", "after")
PARTS: tuple[Part, ...] = (
    Part("statuses", "Status codes whose share changed", _statuses, _status_line,
         lambda row: row["share_before"] != row["share_after"]),
    Part("findings_new", "New findings", lambda all: [row_object(row) for row in all.findings_new], _finding_line),
    Part("findings_gone", "Findings that are gone", lambda all: [row_object(row) for row in all.findings_gone],
         _finding_line),
    Part("headers", "Headers gained and lost", lambda all: [_header(each) for each in all.headers], _header_line),
    Part("errors_new", "New causes of errors", lambda all: [cluster_object(row) for row in all.errors_new],
         cluster_line),
    Part("errors_gone", "Causes of errors that are gone", lambda all: [cluster_object(row) for row in all.errors_gone],
         cluster_line),
    Part("latency", "Latency to the first byte, where the median changed",
         lambda all: [_latency(row) for row in all.latency], _latency_line, _latency_tells),
    Part("routes_new", "New routes", lambda all: _places(all.routes_new), _place_line),
    Part("routes_gone", "Routes that are gone", lambda all: _places(all.routes_gone), _place_line),
)  # fmt: skip
"""In the order of the report."""


def as_json(comparison: Comparison, before: str, after: str) -> str:
    document: Values = {
        "before": {
            "source": visible(before),
            "responses": comparison.responses_before,
            "coverage": confidence.values(comparison.coverage_before),
        },
        "after": {
            "source": visible(after),
            "responses": comparison.responses_after,
            "coverage": confidence.values(comparison.coverage_after),
        },
    }
    document |= {part.key: part.values(comparison) for part in PARTS}
    return dumped(document | {"dropped": comparison.dropped})


def _parts(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    told = False
    for part in PARTS:
        values = [value for value in part.values(comparison) if part.telling(value)]
        lines = [part.line(value) for value in values[:MAX_LINES]]
        if len(values) > MAX_LINES:
            lines.append(f"… {len(values) - MAX_LINES:,} more")
        if lines:
            yield part.title, lines
        told = told or bool(lines)
    if not told:
        yield "No difference", ["nothing is new, gone, or far slower or faster"]
    if not comparison.in_common and comparison.responses_before and comparison.responses_after:
        yield "Nothing in common", ["no route is in both; if only the hosts differ, use --any-origin"]


def _confidence(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What either side rests on."""
    yield "before", confidence.line(comparison.coverage_before)
    yield "after", confidence.line(comparison.coverage_after)


def as_text(comparison: Comparison, before: str, after: str) -> str:
    counts = comparison.responses_before, comparison.responses_after
    said = [f"{visible(before)} ({many(counts[0], 'response')}) → {visible(after)} ({many(counts[1], 'response')})\n"]
    said += [f"{side}: {told}\n" for side, told in _confidence(comparison)]
    said += ["\n".join([f"\n{title}", *(f"  {line}" for line in lines)]) + "\n" for title, lines in _parts(comparison)]
    return walled("".join(said))


def as_markdown(comparison: Comparison, before: str, after: str) -> str:
    counts = comparison.responses_before, comparison.responses_after
    said = [
        f"# {code(visible(before))} → {code(visible(after))}\n\n"
        f"{many(counts[0], 'response')} before, {many(counts[1], 'response')} after.\n\n"
    ]
    said += [f"- {side}: {told}\n" for side, told in _confidence(comparison)]
    said += [
        "\n".join([f"\n## {title}\n", *(f"- {code(line)}" for line in lines)]) + "\n"
        for title, lines in _parts(comparison)
    ]
    return walled("".join(said))
