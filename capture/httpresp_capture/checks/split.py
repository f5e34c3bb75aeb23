"""SPLIT: bytes in a head that other programs read as the end of a line, and signs that somebody used them.

What is wrong with the lines of the head was already said by who parsed it; here it is judged.
"""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_JUDGED: dict[str, tuple[Severity, str]] = {
    "bare-cr": (Severity.MEDIUM, "A header holds a CR that ends no line; some programs end the line there."),
    "control-bytes": (Severity.MEDIUM, "A header holds a control byte."),
    "space-before-colon": (Severity.MEDIUM, "A blank stands between a field's name and its colon."),
    "bad-name": (Severity.MEDIUM, "A field's name is no token."),
    "empty-name": (Severity.MEDIUM, "A field has no name."),
    "obs-fold": (Severity.LOW, "A header goes on in the next line, which was given up since programs disagree on it."),
}
"""By problem."""
_STATUS_LINE = re.compile(rb"(?:^|\n)(HTTP/1\.[01] \d{3} )")


def look(context: Context) -> Iterator[Hit]:
    if not context.gapless:
        return
    response = context.response
    seen: set[str] = set()
    for problem in response.problems:
        judged = _JUDGED.get(problem.name)
        if judged is None or problem.name in seen or problem.offset >= len(response.head):
            continue
        seen.add(problem.name)
        severity, reason = judged
        yield Hit(
            severity=severity,
            confidence=Confidence.CERTAIN,
            reason=reason,
            evidence=f"{problem.name} at byte {problem.offset}{_around(context, problem.offset)}",
            parameter=problem.name,
            offset=problem.offset,
            shape=problem.name,
        )
    yield from _second_response(context)


def _second_response(context: Context) -> Iterator[Hit]:
    response = context.response
    request = response.request
    if request is None or context.media_type == "message/http":
        return
    if "%0d%0a" not in request.target.lower():
        return
    match = _STATUS_LINE.search(context.decoded)
    if match is not None:
        yield Hit(
            severity=Severity.HIGH,
            reason="The request carried an encoded line end, and a second status line stands in the body.",
            evidence=match[1].decode("latin-1"),
            parameter="second response",
            offset=context.body_offset(match.start(1)),
            shape="second response",
        )


def _around(context: Context, offset: int) -> str:
    """A few bytes around the place, of a line that holds no secret."""
    head = context.response.head
    number = head.count(b"\n", 0, offset)
    if head.split(b"\n")[number] != context.shown.head.split(b"\n")[number]:
        return ""
    return ": " + head[max(offset - 4, 0) : offset + 4].decode("latin-1")


CHECK = Check(
    id="SPLIT",
    title="response splitting",
    reference="RFC 9110 §5.5; RFC 9112 §5.1, §5.2, §11.1; CWE-113",
    advice="Take control characters out of everything that goes into a header.",
    look=look,
)
