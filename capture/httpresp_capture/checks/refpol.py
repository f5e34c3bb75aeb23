"""REFPOL (opt-in): a page that lets its full address travel along with every link."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_HEADER = "referrer-policy"


def look(context: Context) -> Iterator[Hit]:
    if not context.doc_like:
        return
    words = [word.strip().lower() for value in context.all(_HEADER) for word in value.split(",")]
    # The last known word counts; older browsers take the first that they know.
    if words and words[-1] != "unsafe-url":
        return
    yield Hit(
        severity=Severity.LOW if words else Severity.INFO,
        confidence=Confidence.CERTAIN,
        reason="The page sends its full address to every site that it links to."
        if words
        else "The page has no Referrer-Policy.",
        evidence=f"Referrer-Policy: {words[-1]}" if words else "absent",
        parameter=_HEADER,
        offset=context.offset(_HEADER),
    )


CHECK = Check(
    id="REFPOL",
    title="no Referrer-Policy",
    reference="ASVS 3.4.5; CWE-200",
    advice="Send Referrer-Policy: strict-origin-when-cross-origin or stricter.",
    look=look,
    opt_in=True,
)
