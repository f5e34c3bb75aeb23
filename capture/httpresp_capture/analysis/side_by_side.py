"""Two responses held against each other: status, figures, headers, bodies, requests; row by row, with what differs.

Pure: two records in, rows out, which whoever shows them lays out. Fields are aligned by name (cookies by theirs), and
those made of parts (cookies, policies, lists) tell which part differs (`field_diff`). Bodies are compared as what they
are: JSON path by path (`json_diff`), text line by line (`text_diff`), all else by its bytes. Everything is bounded, and
every bound is said.
"""

from collections.abc import Iterator

from httpresp_capture.analysis.diff_rows import Change, Row, Section
from httpresp_capture.analysis.field_diff import MOST_FIELDS, fields, parts
from httpresp_capture.analysis.json_diff import JsonChange, common, differences, parsed
from httpresp_capture.analysis.text_diff import lines
from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import Decoded, text
from httpresp_capture.content.representation import decoded, decoded_request
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.headers import Headers

MOST_BODY = 262_144
"""Bytes of a decoded body that are compared."""
MOST_ROWS = 1_000
"""Rows of a body."""


def side_by_side(left: Response, right: Response) -> tuple[Section, ...]:
    """Every section, empty ones left out."""
    sections = [
        Section("Status", tuple(_status(left, right))),
        _fields("Headers", (), left.headers, right.headers),
        _bodies("Body", decoded(left, max_output=MOST_BODY), decoded(right, max_output=MOST_BODY), left, right),
        _fields("Trailers", (), Headers.from_fields(left.trailers), Headers.from_fields(right.trailers)),
        *_requests(left.request, right.request),
    ]
    return tuple(section for section in sections if section.rows or section.notes)


# --- single values ---


def _row(name: str, left: str, right: str) -> Row:
    return Row(Change.SAME if left == right else Change.CHANGED, name, left, right)


def _status(left: Response, right: Response) -> Iterator[Row]:
    yield _row("status", f"{left.status} {left.reason}".strip(), f"{right.status} {right.reason}".strip())
    yield _row("protocol", left.protocol, right.protocol)
    yield _row("host", left.host, right.host)
    yield _row("completeness", left.completeness, right.completeness)


def _fields(title: str, rows: tuple[Row, ...], left: Headers, right: Headers) -> Section:
    """Rows of another kind, then the fields."""
    cut = max(len(left), len(right)) > MOST_FIELDS
    notes = (f"The first {MOST_FIELDS} fields are compared.",) if cut else ()
    return Section(title, (*rows, *fields(left, right)), notes)


# --- bodies ---


def _bodies(title: str, ours: Decoded, theirs: Decoded, left: Response | Request, right: Response | Request) -> Section:
    """As what they are; the notes say what is not there to be compared."""
    notes = [*_cut("left", ours, left), *_cut("right", theirs, right)]
    if not ours.data and not theirs.data:
        return Section(title, (), tuple(notes))
    sizes = f"{len(ours.data):,} B", f"{len(theirs.data):,} B"
    if ours.data == theirs.data:
        return Section(title, (Row(Change.SAME, "bytes", *sizes),), tuple(notes))
    rows = [Row(Change.CHANGED if len(ours.data) != len(theirs.data) else Change.SAME, "size", *sizes)]
    types = left.headers.get("content-type"), right.headers.get("content-type")
    if not ours.data or not theirs.data:
        return Section(title, tuple(rows), tuple(notes))
    if ours.left or theirs.left or is_binary(ours.data, types[0]) or is_binary(theirs.data, types[1]):
        rows += _bytes(ours.data, theirs.data)
        return Section(title, tuple(rows), tuple(notes))
    texts = text(ours.data, types[0]), text(theirs.data, types[1])
    documents = parsed(texts[0]), parsed(texts[1])
    if documents[0] is not None and documents[1] is not None:
        found = [_of_json(change) for change in differences(documents[0], documents[1], MOST_ROWS + 1)]
        if not found:
            notes.append("The same JSON, written otherwise.")
    else:
        found = list(lines(texts[0], texts[1], notes))
    if len(found) > MOST_ROWS:
        notes.append(f"There are more differences than the first {MOST_ROWS:,}.")
    return Section(title, (*rows, *found[:MOST_ROWS]), tuple(notes))


def _cut(side: str, plain: Decoded, of: Response | Request) -> Iterator[str]:
    if len(of.body) < of.body_bytes:
        yield f"Of the {side} body the first {len(of.body):,} of {of.body_bytes:,} bytes are kept."
    elif plain.problem or plain.left:
        yield f"The {side} body is decoded as far as it can be."
    elif len(plain.data) >= MOST_BODY:
        yield f"Of the {side} body the first {MOST_BODY:,} bytes are compared."


def _of_json(change: JsonChange) -> Row:
    if change.left is None:
        return Row(Change.NEW, change.path, "", change.right or "")
    if change.right is None:
        return Row(Change.GONE, change.path, change.left)
    return Row(Change.CHANGED, change.path, change.left, change.right)


def _bytes(left: bytes, right: bytes) -> Iterator[Row]:
    """Where two runs of bytes part, and the first of them there."""
    at = common(left, right)
    start = at - at % 16
    ours, theirs = (side[start : start + 16].hex(" ") for side in (left, right))
    yield Row(Change.CHANGED, f"from byte {at:,}", ours, theirs)


# --- requests ---


def _requests(left: Request | None, right: Request | None) -> list[Section]:
    if left is None or right is None:
        if left is None and right is None:
            note = "Neither request was seen."
        else:
            note = f"The request of the {'left' if left is None else 'right'} was not seen."
        return [Section("Request", (), (note,))]
    rows = _row("method", left.method, right.method), *_targets(left.path, right.path)
    return [
        _fields("Request", rows, left.headers, right.headers),
        _bodies(
            "Body of the request",
            decoded_request(left, max_output=MOST_BODY),
            decoded_request(right, max_output=MOST_BODY),
            left,
            right,
        ),
    ]


def _targets(left: str, right: str) -> Iterator[Row]:
    """The path, and the members of the query by their names."""
    ours, theirs = left.partition("?"), right.partition("?")
    yield _row("path", ours[0], theirs[0])
    mine, yours = parts(ours[2], "&"), parts(theirs[2], "&")
    for name in dict.fromkeys((*mine, *yours)):
        if name not in yours:
            yield Row(Change.GONE, f"?{name}", mine[name])
        elif name not in mine:
            yield Row(Change.NEW, f"?{name}", "", yours[name])
        else:
            yield _row(f"?{name}", mine[name], yours[name])
