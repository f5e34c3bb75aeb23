"""What a report rests on, as values for JSON and SARIF and as one line for readers, made from the same."""

from typing import Any

from httpresp_capture.analysis.coverage import Coverage, Trust, not_read_words
from httpresp_capture.checks.evidence import visible
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.plurals import many

MAX_FAILURES = 20


def values(coverage: Coverage) -> dict[str, Any]:
    """Plain JSON."""
    return {
        "confidence": coverage.trust.value,
        "responses": coverage.responses,
        "checked": coverage.checked,
        "unanswered": coverage.unanswered,
        "completeness": dict(coverage.completeness),
        "lost": {figure.name: figure.count for figure in coverage.losses()}
        | {"gap_bytes": coverage.counters.gap_bytes, "rows": coverage.beside_loss, "ours": coverage.dropped},
        "not_read": {figure.name: figure.count for figure in coverage.not_read()}
        | {"kinds": unread_values(coverage.counters)},
        "failures": [visible(failure) for failure in coverage.failures[:MAX_FAILURES]],
    }


def line(coverage: Coverage) -> str:
    """`confidence limited: 3 of 12 responses not checked, since their heads are not whole; 5 gaps (1,200 bytes)`."""
    parts: list[str] = []
    if not coverage.responses:
        parts.append("no response was seen")
    elif not coverage.checked:
        parts.append(f"{many(coverage.responses, 'response')}, none with a whole head, so none was checked")
    elif coverage.unchecked:
        parts.append(
            f"{coverage.unchecked:,} of {many(coverage.responses, 'response')} not checked, since the head is not whole"
        )
    for figure in coverage.losses():
        if figure.count:
            more = f" ({many(coverage.counters.gap_bytes, 'byte')})" if figure.name == "gaps" else ""
            parts.append(f"{figure.text}{more}")
    if coverage.beside_loss and not coverage.counters.gaps:
        parts.append(f"{many(coverage.beside_loss, 'row')} beside lost bytes")
    if coverage.dropped:
        parts.append(f"{many(coverage.dropped, 'event')} dropped")
    if coverage.failures:
        parts.append("not read to its end")
    if coverage.trust is Trust.FULL:
        parts.append("every head was whole, and nothing was lost")
    not_read = not_read_words(coverage.counters)
    beside = f"; not read: {', '.join(not_read)}" if not_read else ""
    return f"confidence {coverage.trust}: {'; '.join(parts)}{beside}"


def unread_values(counters: Counters) -> list[dict[str, Any]]:
    """What was not looked into, by kind."""
    return [{"kind": one.kind, "unit": one.unit, "count": one.count} for one in counters.unread]
