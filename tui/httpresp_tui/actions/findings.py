"""The screen of findings, and the way from one of them to its responses."""

from datetime import date
from functools import cached_property

from httpresp_capture.records.plurals import many
from httpresp_tui.actions.filtering import Filtering
from httpresp_tui.model.pages import Lead
from httpresp_tui.screens.findings import FindingsScreen, Position
from httpresp_tui.text.badges import BADGES, SHOWN

MOST_HIDDEN = 20_000
"""Responses with a finding that are passed over, since they are not visible, for one key."""


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

    def action_next_finding(self) -> None:
        """To the next visible response with a finding: those of the highest severity first, in order of arrival."""
        inspection, rows = self.session.inspection, self.session.view.rows
        here = self.in_hand
        worst = inspection.worst(here) if here is not None else None
        severities = [severity for severity in BADGES if severity >= SHOWN]
        # On one, the next of its severity, then those of the next one; round to where we are.
        turn = severities.index(worst) if worst is not None and worst in severities else 0
        before_all = self.session.store.first_id - 1
        after = here.id if here is not None and worst in severities else before_all
        looked_at = 0
        for number in range(len(severities) + 1):
            severity = severities[(turn + number) % len(severities)]
            id = inspection.next_of(severity, after)
            while id is not None:
                if rows.index_of(id) is not None:
                    self.go_to(id)
                    return
                looked_at += 1
                if looked_at > MOST_HIDDEN:
                    self.notify("Many findings are hidden by the filter, and none is near.", timeout=2, markup=False)
                    return
                id = inspection.next_of(severity, id)
            after = before_all
        waiting = f": {many(inspection.left, 'response')} still to be looked at" if inspection.left else ""
        self.notify(f"Nothing was found in what is shown{waiting}.", timeout=2, markup=False)

    def _follow_lead(self, lead: Lead | None) -> None:
        if lead is not None:
            # All of its responses, of whatever class.
            self.action_all_classes()
            self.filter_line.replace(lead.query)
            self.wanted_id = next((id for id in lead.samples if self.session.store.get(id) is not None), None)
            self.rows.focus()
