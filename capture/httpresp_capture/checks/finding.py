"""What a check says: one record a finding, and the record of a check itself.

A check looks at one response through its `Context` and yields a `Hit` for everything it can prove. Called, the check
adds what is the same for all of its hits (id, reference, advice) and makes the evidence fit to be shown.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import masked, visible
from httpresp_capture.records.record import record
from httpresp_capture.records.severity import Severity

MAX_HITS = 50
"""Of one check in one response; a head made of ten thousand bad lines is told by fifty."""


class Confidence(StrEnum):
    """How sure it is, apart from how bad it is."""

    TENTATIVE = "tentative"
    FIRM = "firm"
    CERTAIN = "certain"


@record
class Hit:
    """What a check found, before it is signed with the check's name."""

    severity: Severity
    reason: str
    """One sentence."""
    evidence: str
    """Redacted: of a secret only its name, length and tag."""
    parameter: str = ""
    """The cookie or header that it is about; names of headers in lower case."""
    confidence: Confidence = Confidence.FIRM
    offset: int = 0
    """From the first byte of the head."""
    shape: str | None = None
    """What of the evidence tells two findings apart; None for the evidence with its numbers and tags masked."""
    variant: str = ""
    """What must differ before a check that needs several sights is believed, e.g. the origin that was let in."""
    advice: str = ""
    """In place of the check's own, where it depends on what was found."""


@record
class Finding:
    """One thing that a check says about one response."""

    check: str
    """The id of the check, e.g. `CK-SECURE`."""
    severity: Severity
    confidence: Confidence
    parameter: str
    evidence: str
    """Redacted, without control characters, at most 300 characters."""
    offset: int
    """From the first byte of the head; in a body that was sent compressed, the body's first byte."""
    reference: str
    """Where it is said: RFC sections, OWASP ASVS 5.0 requirement, CWE."""
    reason: str
    """What is wrong, in one sentence; shown and bounded like the evidence, since it may name a cookie."""
    advice: str
    """What to do, in one sentence."""
    shape: str
    """The evidence, normalised: findings of one origin that agree in check, parameter and shape are one row."""
    variant: str = ""


@record
class Check:
    """One entry of `CHECKS`."""

    id: str
    title: str
    """What it looks for, in a few words."""
    reference: str
    advice: str
    """One sentence."""
    look: Callable[[Context], Iterator[Hit]]
    opt_in: bool = False
    """True for a noisy one that runs only when asked for."""
    of_connection: bool = False
    """True for one that looks at what carries the response, and needs no head of it."""
    variants_needed: int = 1
    """Over how many differing variants it must be seen before it is more than tentative."""

    def __call__(self, context: Context) -> Iterator[Finding]:
        for hit in islice(self.look(context), MAX_HITS):
            evidence = visible(context.without_known(hit.evidence))
            yield Finding(
                check=self.id,
                severity=hit.severity,
                confidence=hit.confidence,
                parameter=visible(hit.parameter, 80),
                evidence=evidence,
                offset=hit.offset,
                reference=self.reference,
                reason=visible(context.without_known(hit.reason)),
                advice=visible(hit.advice) if hit.advice else self.advice,
                shape=masked(evidence) if hit.shape is None else visible(context.without_known(hit.shape)),
                variant=visible(hit.variant),
            )
