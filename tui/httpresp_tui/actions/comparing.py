"""Two responses held against each other: `=`."""

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.model.comparing import pair_to_compare
from httpresp_tui.screens.compare import CompareScreen


class Comparing(Inspector):
    """The two that are marked, or the one in hand and the usual one of its route."""

    def action_compare(self) -> None:
        """How they differ."""
        pair = pair_to_compare(self.session.store, self.session.marks, self.in_hand)
        if pair is not None:
            self.push_screen(CompareScreen(*pair))
        elif self.chosen_response() is not None:
            words = "There is no other response of this route to compare it with. Mark two with m, then press =."
            self.notify(words, timeout=4, markup=False)
