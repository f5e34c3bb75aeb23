"""Two texts held against each other line by line: what differs, and a few lines around it."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from httpresp_capture.analysis.diff_rows import Change, Row
from httpresp_capture.analysis.json_diff import common

MOST_LINES = 2_000
"""Lines of a text that are aligned."""
CONTEXT = 2
"""Equal lines that are kept around a difference."""


def lines(left: str, right: str, notes: list[str]) -> Iterator[Row]:
    """Text line by line: what differs, and a few lines around it."""
    ours, theirs = left.splitlines(), right.splitlines()
    if len(ours) > MOST_LINES or len(theirs) > MOST_LINES:
        notes.append(f"The first {MOST_LINES:,} lines are compared.")
        ours, theirs = ours[:MOST_LINES], theirs[:MOST_LINES]
    before = common(ours, theirs)
    after = common(ours[before:][::-1], theirs[before:][::-1])
    middle = ours[before : len(ours) - after], theirs[before : len(theirs) - after]
    for at in range(max(0, before - CONTEXT), before):
        yield Row(Change.SAME, f"line {at + 1}", ours[at], ours[at])
    # Lines that stand everywhere are left out of the search, which would else look at each pair of them.
    matcher = SequenceMatcher(None, *middle, autojunk=True)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                for at in range(i, i_end):
                    yield Row(Change.SAME, f"line {before + at + 1}", middle[0][at], middle[0][at])
            else:
                yield from _replaced(middle[0][i:i_end], middle[1][j:j_end], before + i, before + j)
    for at in range(len(ours) - after, min(len(ours), len(ours) - after + CONTEXT)):
        yield Row(Change.SAME, f"line {at + 1}", ours[at], ours[at])


def _replaced(ours: Sequence[str], theirs: Sequence[str], first: int, second: int) -> Iterator[Row]:
    """Lines that stand in each other's place, in pairs; the rest alone."""
    for at in range(max(len(ours), len(theirs))):
        if at >= len(theirs):
            yield Row(Change.GONE, f"line {first + at + 1}", ours[at])
        elif at >= len(ours):
            yield Row(Change.NEW, f"line {second + at + 1}", "", theirs[at])
        else:
            yield Row(Change.CHANGED, f"line {first + at + 1}", ours[at], theirs[at])
