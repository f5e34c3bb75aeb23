"""ERR-TRACE: the body shows a stack trace.

Java, JavaScript and .NET frames are looked at line by line, and every pattern is bounded, so that a hostile body
costs no more than an honest one of its size.
"""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import shortened_paths
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_LINE = 400
"""Characters of a line that are looked at."""
_FRAME = re.compile(r"^(?:[ \t]|&nbsp;)+at (.{1,400})", re.MULTILINE)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_JVM = re.compile(r"[\w.$<>/]{1,300}\(\w{1,100}\.(?:java|kt|scala):\d{1,7}\)")
_NODE = re.compile(r"\.[cm]?[jt]s:\d{1,7}:\d{1,7}\)")
_DOTNET = re.compile(r":line \d")
_FRAMES_NEEDED = 2

_MARKS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("Python", "Traceback (most", re.compile(r"Traceback \(most recent call last\):")),
    ("ASP.NET", "Server Error in", re.compile(r"Server Error in '[^'\n]{0,200}' Application")),
    ("Ruby", ".rb:", re.compile(r"\.rb:\d{1,7}:in .")),
    ("Go", "goroutine ", re.compile(r"goroutine \d{1,9} \[running\]:")),
)
"""Family, a substring that is quick to rule it out, and the pattern that decides."""

_PHP_WORDS = ("Fatal error", "Parse error", "Warning", "Notice")
_PHP_PLACE = re.compile(r" in (?:<b>)?/")
_PHP_LINE = re.compile(r" on line (?:<b>)?\d")


def trace_in(text: str) -> tuple[str, int, str] | None:
    """(family, index, the first lines) of the first stack trace found in a text; None when there is none."""
    for family, quick, pattern in _MARKS:
        if quick in text and (match := pattern.search(text)):
            return family, match.start(), _two_lines(text, match.start())
    return _frames(text) or _php(text)


def _frames(text: str) -> tuple[str, int, str] | None:
    if "at " not in text:
        return None
    flat = _BREAK.sub("\n", text) if "<br" in text.lower() else text
    seen: dict[str, list[str]] = {"JVM": [], "Node.js": []}
    for match in _FRAME.finditer(flat):
        frame = match[1]
        place = frame.find(" in ")
        if place >= 0 and _DOTNET.search(frame, place):
            return ".NET", max(text.find(frame), 0), f"at {frame}"
        family = "JVM" if _JVM.match(frame) else "Node.js" if "(" in frame and _NODE.search(frame) else ""
        if family:
            seen[family].append(frame)
            if len(seen[family]) == _FRAMES_NEEDED:
                first, second = seen[family]
                return family, max(text.find(first), 0), f"at {first} ⏎ at {second}"
    return None


def _php(text: str) -> tuple[str, int, str] | None:
    if " on line " not in text:
        return None
    for line_at in (match.start() for match in _PHP_LINE.finditer(text)):
        start = max(text.rfind("\n", 0, line_at) + 1, line_at - _LINE)
        line = text[start:line_at]
        for word in _PHP_WORDS:
            at = line.find(word)
            rest = line[at + len(word) :].removeprefix("</b>")
            if at >= 0 and rest.startswith(":") and _PHP_PLACE.search(rest):
                return "PHP", start + at, text[start + at : line_at + 20].split("\n")[0]
    return None


def _two_lines(text: str, at: int) -> str:
    start = max(text.rfind("\n", 0, at) + 1, at - 60)
    lines = text[start : start + _LINE].split("\n")
    return " ⏎ ".join(line.strip() for line in lines[:2])


def look(context: Context) -> Iterator[Hit]:
    found = trace_in(context.text)
    if found is None:
        return
    family, index, lines = found
    yield Hit(
        severity=Severity.MEDIUM if context.status >= 400 else Severity.LOW,
        confidence=Confidence.FIRM if context.status >= 400 else Confidence.TENTATIVE,
        reason=f"The body shows a {family} stack trace, which tells a stranger how the program is built.",
        evidence=shortened_paths(lines),
        parameter=family,
        offset=context.body_offset(index),
    )


CHECK = Check(
    id="ERR-TRACE",
    title="stack trace in the body",
    reference="ASVS 16.5.1, 13.4.2; CWE-209",
    advice="Answer errors with a general message and an id, and keep the trace in the server's log.",
    look=look,
)
