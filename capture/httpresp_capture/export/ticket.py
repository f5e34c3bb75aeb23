"""Responses in Markdown, to be pasted into a ticket: one table, then the details of each.

All text from the wire stands in code spans or fenced blocks that it cannot end, with what could act on a terminal
escaped. A ticket is read by people, so it has bounds, and says what they left out.
"""

from httpresp_capture.export.document import ExportOptions, PlainDocument
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.leaving import Body, Leaving
from httpresp_capture.export.wording import as_text, code, escaped, seconds
from httpresp_capture.records import escaping
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.records.targets import url_of

ROWS = 500
"""Of the table."""
DETAILED = 25
"""Responses whose details follow."""
LONGEST_BODY = 2_000
"""Characters of each body."""
LONGEST_HEAD = 8_000
LONGEST_CELL = 160


class Ticket(PlainDocument):
    """One table with its details, which are kept until the table is whole."""

    def __init__(self, options: ExportOptions) -> None:
        super().__init__(options)
        self._details: list[str] = []
        self._rows = 0

    def begin(self) -> bytes:
        """The title, and the head of the table."""
        of = f" of {code(escaping.escaped(self.options.source))}" if self.options.source else ""
        hidden = (
            "Secrets are tags: equal ones are equal." if self.options.redactor else "**Secrets stand as they are.**"
        )
        return (
            f"# HTTP responses{of}\n\n{hidden}\n\n| # | time (UTC) | status | request | first byte | size | remarks |\n"
            "|---:|---|---|---|---:|---:|---|\n"
        ).encode("utf-8", "backslashreplace")

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """A row; the details of the first ones are put aside."""
        self._rows += 1
        if self._rows > ROWS:
            return b""
        comment = self.options.comment(leaving.kept)
        if self._rows <= DETAILED:
            self._details.append(_details(leaving, comment))
        return _row(leaving.response, comment).encode("utf-8", "backslashreplace")

    def end(self) -> bytes:
        """What was left out, and the details."""
        parts: list[str] = []
        if self._rows > ROWS:
            parts.append(f"\n{many(self._rows - ROWS, 'more response')} not in this table.\n")
        parts += self._details
        if self._rows > DETAILED:
            parts.append(f"\nDetails of the first {DETAILED} of {many(self._rows, 'response')}.\n")
        return "".join(parts).encode("utf-8", "backslashreplace")


def _row(response: Response, comment: str) -> str:
    first = response.first_byte_ns
    cells = (
        str(response.id),
        instant(response.at),
        _status(response),
        _cell(_asked(response)),
        "" if first is None else seconds(first),
        f"{response.body_bytes:,}",
        _remarks(response, comment),
    )
    return f"| {' | '.join(cells)} |\n"


def _status(response: Response) -> str:
    if response.encrypted is not None:
        return "encrypted"
    return str(response.status) if response.status else "no response" if response.unanswered else "unreadable"


def _asked(response: Response) -> str:
    request = response.request
    if request is None:
        return as_text(response.host)
    return f"{as_text(request.method)} {as_text(url_of(request.target, request.host))}"


def _remarks(response: Response, comment: str) -> str:
    problems = [problem.name for problem in response.problems]
    words = "" if response.completeness == "complete" else str(response.completeness)
    return "; ".join(filter(None, (words, *dict.fromkeys(problems), escaped(_line(comment)))))


def _details(leaving: Leaving, comment: str) -> str:
    response = leaving.response
    flow = response.flow
    lines = [
        f"\n## {response.id}: {_status(response)} {_cell(_asked(response))}\n",
        f"{instant(response.at)}, {flow.client}:{flow.client_port} → {flow.server}:{flow.server_port}, "
        f"connection {flow.id}, {response.completeness}"
        + (f", whole exchange in {seconds(response.duration_ns)}" if response.duration_ns is not None else "")
        + "\n",
    ]
    if comment:
        lines.append(f"> {escaped(_line(comment))}\n")
    lines += [f"- {problem.name}: {code(_line(problem.detail))}\n" for problem in response.problems]
    request = response.request
    if request is not None and request.head:
        lines.append(_fenced("http", _block(request.head) + _shown(leaving.request_body, request.body_bytes)))
    if response.head:
        block = _block(response.head + response.trailers)
        lines.append(_fenced("http", block + _shown(leaving.body, response.body_bytes)))
    return "\n".join(lines)


def _block(head: bytes) -> str:
    text = as_text(head.decode("latin-1")).replace("\r\n", "\n").rstrip("\n")
    more = len(text) - LONGEST_HEAD
    return f"{text[:LONGEST_HEAD]}\n… {more:,} more characters" if more > 0 else text


def _shown(body: Body, size: int) -> str:
    if not size:
        return ""
    if body.text is None:
        note = f": {body.note}" if body.note else ", no text"
        return f"\n\n({size:,} bytes{note})"
    more = len(body.text) - LONGEST_BODY
    cut = f"\n… {more:,} more characters" if more > 0 else ""
    note = f"\n({body.note})" if body.note else ""
    return f"\n\n{body.text[:LONGEST_BODY]}{cut}{note}"


def _fenced(kind: str, text: str) -> str:
    """A fenced block that the text cannot end (CommonMark §4.5)."""
    shown = escaping.escaped(text.replace("\r\n", "\n"), kept="\n\t")
    fence = "```"
    while fence in shown:
        fence += "`"
    return f"{fence}{kind}\n{shown}\n{fence}\n"


def _cell(text: str) -> str:
    return code(_line(text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"))


def _line(text: str) -> str:
    return escaping.escaped(text)
