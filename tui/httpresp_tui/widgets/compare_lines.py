"""A comparison as lines: two columns where there is room, else the two sides one below the other.

What differs has a sign at the left beside its colour: `≠` differs, `-` on the left alone, `+` on the right alone, `~`
would differ between any two. In a value that differs, the part that does is lit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from httpresp_capture.analysis.diff_rows import Change, Row, Section
from httpresp_capture.records.plurals import many
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.lines import Line, StyledSpan, TextRun, TextStyle, breaks, line, own, untrusted

TWO_COLUMNS = 110
"""Cells from which both sides stand beside each other."""
NAMES = 26
"""Cells of the names beside them."""
LONGEST = 4_000
"""Characters of a value that are shown."""
SIGNS = {Change.SAME: " ", Change.CHANGED: "≠", Change.GONE: "-", Change.NEW: "+", Change.PASSING: "~"}
STYLES = {
    Change.SAME: TextStyle.DIM,
    Change.CHANGED: TextStyle.CHANGED,
    Change.GONE: TextStyle.GONE,
    Change.NEW: TextStyle.NEW,
    Change.PASSING: TextStyle.DIM,
}
LIT = frozenset([Change.CHANGED, Change.GONE, Change.NEW])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines, and where the differences stand among them."""

    lines: tuple[Line, ...]
    differences: tuple[int, ...]


def comparison_lines(sections: Sequence[Section], width: int, *, everything: bool) -> Comparison:
    """Every section under its title; only what differs, or all."""
    lines: list[Line] = []
    places: list[int] = []
    for section in sections:
        lines += [line(own(section.title, TextStyle.HEADING), own(f"  {_count(section)}", TextStyle.DIM))]
        lines += [line(own("  "), own(note, TextStyle.LOST), hang=4) for note in section.notes]
        for row in section.rows:
            if row.change in LIT:
                places.append(len(lines))
            elif not everything:
                continue
            lines += _in_columns(row, width) if width >= TWO_COLUMNS else _stacked(row)
        lines.append(Line())
    return Comparison(tuple(lines[:-1]), tuple(places))


def _count(section: Section) -> str:
    if not section.rows:
        return ""
    differing, same = section.differences, sum(row.change is Change.SAME for row in section.rows)
    said = f"{many(differing, 'difference')}" if differing else "no difference"
    return f"{said}, {count_text(same)} the same" if same else said


# --- one below the other ---


def _stacked(row: Row) -> Iterator[Line]:
    style = STYLES[row.change]
    sign, name = own(f"{SIGNS[row.change]} ", style), _name(row)
    match row.change:
        case Change.SAME:
            yield line(sign, name, _plain(row.left, TextStyle.DIM), hang=4)
        case Change.GONE:
            yield line(sign, name, _plain(row.left, style), hang=4)
        case Change.NEW:
            yield line(sign, name, _plain(row.right, style), hang=4)
        case _:
            left, right = _differing(row)
            if cell_len(row.name) + sum(len(run.text) for run in (*left, *right)) < 66 and not row.parts:
                yield line(sign, name, *left, own(" → ", TextStyle.MARK), *right, hang=4)
                return
            yield line(sign, name)
            yield line(own("    - ", TextStyle.GONE), *left, hang=6)
            yield line(own("    + ", TextStyle.NEW), *right, hang=6)
            yield from _parts(row, 6)


def _parts(row: Row, indent: int) -> Iterator[Line]:
    """Which parts of a value differ."""
    for part in row.parts:
        style = STYLES[part.change]
        sign = own(f"{' ' * indent}{SIGNS[part.change]} ", style)
        name = untrusted(part.name, TextStyle.NAME)
        gap = own(" " if part.name and (part.left or part.right) else "")
        if part.parts:
            yield line(sign, name)
            yield from _parts(part, indent + 2)
        elif part.change is Change.CHANGED:
            left, right = _differing(part)
            yield line(sign, name, gap, *left, own(" → ", TextStyle.MARK), *right, hang=indent + 4)
        else:
            yield line(sign, name, gap, _plain(part.left or part.right, style), hang=indent + 4)


def _name(row: Row) -> TextRun:
    """A field's name has its colon; a line or a path stands apart by blanks."""
    return untrusted(f"{row.name}  ", TextStyle.DIM if row.change is Change.SAME else TextStyle.NAME)


# --- beside each other ---

GAP = 2


def _in_columns(row: Row, width: int) -> Iterator[Line]:
    style = STYLES[row.change]
    side = (width - NAMES - 1 - 4 * GAP) // 2
    left, right = ((_plain(row.left, style),), (_plain(row.right, style),))
    if row.change in (Change.CHANGED, Change.PASSING):
        left, right = _differing(row)
    name = TextStyle.DIM if row.change is Change.SAME else TextStyle.NAME
    cells = (
        (line(own(SIGNS[row.change], style)), 1),
        (line(untrusted(row.name, name)), NAMES),
        (line(*left), side),
        (line(*right), side),
    )
    yield from columns(cells)
    yield from _parts(row, NAMES + 3)


def columns(cells: Sequence[tuple[Line, int]]) -> Iterator[Line]:
    """Cells beside each other, each broken at its own width."""
    broken = [list(breaks(cell.text, width, 0)) for cell, width in cells]
    for number in range(max(len(rows) for rows in broken)):
        text, spans = "", list[StyledSpan]()
        for (cell, width), rows in zip(cells, broken, strict=True):
            start, end = rows[number] if number < len(rows) else (0, 0)
            shift = len(text) - start
            spans += [
                replace(span, start=max(span.start, start) + shift, end=min(span.end, end) + shift)
                for span in cell.spans
                if span.start < end and span.end > start
            ]
            piece = cell.text[start:end]
            text += piece + " " * (width + GAP - cell_len(piece))
        yield Line(text, tuple(spans))


# --- values ---


def _plain(value: str, style: TextStyle) -> TextRun:
    return untrusted(value, style, LONGEST)


def _differing(row: Row) -> tuple[tuple[TextRun, ...], tuple[TextRun, ...]]:
    """Both values, lit from where they part to where they meet again."""
    left, right = _plain(row.left, TextStyle.PLAIN).text, _plain(row.right, TextStyle.PLAIN).text
    most = min(len(left), len(right))
    before = next((at for at in range(most) if left[at] != right[at]), most)
    after = next((at for at in range(most - before) if left[-1 - at] != right[-1 - at]), most - before)
    passing = row.change is Change.PASSING
    return (
        _lit(left, before, after, TextStyle.DIM if passing else TextStyle.GONE),
        _lit(right, before, after, TextStyle.DIM if passing else TextStyle.NEW),
    )


def _lit(text: str, before: int, after: int, style: TextStyle) -> tuple[TextRun, ...]:
    plain = TextStyle.DIM if style is TextStyle.DIM else TextStyle.PLAIN
    end = len(text) - after
    # It went through the door as a whole, so its parts may be cut.
    return own(text[:before], plain), own(text[before:end], style), own(text[end:], plain)
