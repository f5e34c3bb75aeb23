"""Which of the list's and the program's keys do something as things stand: the last line names no other.

What a widget can tell of its own keys it tells itself (`SaysUseful`); these depend on the session, or on another pane.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from httpresp_tui.model.session import Session
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.response_list import ResponseList


@dataclass(frozen=True, slots=True)
class NamedKeys:
    """Asked by the status bar, by the id of a binding."""

    session: Session
    rows: ResponseList
    detail: Detail
    is_reading: Callable[[], bool]
    """Whether the detail pane has the keys."""

    def is_useful(self, id: str) -> bool:
        """False for a key that would do nothing now."""
        rule = RULES.get(id)
        return rule is None or rule(self)


def _copies(keys: NamedKeys) -> bool:
    return (keys.detail.response if keys.is_reading() else keys.rows.current) is not None


def _follows(keys: NamedKeys) -> bool:
    """At the end of a capture that is over there is nothing to follow."""
    return _has_rows(keys) and not (keys.rows.follow and keys.session.store.ended)


def _goes_to_an_error(keys: NamedKeys) -> bool:
    return keys.session.view.has_errors


def _has_a_next(keys: NamedKeys) -> bool:
    shown = keys.detail.response
    return shown is not None and keys.session.view.neighbour(shown.id, 1) is not None


def _groups(keys: NamedKeys) -> bool:
    """Where it can be seen."""
    return _has_rows(keys) and keys.rows.is_on_screen


def _has_rows(keys: NamedKeys) -> bool:
    return keys.rows.current_row is not None


RULES: Mapping[str, Callable[[NamedKeys], bool]] = {
    "list.open": _has_rows,
    "list.follow": _follows,
    "list.next-error": _goes_to_an_error,
    "view.group": _groups,
    "copy.json": _copies,
    "export.menu": _has_rows,
    "detail.next": _has_a_next,
}
"""By the id of the binding; keys that are not here always do something."""
