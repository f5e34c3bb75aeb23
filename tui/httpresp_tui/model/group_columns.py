"""What the row of a group says: how many responses, of which classes, how large, how fast.

Cells say what they are, since the header is about responses. What has no room of its own is summed up: `err` and `rest`
stand for whole classes, so that the counts that are shown add up at any width. No Textual here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from httpresp_capture.records.exchange import ENCRYPTED_CLASS
from httpresp_tui.model.columns import Placed, layout, least
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.text.sanitising import decoded
from httpresp_tui.text.units import count_text, duration_text, short_count, size_text


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """One column of a group's row."""

    width: int
    cell: Callable[[GroupRow], str]
    right: bool = False
    share: int = 0
    status_class: int | None = None
    """The class whose colour it has."""
    leaves: int = 0
    """None leaves by itself: `_LADDER` says which stand together."""
    needs: int = 0


def _count(name: str, count_of: Callable[[GroupRow], int], status_class: int | None = None) -> GroupColumn:
    """How many of something; blank for none."""
    room = 4

    def cell(group: GroupRow) -> str:
        count = count_of(group)
        text = count_text(count)
        return f"{name} {text if len(text) <= room else short_count(count)}" if count else ""

    return GroupColumn(len(name) + 1 + room, cell, status_class=status_class)


def _class(name: str, number: int) -> GroupColumn:
    return _count(name, lambda group: group.classes[number], number)


def _rest(*classes: int) -> GroupColumn:
    return _count("rest", lambda group: sum(group.classes[number] for number in classes))


def _wait(name: str, ns: int | None, exact: bool) -> str:
    # Of many, from buckets (`rollup`): not always the very number of a row.
    return "" if ns is None else f"{name}{' ' if exact else '≈'}{duration_text(ns)}"


def _name(least: int) -> GroupColumn:
    return GroupColumn(least, lambda group: ("▼ " if group.open else "▶ ") + decoded(group.label), share=1)


_NAME = _name(38)
"""A connection with IPv4 addresses."""
_ALL = GroupColumn(7, lambda group: count_text(group.count), right=True)
_1XX, _2XX, _3XX, _4XX, _5XX = (_class(f"{number}xx", number) for number in range(1, 6))
_NONE = _class("???", 0)
_ENCRYPTED = _class("enc", ENCRYPTED_CLASS)
_ERRORS = _count("err", lambda group: group.errors)
"""As the key for the next error counts."""
_NO_ERRORS = _count("rest", lambda group: group.count - group.errors)
_SIZE = GroupColumn(8, lambda group: size_text(group.bytes), right=True)
_P50 = GroupColumn(11, lambda group: _wait("p50", group.p50_ns, group.exact))
_P95 = GroupColumn(11, lambda group: _wait("p95", group.p95_ns, group.exact))
_PROBLEMS = GroupColumn(6, lambda group: f"! {count_text(group.problems)}" if group.problems else "")

_LADDER: tuple[tuple[GroupColumn, ...], ...] = (
    (_NAME, _ALL, _1XX, _2XX, _3XX, _4XX, _5XX, _NONE, _ENCRYPTED, _SIZE, _P50, _P95, _PROBLEMS),
    (_NAME, _ALL, _1XX, _2XX, _3XX, _4XX, _5XX, _NONE, _ENCRYPTED, _SIZE, _P95, _PROBLEMS),
    (_NAME, _ALL, _2XX, _4XX, _5XX, _NONE, _rest(1, 3, ENCRYPTED_CLASS), _SIZE, _P95, _PROBLEMS),
    (_NAME, _ALL, _4XX, _5XX, _NONE, _rest(1, 2, 3, ENCRYPTED_CLASS), _P95, _PROBLEMS),
    (_NAME, _ALL, _ERRORS, _NO_ERRORS, _P95, _PROBLEMS),
    (_NAME, _ALL, _ERRORS, _NO_ERRORS, _P95),
    (_name(20), _ALL, _ERRORS, _NO_ERRORS),
)
"""From the widest to the narrowest: the first that fits is taken."""
GROUP_COLUMNS = _LADDER[0]
"""All that there is to say."""


def group_layout(width: int) -> tuple[Placed[GroupColumn], ...]:
    """Columns for a width, placed."""
    fitting = next((columns for columns in _LADDER if least(columns) <= width), _LADDER[-1])
    return layout(fitting, width)
