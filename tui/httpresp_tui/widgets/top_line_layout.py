"""Where the capture stands, in one line that fits.

`laid_out` puts a `StatusLine` into words for a width. Every part has forms from the longest to the shortest, and parts
give way one step at a time in the fixed order of `GIVING_WAY`; what room a long step has freed is then given back, the
last to give way first. The state, the responses and the drops never leave. No Textual here: `TopLine` draws it.
"""

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from httpresp_capture.records.plurals import many, plural
from httpresp_capture.records.unread import NO_PAYLOAD, OF_ENCRYPTED
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.model.summary import drops_of
from httpresp_tui.text.sanitising import printable_text
from httpresp_tui.text.units import count_text, rate_text, size_text

_NAME = 40
_FILTER = 60


@dataclass(frozen=True, slots=True)
class StyledText:
    """Some words of the line, and how they look: the end of a class name in the style sheet."""

    text: str
    style: str


Form = tuple[StyledText, ...]


def laid_out(status: StatusLine, width: int) -> tuple[list[StyledText], list[StyledText]]:
    """What stands at the left and at the right of a line of `width` cells, parts parted by two blanks."""
    forms = {part: make(status) for part, make in _PARTS.items()}
    step = dict.fromkeys(forms, 0)
    for part in GIVING_WAY:
        if _width(forms, step) <= width:
            break
        step[part] = min(step[part] + 1, len(forms[part]) - 1)
    for part in reversed(GIVING_WAY):
        if step[part]:
            step[part] -= 1
            if _width(forms, step) > width:
                step[part] += 1
    chosen = {part: forms[part][step[part]] for part in forms}
    return _joined([chosen[part] for part in _LEFT]), _joined([chosen[part] for part in _RIGHT])


def _width(forms: dict[str, list[Form]], step: dict[str, int]) -> int:
    parts = [forms[part][step[part]] for part in forms]
    return sum(_cells(form) + 2 for form in parts if form)


def _cells(form: Form) -> int:
    return sum(cell_len(each.text) for each in form)


def _joined(parts: list[Form]) -> list[StyledText]:
    line: list[StyledText] = []
    for form in filter(None, parts):
        if line:
            line.append(StyledText("  ", "quiet"))
        line.extend(form)
    return line


def _state(status: StatusLine) -> list[Form]:
    if status.paused:
        return [(StyledText(f" PAUSED +{count_text(status.waiting)} ", "paused"),)]
    if status.ended and status.failure:
        return [(StyledText(" FAILED ", "failed"),)]
    if status.ended:
        return [(StyledText(" ENDED ", "ended"),)]
    if status.live:
        return [(StyledText(" LIVE ", "live"),)]
    if status.fraction is None:
        return [(StyledText(" READING ", "reading"),)]
    # The word is its own progress bar.
    percent = int(status.fraction * 100)
    text = f" READING {percent:2} % "
    done = round(len(text) * min(1.0, status.fraction))
    return [tuple(each for each in (StyledText(text[:done], "reading"), StyledText(text[done:], "rest")) if each.text)]


def _failure(status: StatusLine) -> list[Form]:
    """The whole sentence stands below the list."""
    text = printable_text(status.failure, 1024)
    if not text:
        return [()]
    short: Form = () if status.ended else (StyledText("failed", "alarm"),)
    return [*((StyledText(_cut(text, room), "alarm"),) for room in (_FILTER, 30)), short]


def _label(status: StatusLine) -> list[Form]:
    name = printable_text(status.label, 1024)
    return [(StyledText(_cut(name, room), "name"),) for room in (_NAME, 20, 12)] if name else [()]


def _capture(status: StatusLine) -> list[Form]:
    text = printable_text(status.capture_filter, 1024)
    if not text:
        return [()]
    named = (StyledText("capture filter ", "quiet"), StyledText(_cut(text, _FILTER), "plain"))
    return [named, *((StyledText("-f ", "quiet"), StyledText(_cut(text, room), "plain")) for room in (24, 12)), ()]


def _recording(status: StatusLine) -> list[Form]:
    if not status.recording:
        return [()]
    # The name tells more than the way to it.
    path = printable_text(status.recording, 4096)
    forms = (_cut(path, _NAME), _cut(path.rpartition("/")[2], 20))
    return [(StyledText("-w ", "quiet"), StyledText(form, "plain")) for form in forms]


def _shown(status: StatusLine) -> list[Form]:
    kept = count_text(status.kept)
    unanswered = status.unanswered
    count = status.kept - unanswered - status.encrypted
    if status.shown == status.kept:
        responses = StyledText(count_text(count), "number")
        word = f" {plural(count, 'response')}"
        forms: list[Form] = [(responses, StyledText(word, "quiet")), (responses, StyledText(" resp", "quiet"))]
        if unanswered:
            beside = StyledText(" + ", "quiet"), StyledText(count_text(unanswered), "number")
            forms = [(*form, *beside, StyledText(" unanswered", "quiet")) for form in forms]
            forms.append((responses, *beside))
        return forms
    shown = StyledText(f"{count_text(status.shown)}{'…' if status.scanning else ''}", "number")
    return [
        (shown, StyledText(f" of {many(status.kept, 'response' if count == status.kept else 'row')}", "quiet")),
        (shown, StyledText(f"/{kept} shown", "quiet")),
        (shown, StyledText(f"/{kept}", "quiet")),
    ]


def _forgotten(status: StatusLine) -> list[Form]:
    rows, bodies = status.forgotten, status.bodies_forgotten
    if not (rows or bodies):
        return [()]
    count = StyledText(count_text(rows or bodies), "alarm")
    if not rows:
        word = plural(bodies, "body")
        return [(count, StyledText(f" older {word} let go", "quiet")), (count, StyledText(f" {word} let go", "quiet"))]
    also = (
        (StyledText(" and ", "quiet"), StyledText(count_text(bodies), "alarm"), StyledText(" bodies", "quiet"))
        if bodies
        else ()
    )
    oldest, let_go = StyledText(" oldest", "quiet"), StyledText(" let go", "quiet")
    return [(count, oldest, *also, let_go), (count, oldest, let_go), (count, let_go)]


def _rate(status: StatusLine) -> list[Form]:
    if not status.live or status.ended:
        return [()]
    return [(StyledText(rate_text(status.rate), "plain"),), ()]


def _drops(status: StatusLine) -> list[Form]:
    counters = status.counters
    theirs, label = drops_of(counters, status.live), StyledText("lost ", "quiet")
    if not theirs and not status.ours:
        return [(label, StyledText("0 packets, 0 rows", "plain")), (StyledText("0 lost", "plain"),)]
    return [
        (
            label,
            StyledText(many(theirs, "packet"), "alarm" if theirs else "plain"),
            StyledText(", ", "quiet"),
            StyledText(many(status.ours, "row"), "alarm" if status.ours else "plain"),
        ),
        (StyledText(f"lost {count_text(theirs)}+{count_text(status.ours)}", "alarm"),),
    ]


def _encrypted(status: StatusLine) -> list[Form]:
    count = status.counters.flows_encrypted
    if not count:
        return [()]
    number = StyledText(count_text(count), "notice")
    words = (f" {plural(count, 'encrypted connection')}", " encrypted", " enc")
    return [*((number, StyledText(word, "quiet")) for word in words), ()]


def _gaps(status: StatusLine) -> list[Form]:
    count = status.counters.gaps
    if not count:
        return [()]
    number = StyledText(count_text(count), "notice")
    word = f" {plural(count, 'gap')}"
    lost = StyledText(f"{word}, {size_text(status.counters.gap_bytes)} missing", "quiet")
    return [(number, lost), (number, StyledText(word, "quiet")), ()]


def _unread(status: StatusLine) -> list[Form]:
    """What was not looked into; encrypted connections have a part of their own."""
    counters = status.counters
    elsewhere = (NO_PAYLOAD, *OF_ENCRYPTED)
    named = [f"{count_text(one.count)} {_cut(one.kind, 24)}" for one in counters.unread if one.kind not in elsewhere]
    if counters.flows_other:
        named.insert(0, many(counters.flows_other, "other connection"))
    if not named:
        return [()]
    label = StyledText("not read ", "quiet")
    return [
        (label, StyledText(f"{', '.join(named[:3])}{' …' if len(named) > 3 else ''}", "notice")),
        (label, StyledText(f"{named[0]}{' …' if len(named) > 1 else ''}", "notice")),
        (StyledText("some not read", "notice"),),
        (),
    ]


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"


_PARTS = {
    "state": _state,
    "failure": _failure,
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
_LEFT = ("state", "failure", "label", "capture", "recording")
_RIGHT = ("shown", "rate", "forgotten", "drops", "encrypted", "gaps", "unread")

GIVING_WAY = (
    *("failure", "unread", "gaps", "drops", "unread", "encrypted", "capture", "recording", "encrypted", "forgotten"),
    *("shown", "failure", "label", "shown", "forgotten", "capture", "rate", "capture", "label"),
    *("unread", "gaps", "encrypted"),
)
"""Which part takes its next shorter form, in turn, until the line fits."""
