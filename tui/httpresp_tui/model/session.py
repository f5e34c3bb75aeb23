"""One run: a source on a thread of its own, and what has come of it so far.

On the command line that source is an engine in a process of its own (`sources.engine`), and its thread only unpacks
what the engine sends: decoding never waits for the screen, nor a key for decoding.

The thread puts batches into the mailbox and nothing else. The app calls `take` from its timer, which moves events on
into the store and the view for as long as it may; whatever the screen says about the run is asked here. No Textual.
"""

from operator import sub
from pathlib import Path
from threading import Thread

from httpresp_capture.analysis.review import Review
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureEvent, LateEvidence, ResponseChanged, ResponseGrew, ResponseSeen
from httpresp_capture.records.exchange import ENCRYPTED_CLASS
from httpresp_capture.sources import Source
from httpresp_capture.system.garbage_collection import FreezeSchedule
from httpresp_tui.model.inspection import Inspection
from httpresp_tui.model.mailbox import Mailbox
from httpresp_tui.model.marks import Marks
from httpresp_tui.model.overview import Overview
from httpresp_tui.model.overview_kinds import Kind
from httpresp_tui.model.pacing import BatchSize, work_for
from httpresp_tui.model.rate import Rate
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.model.store import Store
from httpresp_tui.model.summary import Summary
from httpresp_tui.model.timeline import Timeline
from httpresp_tui.model.view import View

BATCH = 1_000
"""Events between two readings of the clock, at most."""
ROWS = 500
"""Rows that a new filter goes through between two, at most."""
PATIENCE = 2.0
"""Seconds a source may take to stop."""


class Session:
    """Source, mailbox, store, view and inspection, put together."""

    def __init__(
        self,
        source: Source,
        capture_filter: str = "",
        max_responses: int | None = None,
        review: Review | None = None,
        baseline_file: Path | None = None,
        stop_after: int | None = None,
    ) -> None:
        self.source = source
        self.capture_filter = capture_filter
        self.mailbox = Mailbox()
        self.store = Store() if max_responses is None else Store(max_responses)
        self.view = View(self.store)
        self.inspection = Inspection(self.store, review or Review(), baseline_file)
        self.marks = Marks()
        self.timeline = Timeline()
        self.overview: Overview | None = None
        """Once somebody asked for it."""
        self._left = stop_after
        """Responses that are still wanted; None where all are."""
        self._newest_id = 0
        """Rows up to this one are wanted where not all are."""
        self._freezes = FreezeSchedule()
        self._batch = BatchSize(BATCH)
        self._rows = BatchSize(ROWS)
        self._rate = Rate()
        self._since_rated = 0
        # A network cannot wait, a file can.
        emit = self.mailbox.put if source.live else self.mailbox.put_waiting
        self._thread = Thread(target=source.run, args=(emit,), name="capture", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the source and take in what it still gives."""
        if self._thread.ident is None:
            return
        self.source.stop()
        if self.source.live:
            # Its mailbox never blocks it, so the last counters come.
            self._thread.join(PATIENCE)
            self.take(PATIENCE)
        self.mailbox.close()
        self._thread.join(PATIENCE)

    def take(self, seconds: float) -> bool:
        """Work on what came for at most so long. True when something changed."""
        changed = False

        def batch() -> bool:
            nonlocal changed
            changed = self._batch.take(self._take) or changed
            return not self.mailbox.waiting

        work_for(seconds, batch)
        if self.view.has_work:
            self.scan(seconds / 2)
            changed = True
        return changed

    def _take(self, most: int) -> bool:
        events = self.mailbox.drain(most)
        if not events:
            return False
        change = self.store.apply(events if self._left is None else self._wanted(events, self._left))
        self._since_rated += len(change.added) + change.passed
        self.view.update(change)
        self.inspection.update(change)
        self.marks.update(change)
        self.timeline.update(change, self.store.status)
        self._freezes.came(len(events))
        return True

    def _wanted(self, events: list[CaptureEvent], left: int) -> list[CaptureEvent]:
        """Those before the last response that is wanted, and what is told of their rows afterwards."""
        wanted: list[CaptureEvent] = []
        for event in events:
            match event:
                case (
                    ResponseSeen(response) | ResponseChanged(response) | LateEvidence(response) | ResponseGrew(response)
                ):
                    if response.id > self._newest_id:
                        if not left:
                            continue
                        self._newest_id = response.id
                        left -= response.is_response
                case _:
                    pass
            wanted.append(event)
        self._left = left
        if not left:
            self.source.stop()
        return wanted

    def scan(self, seconds: float) -> None:
        """Let the view go on with what it has not looked at, for at most so long."""
        work_for(seconds, lambda: self._rows.take(self.view.step))

    def clear(self) -> None:
        """Let every response go, with their marks and what was found in them."""
        self.view.update(self.store.clear())
        self.marks.clear()
        self.inspection.clear()
        self.timeline.clear()

    def sum_up(self, kind: Kind) -> Overview:
        """What is visible, summed up by something, now and from now on."""
        view = self.view
        self.overview = Overview(self.store, kind, lambda: view.ids, lambda: view.front, self.inspection.worst)
        view.follow(self.overview)
        return self.overview

    @property
    def failure(self) -> str:
        """Why the capture failed; empty when it did not."""
        return self.store.failures[-1] if self.store.failures else ""

    @property
    def counters(self) -> Counters:
        """The newest totals."""
        return self.store.status.counters if self.store.status is not None else Counters()

    @property
    def capture_span(self) -> tuple[int, int] | None:
        """When the first response that is kept and the newest packet came, ns; None before the first response."""
        span = self.store.span
        if span is None:
            return None
        status = self.store.status
        return span[0], max(span[1], 0 if status is None else status.at)

    @property
    def lost(self) -> int:
        """Events that we could not keep: no room in the mailbox, or on the way to it from another process."""
        return self.mailbox.lost.total + self.source.lost

    def status_line(self, now: float) -> StatusLine:
        """For the top line; `now` in seconds of any clock that goes forward."""
        store, view = self.store, self.view
        rate = self._rate.add(now, self._since_rated)
        self._since_rated = 0
        return StatusLine(
            label=self.source.label,
            live=self.source.live,
            capture_filter=self.capture_filter,
            recording=self.source.recording,
            counters=self.counters,
            fraction=store.status.fraction if store.status is not None else None,
            ended=store.ended,
            failure=self.failure,
            paused=view.paused,
            waiting=view.held.count,
            shown=view.shown,
            scanning=view.pending,
            kept=len(store) - view.held.count,
            unanswered=store.unanswered - view.held.unanswered,
            encrypted=store.class_counts[ENCRYPTED_CLASS] - view.held.classes[ENCRYPTED_CLASS],
            cleared=store.cleared,
            forgotten=store.forgotten,
            bodies_forgotten=store.bodies_forgotten,
            rate=round(rate, 1),
            ours=self.lost,
        )

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Kept rows by class, 0 to 6, but for those that wait while the view is paused."""
        return tuple(map(sub, self.store.class_counts, self.view.held.classes))

    def summary(self) -> Summary:
        """For the normal screen, afterwards."""
        return Summary(
            label=self.source.label,
            live=self.source.live,
            recording=self.source.recording,
            by_class=tuple(self.store.seen_by_class[:ENCRYPTED_CLASS]),
            encrypted=self.store.seen_by_class[ENCRYPTED_CLASS],
            unanswered=self.store.seen_unanswered,
            failed_calls=self.store.seen_failed_calls,
            counters=self.counters,
            ours=self.lost,
            forgotten=self.store.forgotten,
            bodies_forgotten=self.store.bodies_forgotten,
            failures=tuple(self.store.failures),
            capture_filter=self.source.filter_text,
        )
