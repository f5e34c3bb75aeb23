"""What goes on all the time: what comes is taken in, shown and checked, in short turns between keys.

A worker of the app runs `RefreshLoop.run`; nothing else touches what the capture's thread has left in the mailbox.
"""

from asyncio import sleep
from collections.abc import Callable
from time import perf_counter

from textual import events
from textual.content import Content

from httpresp_tui.model.pacing import TURN, TimeSlices, work_for
from httpresp_tui.model.session import Session
from httpresp_tui.widgets.response_list import ResponseList

TICK = 1 / 15
"""Seconds between two visits to the mailbox, and between two pictures of what was in it."""
BEHIND = 20_000
"""Events in the mailbox from which on keys come second: the mailbox must not overflow."""
CHECKING_MEANWHILE, CHECKING, CHECKING_ALONE = 1, 3, 5
"""Turns of a tick that may go into the checks: while a filter goes through what is kept, while events come, and while
none do."""
CALM = 4
"""Ticks between two updates of the figures: figures and a detail pane that change faster than this are not read."""
INPUT_EVENTS = (events.Key, events.MouseDown, events.MouseScrollUp, events.MouseScrollDown)
"""What a person does and waits to see."""
NOTHING_TO_SAY = Content("")


class RefreshLoop:
    """Between the session and the list of its rows."""

    def __init__(self, session: Session, rows: ResponseList, turns: TimeSlices) -> None:
        self._session = session
        self._rows = rows
        self._turns = turns
        self._unshown = False
        """The view has changed since the list was told."""

    async def run(self, each_tick: Callable[[], None], now_and_then: Callable[[], None]) -> None:
        """For as long as the app runs."""
        ticks = 0
        while True:
            due = perf_counter() + TICK
            changed = await self._take_in(due)
            looking = CHECKING if changed else CHECKING_ALONE
            await self._inspect(CHECKING_MEANWHILE if self._session.view.pending else looking)
            each_tick()
            ticks += 1
            if ticks % CALM == 0:
                now_and_then()
            await sleep(max(0.0, due - perf_counter()))

    def show_changed(self) -> None:
        """Tell the list what was taken in since it was told."""
        if not self._unshown:
            return
        self._unshown = False
        session = self._session
        if session.view.shown:
            self._rows.hint = NOTHING_TO_SAY
        self._rows.sync()

    async def _take_in(self, due: float) -> bool:
        """Until there is nothing more, or until it is time to show it. True when something changed."""
        session = self._session
        changed = False
        while session.mailbox.waiting or session.view.has_work:
            await self._turns.next(urgent=session.mailbox.waiting > BEHIND)
            if session.take(TURN):
                changed = self._unshown = True
            # Where the end is followed all lines change, which takes longer to paint than to take in.
            if self._turns.held or not self._rows.follow:
                self.show_changed()
            if perf_counter() >= due:
                break
        self.show_changed()
        return changed

    async def _inspect(self, turns: int) -> None:
        inspection = self._session.inspection
        inspection.want(self._rows.in_window)
        for _ in range(turns):
            await self._turns.next()
            if work_for(TURN, inspection.step):
                break
        overview = self._session.overview
        if overview is not None and overview.left:
            await self._turns.next()
            work_for(TURN, overview.step)
        if fresh := set(inspection.take_fresh()):
            self._rows.freshen(fresh)
            if overview is not None:
                overview.found(fresh)
