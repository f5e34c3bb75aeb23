"""Marks and comments: `m`, `M`, `;`."""

from textual.content import Content

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_tui.actions.comparing import Comparing
from httpresp_tui.model.marks import LONGEST, MOST
from httpresp_tui.screens.prompt import Prompt


class Marking(Comparing):
    """Remembers responses by hand; `=` compares two of them."""

    def action_mark(self) -> None:
        """Mark the response in hand, or take its mark away; in the list go one row down, as mutt and htop do."""
        response = self.chosen_response()
        if response is None:
            return
        marked = response.id in self.session.marks
        done = self._change_mark(response, None if marked else "")
        # Where a filter asks for marks, the next row has come under the cursor by itself.
        if done and not self.body.reading and self.rows.current is response:
            self.rows.action_move(1)

    def action_next_mark(self) -> None:
        """To the next marked row, after the last the first again."""
        marks, rows = self.session.marks, self.session.view.rows
        places = sorted((index, id) for id in marks if (index := rows.index_of(id)) is not None)
        if not places:
            hidden = len(marks)
            words = f"What is marked is hidden: {many(hidden, 'response')}." if hidden else "Nothing is marked: m does."
            self.notify(words, timeout=2, markup=False)
            return
        # From a group, the first of those that it hides is the next.
        here = self.rows.cursor, self.in_hand.id if self.in_hand is not None else -1
        _, id = next((place for place in places if place > here), places[0])
        self.go_to(id)

    def action_comment(self) -> None:
        """Say something of the response in hand, which marks it."""
        response = self.chosen_response()
        if response is None:
            return
        id = response.id

        def written(comment: str | None) -> None:
            # It may have been let go while this was written.
            kept = self.session.store.get(id)
            if comment is not None and kept is not None:
                self._change_mark(kept, comment)

        question = Content(f"Comment on #{id}")
        comment = self.session.marks.comment(id)
        self.push_screen(Prompt(question, comment, placeholder="what it is, or why", longest=LONGEST), written)

    def _change_mark(self, response: Response, comment: str | None) -> bool:
        """Mark it with these words, or for None not at all; False when it cannot be marked."""
        session, marks = self.session, self.session.marks
        kept = True
        with session.view.changing(response):
            if comment is None:
                marks.remove(response.id)
            else:
                kept = marks.add(response.id, comment)
        if not kept:
            self.notify(f"There are {MOST:,} marks, which is as many as are kept.", severity="warning", markup=False)
        self.rows.freshen((response.id,))
        self.rows.sync()
        self.detail.retitle()
        return kept

    def update_figures(self) -> None:
        """Marks that went with their responses, too."""
        if lost := self.session.marks.take_lost():
            self.notify(
                f"{many(lost, 'marked response')} let go: over the number that is kept.",
                severity="warning",
                markup=False,
            )
        super().update_figures()
