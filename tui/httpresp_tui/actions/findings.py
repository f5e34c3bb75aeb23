"""The screen of findings, and the way from one of them to its responses."""

from datetime import date
from functools import cached_property

from httpresp_tui.actions.filtering import Filtering
from httpresp_tui.model.pages import Lead
from httpresp_tui.screens.findings import FindingsScreen, Position


class Findings(Filtering):
    """What is wrong, each thing once."""

    @cached_property
    def _findings_position(self) -> Position:
        """Where the screen was left."""
        return Position()

    def action_findings(self) -> None:
        """What is wrong, each thing once."""
        session = self.session
        screen = FindingsScreen(session.inspection, session.source.label, date.today(), self._findings_position)
        self.push_screen(screen, self._follow_lead)

    def _follow_lead(self, lead: Lead | None) -> None:
        if lead is not None:
            # All of its responses, of whatever class.
            self.action_all_classes()
            self.filter_line.replace(lead.query)
            self.wanted_id = next((id for id in lead.samples if self.session.store.get(id) is not None), None)
            self.rows.focus()
