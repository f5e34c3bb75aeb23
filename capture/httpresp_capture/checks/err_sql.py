"""ERR-SQL: the body shows the error message of a database.

Only phrases that no program writes of its own accord; "internal error" and the like stand on every 500.
"""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import without_literals
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_AROUND = 60
_PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (quick, re.compile(pattern))
    for quick, pattern in (
        ("error in your SQL", r"You have an error in your SQL syntax"),
        ("ORA-", r"\bORA-\d{5}\b"),
        ("SQLSTATE[", r"SQLSTATE\[\w{1,10}\]"),
        ("PSQLException", r"PSQLException"),
        ("unterminated quoted", r"unterminated quoted string"),
        ("Unclosed quotation", r"Unclosed quotation mark after the character string"),
        ("Microsoft OLE DB", r"Microsoft OLE DB Provider for (?:ODBC|SQL)"),
        ("SQLITE_ERROR", r"SQLITE_ERROR"),
        ("MongoServerError", r"MongoServerError"),
    )
)


def phrase_in(text: str) -> re.Match[str] | None:
    """The first phrase of a database that a text holds."""
    for quick, pattern in _PHRASES:
        if quick in text and (match := pattern.search(text)):
            return match
    return None


def look(context: Context) -> Iterator[Hit]:
    text = context.text
    match = phrase_in(text)
    if match is not None:
        yield Hit(
            severity=Severity.MEDIUM if context.status >= 400 else Severity.LOW,
            confidence=Confidence.FIRM if context.status >= 400 else Confidence.TENTATIVE,
            reason="The body shows the error message of a database.",
            evidence=_around(text, match.start(), match.end()),
            parameter=match[0],
            offset=context.body_offset(match.start()),
            shape=match[0],
        )


def _around(text: str, start: int, end: int) -> str:
    """The phrase and what follows it, without the values that it quotes. What stands before may end within one."""
    return text[start:end] + without_literals(text[end : end + _AROUND])


CHECK = Check(
    id="ERR-SQL",
    title="database error in the body",
    reference="ASVS 16.5.1; CWE-209",
    advice="Answer errors with a general message, and see whether the query is built from what the client sent.",
    look=look,
)
