"""Follow: from a response to the connection that it came on."""

from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.screens.follow import FollowScreen


class Following(Inspector):
    """One connection from start to end."""

    def action_follow(self) -> None:
        """The connection of the response in hand."""
        response = self.chosen_response()
        if response is not None:
            store = self.session.store
            self.push_screen(FollowScreen(response, lambda: store.of_flow(response.flow.id)))
