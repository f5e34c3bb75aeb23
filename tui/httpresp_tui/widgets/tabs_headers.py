"""The response's head as it came: wire order, wire case, every duplicate; what is wrong at the line where it is."""

from collections.abc import Callable, Iterator
from functools import partial

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import EMPTY, NO_KEY, Tls
from httpresp_tui.model.columns import class_style
from httpresp_tui.model.store import is_interim
from httpresp_tui.text.explain import explain
from httpresp_tui.text.explain.statuses import STATUSES
from httpresp_tui.widgets.lines import Line, TextRun, TextStyle, heading, line, note, own, untrusted
from httpresp_tui.widgets.tabs import View

MOST_FOLDED = 4_096
"""Characters of a folded value that are joined to be explained."""


def headers(view: View) -> list[Line]:
    """Status line and fields."""
    response = view.response
    if response.encrypted is not None:
        return encrypted_lines(response.flow.tls)
    if response.unanswered:
        return [line(own("No response was seen to this request.", TextStyle.LOST)), *problem_lines(response.problems)]
    lines = head_lines(response.head, response.problems, status_runs(response), partial(explain, response=response))
    meaning = STATUSES.get(response.status)
    lines[1:1] = [*exchange_lines(view), *([note(meaning)] if meaning else [])]
    return lines


def trailer_lines(response: Response) -> list[Line]:
    """The fields that came after the body."""
    if not response.trailers:
        return []
    return [Line(), heading("Trailers"), *head_lines(b"\n" + response.trailers, (), None, explain)]


def encrypted_lines(tls: Tls | None) -> list[Line]:
    """Why there are no headers, and the way to them."""
    why = tls.state if tls is not None else NO_KEY
    if why == EMPTY:
        return [line(own("This connection of TLS carried nothing: it was opened with its keys, and no data came."))]
    lines = [line(own(f"This connection is encrypted and not read: {why}.", TextStyle.LOST)), Line()]
    if why == NO_KEY:
        way = (
            "With its keys it is read: --keylog FILE names the file that a browser, curl or a server writes them to"
            " (SSLKEYLOGFILE), and httpresp-tui -- COMMAND runs a program that is asked for its own."
        )
        lines += [line(own(way)), Line()]
    return [*lines, line(own("What can be seen of it stands on the Metadata tab.", TextStyle.DIM))]


def exchange_lines(view: View) -> list[Line]:
    """Which other responses were sent for the same request, by their numbers."""
    response = view.response
    others = view.run.exchange(response)
    if not others:
        return []
    words = (f"{'interim' if is_interim(other) else 'final'} response #{other.id} ({other.status})" for other in others)
    return [note(f"same request: {', '.join(words)}")]


def status_runs(response: Response) -> tuple[TextRun, ...]:
    """The status line in the colour of its class."""
    version, blank, rest = response.status_line.partition(" ")
    return untrusted(version + blank, TextStyle.DIM), untrusted(rest, TextStyle(class_style(response)))


def head_lines(
    head: bytes, problems: tuple[Problem, ...], first: tuple[TextRun, ...] | None, words: Callable[[str, str], str]
) -> list[Line]:
    """The lines of a head block; `first` is how its first line is drawn, None where it has none, and `words` are those
    for a field's name and value."""
    lines: list[Line] = []
    shown: set[int] = set()
    field = ""
    for start, raw in raw_lines(head):
        text = raw.rstrip(b"\r\n").decode("latin-1")
        if start == 0:
            lines += [line(*first, hang=2)] if first else []
        elif text.startswith((" ", "\t")) and field:
            # A folded line goes on with the value (RFC 9112 §5.2); what it means is said after the last of them.
            lines.append(line(untrusted(text), hang=2))
            field += f" {text.strip()}" if len(field) < MOST_FOLDED else ""
        else:
            lines += explanation(field, words)
            field = text
            lines += [field_line(text)] if text else []
        here = [index for index, problem in enumerate(problems) if start <= problem.offset < start + len(raw)]
        shown.update(here)
        lines += problem_lines(tuple(problems[index] for index in here))
    lines += explanation(field, words)
    return lines + problem_lines(tuple(problem for index, problem in enumerate(problems) if index not in shown))


def raw_lines(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every line, its end included."""
    at = 0
    while at < len(head):
        end = head.find(b"\n", at) + 1 or len(head)
        yield at, head[at:end]
        at = end


def field_line(text: str) -> Line:
    """Name, colon and value exactly as they stand; a line without a colon is one run."""
    name, colon, value = text.partition(":")
    if not colon or name.startswith((" ", "\t")):
        return line(untrusted(text), hang=2)
    return line(untrusted(name, TextStyle.NAME), own(colon, TextStyle.MARK), untrusted(value), hang=2)


def explanation(field: str, words: Callable[[str, str], str]) -> list[Line]:
    """One line under a field of which there is something to say."""
    name, _, value = field.partition(":")
    said = words(name.strip(), value.strip())
    return [note(said)] if said else []


def problem_lines(problems: tuple[Problem, ...]) -> list[Line]:
    """What is wrong, in words, with the section that says so."""
    return [
        line(
            own("  ▲ ", TextStyle.PROBLEM),
            own(problem.title, TextStyle.PROBLEM),
            *((own(" "), untrusted(problem.detail)) if problem.detail else ()),
            own(f"  {problem.reference}", TextStyle.DIM),
            hang=4,
        )
        for problem in problems
    ]
