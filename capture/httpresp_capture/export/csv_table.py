"""Responses as a table of comma-separated values (RFC 4180): one line each, UTF-8, the names of the columns first.

Programs for tables run what begins like a formula, so a cell that does is given an apostrophe in front, which they take
for "this is text". Control characters, line ends among them, are escaped: nothing in a cell acts or breaks the line.
"""

from httpresp_capture.export.columns import COLUMNS, Value
from httpresp_capture.export.document import PlainDocument
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.escaping import escaped

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""The wide forms are taken for the others in some languages."""


class Csv(PlainDocument):
    """One table."""

    def begin(self) -> bytes:
        """The header line."""
        return ",".join([*(column.name for column in COLUMNS), "comment"]).encode() + b"\r\n"

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """One line."""
        cells = [cell(column.value(leaving)) for column in COLUMNS]
        cells.append(cell(self.options.comment(leaving.kept)))
        return ",".join(cells).encode("utf-8", "backslashreplace") + b"\r\n"


def cell(value: Value) -> str:
    """A value as it stands between two commas; nothing for None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = escaped(value)
    if value.lstrip(" ").startswith(BEGINS_A_FORMULA):
        text = f"'{text}"
    if any(character in text for character in ',"\r\n') or text != text.strip():
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
