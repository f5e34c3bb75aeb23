"""The columns of the overview: one entry in `COLUMNS`, with its key, its place and its order. No Textual."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from httpresp_tui.model.overview import Between, OverviewRow
from httpresp_tui.model.timeline import spark
from httpresp_tui.text.units import NOTHING, count_text, duration_text, rate_text, size_text

COURSE_CELLS = 10


@dataclass(frozen=True, slots=True)
class OverviewColumn:
    """One column."""

    key: str
    title: str
    width: int
    cell: Callable[[OverviewRow], str]
    order: Callable[[OverviewRow], Any] | None = None
    """What rows are sorted by; None for a picture, which has no order."""
    leaves: int = 0
    share: int = 0
    right: bool = True
    falls: bool = True
    """The largest first, where nothing else is said."""
    style: str = ""
    needs: int = 0


def between_text(value: Between) -> str:
    """`212 ms`; `±` where it is not certain, `≥` where it may be anything above."""
    if not value.uncertain:
        return duration_text(value.ns)
    return f"{'≥' if value.high is None else '±'}{duration_text(value.ns)}"


def _bytes_text(row: OverviewRow) -> str:
    return f"{'≥' if row.incomplete else ''}{size_text(row.bytes)}"


def _classes_text(row: OverviewRow) -> str:
    """`2xx 3xx 4xx 5xx`, in parts of ten, so that each has a digit: `·` for none, `+` for all, `1` for any."""
    return "".join(_tenths(row.classes[index], row.count) for index in (2, 3, 4, 5))


def _tenths(count: int, all: int) -> str:
    if not count:
        return "·"
    return "+" if count == all else str(max(1, min(9, count * 10 // all)))


def pace_text(count: int, seconds: float) -> str:
    """`12/s`; `2.6/min` and `8/h` where that would be nothing."""
    rate = count / max(1.0, seconds)
    if rate >= 0.095:
        return rate_text(rate)
    return f"{rate * 60:.1f}/min" if rate * 60 >= 0.95 else f"{rate * 3_600:.0f}/h"


def _nothing(count: int) -> str:
    return count_text(count) if count else NOTHING


def columns(
    course: Callable[[tuple[str, str]], list[int]],
    seconds: float,
    name: Callable[[OverviewRow], str],
    *,
    hosts: bool,
    lost: bool,
) -> tuple[OverviewColumn, ...]:
    """For rows of one kind; with the host where there are several, and `≥` before counts where packets were lost."""
    least = "≥" if lost else ""
    host = OverviewColumn("host", "host", 11, lambda row: row.key[1], lambda row: row.key[1], 6, 2, right=False,
                          falls=False)  # fmt: skip
    return (
        OverviewColumn("name", "", 20, name, name, 0, 5, right=False, falls=False),
        *([host] if hosts else []),
        OverviewColumn("count", "count", 7, lambda row: f"{least}{count_text(row.count)}", lambda row: row.count),
        OverviewColumn("rate", "rate", 8, lambda row: pace_text(row.count, seconds),
                       lambda row: row.count, 3),
        OverviewColumn("course", "when", COURSE_CELLS, lambda row: spark(course(row.key)), None, 8, right=False),
        OverviewColumn("classes", "2345", 4, _classes_text, lambda row: row.classes[4] + row.classes[5], 4,
                       right=False),
        OverviewColumn("errors", "errors", 7, lambda row: _nothing(row.errors), lambda row: row.errors,
                       style="server-error"),
        OverviewColumn("p50", "p50", 8, lambda row: between_text(row.p50), lambda row: row.p50.ns or -1, 7),
        OverviewColumn("p95", "p95", 8, lambda row: between_text(row.p95), lambda row: row.p95.ns or -1),
        OverviewColumn("p99", "p99", 8, lambda row: between_text(row.p99), lambda row: row.p99.ns or -1, 2),
        OverviewColumn("histogram", "1ms…1s", 8, lambda row: spark(row.histogram), None, 9, right=False),
        OverviewColumn("bytes", "bytes", 8, _bytes_text, lambda row: row.bytes, 5),
        OverviewColumn("findings", "finds", 5, lambda row: _nothing(row.findings), lambda row: row.findings, 1),
    )  # fmt: skip


def _errors(row: OverviewRow) -> int:
    return row.errors


def in_order(rows: list[OverviewRow], by: OverviewColumn, *, reverse: bool) -> list[OverviewRow]:
    """Sorted by a column; among equals, errors and then the slowest come first, and what has no row of its own last."""
    order = by.order or _errors
    rows.sort(key=lambda row: row.key)
    rows.sort(key=lambda row: (row.errors, row.p95.ns or -1), reverse=True)
    rows.sort(key=order, reverse=by.falls is not reverse)
    rows.sort(key=lambda row: row.others)
    return rows
