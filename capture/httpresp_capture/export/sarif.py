"""Findings as SARIF 2.1.0, for code scanning services and their viewers.

A finding belongs to an origin, not to a line of a file: the origin is a logical location, the capture the artifact.
"""

from hashlib import sha256
from typing import Any
from urllib.parse import quote

from httpresp_capture.analysis.coverage import Trust
from httpresp_capture.analysis.findings import FindingRow, Report
from httpresp_capture.checks import CHECKS_BY_ID, Check, Severity
from httpresp_capture.export import confidence
from httpresp_capture.export.findings_json import dumped, instant
from httpresp_capture.export.report_format import ReportFormat

_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "none"}
_SCORES = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0", Severity.INFO: "0.0"}
"""`security-severity`, by which code scanning services sort."""
_SCHEMA = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"


def write(report: Report, bar: Severity = Severity.INFO) -> str:
    """The report as a SARIF log with one run; rows under the bar are left out."""
    rules = {id: index for index, id in enumerate(CHECKS_BY_ID)}
    run = {
        "tool": {
            "driver": {
                "name": "httpresp-tui",
                **({"version": report.version} if report.version else {}),
                "rules": [_rule(check) for check in CHECKS_BY_ID.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(row, report, rules) for row in report.rows if row.severity >= bar],
        "invocations": [_invocation(report)],
        "properties": {
            "responses": report.responses,
            "findingsDropped": report.rows_dropped,
            "coverage": confidence.values(report.coverage),
        },
    }
    return dumped({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(report: Report) -> dict[str, Any]:
    """What the results rest on: a notification where something is missing (SARIF §3.20.21)."""
    coverage = report.coverage
    levels = {Trust.LIMITED: "warning", Trust.NONE: "error"}
    told = confidence.line(coverage)
    notes = [{"level": levels[coverage.trust], "message": {"text": told}}] if coverage.trust in levels else []
    successful = coverage.trust is not Trust.NONE and not coverage.failures
    return {"executionSuccessful": successful, "toolExecutionNotifications": notes}


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": {"text": f"{check.title[0].upper()}{check.title[1:]}."},
        "fullDescription": {"text": f"{check.title[0].upper()}{check.title[1:]}. See {check.reference}."},
        "help": {"text": check.advice},
        "defaultConfiguration": {"enabled": not check.opt_in},
        "properties": {"tags": ["security", *_weaknesses(check.reference)]},
    }


def _weaknesses(reference: str) -> list[str]:
    """`external/cwe/cwe-614`, as code scanning services tag a rule."""
    parts = (part.strip() for part in reference.replace("/", ";").split(";"))
    return [f"external/cwe/{part.lower()}" for part in parts if part.startswith("CWE-")]


def _result(row: FindingRow, report: Report, rules: dict[str, int]) -> dict[str, Any]:
    where = f"{row.origin} ({row.parameter})" if row.parameter else row.origin
    result: dict[str, Any] = {
        "ruleId": row.check,
        "ruleIndex": rules[row.check],
        "kind": "informational" if row.severity is Severity.INFO else "fail",
        "level": _LEVELS[row.severity],
        "message": {"text": f"{where}: {row.reason} Found: {row.evidence}. {row.advice}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(report.source)}},
                "logicalLocations": [{"name": row.origin, "fullyQualifiedName": where, "kind": "resource"}],
            }
        ],
        "occurrenceCount": row.count,
        "partialFingerprints": {"httprespFinding/v1": sha256("\0".join(row.key).encode()).hexdigest()},
        "properties": {
            "confidence": row.confidence.value,
            "security-severity": _SCORES[row.severity],
            "firstSeen": instant(row.first_seen),
            "lastSeen": instant(row.last_seen),
            "responses": list(row.samples),
        },
    }
    if row.accepted is not None:
        justification = f"{row.accepted.words} (until {row.accepted.expires.isoformat()})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _uri(source: str) -> str:
    # A file name that is no text has surrogates in it.
    return quote(source, safe="/._-~", errors="surrogatepass") or "capture"


SARIF = ReportFormat("sarif", lambda overview, bar: write(overview.report, bar))
