"""FRAMING: two readers of the same bytes may disagree where the response ends.

What is wrong with the framing was said by who parsed it; here it is judged, on gapless messages alone, since lost
packets look like bad chunks.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.http.directives import number
from httpresp_capture.records.outcome import EndReason

_JUDGED: dict[str, str] = {
    "length-with-encoding": "Content-Length stands beside Transfer-Encoding.",
    "differing-lengths": "Content-Length values differ.",
    "bad-length": "Content-Length is no number.",
    "length-overflow": "Content-Length is too large to be true.",
    "coding-order": "Transfer-Encoding does not end in chunked.",
    "unknown-coding": "Transfer-Encoding names a coding that nobody knows.",
    "encoding-in-1.0": "Transfer-Encoding stands in an HTTP/1.0 response.",
    "bad-chunk-size": "A chunk's size is no hexadecimal number.",
    "chunk-overflow": "A chunk's size is too large to be true.",
    "bad-chunk-end": "A chunk's data are not followed by a line end.",
    "extra-bytes": "Bytes that are no response follow the end of the response.",
    "body-not-allowed": "A body follows a response that must have none.",
}
"""By problem."""


def look(context: Context) -> Iterator[Hit]:
    if not context.gapless:
        return
    response = context.response
    seen: set[str] = set()
    for problem in context.shown.problems if response.problems else ():
        reason = _JUDGED.get(problem.name)
        if reason is None or problem.name in seen:
            continue
        seen.add(problem.name)
        severity = Severity.MEDIUM
        evidence = f"{problem.name} at byte {problem.offset}: {problem.detail}"
        if problem.name == "length-with-encoding" and (lengths := _two_ends(context)):
            severity = Severity.HIGH
            evidence = f"Content-Length {lengths[0]}, chunked {lengths[1]} bytes"
            reason = "Content-Length and chunked put the end of the response at different places."
        yield Hit(
            severity=severity,
            confidence=Confidence.CERTAIN,
            reason=reason,
            evidence=evidence,
            parameter=problem.name,
            offset=problem.offset,
            shape=problem.name,
        )


def _two_ends(context: Context) -> tuple[int, int] | None:
    """(declared, chunked as sent) when both are known and differ."""
    response = context.response
    declared = number(context.first("content-length"))
    sent = response.wire_bytes - len(response.head)
    if response.end is not EndReason.LAST_CHUNK or declared is None or declared == sent:
        return None
    return declared, sent


CHECK = Check(
    id="FRAMING",
    title="end of the response in doubt",
    reference="RFC 9112 §6.1, §6.3, §7.1, §11.2; ASVS 4.2.1, 4.2.2; CWE-444",
    advice="Let one program write the framing headers, and repair the one that writes them twice or wrongly.",
    look=look,
)
