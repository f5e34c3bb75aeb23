"""`C`: which columns the list has, and in which order; any header is one."""

from collections import Counter
from itertools import chain, islice

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.model.columns import column
from httpresp_tui.screens.columns import Columns

LOOKED_AT = 500
"""Of the newest responses: their headers are offered."""


class ChoosingColumns(Inspector):
    """Remembers what was chosen."""

    def action_columns(self) -> None:
        """Choose, order, add a header."""
        shown = tuple(entry.key for entry in self.rows.columns)
        self.push_screen(Columns(shown, self._headers_seen(), self.show_columns))

    def add_column(self, key: str) -> None:
        """One more, before the marks: `header:x-cache`."""
        shown = [entry.key for entry in self.rows.columns if entry.key != key]
        shown.insert(shown.index("marks") if "marks" in shown else len(shown), key)
        self.show_columns(tuple(shown))

    def show_columns(self, keys: tuple[str, ...]) -> None:
        """These, in this order, from now on and in the next run; none for the usual ones."""
        self.figures.choose(tuple(key for key in keys if column(key) is not None))
        self.remember(columns=keys)
        view = self.session.view
        if view.sorted_by is not None and view.grouped_by is None:
            self.rows.mark_sorted(view.sorted_by, view.reverse)

    def _headers_seen(self) -> list[str]:
        """By name, the most frequent first."""
        store = self.session.store
        ids = islice(range(store.next_id - 1, store.first_id - 1, -1), LOOKED_AT)
        kept = (store.get(id) for id in ids)
        seen = chain(self.rows.in_window, (response for response in kept if response is not None))
        counts = Counter(name.lower() for response in seen for name in {name for name, _ in response.headers.items})
        return [name for name, _ in counts.most_common()]
