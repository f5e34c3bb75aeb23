"""What a comparison of two responses is made of: rows that say what became of one thing, in sections."""

from enum import StrEnum

from httpresp_capture.records.record import record


class Change(StrEnum):
    """What became of a row."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    """On the left alone."""
    NEW = "new"
    """On the right alone."""
    PASSING = "passing"
    """It differs, and would between any two: a date, an id."""


@record
class Row:
    """One thing that is on the left, on the right, or on both."""

    change: Change
    name: str
    """What it is: a field, a path, `line 3`; empty where its place says so."""
    left: str = ""
    right: str = ""
    parts: tuple["Row", ...] = ()
    """Of what differs in some of its parts: those parts."""


@record
class Section:
    """What belongs together."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    """What was not compared, or cannot be; our own words."""

    @property
    def differences(self) -> int:
        """Rows that tell of a difference which is worth a look."""
        return sum(row.change in (Change.CHANGED, Change.GONE, Change.NEW) for row in self.rows)
