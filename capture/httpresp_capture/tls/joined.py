"""What goes on where the capture began in the middle of a connection: all waits while `joining` looks for its keys.

Then it is read from the first record on that was found, as behind a loss of which nobody knows how much it was.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from httpresp_capture.records.tls import BEGINNING, LOST, NOT_FOUND, SOUGHT
from httpresp_capture.tls.hello import Hello
from httpresp_capture.tls.losses import LEAST_RECORD, Losses
from httpresp_capture.tls.names import TLS13, suite_name, version_name
from httpresp_capture.tls.opening import Carrier
from httpresp_capture.tls.side import Came, Side

if TYPE_CHECKING:
    from httpresp_capture.tls.joining import Found, Half, Joining

MOST_WAITING: Final = 2 << 20
"""Bytes of a direction that wait for the search; beyond, they are let go."""


class Joined(Losses):
    """The same where the beginning was not captured."""

    __slots__ = ("_joining", "_may_join")

    def __init__(self, carrier: Carrier, client: Side, server: Side, midstream: bool) -> None:
        super().__init__(carrier, client, server, midstream)
        self._may_join = midstream
        """False when there is nothing to search, or that was begun."""
        self._joining: Joining | None = None
        """The search while it goes on."""

    @property
    def joins(self) -> bool:
        """True while keys are sought: `seek` is to be called."""
        return self._joining is not None

    def _give_up(self, state: str) -> None:
        """See `Opening`; where no hello was captured, keys are sought first."""
        secrets = self._carrier.secrets()
        if not self._may_join or self.client_hello is not None or self.server_hello is not None or secrets is None:
            super()._give_up(state)
            return
        from httpresp_capture.tls.joining import Joining  # Needed by few.

        self._may_join = False
        for side in (self.client, self.server):
            side.begin_join()
        self._joining = Joining(secrets, self.client, self.server, self._carrier.joins())
        self._know(replace(self.tls, state=SOUGHT))

    def _wait_to_join(self, side: Side, came: Came) -> None:
        side.settle()
        side.park(came)
        if side.parked_bytes > MOST_WAITING and self._joining is not None:
            self._joining.half(side).overflow()

    def seek(self, at: int, trials: int) -> int:
        """Go on looking, `at` is now; how many of the trials are left."""
        while self._joining is not None and trials > 0:
            joining = self._joining
            for side in (self.client, self.server):
                if side.joining:
                    side.settle()
            trials = joining.seek(at, trials)
            if joining.found is not None:
                self._join(joining, joining.found)
            elif joining.over:
                self._end_join()
            else:
                break
        return trials

    def _join(self, joining: "Joining", found: "Found") -> None:
        """A direction is found. The other is sought before either is read, so that what one says of the other fits."""
        half = joining.trying
        half.sequence = found.sequence
        if self.server_hello is None:
            self._know_hellos(found, of_client=half.side is self.client)
        other = joining.server if half is joining.client else joining.client
        if not other.side.joining or other.sequence >= 0:
            self._joining = None
            joining.stop()
        else:
            joining.seek_other(other, found)
            if other.side.parked:
                return
        self._start((half, other))

    def _start(self, halves: "tuple[Half, Half]") -> None:
        """Read those that were found."""
        for half in halves:
            if half.side.joining and half.sequence >= 0:
                self._start_half(half)
        self.retry()

    def _start_half(self, half: "Half") -> None:
        side, sample = half.side, half.sample
        side.joining = False
        if not self._protect(side) or side.protection is None or sample is None:
            side.die()  # The log has no room for its secret any more.
            return
        first = half.sequence - sample.index
        if half.dropped or first < 0:
            side.searching = True
            side.lost = half.dropped or LEAST_RECORD * (sample.index + 1)
            side.protection.sequence = half.sequence + 1 if half.dropped else 0
            # A guess, which is no more than it was: what acknowledges some of it may be read first.
            before = side.told_lost = side.lost // 2 if half.dropped and side.parked else 0
        else:
            side.protection.sequence = first
            side.cut_front(sample.start)
            before = half.before + sample.start
        if before:
            begun = side.parked[0]
            end = begun.end - len(begun.data)
            self._carrier.plain_gap(side, before, begun.at, False, end, max(before, side.lost))

    def _know_hellos(self, found: "Found", *, of_client: bool) -> None:
        from httpresp_capture.tls.joining import hellos

        if found.of_client is not of_client:
            self.client, self.server = self.server, self.client
            self._carrier.turn()
        client, server = hellos(found)
        self.client_hello, self.server_hello = Hello(client, from_client=True), Hello(server, from_client=False)
        self._know(
            replace(
                self.tls,
                version=version_name(TLS13),
                cipher_suite=suite_name(found.suite),
                client_random=found.client_random.hex(),
                state=LOST + BEGINNING,
            )
        )

    def _end_join(self) -> None:
        """Look no further: what was not found is not read."""
        joining, self._joining = self._joining, None
        if joining is not None:
            joining.stop()
        if self.server_hello is None or joining is None:
            self._give_up(NOT_FOUND)
            return
        for half in (joining.client, joining.server):
            if half.side.joining and half.sequence < 0:
                half.side.die()
        self._start((joining.client, joining.server))
