"""A source read to its end without a screen: each response that has ended is visited once, and the rest is counted.

A file is read on the calling thread. Of a network the packets cannot wait while a response is looked at, so capture
has a thread of its own and a mailbox between; what the mailbox had to drop is in the summary. No Textual.
"""

from collections.abc import Callable
from threading import Thread

from httpresp_capture.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    Counters,
    Response,
    ResponseChanged,
    ResponseSeen,
)
from httpresp_capture.finding_hooks import finding_hooks
from httpresp_capture.findings import Findings
from httpresp_capture.query import compile_query
from httpresp_capture.sources import Source
from httpresp_tui.mailbox import Mailbox
from httpresp_tui.stopping import stopping
from httpresp_tui.summary import Summary

SLICE = 500
"""Events worked on between two looks at the mailbox."""
PAUSE = 0.05
"""Seconds of waiting when nothing has come."""


class Gathering:
    """Takes batches of events, and hands the responses that have ended to a visitor."""

    def __init__(self, visit: Callable[[Response], bool], stop: Callable[[], None], count: int | None = None) -> None:
        self._visit = visit
        self._stop = stop
        self._left = count
        self._over = False
        self.counters = Counters()
        self.by_class = [0] * 6
        self.failures: list[str] = []

    def take(self, batch: list[CaptureEvent]) -> None:
        """The `Emit` of the source."""
        for event in batch:
            match event:
                case ResponseSeen(response) | ResponseChanged(response):
                    if response.end is not None and not self._over and self._visit(response):
                        self._count(response)
                case CaptureStatus():
                    self.counters = event.counters
                case CaptureFailed():
                    self.failures.append(event.message)
                case _:
                    pass

    def _count(self, response: Response) -> None:
        if response.unanswered:
            return
        status_class = response.status // 100
        self.by_class[status_class if status_class < 6 else 0] += 1
        if self._left is not None and sum(self.by_class) >= self._left:
            self._over = True
            self._stop()


def gather(
    source: Source,
    visit: Callable[[Response], bool],
    *,
    count: int | None = None,
    seconds: float | None = None,
) -> Summary:
    """Read it all. `visit` says whether a response was wanted, which is what `count` counts."""
    gathering = Gathering(visit, source.stop, count)
    mailbox = Mailbox()
    with stopping(source.stop, seconds):
        if source.live:
            _read_live(source, mailbox, gathering)
        else:
            source.run(gathering.take)
    return Summary(
        label=source.label,
        live=source.live,
        by_class=tuple(gathering.by_class),
        counters=gathering.counters,
        ours=mailbox.lost.total,
        failures=tuple(gathering.failures),
    )


def matching(filter_text: str, findings: Findings, add: Callable[[Response], object]) -> Callable[[Response], bool]:
    """A visitor that adds what a filter lets through; the filter may ask the findings."""
    query = compile_query(filter_text, finding_hooks(findings))

    def visit(response: Response) -> bool:
        wanted = query.everything or query.matches(response)
        if wanted:
            add(response)
        return wanted

    return visit


def _read_live(source: Source, mailbox: Mailbox, gathering: Gathering) -> None:
    thread = Thread(target=source.run, args=(mailbox.put,), name="capture", daemon=True)
    thread.start()
    while thread.is_alive() or mailbox.waiting:
        batch = mailbox.drain(SLICE)
        if batch:
            gathering.take(batch)
        else:
            thread.join(PAUSE)
