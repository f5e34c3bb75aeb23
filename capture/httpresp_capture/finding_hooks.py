"""What a filter asks the findings: `finding:hsts`, `severity>=medium`."""

from collections.abc import Iterator

from httpresp_capture.events import Response
from httpresp_capture.findings import Findings
from httpresp_capture.query import Hook, Hooks


def finding_values(findings: Findings) -> dict[str, Hook]:
    """Values of the fields that findings answer; put them into `Hooks` beside those of others."""

    def texts(response: Response) -> Iterator[str]:
        for finding in findings.check(response):
            yield finding.check
            yield finding.parameter
            yield finding.reason

    return {
        "finding": texts,
        "severity": lambda response: (finding.severity.word for finding in findings.check(response)),
    }


def finding_hooks(findings: Findings) -> Hooks:
    """Hooks for a run without a screen, which knows nothing else beside the responses."""
    return Hooks(finding_values(findings))
