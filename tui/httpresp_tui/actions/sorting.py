"""The order of the list: `o`, `O`, and a click on a title."""

from textual import on

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.model.columns import Column
from httpresp_tui.model.group_order import COUNT, MEASURES
from httpresp_tui.model.rows import RowKey
from httpresp_tui.screens.choose import Choice, Choose, letters_for
from httpresp_tui.widgets.response_list import ResponseList

ARRIVAL = "arrival"
"""The id of the row for no order but that of arrival."""


class Sorting(Inspector):
    """By which column, and which way."""

    _first_row: RowKey | None = None
    """Where the cursor was put, on the first row: it goes on to whatever comes before that, until somebody moves it."""

    @on(ResponseList.SortRequested)
    def _sort(self, event: ResponseList.SortRequested) -> None:
        view = self.session.view
        known = view.sorted_by is not None and view.sorted_by.key == event.column.key
        # A third click on the same title is the order of arrival again.
        self._sort_by(None if known and view.reverse else event.column, known and not view.reverse)

    def action_sort(self) -> None:
        """Ask by what."""
        columns = self._sortable()
        view = self.session.view
        now = ARRIVAL if view.sorted_by is None else view.sorted_by.key
        words = [column.title if column.title.isalpha() else column.key for column in columns]
        letters = letters_for(words)
        arrow = "▼" if view.reverse else "▲"
        choices = [Choice(ARRIVAL, "0", "order of arrival", mark="•" if now == ARRIVAL else "")]
        for column, letter in zip(columns, letters, strict=True):
            choices.append(
                Choice(column.key, letter, column.title, self._of_groups(column), arrow if now == column.key else "")
            )
        note = "The one in force again turns it round, as O does."
        self.push_screen(Choose("Sort by", choices, note=note), self._sort_answer)

    def action_reverse(self) -> None:
        """The other way round; what stands in order of arrival, the newest first."""
        view = self.session.view
        column = view.sorted_by
        if column is None:
            column = next(entry for entry in self.rows.columns if entry.key == "time")
            self._sort_by(column, True, to_first=True)
        else:
            self._sort_by(column, not view.reverse)

    def _sort_answer(self, key: str | None) -> None:
        if key is None:
            return
        view = self.session.view
        column = next((entry for entry in self._sortable() if entry.key == key), None)
        if column is None:
            self._sort_by(None, False)
        elif view.sorted_by is not None and view.sorted_by.key == key:
            self._sort_by(column, not view.reverse)
        else:
            self._sort_by(column, column.largest_first, to_first=True)

    def _sortable(self) -> tuple[Column, ...]:
        # How many there are in it is the first thing one asks of a group.
        return (*((COUNT,) if self.session.view.grouped_by else ()), *self.rows.columns)

    def _of_groups(self, column: Column) -> str:
        known = MEASURES.get(column.key)
        if self.session.view.grouped_by is None or known is None:
            return ""
        return f"groups by {known[0]}"

    def _sort_by(self, column: Column | None, reverse: bool, *, to_first: bool = False) -> None:
        view = self.session.view
        view.sort_by(column, reverse)
        self.rows.mark_sorted(column, reverse)
        self.rework()
        if to_first and self.rows.follow and len(view.rows):
            # Nobody has chosen a row: what was asked for is what stands first.
            self.rows.move_to(0)
            self._first_row = view.rows.key_at(0)

    def go_to_wanted(self) -> None:
        """To the first row, too, while more are being put in order."""
        super().go_to_wanted()
        rows = self.session.view.rows
        if self._first_row is None or not len(rows):
            return
        if self.rows.current_key != self._first_row or self.rows.follow:
            self._first_row = None
            return
        if rows.key_at(0) != self._first_row:
            self.rows.move_to(0)
            self._first_row = rows.key_at(0)
        if not self.session.view.has_work:
            self._first_row = None
