"""Where the capture stands, in one line that fits.

`StatusLine` is all that the line says; `pieces` puts it into words for a width. Every part has forms from the longest
to the shortest, and parts give way one step at a time in the fixed order of `GIVING_WAY`, so that a line of one width
always looks the same. The state, the responses and the drops never leave. No Textual here.
"""

from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size

from httpresp_capture.records.counters import Counters
from httpresp_capture.records.plurals import many, plural
from httpresp_capture.records.unread import NO_PAYLOAD
from httpresp_tui.model.summary import drops_of
from httpresp_tui.text.sanitising import printable_text
from httpresp_tui.text.units import count_text, rate_text, size_text

_NAME = 40
_FILTER = 60


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What the top line knows."""

    label: str = ""
    """Interface or file; may hold anything."""
    live: bool = True
    capture_filter: str = ""
    recording: str = ""
    """The file that packets are written to; empty for none."""
    counters: Counters = field(default_factory=Counters)
    fraction: float | None = None
    ended: bool = False
    failed: bool = False
    paused: bool = False
    waiting: int = 0
    """Responses that came while paused."""
    shown: int = 0
    looking: bool = False
    """Not all that is kept was looked at since the filter, the order or the grouping changed: more may be shown."""
    kept: int = 0
    """Rows: responses, and requests without one. While paused, those of before."""
    unanswered: int = 0
    """How many of them are requests without response."""
    cleared: bool = False
    """Somebody has let every row go that had come until then."""
    forgotten: int = 0
    """Oldest ones that left."""
    bodies_forgotten: int = 0
    """Bodies of older ones that left."""
    rate: float = 0.0
    """Responses a second."""
    ours: int = 0
    """What the mailbox dropped."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of the line, and how they look: the end of a class name in the style sheet."""

    text: str
    look: str


Form = tuple[Piece, ...]


def pieces(standing: StatusLine, width: int) -> tuple[list[Piece], list[Piece]]:
    """What stands at the left and at the right of a line of `width` cells, parts parted by two blanks."""
    forms = {part: make(standing) for part, make in _PARTS.items()}
    step = dict.fromkeys(forms, 0)
    for part in GIVING_WAY:
        if _width(forms, step) <= width:
            break
        step[part] = min(step[part] + 1, len(forms[part]) - 1)
    chosen = {part: forms[part][step[part]] for part in forms}
    return _joined([chosen[part] for part in _LEFT]), _joined([chosen[part] for part in _RIGHT])


def _width(forms: dict[str, list[Form]], step: dict[str, int]) -> int:
    parts = [forms[part][step[part]] for part in forms]
    return sum(_cells(form) + 2 for form in parts if form)


def _cells(form: Form) -> int:
    return sum(cell_len(piece.text) for piece in form)


def _joined(parts: list[Form]) -> list[Piece]:
    line: list[Piece] = []
    for form in filter(None, parts):
        if line:
            line.append(Piece("  ", "quiet"))
        line.extend(form)
    return line


def _state(standing: StatusLine) -> list[Form]:
    if standing.paused:
        return [(Piece(f" PAUSED +{count_text(standing.waiting)} ", "paused"),)]
    if standing.failed:
        return [(Piece(" FAILED ", "failed"),)]
    if standing.ended:
        return [(Piece(" ENDED ", "ended"),)]
    if standing.live:
        return [(Piece(" LIVE ", "live"),)]
    if standing.fraction is None:
        return [(Piece(" READING ", "reading"),)]
    # The word is its own progress bar.
    percent = int(standing.fraction * 100)
    text = f" READING {percent:2} % "
    done = round(len(text) * min(1.0, standing.fraction))
    return [tuple(piece for piece in (Piece(text[:done], "reading"), Piece(text[done:], "rest")) if piece.text)]


def _label(standing: StatusLine) -> list[Form]:
    name = printable_text(standing.label, 1024)
    return [(Piece(_cut(name, room), "name"),) for room in (_NAME, 20, 12)] if name else [()]


def _capture(standing: StatusLine) -> list[Form]:
    text = printable_text(standing.capture_filter, 1024)
    if not text:
        return [()]
    named = (Piece("capture filter ", "quiet"), Piece(_cut(text, _FILTER), "plain"))
    return [named, *((Piece("-f ", "quiet"), Piece(_cut(text, room), "plain")) for room in (24, 12)), ()]


def _recording(standing: StatusLine) -> list[Form]:
    if not standing.recording:
        return [()]
    # The name tells more than the way to it.
    path = printable_text(standing.recording, 4096)
    forms = (_cut(path, _NAME), _cut(path.rpartition("/")[2], 20))
    return [(Piece("-w ", "quiet"), Piece(form, "plain")) for form in forms]


def _shown(standing: StatusLine) -> list[Form]:
    kept = count_text(standing.kept)
    unanswered = standing.unanswered
    if standing.shown == standing.kept:
        responses = Piece(count_text(standing.kept - unanswered), "number")
        word = f" {plural(standing.kept - unanswered, 'response')}"
        forms: list[Form] = [(responses, Piece(word, "quiet")), (responses, Piece(" resp", "quiet"))]
        if unanswered:
            beside = Piece(" + ", "quiet"), Piece(count_text(unanswered), "number")
            forms = [(*form, *beside, Piece(" unanswered", "quiet")) for form in forms]
            forms.append((responses, *beside))
        return forms
    shown = Piece(f"{count_text(standing.shown)}{'…' if standing.looking else ''}", "number")
    return [
        (shown, Piece(f" of {many(standing.kept, 'row' if unanswered else 'response')}", "quiet")),
        (shown, Piece(f"/{kept} shown", "quiet")),
        (shown, Piece(f"/{kept}", "quiet")),
    ]


def _forgotten(standing: StatusLine) -> list[Form]:
    rows, bodies = standing.forgotten, standing.bodies_forgotten
    if not (rows or bodies):
        return [()]
    count = Piece(count_text(rows or bodies), "alarm")
    if not rows:
        word = plural(bodies, "body")
        return [(count, Piece(f" older {word} let go", "quiet")), (count, Piece(f" {word} let go", "quiet"))]
    also = (Piece(" and ", "quiet"), Piece(count_text(bodies), "alarm"), Piece(" bodies", "quiet")) if bodies else ()
    oldest, let_go = Piece(" oldest", "quiet"), Piece(" let go", "quiet")
    return [(count, oldest, *also, let_go), (count, oldest, let_go), (count, let_go)]


def _rate(standing: StatusLine) -> list[Form]:
    if not standing.live or standing.ended:
        return [()]
    return [(Piece(rate_text(standing.rate), "plain"),), ()]


def _drops(standing: StatusLine) -> list[Form]:
    counters = standing.counters
    theirs, who = drops_of(counters, standing.live), "kernel" if standing.live else "recorder"
    if not theirs and not standing.ours:
        return [
            (Piece("drops ", "quiet"), Piece(f"{who} 0 ours 0", "plain")),
            (Piece("0 drops", "plain"),),
        ]
    return [
        (
            Piece("drops ", "quiet"),
            Piece(f"{who} {count_text(theirs)}", "alarm" if theirs else "plain"),
            Piece(" ", "quiet"),
            Piece(f"ours {count_text(standing.ours)}", "alarm" if standing.ours else "plain"),
        ),
        (Piece(f"drops {count_text(theirs)}+{count_text(standing.ours)}", "alarm"),),
    ]


def _encrypted(standing: StatusLine) -> list[Form]:
    count = standing.counters.flows_encrypted
    if not count:
        return [()]
    number = Piece(count_text(count), "notice")
    words = (f" {plural(count, 'encrypted flow')}", " encrypted", " enc")
    return [*((number, Piece(word, "quiet")) for word in words), ()]


def _gaps(standing: StatusLine) -> list[Form]:
    count = standing.counters.gaps
    if not count:
        return [()]
    number = Piece(count_text(count), "notice")
    word = f" {plural(count, 'gap')}"
    lost = Piece(f"{word}, {size_text(standing.counters.gap_bytes)} missing", "quiet")
    return [(number, lost), (number, Piece(word, "quiet")), ()]


def _unread(standing: StatusLine) -> list[Form]:
    """What was not looked into; encrypted connections have a part of their own."""
    counters = standing.counters
    named = [f"{count_text(one.count)} {_cut(one.kind, 24)}" for one in counters.unread if one.kind != NO_PAYLOAD]
    if counters.flows_other:
        named.insert(0, many(counters.flows_other, "other flow"))
    if not named:
        return [()]
    label = Piece("not read ", "quiet")
    return [
        (label, Piece(f"{', '.join(named[:3])}{' …' if len(named) > 3 else ''}", "notice")),
        (label, Piece(f"{named[0]}{' …' if len(named) > 1 else ''}", "notice")),
        (Piece("some not read", "notice"),),
        (),
    ]


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"


_PARTS = {
    "state": _state,
    "label": _label,
    "capture": _capture,
    "recording": _recording,
    "shown": _shown,
    "forgotten": _forgotten,
    "rate": _rate,
    "drops": _drops,
    "encrypted": _encrypted,
    "gaps": _gaps,
    "unread": _unread,
}
_LEFT = ("state", "label", "capture", "recording")
_RIGHT = ("shown", "rate", "forgotten", "drops", "encrypted", "gaps", "unread")

GIVING_WAY = (
    *("unread", "gaps", "drops", "unread", "encrypted", "capture", "recording", "encrypted", "forgotten", "shown"),
    *("label", "shown", "forgotten", "capture", "rate", "capture", "label", "unread", "gaps", "encrypted"),
)
"""Which part takes its next shorter form, in turn, until the line fits."""
