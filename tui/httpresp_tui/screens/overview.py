"""The Overview: when responses came and of which class, and what they are summed up by route, host, client or type.

It looks at the model a few times a second, more seldom where making the rows takes long. A row leads to its responses;
a part of the timeline becomes a filter, and the rows are those of that part.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from httpresp_capture.records.plurals import many
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.columns import layout
from httpresp_tui.model.overview import Between, Overview, OverviewRow
from httpresp_tui.model.overview_columns import COURSE_CELLS, OverviewColumn, columns, in_order, pace_text
from httpresp_tui.model.overview_kinds import KINDS
from httpresp_tui.model.pacing import work_for
from httpresp_tui.model.pages import Lead, PageTitle
from httpresp_tui.model.timeline import Timeline, window_query
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import count_text, day_text, duration_text, size_text
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.lines import Line, TextStyle, line, own, untrusted
from httpresp_tui.widgets.status_bar import StatusBar, WithStatusBar
from httpresp_tui.widgets.tab_strip import TabStrip
from httpresp_tui.widgets.table import Shape, Table, TableColumn
from httpresp_tui.widgets.timeline_bars import TimelineBars

OFTEN = 0.3
"""Seconds between two updates."""
SHARE = 20
"""Making the rows may take one part in so many of the time."""
AT_ONCE = 0.05
"""Seconds in which as much as possible is counted before the first picture."""
RECENT = "since:10m"


@dataclass
class Arrangement:
    """How the reader had it, for the next time."""

    kind: str = "route"
    sorted_by: str = "errors"
    reverse: bool = False
    key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the screen looks at."""

    overview: Overview
    timeline: Timeline
    kinds: tuple[str, ...]
    """Those that the capture tells of."""
    filter_text: Callable[[], str]
    lost: Callable[[], int]
    """Events that were lost on the way to the screen, of which nothing else is known."""
    arrangement: Arrangement = field(default_factory=Arrangement)


class OverviewScreen(WithStatusBar, Modal[Lead | None]):
    """Gives the way to the responses of a row, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "overview",
        Groups.OVERVIEW,
        ("open", "enter", "open", "Responses", "Show the responses of this row in the list", True),
        ("recent", "l", "recent", "Last 10 min", "Only the last ten minutes; again, everything", True),
        ("by", "T,right_square_bracket", "by(1)", "By…", "By route, host, client, type or process", True),
        ("by-previous", "left_square_bracket", "by(-1)", "By… back", "The other way round", False),
        ("sort", "o", "next_order", "Sort", "Sort by the next column", True),
        ("reverse", "O", "reverse", "Reverse", "The other end first", False),
        ("by-errors", "e", "sort('errors')", "By errors", "The most errors first", False),
        ("by-p95", "p", "sort('p95')", "By p95", "The slowest first", False),
        ("by-count", "c", "sort('count')", "By count", "The most responses first", False),
        ("by-bytes", "b", "sort('bytes')", "By bytes", "The most bytes first", False),
        ("by-findings", "f", "sort('findings')", "By findings", "The most findings first", False),
        ("by-name", "n", "sort('name')", "By name", "In the order of their names", False),
        ("timeline", "tab", "other_pane", "Timeline", "From the rows to the timeline and back", True),
        ("leave", "escape,q,S", "leave", "Back", "Without a window on the timeline; then back to the responses", True),
        ("help", "question_mark,f1", "app.help", "Help", "Every key, and what the marks mean", True),
    )

    @dataclass
    class Narrowed(Message):
        """Another time is wanted: a term of the display filter, or empty for all of the capture."""

        term: str

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen
        self._due = 0.0
        self._columns: tuple[OverviewColumn, ...] = ()
        self._rows: list[OverviewRow] = []
        self._wanted_key = seen.arrangement.key

    def compose(self) -> ComposeResult:
        """What it is of, the timeline, by what, rows, and the row under the cursor in full."""
        yield Static(id="overview-summary", markup=False)
        yield TimelineBars()
        yield TabStrip(())
        yield Table(Shape((), key=lambda row: row.key, is_dim=lambda row: row.others))
        yield DetailText(id="overview-row")
        yield StatusBar()

    def on_mount(self) -> None:
        """Look now, and again."""
        self.query_one(DetailText).can_focus = False
        self.query_one(Table).focus()
        work_for(AT_ONCE, self._seen.overview.step)
        self.set_interval(OFTEN, self._refresh_when_due)
        self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        """The timeline has as many bars as there is room for."""
        self.query_one(TimelineBars).styles.height = 7 if self.size.height < 40 else 11
        self.call_after_refresh(self.look)

    def _refresh_when_due(self) -> None:
        if perf_counter() >= self._due:
            self.look()

    def look(self) -> None:
        """Draw what is so now."""
        begun = perf_counter()
        self._show_timeline()
        self._show_rows()
        self._show_summary()
        self._due = perf_counter() + (perf_counter() - begun) * SHARE

    # --- what is drawn ---

    @property
    def _dated(self) -> bool:
        span = self._seen.timeline.span
        return span is not None and day_text(span.start) != day_text(span.end)

    def _show_timeline(self) -> None:
        bars = self.query_one(TimelineBars)
        bars.show(self._seen.timeline.bars(bars.columns), dated=self._dated)

    def _show_rows(self) -> None:
        seen = self._seen
        kind = KINDS[seen.arrangement.kind]
        self._rows = seen.overview.rows()
        hosts = kind.key == "route" and len({row.key[1] for row in self._rows if not row.others}) > 1
        self._columns = columns(
            lambda key: seen.overview.course(key, COURSE_CELLS),
            seen.overview.seconds,
            self._row_name,
            hosts=hosts,
            lost=bool(self._lost()),
        )
        in_order(self._rows, self._sorted_by, reverse=seen.arrangement.reverse)
        strip = self.query_one(TabStrip)
        strip.show([PageTitle(key, f"{KINDS[key].title} {len(self._rows)}" if key == kind.key else KINDS[key].title)
                    for key in seen.kinds])  # fmt: skip
        strip.open = kind.key
        table = self.query_one(Table)
        shape = Shape(
            tuple(self._table_column(column) for column in self._columns),
            key=lambda row: row.key,
            is_dim=lambda row: row.others,
        )
        # Who is at the top stays there: the worst is looked at, whichever it is.
        key = self._wanted_key or (table.current_key if table.cursor > 0 else None)
        table.show(shape, self._rows, self._hint(), key)
        if self._rows:
            self._wanted_key = None
        self._describe(table.current)
        self.query_one(StatusBar).update()

    def _table_column(self, column: OverviewColumn) -> TableColumn:
        title = column.title or KINDS[self._seen.arrangement.kind].title.lower()
        if column is self._sorted_by:
            title = f"{title}{'↓' if column.falls is not self._seen.arrangement.reverse else '↑'}"
        return TableColumn(
            title,
            column.width,
            column.cell,
            column.leaves,
            column.share,
            column.right,
            partial(_style_of_errors, column.style) if column.style else None,
        )

    @property
    def _sorted_by(self) -> OverviewColumn:
        wanted = self._seen.arrangement.sorted_by
        return next((column for column in self._columns if column.key == wanted), self._columns[0])

    def _row_name(self, row: OverviewRow) -> str:
        if row.others:
            return "(all others)"
        return row.key[0] or KINDS[self._seen.arrangement.kind].nameless

    def _hint(self) -> Content:
        if self._seen.overview.left:
            return Content("Counting …")
        return Content("No response is visible.\n\nThe overview is of what the display filter shows; esc leads back.")

    def _lost(self) -> int:
        return self._seen.timeline.lost_within(None) + self._seen.lost()

    def _show_summary(self) -> None:
        overview = self._seen.overview
        text = f"Overview  {many(overview.count, 'response')}"
        if overview.left:
            text += f", {count_text(overview.left)} to count"
        seconds = overview.seconds
        if overview.count:
            text += f" in {duration_text(round(seconds * 1e9))}, {pace_text(overview.count, seconds)}"
        if overview.encrypted:
            text += f"  {many(overview.encrypted, 'encrypted connection')} not in it"
        text += f"  {count_text(self._lost())} lost"
        if self._lost():
            text += ": counts are ≥"
        filter_text = self._seen.filter_text().strip()
        if filter_text:
            text += f"  filter {filter_text}"
        self.query_one("#overview-summary", Static).update(Content(printable_text(text, 1_000)))

    # --- the row under the cursor ---

    @on(Table.Chosen)
    def _chosen(self, event: Table.Chosen) -> None:
        self._describe(event.row)

    def _describe(self, row: OverviewRow | None) -> None:
        lines = [] if row is None else row_lines(row, self._row_name(row), self._seen.overview.seconds)
        self.query_one(DetailText).show_lines(lines, keep=True)

    def is_useful(self, id: str) -> bool:
        """A row leads somewhere where there is one."""
        return id != "overview.open" or any(table.current is not None for table in self.query(Table))

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Back to the list, at the responses of this row."""
        row: OverviewRow | None = self.query_one(Table).current
        if row is None:
            return
        query = "" if row.others else KINDS[self._seen.arrangement.kind].query(*row.key)
        if query:
            self._leave(Lead(query))
        else:
            self.notify("No filter says which these are.", timeout=3, markup=False)

    # --- by what, and in which order ---

    def action_by(self, step: int) -> None:
        """By the next of route, host, client, type and process."""
        kinds = self._seen.kinds
        self._sum_up_by(kinds[(kinds.index(self._seen.arrangement.kind) + step) % len(kinds)])

    @on(TabStrip.Chosen)
    def _kind_clicked(self, event: TabStrip.Chosen) -> None:
        self._sum_up_by(event.key)

    def _sum_up_by(self, kind: str) -> None:
        self._seen.arrangement.kind = kind
        self._seen.overview.sum_up_by(KINDS[kind])
        work_for(AT_ONCE, self._seen.overview.step)
        self.query_one(Table).action_edge(-1)
        self.look()

    def action_sort(self, key: str) -> None:
        """By a column; again, the other way round."""
        arrangement = self._seen.arrangement
        arrangement.reverse = arrangement.sorted_by == key and not arrangement.reverse
        arrangement.sorted_by = key
        self._sorted()

    def action_next_order(self) -> None:
        """By the column to the right, of those in sight that have an order."""
        placed = layout(self._columns, self.query_one(Table).row_width)
        keys = [each.column.key for each in placed if each.column.order is not None]
        now = self._sorted_by.key
        self._seen.arrangement.sorted_by = keys[(keys.index(now) + 1) % len(keys) if now in keys else 0]
        self._seen.arrangement.reverse = False
        self._sorted()

    def action_reverse(self) -> None:
        """The other end first."""
        self._seen.arrangement.reverse = not self._seen.arrangement.reverse
        self._sorted()

    def _sorted(self) -> None:
        # The eye looks for what is first now, not for the row that it was on.
        self.query_one(Table).action_edge(-1)
        self._wanted_key = None
        self._show_rows()
        self.query_one(Table).action_edge(-1)

    @on(Table.TitleClicked)
    def _title_clicked(self, event: Table.TitleClicked) -> None:
        if self._columns[event.index].order is not None:
            self.action_sort(self._columns[event.index].key)

    # --- the timeline ---

    @on(TimelineBars.Chosen)
    def _window_chosen(self, event: TimelineBars.Chosen) -> None:
        self.post_message(self.Narrowed(window_query(event.window, dated=self._dated)))
        self.query_one(Table).focus()

    def action_recent(self) -> None:
        """The last ten minutes, or all of it again."""
        self.post_message(self.Narrowed("" if RECENT in self._seen.filter_text() else RECENT))

    def action_other_pane(self) -> None:
        """From the rows to the timeline and back."""
        table, bars = self.query_one(Table), self.query_one(TimelineBars)
        (table if bars.has_focus else bars).focus()

    def action_leave(self) -> None:
        """The window first, if there is one."""
        if self.query_one(TimelineBars).forget_window():
            self.query_one(Table).focus()
        else:
            self._leave(None)

    def _leave(self, lead: Lead | None) -> None:
        self._seen.arrangement.key = self.query_one(Table).current_key  # pyright: ignore[reportAttributeAccessIssue]  # Its rows are ours.
        self.dismiss(lead)


def _style_of_errors(style: str, row: OverviewRow) -> str:
    return style if row.errors else "row"


def row_lines(row: OverviewRow, name: str, seconds: float) -> list[Line]:
    """A row in words, and what its figures leave out."""
    where = f"  {row.key[1]}" if row.key[1] and not row.others else ""
    first = line(untrusted(name, TextStyle.STRONG), untrusted(where))
    classes = "  ".join(
        f"{f'{number}xx' if number else '???'} {count_text(row.classes[number])}"
        for number in (1, 2, 3, 4, 5, 0)
        if row.classes[number]
    )
    figures = line(
        own(f"{many(row.count, 'response')}, {pace_text(row.count, seconds)}  {classes}"),
        own(f"  {many(row.errors, 'error')}", TextStyle.SERVER_ERROR if row.errors else TextStyle.DIM),
        own(f"  {size_text(row.bytes)}{f', not whole in {count_text(row.incomplete)}' if row.incomplete else ''}"),
    )
    times = "  ".join(
        f"{title} {_between_words(value, exact=row.exact)}"
        for title, value in zip(("p50", "p95", "p99"), row.quantiles, strict=True)
    )
    missing = f"; {many(row.untimed, 'response')} without a measured time" if row.untimed else ""
    return [first, figures, line(own(f"first byte  {times}{missing}"))]


def _between_words(value: Between, *, exact: bool) -> str:
    said = duration_text(value.ns) if exact or value.ns is None else f"≈{duration_text(value.ns)}"
    if not value.uncertain:
        return said
    high = "any time" if value.high is None else duration_text(value.high)
    return f"{said} ({duration_text(value.low)} to {high})"
