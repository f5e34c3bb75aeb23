"""`.`: see only what is like the row in one thing."""

from collections.abc import Iterable

from textual.geometry import Offset

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.only_this import Term, cookie_terms, holds, term_of_group, terms_of, with_term
from httpresp_tui.model.rows import GroupRow
from httpresp_tui.screens.choose import Choice, Choose, letters_for

COOKIES = "cookies"
"""The id of the row that leads to several."""


class OnlyThis(Inspector):
    """Makes filters of rows."""

    def action_only_this(self) -> None:
        """Ask in what it is to be alike."""
        row = self.rows.current_row
        kind = self.session.view.grouped_by
        if not self.body.reading and isinstance(row, GroupRow) and kind is not None:
            self._ask_term("Only this group", [term_of_group(kind, GROUPINGS[kind].title, row)])
            return
        response = self.chosen_response()
        if response is None:
            return
        terms = list(terms_of(response))
        cookies = cookie_terms(self.session.inspection.ledger.of(response))
        number = next(index for index, term in enumerate(terms) if term.key == "status") + 1
        match cookies:
            case ():
                terms.insert(number, Term("jar", "k", "cookie", "", "none"))
            case (only,):
                terms.insert(number, Term("jar", "k", "cookie", only.text, f"{only.words}, {only.value}"))
            case _:
                names = ", ".join(cookie.words for cookie in cookies)
                terms.insert(number, Term(COOKIES, "k", "cookie…", COOKIES, names))
        self._ask_term(f"Only what is like #{response.id} in its", terms, cookies)

    def _ask_term(self, title: str, terms: Iterable[Term], cookies: tuple[Term, ...] = ()) -> None:
        known = {term.key: term for term in terms}
        text = self.filter.text

        def answered(key: str | None) -> None:
            if key == COOKIES:
                letters = letters_for((cookie.words for cookie in cookies), taken="q")
                named = [
                    Term(cookie.key, letter, cookie.words, cookie.text, cookie.value)
                    for cookie, letter in zip(cookies, letters, strict=True)
                ]
                self._ask_term("Only what sets or sends", named)
            elif key is not None:
                self.filter_line.replace(with_term(text, known[key]))

        choices = [
            Choice(term.key, term.letter, term.words, term.value, "✓" if holds(text, term) else "", not term.text)
            for term in known.values()
        ]
        note = "Beside the filter that is there; what has a ✓ goes away."
        self.push_screen(Choose(title, choices, at=self._under_cursor(), note=note), answered)

    def _under_cursor(self) -> Offset | None:
        """Where the row is on the screen; None where another pane is read."""
        if self.body.reading or not self.rows.is_on_screen:
            return None
        region = self.rows.region
        return Offset(region.x + 4, region.y + self.rows.line_of_cursor)
