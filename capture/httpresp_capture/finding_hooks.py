"""What a filter asks the findings: `finding:hsts`, `severity>=medium`; and which responses stand behind a row of a
report: `found="CK-CLEAR sid shop.example:80"` for a finding, `cause=1a2b3c4d` for an error.
"""

from collections.abc import Iterator

from httpresp_capture.clusters import fingerprint_of
from httpresp_capture.events import Response
from httpresp_capture.findings import Findings, origin_of, row_name
from httpresp_capture.query import Hook, Hooks


def finding_values(findings: Findings) -> dict[str, Hook]:
    """Values of the fields that findings answer; put them into `Hooks` beside those of others."""

    def texts(response: Response) -> Iterator[str]:
        for finding in findings.check(response):
            yield finding.check
            yield finding.parameter
            yield finding.reason

    def rows(response: Response) -> Iterator[str]:
        origin = origin_of(response)
        for finding in findings.check(response):
            yield row_name(finding.check, origin, finding.parameter, finding.shape)

    def cause(response: Response) -> tuple[str, ...]:
        if response.unanswered or response.status < 200:
            return ()
        fingerprint = fingerprint_of(response, findings.options)
        return () if fingerprint is None else (fingerprint.id,)

    return {
        "finding": texts,
        "found": rows,
        "cause": cause,
        "severity": lambda response: (finding.severity.word for finding in findings.check(response)),
    }


def finding_hooks(findings: Findings) -> Hooks:
    """Hooks for a run without a screen, which knows nothing else beside the responses."""
    return Hooks(finding_values(findings))
