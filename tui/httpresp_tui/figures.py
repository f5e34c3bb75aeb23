"""What the main screen says of the run, a few times a second: figures, columns, failures, what is new below.

From the session to the widgets, in one direction.
"""

from dataclasses import dataclass
from time import monotonic

from textual.content import Content
from textual.widgets import Static

from httpresp_capture.records.exchange import Response
from httpresp_tui.model.columns import (
    COLUMNS,
    Column,
    column,
    with_badges,
    with_comments,
    with_dates,
    with_grpc,
    with_workloads,
)
from httpresp_tui.model.session import Session
from httpresp_tui.text.badges import BADGES, SHOWN
from httpresp_tui.text.printable import printable
from httpresp_tui.text.units import count_text, day_text
from httpresp_tui.widgets.class_chips import ClassChips
from httpresp_tui.widgets.hint import hint
from httpresp_tui.widgets.response_list import ResponseList
from httpresp_tui.widgets.status_bar import StatusBar
from httpresp_tui.widgets.top_line import TopLine

LAST_FAILURES = 3
"""Failures that are shown."""


def columns_of(
    session: Session,
    chosen: tuple[str, ...] = (),
    *,
    days: bool = False,
    process: bool = False,
    pod: bool = False,
    grpc: bool = False,
) -> tuple[Column, ...]:
    """The columns of the list, by their keys those that were chosen, else the usual ones; before the marks stand what
    is marked by hand and the letter of the worst finding."""

    def badge(response: Response) -> str:
        worst = session.inspection.worst(response)
        return BADGES[worst].glyph if worst is not None and worst >= SHOWN else ""

    columns = tuple(entry for key in chosen if (entry := column(key)) is not None)
    if not columns:
        columns = with_workloads(COLUMNS, process=process, pod=pod)
        columns = with_grpc(columns) if grpc else columns
    marks = session.marks
    columns = with_comments(with_dates(columns) if days else columns, marks.comment)
    return with_badges(columns, badge, lambda response: response.id in marks)


@dataclass
class Figures:
    """The widgets that are told."""

    session: Session
    top_line: TopLine
    chips: ClassChips
    rows: ResponseList
    failure_line: Static
    status_bar: StatusBar
    chosen: tuple[str, ...] = ()
    """Keys of the columns that the person wants; none for the usual ones."""
    known_to: int = 0
    """The newest response when following was released: what came after it is new."""
    _told: tuple[bool, bool, bool, bool] = (False, False, False, False)
    """Days, processes, pods, calls of gRPC: what the columns were chosen for."""
    _failures_shown: int = 0

    def update(self) -> None:
        """Say what is so now."""
        session = self.session
        status = session.status_line(monotonic())
        self.top_line.status = status
        self.chips.counts = session.class_counts
        self.chips.chosen = session.view.classes
        if not status.shown:
            self.rows.hint = hint(status, bool(status.kept), tuple(session.store.failures))
        self._choose_columns()
        self._show_failures()
        self.update_news()
        self.status_bar.update()

    def follow_changed(self, follow: bool) -> None:
        """Following was armed or released."""
        if not follow:
            self.known_to = self.session.store.next_id - 1
        self.update_news()

    def update_news(self) -> None:
        """How many came since following was released."""
        self.status_bar.note = "" if self.rows.follow else self._news()

    def _news(self) -> str:
        view = self.session.view
        new = view.newer_than(self.known_to)
        if view.grouped_by is None and view.sorted_by is None:
            # Those in sight need no telling.
            new -= sum(response.id > self.known_to for response in self.rows.in_window)
            return f"↓ {count_text(new)} new below" if new else ""
        return f"{count_text(new)} new" if new else ""

    def _choose_columns(self) -> None:
        """The day, and whose a response is, once a capture tells of them; for good: columns that come and go would be
        worse."""
        store = self.session.store
        span = store.span
        days = self._told[0] or (span is not None and day_text(span[0]) != day_text(span[1]))
        told = days, store.tells_process, store.tells_container, store.tells_grpc
        if told != self._told:
            self._told = told
            self.choose(self.chosen)

    def choose(self, keys: tuple[str, ...]) -> None:
        """These columns, or for none the usual ones."""
        self.chosen = keys
        days, process, pod, grpc = self._told
        self.rows.set_columns(columns_of(self.session, keys, days=days, process=process, pod=pod, grpc=grpc))

    def _show_failures(self) -> None:
        failures = self.session.store.failures
        if len(failures) != self._failures_shown:
            self._failures_shown = len(failures)
            shown = (printable(text, 1000, lines=True) for text in failures[-LAST_FAILURES:])
            self.failure_line.update(Content("\n").join(shown))
            self.failure_line.display = True
