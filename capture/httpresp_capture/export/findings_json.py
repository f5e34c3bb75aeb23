"""Findings as JSON: of one response for its event, and of a whole report."""

import json
from datetime import UTC, datetime
from typing import Any

from httpresp_capture.analysis.baseline import Acceptance
from httpresp_capture.analysis.findings import FindingRow, Report
from httpresp_capture.checks import CHECKS_BY_ID, Finding, Severity
from httpresp_capture.export import confidence


def instant(at: int) -> str:
    """A time in ns as RFC 3339 in UTC, with microseconds."""
    moment = datetime.fromtimestamp(at // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1_000_000_000 // 1000:06d}Z"


def ns_of(instant: str) -> int:
    """The time in ns that `instant` wrote, to the microsecond."""
    moment = datetime.fromisoformat(instant)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000_000 + moment.microsecond * 1_000


def finding_object(finding: Finding, accepted: Acceptance | None = None) -> dict[str, Any]:
    """One finding of one response: what stands in the event's `httpresp.findings`."""
    return {
        "check": finding.check,
        "severity": finding.severity.word,
        "confidence": finding.confidence.value,
        "parameter": finding.parameter,
        "evidence": finding.evidence,
        "offset": finding.offset,
        "reason": finding.reason,
        "advice": finding.advice,
        "reference": finding.reference,
        "accepted": _acceptance(accepted),
    }


def _acceptance(accepted: Acceptance | None) -> dict[str, str] | None:
    return None if accepted is None else {"reason": accepted.words, "expires": accepted.expires.isoformat()}


def row_object(row: FindingRow) -> dict[str, Any]:
    """One rolled-up finding."""
    return {
        "check": row.check,
        "title": CHECKS_BY_ID[row.check].title,
        "severity": row.severity.word,
        "confidence": row.confidence.value,
        "origin": row.origin,
        "parameter": row.parameter,
        "evidence": row.evidence,
        "reason": row.reason,
        "advice": row.advice,
        "reference": row.reference,
        "count": row.count,
        "first_seen": instant(row.first_seen),
        "last_seen": instant(row.last_seen),
        "responses": list(row.samples),
        "accepted": _acceptance(row.accepted),
    }


def document(report: Report, bar: Severity) -> dict[str, Any]:
    """The report as Python values."""
    return {
        "source": report.source,
        "responses": report.responses,
        "coverage": confidence.values(report.coverage),
        "findings": [row_object(row) for row in report.rows],
        "findings_dropped": report.rows_dropped,
        "broken": [row.check for row in report.breaks(bar)],
    }


def dumped(values: dict[str, Any]) -> str:
    """Indented JSON that a terminal can take: ASCII, DEL escaped too."""
    return json.dumps(values, indent=2).replace("\x7f", "\\u007f") + "\n"
