"""What a row says: one `Column` an entry, and nothing else lists them.

A cell is text as it came (from the wire, for most): whoever draws it sends it through `printable`. Widths follow from
the width of the terminal alone, never from the rows, so nothing moves as traffic comes. When the columns do not all
fit, they leave in the order of `leaves`; path and host share what is left over.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from httpresp_capture.analysis.routes import route_name
from httpresp_capture.records.error_responses import is_failed_call
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import status_name, status_of
from httpresp_capture.records.outcome import Completeness
from httpresp_tui.text.badges import MARKED
from httpresp_tui.text.encrypted import encrypted_text
from httpresp_tui.text.sanitising import decoded
from httpresp_tui.text.units import NOTHING, clock_text, date_text, day_text, duration_text, size_text

GAP = 1
"""Cells between two columns."""
MARKS_WIDTH = 4
"""Cells of the letters of `MARKS`."""
DEPTH = 2
"""Cells by which a response stands in from its group."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list."""

    key: str
    title: str
    width: int
    """Cells; for a column with a share, the least it can do with."""
    cell: Callable[[Response], str]
    sort: Callable[[Response], Any]
    """Something comparable; the same type for every response."""
    leaves: int
    """The columns with the lowest number leave first as the terminal narrows; 0 never leaves."""
    right: bool = False
    """Numbers stand right."""
    share: int = 0
    """How much of the width left over it takes, in relation to others, once each has what it needs."""
    needs: int = 0
    """Cells that most of its texts need, where that is more than the least."""
    largest_first: bool = False
    """What one looks for when one sorts by it stands at that end."""
    by_class: bool = False
    """The status has the colour of its class, the others have it where the response is an error."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One letter in the last column."""

    glyph: str
    slot: int
    """Where in the column; of those in the same slot the first that applies is shown."""
    meaning: str
    applies: Callable[[Response], bool]


def _has(*states: Completeness) -> Callable[[Response], bool]:
    return lambda response: response.completeness in states


MARKS: tuple[Mark, ...] = (
    Mark("!", 0, "malformed: it has problems", lambda response: bool(response.problems)),
    Mark("~", 1, "bytes are missing: lost, or cut by the snap length", lambda response: bool(response.gaps)),
    Mark("x", 2, "the same bytes came twice and differ", lambda response: bool(response.conflicts)),
    Mark("e", 3, "encrypted: the connection is not read", lambda response: response.encrypted is not None),
    Mark("?", 3, "no response came", lambda response: response.unanswered),
    Mark("g", 3, "the call of gRPC failed, though the status is 200", is_failed_call),
    Mark("<", 3, "its beginning was not seen", lambda response: response.midstream),
    Mark("+", 3, "still open", lambda response: response.end is None),
    Mark(">", 3, "its end was not seen", _has(Completeness.OPEN, Completeness.HEAD_ONLY, Completeness.HEAD_CUT)),
    Mark("/", 3, "the connection closed before its end", _has(Completeness.CLOSED_EARLY)),
)


def _marks(response: Response) -> str:
    slots = [" "] * MARKS_WIDTH
    for mark in MARKS:
        if slots[mark.slot] == " " and mark.applies(response):
            slots[mark.slot] = mark.glyph
    return "".join(slots).rstrip()


def _status(response: Response) -> str:
    if response.encrypted is not None:
        return "TLS"
    if response.unanswered:
        return NOTHING
    return str(response.status) if response.status else "???"


def _method(response: Response) -> str:
    return response.request.method if response.request is not None else NOTHING


def _host(response: Response) -> str:
    return decoded(response.host)


def _path(response: Response) -> str:
    if response.encrypted is not None:
        return encrypted_text(response.flow.tls, response.encrypted)
    if response.request is None:
        return NOTHING if response.unanswered else f"({response.status_line or 'request not seen'})"
    return decoded(response.request.path)


def _client(response: Response) -> str:
    return decoded(response.flow.real_client)


def _type(response: Response) -> str:
    return decoded(response.content_type)


def _first_byte(response: Response) -> str:
    if response.encrypted is None:
        return duration_text(response.first_byte_ns)
    estimate = response.encrypted.first_byte_ns
    return NOTHING if estimate is None else "~" + duration_text(estimate).replace(" ", "")


def _size(response: Response) -> str:
    return NOTHING if response.unanswered else size_text(response.body_bytes)


def _wait(response: Response) -> int:
    wait = response.first_byte_ns
    return -1 if wait is None else wait


COLUMNS: tuple[Column, ...] = (
    Column("time", "time", 12, lambda response: clock_text(response.at), lambda response: response.at, 7),
    Column("status", "status", 6, _status, lambda response: response.status, 0, by_class=True, largest_first=True),
    Column("method", "method", 7, _method, _method, 8),
    Column("host", "host", 21, _host, lambda response: _host(response).lower(), 4, share=2, needs=42),
    Column("path", "path", 15, _path, _path, 0, share=5, needs=36, by_class=True),
    Column("type", "type", 16, _type, _type, 3, needs=24),
    Column("size", "size", 7, _size, lambda response: response.body_bytes, 6, right=True, largest_first=True),
    Column("ttfb", "ttfb", 7, _first_byte, _wait, 5, right=True, largest_first=True),
    Column("client", "client", 15, _client, _client, 1),
    Column("flow", "flow", 6, lambda response: f"#{response.flow.id}", lambda response: response.flow.id, 2),
    Column("marks", "!", MARKS_WIDTH, _marks, _marks, 0, largest_first=True),
)


def _process(response: Response) -> str:
    who = response.workload
    return "" if who is None else who.process_name or (str(who.process_id) if who.process_id else "")


def _pod(response: Response) -> str:
    who = response.workload
    return "" if who is None else who.pod or who.container_name or who.host_name


WORKLOAD_COLUMNS: tuple[Column, ...] = (
    Column("process", "process", 12, _process, lambda response: _process(response).lower(), 3),
    Column("pod", "pod", 16, _pod, lambda response: _pod(response).lower(), 2, share=1),
)
"""Of a log that tells whose each response is: its process, and its pod, else its container, else its machine."""


def _grpc(response: Response) -> str:
    status = status_of(response)
    return "" if status is None else status_name(status)


GRPC_COLUMN = Column("grpc", "grpc", 12, _grpc, _grpc, 4, by_class=True)
"""The status of a call, which comes in its trailers: that of HTTP says nothing of it."""


def _request_size(response: Response) -> int:
    return -1 if response.request is None else response.request.wire_bytes


def _node(response: Response) -> str:
    return "" if response.workload is None else response.workload.host_name


def _sni(response: Response) -> str:
    return "" if response.flow.tls is None else decoded(response.flow.tls.sni)


def _server(response: Response) -> str:
    server, port = response.flow.server, response.flow.server_port
    return f"[{server}]:{port}" if ":" in server else f"{server}:{port}"


def _duration(response: Response) -> int:
    return -1 if response.duration_ns is None else response.duration_ns


def _duration_cell(response: Response) -> str:
    return duration_text(response.duration_ns)


def _request_cell(response: Response) -> str:
    return NOTHING if response.request is None else size_text(response.request.wire_bytes)


MORE_COLUMNS: tuple[Column, ...] = (
    Column("date", "date", 10, lambda response: date_text(response.at)[:10], lambda response: response.at, 9),
    Column("duration", "duration", 8, _duration_cell, _duration, 9, right=True, largest_first=True),
    Column("request-size", "request", 7, _request_cell, _request_size, 9, right=True, largest_first=True),
    Column("protocol", "proto", 8, lambda response: response.protocol, lambda response: response.protocol, 9),
    Column("server", "server", 21, _server, _server, 9),
    Column("sni", "sni", 16, _sni, _sni, 9, share=1),
    Column("node", "node", 12, _node, _node, 9),
    Column("route", "route", 16, route_name, route_name, 9, share=2),
    Column("comment", "comment", 16, lambda response: "", lambda response: "", 9, share=1),
)
"""Those that one chooses to see; they leave late. What was said of a response stands beside it: `with_comments`."""
ALL_COLUMNS = (*COLUMNS, GRPC_COLUMN, *WORKLOAD_COLUMNS, *MORE_COLUMNS)


def with_comments(columns: Iterable[Column], comment: Callable[[int], str]) -> tuple[Column, ...]:
    """The same, where the comments are those of whoever knows them."""

    def cell(response: Response) -> str:
        return comment(response.id)

    return tuple(replace(entry, cell=cell, sort=cell) if entry.key == "comment" else entry for entry in columns)


def with_grpc(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The same with `GRPC_COLUMN`, behind the status."""
    kept = tuple(columns)
    index = next((number + 1 for number, entry in enumerate(kept) if entry.key == "status"), len(kept))
    return (*kept[:index], GRPC_COLUMN, *kept[index:])


def with_workloads(columns: Iterable[Column], *, process: bool, pod: bool) -> tuple[Column, ...]:
    """The same with those of `WORKLOAD_COLUMNS` that have something to show, before the marks."""
    told = [entry for entry, shown in zip(WORKLOAD_COLUMNS, (process, pod), strict=True) if shown]
    kept = tuple(columns)
    index = next((number for number, entry in enumerate(kept) if entry.key == "marks"), len(kept))
    return (*kept[:index], *told, *kept[index:])


BADGES_ROOM = 2
"""Cells before the marks: whether it is marked by hand, and the letter of a finding."""


def with_badges(
    columns: Iterable[Column], badge: Callable[[Response], str], marked: Callable[[Response], bool]
) -> tuple[Column, ...]:
    """The same, with what was marked by hand and the letter of the worst finding before the marks; blanks where there
    is neither."""

    def cell(response: Response) -> str:
        return f"{MARKED if marked(response) else ' '}{badge(response) or ' '}{_marks(response)}".rstrip()

    return tuple(
        replace(entry, width=BADGES_ROOM + MARKS_WIDTH, cell=cell) if entry.key == "marks" else entry
        for entry in columns
    )


def with_dates(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The same for a capture over several days: the day stands before the time."""

    def cell(response: Response) -> str:
        return f"{day_text(response.at)} {clock_text(response.at)}"

    return tuple(replace(entry, width=18, cell=cell) if entry.key == "time" else entry for entry in columns)


def header_column(name: str) -> Column:
    """A column of one response header, by any case of its name."""
    key = name.lower()

    def cell(response: Response) -> str:
        return decoded(response.header(key))

    return Column(f"header:{key}", key, 12, cell, cell, 9, share=1)


def column(key: str) -> Column | None:
    """The column of a key: one of `ALL_COLUMNS`, or `header:name`."""
    if key.startswith("header:") and len(key) > len("header:"):
        return header_column(key.removeprefix("header:"))
    return next((entry for entry in ALL_COLUMNS if entry.key == key), None)


class Sized(Protocol):
    """What can be laid out."""

    @property
    def width(self) -> int: ...
    @property
    def leaves(self) -> int: ...
    @property
    def share(self) -> int: ...
    @property
    def needs(self) -> int: ...


Entry = TypeVar("Entry", bound=Sized)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Entry]):
    """A column in its place."""

    column: Entry
    start: int
    width: int

    @property
    def end(self) -> int:
        """The cell after its last one."""
        return self.start + self.width


def layout(columns: Iterable[Entry], width: int) -> tuple[Placed[Entry], ...]:
    """Those columns that fit a width, placed; the last ones to stay are cut by the edge."""
    kept = list(columns)
    while least(kept) > width and (leavers := [column for column in kept if column.leaves]):
        kept.remove(min(leavers, key=lambda column: column.leaves))
    spare = max(0, width - least(kept))
    # First what is needed, then more than that.
    wants = [max(0, column.needs - column.width) for column in kept]
    given = _shared(min(spare, sum(wants)), wants)
    more = _shared(spare - sum(given), [column.share for column in kept])
    placed: list[Placed[Entry]] = []
    start = 0
    for column, first, second in zip(kept, given, more, strict=True):
        placed.append(Placed(column, start, column.width + first + second))
        start = placed[-1].end + GAP
    return tuple(placed)


def _shared(amount: int, shares: Sequence[int]) -> list[int]:
    """An amount in parts; what rounding leaves goes to the last that shares."""
    left = sum(shares)
    parts: list[int] = []
    for share in shares:
        part = amount * share // left if share else 0
        parts.append(part)
        amount -= part
        left -= share
    return parts


def least(columns: Sequence[Sized]) -> int:
    """Cells that columns need side by side."""
    return sum(column.width + GAP for column in columns) - GAP


def class_style(response: Response) -> str:
    """The name of its style: by status class; `none` for what has no class."""
    return CLASS_STYLES[response.status_class]


def error_style(response: Response) -> str:
    """The name of the style of an error: a call of gRPC that failed, with a status of 200, looks as a 5xx does."""
    return class_style(response) if response.status_class not in (1, 2, 3) else "server-error"


CLASS_STYLES = ("none", "informational", "success", "redirect", "client-error", "server-error", "encrypted")
"""By status class, index 0 to 6: style classes are `-client-error` and so on."""
