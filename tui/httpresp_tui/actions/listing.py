"""What the list shows, in which order and groups, and how one goes through it."""

from textual import on
from textual.content import Content

from httpresp_capture.records.plurals import many
from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.screens.confirm import Confirm
from httpresp_tui.screens.group_by import FLAT, GroupBy
from httpresp_tui.text.units import count_text
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.response_list import ResponseList

ASK_ABOVE = 100
"""Responses that `ctrl+l` lets go without a question."""


class Listing(Inspector):
    """The list, and the detail pane as far as it follows the cursor."""

    _detail_is_late = False

    def show_detail(self) -> None:
        """The response under the cursor, in the detail pane."""
        self._detail_is_late = False
        self.detail.show(self.rows.current)

    def update_figures(self) -> None:
        """The detail pane too, where the cursor moved with the newest."""
        if self._detail_is_late:
            self.show_detail()
        self.detail.update_exchange()
        super().update_figures()

    @on(ResponseList.Chosen)
    def _chosen(self, event: ResponseList.Chosen) -> None:
        # While the newest is followed, the cursor moves with every batch; nobody reads that fast.
        same = (
            event.response is not None
            and self.detail.response is not None
            and (event.response.id == self.detail.response.id)
        )
        if self.rows.follow and not same:
            self._detail_is_late = True
        else:
            self.show_detail()

    @on(ResponseList.Opened)
    def _opened(self, event: ResponseList.Opened) -> None:
        self.detail.show(event.response)
        self.body.reading = True
        self.detail.focus()

    @on(ResponseList.FollowChanged)
    def _follow_changed(self, event: ResponseList.FollowChanged) -> None:
        self.figures.follow_changed(event.follow)

    @on(ResponseList.NoMoreErrors)
    def _no_more_errors(self, event: ResponseList.NoMoreErrors) -> None:
        sides = ("above", "the last") if event.step < 0 else ("below", "the first")
        words = f"No error {sides[0]}: this is {sides[1]}." if event.is_other else "No other error."
        self.notify(words, timeout=2, markup=False)

    def action_pause(self) -> None:
        """Hold the list still, or let it go on."""
        view = self.session.view
        if view.paused:
            view.resume()
        else:
            view.pause()
        self.rework()

    def action_group(self) -> None:
        """Group, or flatten."""
        self._group_by(None if self.session.view.grouped_by else self.memory.state.group_by)

    def action_group_by(self) -> None:
        """Ask by what."""
        self.push_screen(GroupBy(self.session.view.grouped_by), self._group_by_answer)

    def _group_by_answer(self, answer: str | None) -> None:
        if answer is not None:
            self._group_by(None if answer == FLAT else answer)

    def _group_by(self, kind: str | None) -> None:
        self.session.view.group_by(kind)
        # An order of groups alone has gone with them.
        self.rows.mark_sorted(self.session.view.sorted_by, self.session.view.reverse)
        if kind is not None:
            self.remember(group_by=kind)
        self.rework()

    def action_fold_all(self) -> None:
        """Fold every group, or unfold them all."""
        self.rows.action_fold_all()

    def action_clear(self) -> None:
        """Let all responses go; a question first when there are many."""
        count, marks = len(self.session.store), len(self.session.marks)
        if count <= ASK_ABOVE and not marks:
            self._clear(True)
        else:
            marked = f", {count_text(marks)} of them marked" if marks else ""
            question = Content(f"Forget {many(count, 'response')}{marked}? The capture goes on.")
            self.push_screen(Confirm(question, "Forget them", "Keep them"), self._clear)

    def _clear(self, sure: bool | None) -> None:
        if sure:
            self.session.clear()
            self.rework()

    @on(Detail.Step)
    def _step(self, event: Detail.Step) -> None:
        shown = self.detail.response
        neighbour = self.session.view.neighbour(shown.id, event.by) if shown is not None else None
        if neighbour is not None:
            self.go_to(neighbour.id)
