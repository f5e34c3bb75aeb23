"""Follow: from a response to the connection that it came on."""

from httpresp_capture.exporting.packet_list import PacketList
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_tui.actions.inspector import Inspector
from httpresp_tui.screens.follow import FollowScreen


class Following(Inspector):
    """One connection from start to end."""

    def action_follow(self) -> None:
        """The connection of the response in hand."""
        response = self.chosen_response()
        if response is None:
            return

        def kept() -> list[Response]:
            # Of one whose responses have all been let go, the one in hand is what is left.
            return self.session.store.of_flow(response.flow.id) or [response]

        self.push_screen(FollowScreen(response, kept, lambda: self._packets_of(kept())))

    def _packets_of(self, responses: list[Response]) -> PacketList:
        """To be read again from where they stand; raises `CaptureError` where they are not to be had."""
        if not self.packets.paths:
            raise CaptureError(self.packets.why)
        return PacketList(self.packets.paths, responses)
