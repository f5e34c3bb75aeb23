"""A source read to its end without a screen, for `check` and `diff`; and the summary of what was collected.

A file is read on the calling thread. Of a network the packets cannot wait while a response is looked at, so capture has
a thread of its own and a mailbox between; what the mailbox had to drop is in the summary. No Textual.
"""

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from httpresp_capture.query import Query
from httpresp_capture.response_collector import ResponseCollector, Taker
from httpresp_capture.sources import Source
from httpresp_tui.model.summary import Summary
from httpresp_tui.terminal.stopping import stopping

if TYPE_CHECKING:
    from httpresp_tui.model.mailbox import Mailbox

SLICE = 500
"""Events worked on between two looks at the mailbox."""
PAUSE = 0.05
"""Seconds of waiting when nothing has come."""


def collect(
    source: Source,
    query: Query,
    taker: Taker,
    *,
    count: int | None = None,
    seconds: float | None = None,
    begun: Callable[[ResponseCollector], object] = lambda collector: None,
) -> Summary:
    """Read it all; `count` counts what the query lets through. `begun` is given the collector before it is read."""
    from httpresp_tui.model.mailbox import Mailbox  # `--json` has none.

    collector = ResponseCollector(query, taker, source.stop, count)
    begun(collector)
    mailbox = Mailbox()
    with stopping(source.stop, seconds):
        if source.live:
            _read_live(source, mailbox, collector)
        else:
            source.run(collector.take)
    return summary_of(collector, source, mailbox.lost.total)


def _read_live(source: Source, mailbox: "Mailbox", collector: ResponseCollector) -> None:
    thread = Thread(target=source.run, args=(mailbox.put,), name="capture", daemon=True)
    thread.start()
    while thread.is_alive() or mailbox.waiting:
        batch = mailbox.drain(SLICE)
        if batch:
            collector.take(batch)
        else:
            thread.join(PAUSE)


def summary_of(collected: ResponseCollector, source: Source, ours: int = 0) -> Summary:
    """What was wanted, and what could not be read."""
    return Summary(
        label=source.label,
        live=source.live,
        recording=source.recording,
        by_class=tuple(collected.by_class),
        unanswered=collected.unanswered,
        failed_calls=collected.failed_calls,
        encrypted=collected.encrypted,
        stopped=collected.over,
        read=collected.read if collected.chooses else None,
        counters=collected.counters,
        ours=ours,
        failures=tuple(collected.failures),
        capture_filter=source.filter_text,
    )
