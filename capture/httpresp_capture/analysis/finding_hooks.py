"""What a filter asks the findings: `finding:hsts`, `severity>=medium`; and which responses stand behind a row of a
report: `found="CK-CLEAR sid shop.example:80"` for a finding, `cause=1a2b3c4d` for an error, and likewise `drift`, `jar`
for a cookie, and `caching`; and the route of a path, `route:/users/:id`. `row_query` writes such a filter.
"""

from collections.abc import Callable, Iterator

from httpresp_capture.analysis.caching import caching_faults
from httpresp_capture.analysis.clusters import fingerprint_of
from httpresp_capture.analysis.cookie_ledger import CookieLedger
from httpresp_capture.analysis.drift import look_of
from httpresp_capture.analysis.findings import Findings, origin_of, row_name
from httpresp_capture.analysis.routes import route_name
from httpresp_capture.checks import CHECKS
from httpresp_capture.checks.evidence import visible
from httpresp_capture.query import Hook, Hooks
from httpresp_capture.records.exchange import Response

CHECK_NAMES = tuple(check.id.lower() for check in CHECKS)
"""What `finding:` is expected to ask for."""
Ledger = Callable[[], CookieLedger]
"""Who knows which host has set a cookie's value."""


def finding_values(findings: Findings, ledger: Ledger | None = None) -> dict[str, Hook]:
    """Values of the fields that findings answer; put them into `Hooks` beside those of others.

    Without a ledger a cookie belongs to the host that it is sent to.
    """
    nobody = CookieLedger(findings.options)
    who = ledger or (lambda: nobody)

    def texts(response: Response) -> Iterator[str]:
        for finding in findings.check(response):
            yield finding.check
            yield finding.parameter
            yield finding.reason

    def rows(response: Response) -> Iterator[str]:
        origin = origin_of(response)
        for finding in findings.check(response):
            accepted = findings.accepted(response, finding)
            yield row_name(finding.check, origin, finding.parameter, finding.shape, accepted)

    def cause(response: Response) -> tuple[str, ...]:
        if response.unanswered or response.status < 200:
            return ()
        fingerprint = fingerprint_of(response, findings.options)
        return () if fingerprint is None else (fingerprint.id,)

    def cookies(response: Response) -> Iterator[str]:
        return (_words(visible(name), visible(host)) for host, name in who().of(response))

    def drift(response: Response) -> tuple[str, ...]:
        look = look_of(response)
        return () if look is None else (look,)

    def caching(response: Response) -> Iterator[str]:
        origin = origin_of(response)
        return (_words(fault.name, visible(origin)) for fault in caching_faults(response))

    return {
        "finding": texts,
        "found": rows,
        "cause": cause,
        "jar": cookies,
        "drift": drift,
        "caching": caching,
        "route": lambda response: (name,) if (name := route_name(response)) else (),
        "severity": lambda response: (finding.severity.word for finding in findings.check(response)),
    }


def finding_hooks(findings: Findings, ledger: Ledger | None = None) -> Hooks:
    """Hooks for a run that knows nothing else beside the responses."""
    return Hooks(finding_values(findings, ledger), CHECK_NAMES)


def row_query(field: str, *words: str) -> str:
    """A filter for the responses behind a row of a report."""
    text = _words(*words).replace("\\", "\\\\").replace('"', '\\"')
    return f'{field}="{text}"'


def _words(*words: str) -> str:
    # In a filter a star stands for anything, so there is none in a name.
    return " ".join(words).replace("*", "·")
