"""The Overview, and the way from it to responses: a row becomes a filter, and so does a part of the timeline."""

import re
from functools import cached_property

from textual import on

from httpresp_tui.actions.filtering import Filtering
from httpresp_tui.model.overview import Overview
from httpresp_tui.model.overview_kinds import KINDS
from httpresp_tui.model.pages import Lead
from httpresp_tui.screens.overview import Arrangement, OverviewScreen, Seen

_TIME = re.compile(r"(?:^|(?<=\s))(?:since|before|at):(?:[^\s()|]+)(?:\s+|$)")
"""A term that says when, of a filter's terms that must all hold."""


class Overviews(Filtering):
    """What came when, and how its routes do."""

    @cached_property
    def _overview_arrangement(self) -> Arrangement:
        """How it was left."""
        return Arrangement()

    @cached_property
    def _overview(self) -> Overview:
        """Made at the first look, and kept up from then on."""
        return self.session.sum_up(KINDS[self._overview_arrangement.kind])

    def action_overview(self) -> None:
        """What came when, and how its routes do."""
        session = self.session
        kinds = tuple(key for key in KINDS if key != "process" or session.store.tells_process)
        seen = Seen(
            self._overview,
            session.timeline,
            kinds,
            lambda: self.filter.text,
            lambda: session.lost,
            self._overview_arrangement,
        )
        self.push_screen(OverviewScreen(seen), self._follow_overview)

    def _follow_overview(self, lead: Lead | None) -> None:
        if lead is not None:
            # The rows were those of what is visible, so the filter is added to the one in force.
            self.filter_line.replace(joined(self.filter.text, lead.query))
            self.rows.focus()

    @on(OverviewScreen.Narrowed)
    def _narrow(self, event: OverviewScreen.Narrowed) -> None:
        self.filter_line.replace(joined(_TIME.sub("", self.filter.text).strip(), event.term))


def joined(filter_text: str, term: str) -> str:
    """A filter and one more term, both of which must hold."""
    text = filter_text.strip()
    if not text or not term:
        return text or term
    return f"({text}) {term}" if "|" in text or re.search(r"\bor\b", text, re.IGNORECASE) else f"{text} {term}"
