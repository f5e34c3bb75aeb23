"""What a report tells beside its findings: one entry a section in `SECTIONS`, for JSON and for readers.

A section's values are plain JSON; the line that a person reads is made from the same values, so the two cannot
disagree. All text in them is on one line, escaped and bounded.
"""

from collections.abc import Callable, Iterable
from typing import Any

from httpresp_capture.analysis.clusters import Cluster
from httpresp_capture.analysis.cookie_ledger import CookieRow
from httpresp_capture.analysis.coverage import Figure
from httpresp_capture.analysis.drift import Difference, OddOne
from httpresp_capture.analysis.latency import Clock, Early, Slow
from httpresp_capture.analysis.review import CachingRow, Overview
from httpresp_capture.checks.evidence import visible
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.wording import seconds, times
from httpresp_capture.records.record import record

Values = dict[str, Any]


@record
class Section:
    """One part of a report."""

    key: str
    """Its name in JSON."""
    title: str
    values: Callable[[Overview], list[Values]]
    line: Callable[[Values], str]
    """One of its values in words."""
    dropped: Callable[[Overview], Figure] | None = None
    """What found no place in it; None where everything does."""

    def unplaced(self, overview: Overview) -> Figure | None:
        """That, where there is any."""
        figure = None if self.dropped is None else self.dropped(overview)
        return figure if figure is not None and figure.count else None


def _cookie(row: CookieRow) -> Values:
    return {
        "host": visible(row.host),
        "name": visible(row.name),
        "session_like": row.session_like,
        "set": row.set_count,
        "set_in_clear": row.set_in_clear,
        "sent": row.sent_count,
        "sent_in_clear": row.sent_in_clear,
        "sent_to": _all(row.sent_to),
        "in_urls": _all(row.in_urls),
        "attributes": visible(row.attributes),
        "attribute_changes": len(row.changes) + row.changes_dropped,
        "values": row.values,
        "first_seen": instant(row.first_seen),
        "last_seen": instant(row.last_seen),
        "responses": list(row.samples),
    }


def _cookie_line(row: Values) -> str:
    parts: list[str] = []
    if row["set_in_clear"]:
        parts.append(f"set in clear {times(row['set_in_clear'])} with {row['attributes'] or 'no attributes'}")
    if row["sent_in_clear"]:
        parts.append(f"sent in clear {times(row['sent_in_clear'])} to {', '.join(row['sent_to'])}")
    if row["in_urls"]:
        parts.append(f"its value in the URL of {', '.join(row['in_urls'])}")
    if row["attribute_changes"]:
        parts.append(f"attributes changed {times(row['attribute_changes'])}")
    session = " (session)" if row["session_like"] else ""
    return f"{row['host']}  {row['name']}{session}: {'; '.join(parts)}"


def _odd_one(odd: OddOne) -> Values:
    return {
        "id": odd.id,
        "origin": visible(odd.group.origin),
        "route": visible(odd.group.route),
        "status": odd.group.status,
        "type": visible(odd.group.media_type),
        "count": odd.count,
        "of": odd.of,
        "differences": [_difference(each) for each in odd.differences],
        "first_seen": instant(odd.first_seen),
        "last_seen": instant(odd.last_seen),
        "responses": list(odd.samples),
    }


def _difference(difference: Difference) -> Values:
    return {
        "kind": difference.kind,
        "name": visible(difference.name),
        "found": visible(difference.found),
        "usual": visible(difference.usual),
        "share": round(difference.share, 4),
    }


def _odd_line(odd: Values) -> str:
    said = "; ".join(_difference_text(each) for each in odd["differences"])
    return (
        f"{odd['origin']}  {odd['route']} {odd['status']}: {odd['count']} of {odd['of']} differ: {said}"
        f" ({_numbers(odd)})"
    )


def _difference_text(difference: Values) -> str:
    share = f"{difference['share']:.0%}"
    match difference["kind"]:
        case "missing header":
            return f"without {difference['name']} ({share} have it)"
        case "extra header":
            return f"with {difference['name']} ({share} do not have it)"
        case kind:
            name = "" if kind == difference["name"] else f" {difference['name']}"
            return f"{kind}{name} {difference['found']} instead of {difference['usual']}"


def cluster_object(cluster: Cluster) -> Values:
    fingerprint = cluster.fingerprint
    return {
        "id": fingerprint.id,
        "label": visible(fingerprint.label),
        "status": fingerprint.status,
        "grpc": visible(fingerprint.grpc),
        "stack": fingerprint.stack,
        "title": visible(fingerprint.title),
        "shape": visible(fingerprint.shape),
        "count": cluster.count,
        "share": round(cluster.share, 4),
        "began_suddenly": cluster.began_suddenly,
        "origins": _all(cluster.origins),
        "routes": _all(cluster.routes),
        "elsewhere": cluster.elsewhere,
        "first_seen": instant(cluster.first_seen),
        "last_seen": instant(cluster.last_seen),
        "responses": list(cluster.samples),
    }


def cluster_line(cluster: Values) -> str:
    began = "began suddenly at" if cluster["began_suddenly"] else "first seen"
    elsewhere = f" and {times(cluster['elsewhere'])} elsewhere" if cluster["elsewhere"] else ""
    return (
        f"{cluster['label']}  ×{cluster['count']}: {', '.join(filter(None, cluster['routes'])) or 'route not seen'}"
        f" at {', '.join(cluster['origins'])}{elsewhere}, {began} {cluster['first_seen']}, last {cluster['last_seen']}"
        f" ({_numbers(cluster)})"
    )


def _clock(clock: Clock) -> Values:
    return {"server": clock.server, "ahead_ns": clock.ahead_ns, "responses_dated": clock.count}


def _clock_line(clock: Values) -> str:
    ahead = clock["ahead_ns"]
    return f"{clock['server']}: {seconds(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the capture's clock"


def _early(early: Early) -> Values:
    return {
        "client": early.client,
        "origin": visible(early.origin),
        "header": early.wait.header,
        "early_ns": early.early_ns,
        "response": early.response,
    }


def _early_line(early: Values) -> str:
    return (
        f"{early['client']} came back to {early['origin']} {seconds(early['early_ns'])} before"
        f" {early['header']} allowed (#{early['response']})"
    )


def _slow(slow: Slow) -> Values:
    return {
        "origin": visible(slow.origin),
        "route": visible(slow.route),
        "took_ns": slow.took_ns,
        "usual_ns": slow.usual_ns,
        "limit_ns": slow.limit_ns,
        "response": slow.response,
    }


def _slow_line(slow: Values) -> str:
    return (
        f"{slow['origin']}  {slow['route']}: {seconds(slow['took_ns'])} to the first byte,"
        f" usually {seconds(slow['usual_ns'])} (#{slow['response']})"
    )


def _caching(row: CachingRow) -> Values:
    return {
        "origin": visible(row.origin),
        "fault": row.fault.name,
        "reason": row.fault.reason,
        "reference": row.fault.reference,
        "count": row.count,
        "responses": list(row.samples),
    }


def _caching_line(row: Values) -> str:
    return f"{row['origin']}  ×{row['count']}: {row['reason']} ({row['reference']}; {_numbers(row)})"


def _all(texts: Iterable[str]) -> list[str]:
    return [visible(text) for text in texts]


def _numbers(row: Values) -> str:
    return " ".join(f"#{number}" for number in row["responses"])


SECTIONS: tuple[Section, ...] = (
    Section("cookies", "Cookies in clear", lambda all: [_cookie(row) for row in all.cookies], _cookie_line,
            lambda all: Figure("cookies_dropped", all.cookies_dropped, "sighting", "of further cookies")),
    Section("errors", "Errors by cause", lambda all: [cluster_object(row) for row in all.errors], cluster_line,
            lambda all: Figure("errors_dropped", all.errors_dropped, "failure", "of further causes")),
    Section("drift", "Unlike the rest of their route", lambda all: [_odd_one(row) for row in all.drift], _odd_line,
            lambda all: Figure("drift_dropped", all.drift_dropped, "response", "of further routes")),
    Section("clocks", "Clocks that are off", lambda all: [_clock(row) for row in all.clocks], _clock_line,
            lambda all: Figure("clocks_dropped", all.clocks_dropped, "response", "of further servers")),
    Section("early", "Came back too early", lambda all: [_early(row) for row in all.early], _early_line),
    Section("slow", "Slow for their route", lambda all: [_slow(row) for row in all.slow], _slow_line,
            lambda all: Figure("slow_dropped", all.slow_dropped, "response", "of further routes")),
    Section("caching", "Caching that contradicts itself", lambda all: [_caching(row) for row in all.caching],
            _caching_line,
            lambda all: Figure("caching_dropped", all.caching_dropped, "fault", "of further origins")),
)  # fmt: skip
"""In the order of a report."""
